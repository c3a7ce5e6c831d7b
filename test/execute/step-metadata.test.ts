import { describe, expect, test } from "vitest";
import { z } from "zod";
import { items } from "../../src/define/artifact-schema.ts";
import { step } from "../../src/define/step.ts";
import type { StepContext } from "../../src/define/step-context.ts";
import { loadArtifact } from "../../src/execute/load-artifact.ts";
import { maxMetadata } from "../../src/execute/step-metadata.ts";
import { artifactFrom, completed, failed, outcomeOf, place, run, taskOf } from "./attempt.ts";

let body: (context: StepContext<string>) => void;
step(
  { name: "notes", outputs: { model: z.number(), rows: items(z.number()) } },
  (_, context) => (body(context), { model: 1, rows: [1, 2] }),
);

function notes(fn: typeof body, workplace = place().workplace) {
  body = fn;
  return outcomeOf(taskOf("notes"), workplace);
}

describe("metadata", () => {
  test("goes to the step run, or to the output that is named; later values replace earlier ones", async () => {
    const outcome = completed(
      await notes(({ metadata }) => {
        metadata({ a: 1, b: 1 });
        metadata({ b: 2 });
        metadata({ score: 0.5 }, { output: "model" });
      }),
    );
    expect(outcome.metadata).toEqual({ a: 1, b: 2 });
    expect(outcome.outputs["model"]?.metadata).toEqual({ score: 0.5 });
  });

  test("is kept when the step fails", async () => {
    const outcome = await notes(({ metadata }) => {
      metadata({ tried: 3 });
      throw new Error("no");
    });
    expect(outcome).toMatchObject({ status: "failed", metadata: { tried: 3 } });
  });

  test("is copied when it is given", async () => {
    const outcome = await notes(({ metadata }) => {
      const counts = { rows: [1] };
      metadata(counts);
      counts.rows.push(2);
    });
    expect(completed(outcome).metadata).toEqual({ rows: [1] });
  });

  test("does not replace what a materializer needs to read its bytes", async () => {
    const { workplace } = place();
    body = ({ metadata }) => metadata({ "skein.index": 1, mine: true }, { output: "rows" });
    const rows = await artifactFrom(taskOf("notes"), workplace, "rows");
    expect(rows.metadata).toMatchObject({ mine: true });
    expect(await loadArtifact(rows, 1, workplace)).toBe(2);
  });

  test.each([
    ["an output that is none", { a: 1 }, "modell", "undeclared_output"],
    ["no object", [1], undefined, "bad_option"],
    ["no JSON", { big: 1n }, undefined, "bad_option"],
    ["too much", { text: "x".repeat(maxMetadata) }, undefined, "bad_option"],
  ])("is refused: %s", async (_, values, output, code) => {
    expect(failed(await notes(({ metadata }) => metadata(values as Record<string, string>, { output })))).toMatchObject({ code });
  });
});

test("a step knows its run, itself and its attempt, and may take its context apart", async () => {
  let seen: unknown;
  await notes(({ attempt, step: me, run: mine, log, ...rest }) => {
    log("x");
    seen = [attempt, me, mine, Object.keys(rest).toSorted()];
  });
  expect(seen).toEqual([1, { id: "notes", name: "notes" }, { id: run, pipeline: "tests" }, ["metadata", "remainingMs", "signal"]]);
});
