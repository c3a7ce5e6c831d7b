import type { Awaitable, Called, Handle, Mistake, Ref, ResultOf } from "./future.ts";

/** What a pipeline may return: nothing, handles, or a list or a record of handles. */
export type PipelineResult = void | Handle | readonly Handle[] | { readonly [name: string]: Handle | readonly Handle[] };
/** An intersection with the function that is `unknown` where its result may be returned, and a message where not. */
export type Checked<M, R> = [R] extends [Called<unknown>]
  ? unknown
  : [M, R] extends ["static", PromiseLike<unknown>]
    ? [R] extends [Handle]
      ? unknown
      : Mistake<"The function of a static pipeline is synchronous: drop async and await, pass the outputs of calls on">
    : [Awaited<R>] extends [PipelineResult]
      ? unknown
      : Mistake<"A pipeline returns artifacts or futures, not values: make the value in a step and return what the step gives">;
type Settle<R> =
  R extends Ref<infer T>
    ? ResultOf<T>
    : R extends Awaitable<infer A, unknown>
      ? A
      : R extends Called<infer A>
        ? A
        : R extends object
          ? { readonly [K in keyof R]: Settle<R[K]> }
          : R;
/** What a run ends with: artifacts in the place of the handles that its function returned. */
export type ResultOfFn<R> = R extends Handle ? Settle<R> : Settle<Awaited<R>>;
