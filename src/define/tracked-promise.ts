/**
 * A promise that tells when somebody takes part in how it ends. `await` calls a subclass's `then`, so awaiting counts too.
 * It is never an unhandled rejection itself: what nobody takes part in is accounted for by the run.
 */
export class TrackedPromise<T> extends Promise<T> {
  #onLook: (() => void) | undefined;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static track<T>(settlement: Promise<T>, onLook: () => void): TrackedPromise<T> {
    const tracked = new TrackedPromise<T>((resolve, reject) => void settlement.then(resolve, reject));
    void Promise.prototype.then.call(tracked, undefined, () => {});
    tracked.#onLook = onLook;
    return tracked;
  }

  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#onLook?.();
    return super.then(onFulfilled, onRejected);
  }
}
