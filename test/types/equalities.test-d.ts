/* oxlint-disable typescript/no-explicit-any -- these programs are here for their types, most of them because they are wrong */
// What users see: types of steps, calls, futures and maps, and the side of a schema on which each of them stands.
import { z } from "zod";
import {
  artifact,
  bytes,
  file,
  items,
  pipeline,
  step,
  text,
  unmapped,
  type Artifact,
  type Artifacts,
  type Awaitable,
  type Call,
  type Each,
  type Fields,
  type FileSource,
  type Future,
  type Futures,
  type Input,
  type ItemFailure,
  type Items,
  type Nothing,
  type Outputs,
  type Pipeline,
  type Ref,
  type Schema,
  type Step,
  type StoredFile,
  type Unmapped,
} from "../../src/index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Equal once intersections are written out. */
type Same<A, B> = Equal<{ [K in keyof A]: A[K] }, { [K in keyof B]: B[K] }>;
declare function yes<_ extends true>(): void;
type ReturnOf<F extends (...args: never) => unknown> = ReturnType<F>;

interface Model {
  degree: number;
  weights: number[];
}
const Model = z.object({ degree: z.number(), weights: z.array(z.number()) });
const one = step({ name: "a", input: z.object({ n: z.number(), unit: z.string().default("m") }), output: Model }, ({ n }) => ({
  degree: n,
  weights: [],
}));
const several = step(
  { name: "b", input: z.object({ days: z.array(z.string()) }), outputs: { model: Model, rmse: z.number() } },
  async () => ({ model: { degree: 1, weights: [] }, rmse: 1 }),
);
const none = step({ name: "c" }, () => {});
const sides = step(
  { name: "d", input: z.object({ at: z.string().transform((s) => new Date(s)) }), output: z.string().transform((s) => s.length) },
  ({ at }) => at.toISOString(),
);
const anything = step({ name: "e", input: z.object({ value: z.unknown() }), output: z.any() }, ({ value }) => value as string);
const rows = step({ name: "f", output: items(Model) }, function* () {
  yield { degree: 1, weights: [] };
});

export function ofSteps(): void {
  yes<Equal<typeof one, Step<{ n: number; unit?: string | undefined }, Model>>>();
  yes<Equal<typeof several, Step<{ days: string[] }, Outputs<{ model: Model; rmse: number }>>>>();
  yes<Equal<typeof none, Step<Nothing, void>>>();
  yes<Equal<typeof sides, Step<{ at: string }, number>>>();
  yes<Equal<typeof rows, Step<Nothing, Items<Model>>>>();
  yes<Equal<ReturnOf<typeof one.with>, typeof one>>();
  yes<Equal<Awaited<ReturnOf<typeof one.run>>, Model>>();
  yes<Equal<Awaited<ReturnOf<typeof several.run>>, { model: Model; rmse: number }>>();
  yes<Equal<Awaited<ReturnOf<typeof none.run>>, void>>();
  yes<Equal<Awaited<ReturnOf<typeof sides.run>>, number>>();
  yes<Equal<Parameters<typeof one.run>[0], { n: number; unit?: string | undefined }>>();
}

export async function ofCalls(): Promise<void> {
  yes<Equal<ReturnOf<typeof one>, Call<Model>>>();
  const a = await one({ n: 1 });
  yes<Equal<typeof a, Artifact<Model>>>();
  const b = await several({ days: [] });
  yes<Equal<typeof b, Artifacts<{ model: Model; rmse: number }>>>();
  yes<Equal<typeof b.rmse, Artifact<number>>>();
  const c = await none();
  yes<Equal<typeof c, void>>();
  const loaded = await a.load();
  yes<Equal<typeof loaded, Model>>();
  const unawaited = several({ days: [] }).model;
  yes<Equal<typeof unawaited, Ref<Model>>>();
  const any = await anything({ value: 1 });
  yes<Equal<typeof any, Artifact<any>>>();
}

export async function ofFutures(): Promise<void> {
  const a = one.submit({ n: 1 });
  yes<Equal<typeof a, Future<Model>>>();
  const b = several.submit({ days: [] });
  yes<Equal<typeof b, Futures<{ model: Model; rmse: number }>>>();
  yes<Equal<typeof b.model, Future<Model>>>();
  const c = none.submit();
  yes<Equal<typeof c, Awaitable<void, void>>>();
  const fromAwait = await a;
  yes<Equal<typeof fromAwait, Artifact<Model>>>();
  const fromResult = await b.result();
  yes<Equal<typeof fromResult, Artifacts<{ model: Model; rmse: number }>>>();
  const fromLoad = await b.load();
  yes<Equal<typeof fromLoad, { model: Model; rmse: number }>>();
  const all = await Promise.all([a, b.rmse.load(), c]);
  yes<Equal<typeof all, [Artifact<Model>, number, void]>>();
  const seen = a.status();
  yes<Equal<typeof seen, "pending" | "completed" | "cached" | "failed" | "skipped" | "stopped">>();
}

export async function ofMaps(): Promise<void> {
  const a = one.map({ n: [1, 2], unit: unmapped("m") });
  yes<Same<typeof a, Future<Model[]> & Each<Model>>>();
  const b = several.map({ days: [["a"]] });
  yes<Equal<typeof b.model, Future<Model[]>>>();
  const list = await a;
  yes<Equal<typeof list, Artifact<Model[]>>>();
  const item = list.chunk(0);
  yes<Equal<typeof item, Artifact<Model>>>();
  const early = a.chunk(0);
  yes<Equal<typeof early, Future<Model>>>();
  const futures = await b.items();
  yes<Equal<typeof futures, readonly Futures<{ model: Model; rmse: number }>[]>>();
  const { succeeded, failed } = await b.settled();
  yes<Equal<typeof succeeded, Artifacts<{ model: Model[]; rmse: number[] }>>>();
  yes<Equal<typeof failed, readonly ItemFailure[]>>();
  const nothing = await none.map({});
  yes<Equal<typeof nothing, void>>();
  const chunk = (await rows()).chunk(3);
  yes<Equal<typeof chunk, Artifact<Model>>>();
  yes<Equal<ReturnType<typeof unmapped<"m">>, Unmapped<"m">>>();
}

export function ofInputs(): void {
  yes<Equal<Fields<{ n: number }>, { readonly n: Input<number> }>>();
  yes<Equal<Input<Date>, Date | Ref<Date>>>();
  yes<Equal<Input<Uint8Array>, Uint8Array | Ref<Uint8Array>>>();
  yes<Equal<Input<number[]>, number[] | Ref<number[]> | readonly Input<number>[]>>();
  yes<Equal<Input<{ n: number }>, { n: number } | Ref<{ n: number }> | { readonly n: Input<number> }>>();
}

export function ofSchemas(): void {
  const [, , , , tagged] = [file(), bytes(), text(), items(Model), artifact(Model, { name: "model", tags: ["x"] })];
  yes<Equal<ReturnType<typeof file>, Schema<FileSource, StoredFile>>>();
  yes<Equal<ReturnType<typeof bytes>, Schema<Uint8Array>>>();
  yes<Equal<ReturnType<typeof text>, Schema<string>>>();
  yes<Equal<ReturnType<typeof items<typeof Model>>, Schema<Iterable<Model> | AsyncIterable<Model>, Items<Model>>>>();
  yes<Equal<typeof tagged, Schema<Model>>>();
}

export function ofPipelines(): void {
  const params = z.object({ n: z.number().default(1) });
  const artifactOf = pipeline({ name: "a", params }, async ({ n }) => await one({ n: n satisfies number }));
  yes<Equal<typeof artifactOf, Pipeline<{ n?: number | undefined }, Artifact<Model>>>>();
  const futureOf = pipeline({ name: "b" }, async () => one.submit({ n: 1 }));
  yes<Equal<typeof futureOf, Pipeline<Nothing, Artifact<Model>>>>();
  const recordOf = pipeline({ name: "c" }, async () => ({ last: several.submit({ days: [] }).rmse, all: [one.submit({ n: 1 })] }));
  yes<Equal<typeof recordOf, Pipeline<Nothing, { readonly last: Artifact<number>; readonly all: readonly Artifact<Model>[] }>>>();
  const namedOf = pipeline({ name: "d" }, async () => several.submit({ days: [] }));
  yes<Equal<typeof namedOf, Pipeline<Nothing, Artifacts<{ model: Model; rmse: number }>>>>();
  const fixedOf = pipeline({ name: "e", mode: "static" }, () => one({ n: 1 }));
  yes<Equal<typeof fixedOf, Pipeline<Nothing, Artifact<Model>>>>();
  const nothingOf = pipeline({ name: "f" }, async () => {});
  yes<Equal<typeof nothingOf, Pipeline<Nothing, void>>>();
}
