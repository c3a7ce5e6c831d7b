import type { Each, Future, Mistake, Outputs } from "./future.ts";
import type { Given, Parsed, Schema } from "./schema.ts";

type Reserved = keyof Future<unknown> | keyof Each<unknown> | "catch" | "finally" | "toJSON" | "constructor" | "prototype" | "__proto__";
/** An intersection that names what is wrong with declared outputs, in the place of the output. */
export type Allowed<O, R> = [O] extends [Schema<void>]
  ? { [K in keyof R]: K extends Reserved ? `An output cannot be named "${K & string}": futures have a member of that name` : unknown }
  : "Give either output or outputs";
/** What the function may return. */
type Returned<O extends Schema, N> = [keyof N] extends [never]
  ? Given<O>
  : { readonly [K in keyof N]: N[K] extends Schema ? Given<N[K]> : never };
/** Says nothing, but as a constraint it makes the compiler keep literals and tuples in the function's result. */
export type Any = string | number | bigint | boolean | symbol | null | undefined | void | object | [] | Any[] | { [key: string]: Any };
/** An intersection with the function that is `unknown` where the result `R` fits the declared outputs, and a message where not. */
export type Returns<O extends Schema, N, R> = [Awaited<R>] extends [Returned<O, N>]
  ? [keyof N] extends [never]
    ? unknown
    : [Awaited<R>] extends [never]
      ? unknown
      : [Exclude<keyof Awaited<R>, keyof N>] extends [never]
        ? unknown
        : Mistake<`This step has no output "${Exclude<keyof Awaited<R>, keyof N> & string}"`>
  : [O, keyof N] extends [Schema<void>, never]
    ? Mistake<"This step declares no output: add output or outputs to its options, or return nothing">
    : (...args: never) => Returned<O, N> | Promise<Returned<O, N>>;
/** What the step's artifacts hold. */
export type OutputOf<O extends Schema, R> = [keyof R] extends [never]
  ? Parsed<O>
  : Outputs<{ [K in keyof R]: R[K] extends Schema ? Parsed<R[K]> : never }>;

/** Members of futures, of promises and of objects: an output of such a name could not be reached. */
const reservedNames: ReadonlySet<string> = new Set<Extract<Reserved, string>>([
  "then",
  "catch",
  "finally",
  "id",
  "status",
  "result",
  "load",
  "cancel",
  "chunk",
  "items",
  "settled",
  "toJSON",
  "constructor",
  "prototype",
  "__proto__",
]);
const outputPattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Why an output cannot have this name; undefined: it can. */
export function outputNameProblem(name: string): string | undefined {
  if (reservedNames.has(name)) return `an output cannot be named "${name}": futures have a member of that name`;
  if (!outputPattern.test(name)) return `an output cannot be named ${JSON.stringify(name)}: a letter or "_", then letters, digits or "_"`;
  return undefined;
}
