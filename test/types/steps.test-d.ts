/* oxlint-disable typescript/no-floating-promises, typescript/no-unnecessary-condition, typescript/no-misused-promises, typescript/restrict-plus-operands, typescript/strict-boolean-expressions, eslint/no-unused-expressions -- these programs are here for their types, most of them because they are wrong */
// Programs that must not compile, each below a comment that says which rule refuses it, and the ones beside them that must.
import { z } from "zod";
import { items, pipeline, step, unmapped, type Artifact, type Future, type Step } from "../../src/index.ts";

export const Row = z.object({ station: z.string(), level: z.number(), note: z.string().optional() });
export const Curve = z.object({ kind: z.enum(["linear", "cubic"]), weights: z.array(z.number()) });
type Row = z.infer<typeof Row>;

export const readRows = step({ name: "read_rows", input: z.object({ river: z.string() }), output: z.array(Row) }, async ({ river }) => [
  { station: river, level: 1 },
]);
export const shape = step(
  { name: "shape", input: z.object({ rows: z.array(Row), order: z.number() }), outputs: { curve: Curve, error: z.number() } },
  ({ rows }) => ({ curve: { kind: "linear", weights: rows.map((row) => row.level) }, error: 0.5 }),
);
export const publish = step({ name: "publish", input: z.object({ curve: Curve, title: z.string().default("levels") }) }, async () => {});
export const today = step({ name: "today", output: z.string() }, () => "2026-02-03");

declare const rowList: Artifact<Row[]>;
declare const word: Artifact<string>;
declare const number: Future<number>;

export function inputs(): void {
  readRows({ river: "Ill" });
  readRows({ river: word });
  shape({ rows: readRows({ river: "Ill" }), order: number });
  shape({ rows: [{ station: word, level: 2 }], order: 3 });
  today();
  today({}, { id: "date" });
  publish({ curve: shape.submit({ rows: rowList, order: 1 }).curve });
  // @ts-expect-error an input is missing
  shape({ rows: rowList });
  // @ts-expect-error all inputs are missing
  readRows();
  // @ts-expect-error a wrong type
  readRows({ river: 7 });
  // @ts-expect-error a misspelt input
  shape({ rows: rowList, ordre: 1 });
  // @ts-expect-error one input too many
  readRows({ river: "Ill", since: 1900 });
  // @ts-expect-error an artifact of another type
  readRows({ river: rowList });
  // @ts-expect-error a future of another type
  readRows({ river: number });
  // @ts-expect-error a call of another type
  shape({ rows: today(), order: 1 });
  // @ts-expect-error a wrong type inside a list
  shape({ rows: [{ station: "a", level: word }], order: 1 });
  // @ts-expect-error a field is missing inside a list
  shape({ rows: [{ station: "a" }], order: 1 });
  // @ts-expect-error a function is no data
  readRows({ river: () => "Ill" });
  // @ts-expect-error a promise is no value
  readRows({ river: Promise.resolve("Ill") });
  // @ts-expect-error named outputs as a whole are no value
  publish({ curve: shape.submit({ rows: rowList, order: 1 }) });
  // @ts-expect-error nor is the call
  publish({ curve: shape({ rows: rowList, order: 1 }) });
  // @ts-expect-error the whole input cannot be one artifact
  readRows(word);
  // @ts-expect-error a step without output has nothing to pass on
  readRows({ river: publish.submit({ curve: { kind: "cubic", weights: [] } }) });
  // @ts-expect-error null is not undefined
  shape({ rows: [{ station: "a", level: 1, note: null }], order: 1 });
}

export function options(): void {
  readRows({ river: "Ill" }, { id: "ill", after: [today(), rowList, publish.submit({ curve: { kind: "cubic", weights: [] } })] });
  // @ts-expect-error an unknown option
  readRows({ river: "Ill" }, { name: "ill" });
  // @ts-expect-error an id is text
  readRows({ river: "Ill" }, { id: 3 });
  // @ts-expect-error steps to wait for are handles, not names
  readRows({ river: "Ill" }, { after: "today" });
  // @ts-expect-error the width belongs to maps
  readRows({ river: "Ill" }, { maxConcurrency: 2 });
  // @ts-expect-error with() cannot rename
  readRows.with({ name: "other" });
  // @ts-expect-error nor give another output
  readRows.with({ output: z.string() });
  // @ts-expect-error an unknown setting
  readRows.with({ retries: 2 });
  // @ts-expect-error retry needs its number
  readRows.with({ retry: { delay: "1s" } });
  // @ts-expect-error no such unit
  readRows.with({ timeout: "5 minutes" });
  // @ts-expect-error no such runtime
  readRows.with({ runtime: "lambda" });
  const limited: Step<{ river: string }, Row[]> = readRows.with({ timeout: "1.5h", cache: { expiresAfter: undefined } });
  limited({ river: "Ill" });
}

export async function values(): Promise<void> {
  const rows = await readRows({ river: "Ill" });
  const first: number | undefined = (await rows.load())[0]?.level;
  // @ts-expect-error a call has no load(): await it first
  readRows({ river: "Ill" }).load();
  // @ts-expect-error an artifact is no list
  rows.length;
  // @ts-expect-error an artifact is no number
  (await shape({ rows, order: 1 })).error > 1;
  // @ts-expect-error a call is no number
  shape({ rows, order: 1 }).error + 1;
  // @ts-expect-error a call is always true
  if (today()) first?.toFixed();
  // @ts-expect-error an output that the step does not have
  (await shape({ rows, order: 1 })).errors;
  // @ts-expect-error nor its future
  shape.submit({ rows, order: 1 }).errors;
  // @ts-expect-error futures are taken apart by name, not by place
  const [curve] = shape.submit({ rows, order: 1 });
  // @ts-expect-error one item of what is no list
  today.submit().chunk(0);
  // @ts-expect-error a step without output loads nothing
  const nothing: string = await publish.submit({ curve: { kind: "cubic", weights: [] } }).load();
  // @ts-expect-error run() takes values
  await readRows.run({ river: word });
  // @ts-expect-error run() gives values
  (await readRows.run({ river: "Ill" })).load();
  // @ts-expect-error handles cannot be changed
  rows.id = "other";
  return void [curve, nothing];
}

export function maps(): void {
  readRows.map({ river: ["Ill", "Inn"] });
  readRows.map({ river: [word, "Inn"] }, { maxConcurrency: 4 });
  shape.product({ rows: [rowList], order: [1, 2, 3] });
  shape.map({ rows: unmapped(rowList), order: [1, 2] });
  shape.map({ rows: readRows.map({ river: ["Ill"] }), order: unmapped(2) });
  // @ts-expect-error a single value needs unmapped()
  shape.map({ rows: [rowList], order: 1 });
  // @ts-expect-error a list that every item gets needs unmapped()
  shape.map({ rows: rowList, order: [1, 2] });
  // @ts-expect-error unmapped() of another type
  shape.map({ rows: unmapped("rows"), order: [1] });
  // @ts-expect-error a list of another type
  readRows.map({ river: [1, 2] });
  // @ts-expect-error text is no list
  readRows.map({ river: "Ill" });
  // @ts-expect-error a Set is no list
  readRows.map({ river: new Set(["Ill"]) });
  // @ts-expect-error a field is missing
  shape.map({ rows: unmapped(rowList) });
  // @ts-expect-error an ordinary call maps nothing
  readRows({ river: unmapped("Ill") });
  // @ts-expect-error a future of one value is no list
  readRows.map({ river: today.submit() });
  // @ts-expect-error a map of named outputs is no list, its outputs are
  publish.map({ curve: shape.map({ rows: [rowList], order: [1] }) });
  publish.map({ curve: shape.map({ rows: [rowList], order: [1] }).curve });
}

export const definitions = [
  // @ts-expect-error a name is needed
  () => step({ output: z.string() }, () => "a"),
  // @ts-expect-error an unknown option
  () => step({ name: "a", retries: 2 }, () => {}),
  // @ts-expect-error the result does not fit the output
  () => step({ name: "a", output: z.string() }, () => 1),
  // @ts-expect-error nor does a promised one
  () => step({ name: "a", output: z.string() }, async () => 1),
  // @ts-expect-error nothing is returned
  () => step({ name: "a", output: z.string() }, () => {}),
  // @ts-expect-error no output is declared
  () => step({ name: "a" }, () => 1),
  // @ts-expect-error an output is missing
  () => step({ name: "a", outputs: { b: z.string(), c: z.string() } }, () => ({ b: "" })),
  // @ts-expect-error an output too many
  () => step({ name: "a", outputs: { b: z.string() } }, () => ({ b: "", c: "" })),
  // @ts-expect-error an output of the wrong type
  () => step({ name: "a", outputs: { b: z.string() } }, async () => ({ b: 1 })),
  // @ts-expect-error both output and outputs
  () => step({ name: "a", output: z.string(), outputs: { b: z.string() } }, () => ({ b: "" })),
  // @ts-expect-error futures have a member of that name
  () => step({ name: "a", outputs: { load: z.string() } }, () => ({ load: "" })),
  // @ts-expect-error and maps of that one
  () => step({ name: "a", outputs: { settled: z.string() } }, () => ({ settled: "" })),
  // @ts-expect-error promises have a member of that name
  () => step({ name: "a", outputs: { then: z.string() } }, () => ({ then: "" })),
  // @ts-expect-error the input is an object with a field for each
  () => step({ name: "a", input: z.number(), output: z.number() }, (n) => n),
  // @ts-expect-error the input has no such field
  () => step({ name: "a", input: z.object({ b: z.string() }) }, ({ c }) => void c),
  // @ts-expect-error not one of the words
  () => step({ name: "a", output: z.enum(["up", "down"]) }, () => "left"),
  // @ts-expect-error metadata of an output that is not declared
  () => step({ name: "a", outputs: { b: z.string() } }, (_, { metadata }) => (metadata({ n: 1 }, { output: "c" }), { b: "" })),
  // @ts-expect-error metadata is JSON
  () => step({ name: "a" }, (_, { metadata }) => metadata({ at: new Date() })),
  // @ts-expect-error items are written from an iterable
  () => step({ name: "a", output: items(z.number()) }, () => 3),
  () =>
    // @ts-expect-error of items that fit
    step({ name: "a", output: items(z.number()) }, function* () {
      yield "3";
    }),
  // @ts-expect-error no such context member
  () => step({ name: "a" }, (_, { sleep }) => void sleep),
];

// Literals and tuples in results keep their types.
export const kept = [
  () => step({ name: "a", output: z.enum(["up", "down"]) }, async () => "up"),
  () => step({ name: "a", output: z.tuple([z.string(), z.number()]) }, () => ["a", 1]),
  () =>
    step(
      {
        name: "a",
        output: z.discriminatedUnion("kind", [z.object({ kind: z.literal("x"), x: z.number() }), z.object({ kind: z.literal("y") })]),
      },
      async () => ({ kind: "x", x: 1 }),
    ),
  () => step({ name: "a", outputs: { b: z.literal("c"), d: z.array(z.number()) } }, async () => ({ b: "c", d: [1] })),
  () =>
    step({ name: "a", output: z.string() }, () => {
      throw new Error("always");
    }),
  () =>
    step({ name: "a", output: items(Row) }, async function* () {
      yield { station: "a", level: 1 };
    }),
  () => step({ name: "a", output: z.json() }, () => ({ deep: [1, { deeper: null }] })),
];

export const p = pipeline({ name: "p", params: z.object({ river: z.string() }) }, async ({ river }) => readRows({ river }));
