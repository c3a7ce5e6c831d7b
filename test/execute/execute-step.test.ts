import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { step } from "../../src/define/step.ts";
import { executeStep } from "../../src/execute/execute-step.ts";
import { loadArtifact } from "../../src/execute/load-artifact.ts";
import { PermanentError, SkeinError } from "../../src/model/error.ts";
import { inputKey } from "../../src/model/input.ts";
import { decodeValue, encodeValue } from "../../src/model/value.ts";
import { artifactFrom, completed, failed, flipped, keyOf, outcomeOf, place, run, tampered, taskOf } from "./attempt.ts";

let parses = 0;
const Shout = z.string().transform((text) => (parses++, `${text}!`));
step({ name: "echo", input: z.object({ text: z.string() }), output: z.string() }, ({ text }) => text);
step({ name: "shout", input: z.object({ text: Shout, times: z.number().default(2) }), output: z.string() }, ({ text, times }) =>
  text.repeat(times),
);
step(
  { name: "slow_schema", input: z.object({ n: z.number().refine(async (n) => n > 0, "not above zero") }), output: z.number() },
  ({ n }) => n,
);
step({ name: "numbers", output: z.array(z.number()) }, () => [10, 20, 30]);
step(
  { name: "sum", input: z.object({ of: z.object({ list: z.array(z.number()) }), plus: z.array(z.number()) }), output: z.number() },
  ({ of, plus }) => [...of.list, ...plus].reduce((a, b) => a + b, 0),
);
step({ name: "two", outputs: { model: z.object({ slope: z.number() }), rmse: z.number().transform((n) => Math.round(n)) } }, async () => ({
  model: { slope: 2 },
  rmse: 1.7,
}));
step({ name: "nothing" }, () => {});
step({ name: "throws", input: z.object({ how: z.string() }), output: z.number() }, ({ how }): number => {
  if (how === "permanent") throw new PermanentError("never again");
  if (how === "invalid_input") throw new SkeinError("invalid_input", "of another step's run()");
  throw new RangeError("too far", { cause: new Error("a cause") });
});
step({ name: "anything", input: z.object({ kind: z.string() }), output: z.any() }, ({ kind }) => oddities[kind] as object);
step(
  { name: "lies", input: z.object({ kind: z.string() }), outputs: { a: z.number(), b: z.number() } },
  ({ kind }) => lies[kind] as { a: number; b: number },
);
step({ name: "says_too_much" }, () => JSON.parse("1") as void);

class Model {
  readonly weights = [1];
}
const oddities: Record<string, unknown> = {
  function: { layers: [{ activate: () => 1 }] },
  symbol: { a: Symbol("s") },
  instance: { deep: [new Model()] },
  promise: { later: Promise.resolve(1) },
  thenable: { later: { then: () => {} } },
  stream: { rows: new ReadableStream() },
  key: new Map([["k", new Model()]]),
};
const lies: Record<string, unknown> = { missing: { a: 1 }, extra: { a: 1, b: 2, c: 3 }, wrong: { a: 1, b: "x" }, number: 7 };

describe("a step that ends well", () => {
  test("gets its literals and gives an artifact that names where it came from", async () => {
    const { workplace, clock } = place({ nonce: "writer000000" });
    const ran = await executeStep(taskOf("echo", { text: "héllo" }), workplace);
    const ref = completed(ran.outcome).outputs["output"];
    expect(ref).toMatchObject({
      id: `${run}.echo.1.output`,
      materializer: "json",
      mediaType: "application/json",
      bytes: 8,
      at: { key: `${run}/echo/1/writer000000/output` },
    });
    expect(Buffer.from(await workplace.artifacts.get(`${run}/echo/1/writer000000/output`)).toString()).toBe('"héllo"');
    expect(ran.span).toEqual({ startedAt: clock.now(), endedAt: clock.now(), place: { kind: "orchestrator" } });
  });

  test("has its input parsed once, with defaults and transforms", async () => {
    parses = 0;
    const { workplace } = place();
    const ref = await artifactFrom(taskOf("shout", { text: "go" }), workplace);
    expect(await loadArtifact(ref, undefined, workplace)).toBe("go!go!");
    expect(parses).toBe(1);
  });

  test("may have a schema that answers later", async () => {
    expect(completed(await outcomeOf(taskOf("slow_schema", { n: 1 }))).outputs).toHaveProperty("output");
    expect(failed(await outcomeOf(taskOf("slow_schema", { n: -1 })))).toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("not above zero"),
    });
  });

  test("stores named outputs one by one, after their schemas' transforms", async () => {
    const { workplace } = place();
    const { outputs } = completed(await outcomeOf(taskOf("two"), workplace));
    expect(Object.keys(outputs)).toEqual(["model", "rmse"]);
    expect(Buffer.from(await workplace.artifacts.get(`${run}/two/1/nonce0000000/rmse`)).toString()).toBe("2");
  });

  test("may give nothing", async () => {
    expect(await outcomeOf(taskOf("nothing"))).toEqual({ status: "completed", outputs: {} });
  });

  test("keeps text up to the limit in the outcome, and no byte more", async () => {
    const { workplace } = place({ inlineValues: 8 });
    expect((await artifactFrom(taskOf("echo", { text: "héllo" }), workplace)).at).toEqual({ text: '"héllo"' });
    expect((await artifactFrom(taskOf("echo", { text: "hélloo" }), workplace)).at).toHaveProperty("key");
  });
});

describe("inputs by reference", () => {
  test("are set at their paths, whole or as an item", async () => {
    const { workplace } = place();
    const list = await artifactFrom(taskOf("numbers"), workplace);
    expect(list.itemCount).toBe(3);
    const edges = [
      { path: ["of", "list"], artifact: list },
      { path: ["plus", 1], artifact: list, item: 2 },
    ];
    const total = await artifactFrom(taskOf("sum", { of: { list: null }, plus: [1, null] }, { edges }), workplace);
    expect(await loadArtifact(total, undefined, workplace)).toBe(91);
  });

  test("that are missing or altered fail the step and say which input and artifact", async () => {
    const { workplace } = place();
    const list = await artifactFrom(taskOf("numbers"), workplace);
    const task = taskOf("sum", { of: { list: null }, plus: [] }, { edges: [{ path: ["of", "list"], artifact: list }] });
    const missing = failed(await outcomeOf(task, place().workplace));
    expect(missing).toMatchObject({ code: "artifact_missing", step: "sum", message: expect.stringContaining(list.id) });
    expect(missing.message).toContain('"of.list"');
    const artifacts = await tampered(workplace.artifacts, keyOf(list), flipped(1));
    expect(failed(await outcomeOf(task, place({ artifacts }).workplace))).toMatchObject({
      code: "artifact_altered",
      message: expect.stringContaining(list.id),
    });
  });

  test("may be large literals that lie in the store, checked like artifacts", async () => {
    const { workplace } = place();
    const text = encodeValue({ text: "x".repeat(20_000) });
    const { digest, bytes } = await workplace.artifacts.put("somewhere", Buffer.from(text));
    await workplace.artifacts.put(inputKey(run, digest), Buffer.from(text));
    const task = taskOf("echo", {}, { input: { literal: "", spilled: { digest, bytes } } });
    expect(await loadArtifact(await artifactFrom(task, workplace), undefined, workplace)).toHaveLength(20_000);
    const artifacts = await tampered(workplace.artifacts, inputKey(run, digest), flipped(100));
    expect(failed(await outcomeOf(task, place({ artifacts }).workplace)).code).toBe("artifact_altered");
  });

  test("are loaded afresh for every step, even if their bytes are at hand", async () => {
    const { workplace } = place();
    const list = await artifactFrom(taskOf("numbers"), workplace);
    const first = (await loadArtifact(list, undefined, workplace)) as number[];
    first.push(40);
    expect(await loadArtifact(list, undefined, workplace)).toEqual([10, 20, 30]);
  });
});

describe("a step that fails", () => {
  test("because nobody defined it", async () => {
    expect(failed(await outcomeOf(taskOf("eco")))).toMatchObject({
      code: "step_not_in_catalogue",
      step: "eco",
      retryable: false,
      message: expect.stringContaining('"echo"'),
    });
  });

  test("because its input does not fit", async () => {
    const error = failed(await outcomeOf(taskOf("shout", { text: 1 })));
    expect(error).toMatchObject({
      code: "invalid_input",
      retryable: false,
      data: { issues: [{ path: "text", message: expect.stringContaining("string") }] },
    });
  });

  test("by throwing: class, cause and step are kept", async () => {
    expect(failed(await outcomeOf(taskOf("throws", { how: "" })))).toMatchObject({
      name: "RangeError",
      message: "too far",
      step: "throws",
      cause: { message: "a cause" },
      stack: expect.any(String),
    });
    expect(failed(await outcomeOf(taskOf("throws", { how: "permanent" })))).toMatchObject({ name: "PermanentError", retryable: false });
  });

  test("may be retried although a step that it called by hand refused its input", async () => {
    expect(failed(await outcomeOf(taskOf("throws", { how: "invalid_input" })))).not.toHaveProperty("retryable");
  });

  test.each([
    ["function", ".layers[0].activate"],
    ["symbol", ".a"],
    ["instance", ".deep[0]"],
    ["promise", ".later"],
    ["thenable", ".later"],
    ["stream", ".rows"],
    ["key", '.get("k")'],
  ])("by returning what cannot be stored: %s", async (kind, path) => {
    const error = failed(await outcomeOf(taskOf("anything", { kind })));
    expect(error).toMatchObject({ code: "unserializable_output", retryable: false, data: { path } });
    expect(error.message).toContain(`${path} in the output of step anything`);
  });

  test.each([
    ["missing", "invalid_output", '"b"'],
    ["wrong", "invalid_output", '"b"'],
    ["extra", "undeclared_output", '"c"'],
    ["number", "invalid_output", "a, b"],
  ])("by returning other outputs than it declares: %s", async (kind, code, named) => {
    const error = failed(await outcomeOf(taskOf("lies", { kind })));
    expect(error.code).toBe(code);
    expect(error.message).toContain(named);
  });

  test("by returning a value although it declares none", async () => {
    expect(failed(await outcomeOf(taskOf("says_too_much"))).code).toBe("undeclared_output");
  });

  test("because the store takes nothing", async () => {
    const full = (error: Error) => Object.assign(new MemoryArtifactStore(), { put: () => Promise.reject(error) });
    const refused = place({ artifacts: full(new SkeinError("store_unwritable", "the disk is full")) });
    expect(failed(await outcomeOf(taskOf("echo", { text: "x" }), refused.workplace))).toMatchObject({
      code: "store_unwritable",
      message: "the disk is full",
    });
    const broken = place({ artifacts: full(new Error("ENOSPC")) });
    expect(failed(await outcomeOf(taskOf("echo", { text: "x" }), broken.workplace))).toMatchObject({
      code: "store_unwritable",
      cause: { message: "ENOSPC" },
    });
  });

  test("because another writer's bytes lie where its own should", async () => {
    const { workplace } = place();
    await artifactFrom(taskOf("echo", { text: "x" }), workplace);
    completed(await outcomeOf(taskOf("echo", { text: "x" }), workplace));
    expect(failed(await outcomeOf(taskOf("echo", { text: "y" }), workplace))).toMatchObject({
      code: "store_unwritable",
      message: expect.stringContaining("executed twice"),
    });
  });

  test("stores none of its outputs when one does not fit", async () => {
    const { workplace } = place();
    failed(await outcomeOf(taskOf("lies", { kind: "wrong" }), workplace));
    expect(await workplace.artifacts.has(`${run}/lies/1/nonce0000000/a`)).toBe(false);
  });
});

test("what is kept inline is checked too", async () => {
  const { workplace } = place({ inlineValues: 100 });
  const ref = await artifactFrom(taskOf("numbers"), workplace);
  expect(decodeValue("text" in ref.at ? ref.at.text : "")).toEqual([10, 20, 30]);
  await expect(loadArtifact({ ...ref, at: { text: "[10,20,31]" } }, undefined, workplace)).rejects.toMatchObject({
    code: "artifact_altered",
  });
});
