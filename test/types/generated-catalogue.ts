const stepsPerFile = 10;

/** A catalogue as a large project has it: rows of seven fields, steps with one output or three, pipelines of fifteen calls. */
export function catalogueFiles(steps: number, pipelines: number): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (let first = 0; first < steps; first += stepsPerFile)
    files.set(`steps-${first}.ts`, stepFile(first, Math.min(first + stepsPerFile, steps)));
  for (let i = 0; i < pipelines; i++) files.set(`pipeline-${i}.ts`, pipelineFile(i, steps));
  return files;
}

function stepFile(from: number, to: number): string {
  const parts = ['import { z } from "zod";', 'import { step } from "skein/step.ts";'];
  for (let i = from; i < to; i++) parts.push(rowSchema(i), i % 2 === 0 ? oneOutput(i) : threeOutputs(i));
  return parts.join("\n");
}

function rowSchema(i: number): string {
  return `export const Row${i} = z.object({ id: z.string(), at${i}: z.string(), value: z.number(), weight: z.number().optional(), tags: z.array(z.string()), kind: z.enum(["a", "b"]), place: z.object({ lat: z.number(), lon: z.number() }) });`;
}

const inputOf = (i: number) => `z.object({ rows: z.array(Row${i}), factor: z.number(), label: z.string().default("x") })`;

function oneOutput(i: number): string {
  return `export const step${i} = step({ name: "step_${i}", input: ${inputOf(i)}, output: z.array(Row${i}), cache: true }, async ({ rows, factor }) => rows.map((row) => ({ ...row, value: row.value * factor })));`;
}

function threeOutputs(i: number): string {
  return `export const step${i} = step({ name: "step_${i}", input: ${inputOf(i)}, outputs: { rows: z.array(Row${i}), mean: z.number(), best: Row${i} }, retry: { maxRetries: 2 } }, async ({ rows, factor }) => ({ rows, mean: factor, best: rows[0]! }));`;
}

/** Fifteen calls of five steps: awaited, submitted, chained, mapped, and with rows that hold handles. */
function pipelineFile(i: number, steps: number): string {
  const used = Array.from({ length: 5 }, (_, k) => (i * 5 + k) % steps);
  const imports = used.map((n) => `import { step${n} } from "./steps-${Math.floor(n / stepsPerFile) * stepsPerFile}.ts";`);
  return [
    'import { z } from "zod";',
    'import { unmapped } from "skein/call-input.ts";',
    'import { pipeline } from "skein/pipeline.ts";',
    ...imports,
    `export const pipeline${i} = pipeline({ name: "pipeline_${i}", params: z.object({ factor: z.number(), label: z.string() }) }, async ({ factor, label }) => {`,
    ...used.flatMap((n) => callsOf(n)),
    `  return { ${used.map((n) => `r${n}: ${rowsOf("b", n)}`).join(", ")} };`,
    "});",
  ].join("\n");
}

function rowsOf(name: string, n: number): string {
  return n % 2 === 0 ? `${name}${n}` : `${name}${n}.rows`;
}

function callsOf(n: number): readonly string[] {
  const rows = rowsOf("a", n);
  const row = `{ id: label, at${n}: label, value: 1, tags: [label], kind: "a", place: { lat: factor, lon: 2 } }`;
  return [
    `  const a${n} = step${n}.submit({ rows: [${row}], factor, label });`,
    `  const b${n} = await step${n}({ rows: ${rows}, factor: 2 });`,
    `  const m${n} = step${n}.map({ rows: unmapped(${rows}), factor: [1, 2, factor] });`,
    `  if ((await m${n}.items()).length > 3) await ${rows}.load();`,
  ];
}
