import type { Items, List, Ref } from "./future.ts";

declare const none: unique symbol;

type Leaf =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  | ((...args: never) => unknown)
  | Date
  | RegExp
  | Error
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | Promise<unknown>
  | ArrayBuffer
  | ArrayBufferView
  | Items<unknown>
  | Ref<unknown>;
/** `T`, a handle of it, or a plain object or array of `T`'s shape that holds handles. */
export type Input<T> = T | Ref<T> | Inside<T>;
/** Arrays are mapped as `Input<U>[]`: a homomorphic mapping would be eager and endless for recursive types. */
type Inside<T> = T extends Leaf
  ? never
  : T extends readonly (infer U)[]
    ? number extends T["length"]
      ? readonly Input<U>[]
      : { readonly [K in keyof T]: Input<T[K]> }
    : T extends object
      ? { readonly [K in keyof T]: Input<T[K]> }
      : never;
/** The input of a call: each field a value or a handle. */
export type Fields<I> = I extends unknown ? { readonly [K in keyof I]: Input<I[K]> } : never;
export type ListOrUnmapped<T> = readonly Input<T>[] | Ref<List<T>> | Unmapped<Input<T>>;
/** The input of a map: each field a list, one item a step run, or `unmapped(value)` for all of them. */
export type MapFields<I> = I extends unknown ? { readonly [K in keyof I]: ListOrUnmapped<I[K]> } : never;

/** The input of a step that has none. */
export interface Nothing {
  readonly [none]?: never;
}
/** Input and options of a call; the input may be left out where every field of it may. */
export type Args<I, F, C> = {} extends I ? [input?: F, options?: C] : [input: F, options?: C];

/** A field of a map's input that every item gets as it is. */
export interface Unmapped<out T> {
  readonly unmapped: T;
}

const unmappedKey: unique symbol = Symbol.for("skein.unmapped.1");

/** Not a plain object: inside an ordinary call's input it is refused instead of being taken for data. */
class UnmappedValue<T> implements Unmapped<T> {
  readonly unmapped: T;
  get [unmappedKey](): true {
    return true;
  }
  constructor(value: T) {
    this.unmapped = value;
  }
}

/** Gives `value`, or the handle of it, whole to every item of a map, whatever else is mapped over. */
export function unmapped<const T>(value: T): Unmapped<T> {
  return Object.freeze(new UnmappedValue(value));
}

export function isUnmapped(value: unknown): value is Unmapped<unknown> {
  return typeof value === "object" && value !== null && unmappedKey in value;
}
