import type { Backing } from "./backing.ts";
import { outputNames } from "./definition.ts";
import { FutureHandle } from "./future-handle.ts";
import { Handle, nameOf, pointerTo } from "./handle.ts";
import { pointerKey, type Pointer } from "./pointer.ts";

/**
 * What calling a step gives: a promise of its result that can be handed to another step before it is there. Not a native
 * promise, because `await` would not ask a native one's `then`, and the run could not tell who looks at a failure.
 */
export class CallHandle extends Handle {
  readonly #backing: Backing;

  constructor(backing: Backing) {
    super();
    this.#backing = backing;
    if (backing.outputs.kind === "named") for (const name of outputNames(backing.outputs)) defineOutput(this, backing, name);
  }

  override get [pointerKey](): Pointer {
    return pointerTo(this.#backing, this.#backing.outputs.kind === "one" ? "output" : undefined);
  }

  get [Symbol.toStringTag](): string {
    return "Promise";
  }

  then<A, B>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B | unknown> {
    this.#backing.observe();
    return this.#backing.settlement().then(onFulfilled, onRejected);
  }

  catch<B>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<unknown> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<unknown> {
    this.#backing.observe();
    return this.#backing.settlement().finally(onFinally);
  }

  protected override describe(): string {
    return `Call(${nameOf(this.#backing, undefined, undefined)})`;
  }
}

/** An own, enumerable getter, so that `const { model } = fit(…)` works. */
export function defineOutput(target: object, backing: Backing, name: string): void {
  Object.defineProperty(target, name, { enumerable: true, get: () => FutureHandle.of(backing, name) });
}
