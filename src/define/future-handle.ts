import type { Backing, SeenStatus } from "./backing.ts";
import { artifactOf, loadResult, type ArtifactHandle } from "./artifact-handle.ts";
import { Handle, memoized, nameOf, pointerTo } from "./handle.ts";
import { SkeinError } from "../model/error.ts";
import { TrackedPromise } from "./tracked-promise.ts";
import { pointerKey, type Pointer } from "./pointer.ts";

/** What may be awaited, asked and cancelled: all futures. Getters of bound functions, so that `const { load } = future` works. */
export abstract class Awaitable extends Handle {
  protected readonly backing: Backing;
  readonly id: string;

  constructor(backing: Backing) {
    super();
    this.backing = backing;
    this.id = backing.id;
  }

  /** What `await` gives, made of the step run's result. */
  protected abstract pick(result: unknown): unknown;

  get status(): () => SeenStatus {
    return () => seenStatus(this.backing);
  }
  get result(): () => Promise<unknown> {
    return () => this.#track(this.#picked());
  }
  get load(): () => Promise<unknown> {
    return () => this.#track(this.#picked().then(loadResult));
  }
  get cancel(): (reason?: string) => void {
    return (reason) => this.backing.cancel(reason);
  }

  #picked(): Promise<unknown> {
    return this.backing.settlement().then((result) => this.pick(result));
  }

  #track(settlement: Promise<unknown>): Promise<unknown> {
    return TrackedPromise.track(settlement, () => this.backing.observe());
  }

  then<A, B>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B | unknown> {
    return this.result().then(onFulfilled, onRejected);
  }
}

/** The future of one output, or of one item of it. */
export class FutureHandle extends Awaitable {
  readonly #output: string;
  readonly #item: number | undefined;

  constructor(backing: Backing, output: string, item: number | undefined) {
    super(backing);
    this.#output = output;
    this.#item = item;
  }

  protected override pick(): ArtifactHandle {
    return pick(this.backing, this.#output, this.#item);
  }

  get chunk(): (index: number) => FutureHandle {
    return (index) => {
      if (this.#item !== undefined)
        throw new SkeinError("artifact_item_out_of_range", `${this.describe()} is one item already: it has no items to take one of`);
      return FutureHandle.of(this.backing, this.#output, index);
    };
  }

  static of(backing: Backing, output: string, item?: number): FutureHandle {
    return memoized(
      backing,
      item === undefined ? `~${output}` : `~${output}[${item}]`,
      FutureHandle,
      () => new FutureHandle(backing, output, item),
    );
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
  if (ref === undefined)
    throw new SkeinError(
      "artifact_missing",
      `step run ${backing.id} was recorded without its output "${output}": was the step given another output since?`,
    );
  const whole = artifactOf(backing, output, ref);
  return item === undefined ? whole : whole.chunk(item);
}

function seenStatus(backing: Backing): SeenStatus {
  const status = backing.delivered?.status;
  return status === undefined ? "pending" : status === "cancelled" ? "stopped" : status;
}
