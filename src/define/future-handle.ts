import type { Backing, SeenStatus } from "./backing.ts";
import { artifactOf, ArtifactHandle, loadResult } from "./artifact-handle.ts";
import { Handle, memoized, nameOf, pointerTo } from "./handle.ts";
import { SkeinError } from "../model/error.ts";
import { TrackedPromise } from "./tracked-promise.ts";
import { pointerKey, type Pointer } from "./pointer.ts";

/** What may be awaited, asked and cancelled: all futures. The methods are bound, so that `const { load } = future` works. */
export abstract class Awaitable extends Handle {
  /** Not enumerable: copies of a handle are to carry nothing that could pass for data. */
  declare protected readonly backing: Backing;
  readonly id: string;
  readonly status: () => SeenStatus;
  readonly result: () => Promise<unknown>;
  readonly load: () => Promise<unknown>;
  readonly cancel: (reason?: string) => void;

  constructor(backing: Backing, finish: (result: unknown) => unknown) {
    super();
    Object.defineProperty(this, "backing", { value: backing });
    this.id = backing.id;
    this.status = () => seenStatus(backing);
    this.cancel = (reason) => backing.cancel(reason);
    const observe = () => backing.observe();
    this.result = () => TrackedPromise.track(backing.settlement().then(finish), observe);
    this.load = () => TrackedPromise.track(backing.settlement().then(finish).then(loadResult), observe);
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaited is what a future is for
  then<A, B>(onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null, onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B | unknown> {
    return this.result().then(onFulfilled, onRejected);
  }
}

/** The future of one output, or of one item of it. */
export class FutureHandle extends Awaitable {
  readonly #output: string;
  readonly #item: number | undefined;
  readonly chunk: (index: number) => FutureHandle;

  constructor(backing: Backing, output: string, item: number | undefined) {
    super(backing, () => pick(backing, output, item));
    this.#output = output;
    this.#item = item;
    this.chunk = (index) => {
      if (item !== undefined) throw new SkeinError("artifact_item_out_of_range", `${this.describe()} is one item already: it has no items to take one of`);
      return FutureHandle.of(backing, output, index);
    };
  }

  static of(backing: Backing, output: string, item?: number): FutureHandle {
    return memoized(backing, `~${output}[${item ?? ""}]`, FutureHandle, () => new FutureHandle(backing, output, item));
  }

  override get [pointerKey](): Pointer {
    return pointerTo(this.backing, this.#output, this.#item);
  }

  protected override describe(): string {
    return `Future(${nameOf(this.backing, this.#output, this.#item)})`;
  }
}

function pick(backing: Backing, output: string, item: number | undefined): ArtifactHandle {
  const outcome = backing.delivered;
  const ref = outcome?.status === "completed" || outcome?.status === "cached" ? outcome.outputs[output] : undefined;
  if (ref === undefined) throw new SkeinError("artifact_missing", `step run ${backing.id} was recorded without its output "${output}": was the step given another output since?`);
  const whole = artifactOf(backing, output, ref);
  return item === undefined ? whole : whole.chunk(item);
}

function seenStatus(backing: Backing): SeenStatus {
  const status = backing.delivered?.status;
  return status === undefined ? "pending" : status === "cancelled" ? "stopped" : status;
}
