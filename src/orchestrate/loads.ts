import type { ArtifactRef } from "../model/artifact.ts";
import { errorOf, failureOf } from "../model/error.ts";
import type { Loaded } from "../model/event.ts";
import { decodeValue } from "../model/value.ts";
import { drain } from "./drain.ts";
import type { Transcript } from "./transcript.ts";

/** Brings an artifact's value into the pipeline function. `text`: the value as text, where it is small enough to journal. */
export type Loader = (ref: ArtifactRef, item: number | undefined) => Promise<LoadedValue>;
export interface LoadedValue {
  readonly value: unknown;
  readonly text?: string;
}

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
  readonly #isPassing: (error: unknown) => boolean;
  #pending: PendingLoad[] = [];

  /** `isPassing`: what a load failed with says nothing about the load; it fails the turn, and the next one tries again. */
  constructor(loader: Loader, isPassing: (error: unknown) => boolean = () => false) {
    this.#loader = loader;
    this.#isPassing = isPassing;
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  ask(ref: ArtifactRef, item: number | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => this.#pending.push({ ref, item, resolve, reject }));
  }

  /** Settles what is asked for, and what the function then asks for, until it `isOut` of the run. */
  async settle(transcript: Transcript, isOut: () => boolean): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      const fetched = transcript.isReplaying ? [] : batch.map((load) => this.#fetch(load));
      for (const [i, load] of batch.entries()) {
        const recorded = recordedLoad(transcript, load);
        if (recorded?.error !== undefined) load.reject(errorOf(recorded.error));
        else if (recorded?.text !== undefined) load.resolve(decodeValue(recorded.text));
        else this.#settleFetched(transcript, load, await (fetched[i] ?? this.#fetch(load)), recorded);
        await drain();
        if (isOut()) return;
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

  #settleFetched(
    transcript: Transcript,
    load: PendingLoad,
    fetched: LoadedValue | { readonly error: unknown },
    recorded: Loaded | undefined,
  ): void {
    if ("error" in fetched) {
      // What went well before must not fail for the function now: the turn fails, and may be tried again.
      if (recorded !== undefined || this.#isPassing(fetched.error)) throw fetched.error;
      const error = failureOf(fetched.error);
      if (!transcript.isReplaying) transcript.add({ ...loadedHead(load), error });
      load.reject(errorOf(error));
      return;
    }
    if (!transcript.isReplaying && recorded === undefined)
      transcript.add({ ...loadedHead(load), ...(fetched.text === undefined ? {} : { text: fetched.text }) });
    load.resolve(fetched.value);
  }
}

/** The journal's word on a load: its value where it is small, its failure, or only that it went well. */
function recordedLoad(transcript: Transcript, load: PendingLoad): Loaded | undefined {
  const next = transcript.peek();
  if (next?.t !== "loaded" || next.artifact !== load.ref.id || next.item !== load.item) return undefined;
  transcript.next();
  return next;
}

function loadedHead({ ref, item }: PendingLoad): Loaded {
  return item === undefined ? { t: "loaded", artifact: ref.id } : { t: "loaded", artifact: ref.id, item };
}
