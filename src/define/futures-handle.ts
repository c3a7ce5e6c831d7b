import type { Backing, MapBacking } from "./backing.ts";
import { artifactOf, type ArtifactHandle } from "./artifact-handle.ts";
import { defineOutput } from "./call-handle.ts";
import { outputNames } from "./definition.ts";
import { errorOf, SkeinError } from "../model/error.ts";
import type { Failure } from "../model/failure.ts";
import { Awaitable, FutureHandle } from "./future-handle.ts";
import { nameOf, pointerTo } from "./handle.ts";
import { pointerKey, type Pointer } from "./pointer.ts";
import { TrackedPromise } from "./tracked-promise.ts";

/** The future of a step run without outputs or with named ones; a named output is a future of its own. */
export class FuturesHandle extends Awaitable {
  constructor(backing: Backing) {
    super(backing);
    if (backing.outputs.kind === "named") for (const name of outputNames(backing.outputs)) defineOutput(this, backing, name);
  }

  protected override pick(result: unknown): unknown {
    return result;
  }

  override get [pointerKey](): Pointer {
    return pointerTo(this.backing, this.backing.outputs.kind === "one" ? "output" : undefined);
  }

  protected override describe(): string {
    return `Future(${nameOf(this.backing, undefined, undefined)})`;
  }
}

/** A failed item of a map, as `settled()` gives it. */
interface FailedItem {
  readonly index: number;
  readonly id: string;
  readonly error: Error;
}

/** A map is a future of lists, with a view on its items. */
export class MapHandle extends FuturesHandle {
  readonly #map: MapBacking;

  constructor(backing: MapBacking) {
    super(backing);
    this.#map = backing;
  }

  get items(): () => Promise<readonly object[]> {
    return () => this.#map.items().then((items) => items.map(futureOf));
  }
  get settled(): () => Promise<{ readonly succeeded: unknown; readonly failed: readonly FailedItem[] }> {
    return () => TrackedPromise.track(settledItems(this.#map), () => this.#map.observe());
  }
  get chunk(): (index: number) => FutureHandle {
    return (index) => FutureHandle.of(this.#map, "output", index);
  }
}

/** The handle that `submit` gives. */
export function futureOf(backing: Backing): object {
  return backing.outputs.kind === "one" ? FutureHandle.of(backing, "output") : new FuturesHandle(backing);
}

function settledItems(backing: MapBacking): Promise<{ succeeded: unknown; failed: readonly FailedItem[] }> {
  return backing.settlement().then(
    () => endedItems(backing),
    () => endedItems(backing),
  );
}

async function endedItems(backing: MapBacking): Promise<{ succeeded: unknown; failed: readonly FailedItem[] }> {
  const outcome = backing.delivered;
  if (outcome === undefined) throw new SkeinError("nothing_to_wait_for", `map ${backing.id} has not ended`);
  if (outcome.status === "completed" || outcome.status === "cached") return { succeeded: lists(backing, outcome.outputs), failed: [] };
  if (outcome.status !== "failed" || outcome.partial === undefined) {
    await backing.settlement();
    throw new SkeinError("cancelled", `map ${backing.id} has no items that ended`);
  }
  const failures = await backing.load(outcome.partial.failures, undefined);
  return { succeeded: lists(backing, outcome.partial.outputs), failed: readFailures(failures) };
}

function lists(backing: Backing, outputs: Readonly<Record<string, Parameters<typeof artifactOf>[2]>>): unknown {
  const list = (name: string): ArtifactHandle => {
    const ref = outputs[name];
    if (ref === undefined) throw new SkeinError("artifact_missing", `map ${backing.id} was recorded without its output "${name}"`);
    return artifactOf(backing, name, ref);
  };
  if (backing.outputs.kind === "none") return undefined;
  return backing.outputs.kind === "one"
    ? list("output")
    : Object.fromEntries(outputNames(backing.outputs).map((name) => [name, list(name)]));
}

/** `failures` is our own list artifact: `{ index, id, error }` with the error as data. */
function readFailures(stored: unknown): readonly FailedItem[] {
  return Array.isArray(stored)
    ? stored.map((item: { index: number; id: string; error: Failure }) => ({ index: item.index, id: item.id, error: errorOf(item.error) }))
    : [];
}
