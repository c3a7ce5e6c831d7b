import type { Metadata } from "../model/failure.ts";

declare const produces: unique symbol;
declare const outputs: unique symbol;
declare const each: unique symbol;
declare const called: unique symbol;

/** How a rule that types can only spell out shows in an error message. */
export interface Mistake<Text extends string> {
  readonly mistake: Text;
}

/** Whatever a step accepts in place of a `T`: an artifact, a future, the output of a call. */
export interface Ref<out T> {
  readonly [produces]: T;
}
/** The named outputs of a step: `Step<I, Outputs<{ model: Model; rmse: number }>>`. */
export interface Outputs<out R> {
  readonly [outputs]: R;
}
/** A list too large to hold: written from an (async) iterable, read as one, mapped item by item. */
export interface Items<out T> extends AsyncIterable<T> {
  readonly [each]: T;
}
/** What can be mapped over once it is an output. */
export type List<T> = readonly T[] | Items<T>;

/** A finished output, by reference: its value stays in the artifact store until somebody loads it. */
export interface Artifact<out T> extends Ref<T> {
  /** Names run, step run, attempt and output. Compare handles by it, not by `===`. */
  readonly id: string;
  /** Number of items of a list; undefined: not a list. */
  readonly itemCount: number | undefined;
  /** Brings the value into the pipeline function. */
  load(): Promise<T>;
  /** What its step recorded with it. */
  metadata(): Promise<Metadata>;
  /** One item of a list, still by reference. Throws `artifact_item_out_of_range`. */
  chunk<U>(this: Artifact<List<U>>, index: number): Artifact<U>;
}

/** What the pipeline function has seen of a step run: `pending` until its outcome was delivered to it. */
export type StepStatus = "pending" | "completed" | "cached" | "failed" | "skipped" | "stopped";

/** What `submit` gives, whatever the step returns: `await` gives `R`, `load()` the value `V`. */
export interface Awaitable<out R, out V> extends PromiseLike<R> {
  /** Of the step run: `fit`, `fit_2`, or the call's own `id`. */
  readonly id: string;
  status(): StepStatus;
  /** The same as `await`, as a promise. Rejects with the step's error. */
  result(): Promise<R>;
  /** Waits, then brings the value (a record of values, for named outputs) into the pipeline function. */
  load(): Promise<V>;
  /** Nothing of it starts any more, what runs gets `signal`; a cancelled future that nobody awaits fails nothing. */
  cancel(reason?: string): void;
}

/** An output that may not exist yet. Pass it on as it is, or `await` it for the artifact. */
export interface Future<out T> extends Ref<T>, Awaitable<Artifact<T>, T> {
  /** One item of a list, before the list exists. */
  chunk<U>(this: Future<List<U>>, index: number): Future<U>;
}
export type Artifacts<R> = { readonly [K in keyof R]: Artifact<R[K]> };
/** The future of a step with named outputs: each output is a future of its own. */
export type Futures<R> = Awaitable<Artifacts<R>, R> & { readonly [K in keyof R]: Future<R[K]> };

/** A map adds the view on its items to a future of lists. */
export interface Each<O> {
  /** A future for each item, once the number of items is known. */
  items(): Promise<readonly FutureOf<O>[]>;
  /** Waits for all items. Whoever asks has handled the failures: they no longer fail the map. */
  settled(): Promise<{ readonly succeeded: ResultOf<Listed<O>>; readonly failed: readonly ItemFailure[] }>;
}
export interface ItemFailure {
  readonly index: number;
  readonly id: string;
  readonly error: Error;
}

/** Sorts outputs into one, several and none. The guards keep `any` and `never` from matching everything. */
type Case<O, One, Many, None> = 0 extends 1 & O
  ? One
  : [O] extends [never]
    ? One
    : [O] extends [void]
      ? None
      : [O] extends [Outputs<unknown>]
        ? Many
        : One;
type Named<O> = O extends Outputs<infer R> ? R : never;
/** What awaiting a step run gives. */
export type ResultOf<O> = Case<O, Artifact<O>, Artifacts<Named<O>>, void>;
/** What loading a step run gives, and what `step.run()` returns. */
export type ValueOf<O> = Case<O, O, Named<O>, void>;
/** What `submit` returns. */
export type FutureOf<O> = Case<O, Future<O>, Futures<Named<O>>, Awaitable<void, void>>;
type Listed<O> = Case<O, O[], Outputs<{ [K in keyof Named<O>]: Named<O>[K][] }>, void>;
/** What `map` and `product` return: a future of lists. */
export type MapOf<O> = FutureOf<Listed<O>> & Each<O>;
/** What calling a step gives: a promise of the result, which may already be handed to another step. */
export type Call<O> = Called<ResultOf<O>> & Case<O, Ref<O>, { readonly [K in keyof Named<O>]: Ref<Named<O>[K]> }, unknown>;
export interface Called<out R> extends Promise<R> {
  readonly [called]: true;
}
/** Anything that stands for a step run or one of its outputs. */
export type Handle = Ref<unknown> | Awaitable<unknown, unknown> | Called<unknown>;
