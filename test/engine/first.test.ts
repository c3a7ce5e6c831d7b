import { expect, it } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { openMemoryEngine } from "../../src/testing.ts";
const double = step({ name: "double", input: z.object({ n: z.number() }), output: z.number() }, async ({ n }) => n * 2);
const far = double.with({ runtime: "isolated" });
const p = pipeline({ name: "first", params: z.object({ n: z.number() }) }, async ({ n }) => {
  const a = await double({ n });
  const b = far.submit({ n: a });
  const m = double.map({ n: [1, 2, 3] });
  const mm = far.map({ n: m });
  return [a, b, m, mm];
});
it("runs", async () => {
  const engine = openMemoryEngine();
  const r = await engine.run(p, { n: 2 });
  expect(await Promise.all((r as any[]).map((x) => x.load()))).toEqual([4, 8, [2, 4, 6], [4, 8, 12]]);
  await engine.close();
});
