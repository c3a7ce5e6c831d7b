import type { ArtifactRef } from "../model/artifact.ts";
import { errorOf, failureOf } from "../model/error.ts";
import type { Loaded } from "../model/event.ts";
import { decodeValue } from "../model/value.ts";
import { drain } from "./drain.ts";
import type { Transcript } from "./transcript.ts";

/** Brings an artifact's value into the pipeline function. `text`: the value as text, where it is small enough to journal. */
export type Loader = (ref: ArtifactRef, item: number | undefined) => Promise<LoadedValue>;
export interface LoadedValue { readonly value: unknown; readonly text?: string }

interface PendingLoad {
  readonly ref: ArtifactRef;
  readonly item: number | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Loads asked for in one drain are fetched together and settled in the order of their calls, one a drain, before the next
 * delivery, live and replayed alike (R12).
 */
export class Loads {
  readonly #loader: Loader;
  #pending: PendingLoad[] = [];

  constructor(loader: Loader) {
    this.#loader = loader;
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  ask(ref: ArtifactRef, item: number | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => this.#pending.push({ ref, item, resolve, reject }));
  }

  /** Settles what is asked for, and what the function then asks for. */
  async settle(transcript: Transcript): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      const fetched = transcript.isReplaying ? [] : batch.map((load) => this.#fetch(load));
      for (const [i, load] of batch.entries()) {
        const recorded = recordedLoad(transcript, load);
        if (recorded === undefined) settleFetched(transcript, load, await (fetched[i] ?? this.#fetch(load)));
        else settleRecorded(transcript, load, recorded);
        await drain();
      }
    }
  }

  async #fetch(load: PendingLoad): Promise<LoadedValue | { readonly error: unknown }> {
    try {
      return await this.#loader(load.ref, load.item);
    } catch (error) {
      return { error };
    }
  }
}

/** The journal's word on a load; small values and failures have one. */
function recordedLoad(transcript: Transcript, load: PendingLoad): Loaded | undefined {
  const next = transcript.peek();
  return next?.t === "loaded" && next.artifact === load.ref.id && next.item === load.item ? next : undefined;
}

function settleRecorded(transcript: Transcript, load: PendingLoad, recorded: Loaded): void {
  transcript.next();
  if (recorded.error !== undefined) load.reject(errorOf(recorded.error));
  else load.resolve(decodeValue(recorded.text ?? "null"));
}

function settleFetched(transcript: Transcript, load: PendingLoad, fetched: LoadedValue | { readonly error: unknown }): void {
  const head = { t: "loaded", artifact: load.ref.id, ...(load.item === undefined ? {} : { item: load.item }) } as const;
  if ("error" in fetched) {
    if (!transcript.isReplaying) transcript.add({ ...head, error: failureOf(fetched.error) });
    load.reject(fetched.error);
    return;
  }
  if (!transcript.isReplaying && fetched.text !== undefined) transcript.add({ ...head, text: fetched.text });
  load.resolve(fetched.value);
}
