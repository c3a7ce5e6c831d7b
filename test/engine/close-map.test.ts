import { expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { Turns } from "./turns.ts";

const input = z.object({ n: z.number() });
const fails = step({ name: "fails", input, output: z.number() }, ({ n }): number => {
  throw new RangeError(`${n} ${"x".repeat(16_000)}`);
});
const all = pipeline({ name: "all_fail" }, async () => fails.map({ n: Array.from({ length: 30 }, (_, i) => i) }));

test("a map whose items all fail with large errors ends with a failure of one's size, which tells of 20 others", async () => {
  const turns = new Turns();
  await turns.start(all);
  await turns.takeAll();
  const outcomes = (await turns.events()).flatMap((event) => (event.t === "outcome" ? [event.outcome] : []));
  const [error] = outcomes.flatMap((outcome) => (outcome.status === "failed" ? [outcome.error] : []));
  expect(error?.message).toMatch(/^0 x/);
  expect(error?.errors?.map(({ message }) => Number(message.split(" ")[0]))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(JSON.stringify(error).length).toBeLessThan(40_000);
});
