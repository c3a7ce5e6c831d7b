import { describe, expect, it } from "vitest";
import { z } from "zod";
import { step } from "../../src/index.ts";
import { definitionOf } from "../../src/define/definition-of.ts";
import { inPipeline, inStep, RecordedCalls } from "./recorded-calls.ts";

/** As from JavaScript, where no type stands in the way. */
function define(options: unknown, fn: unknown = () => {}): unknown {
  return Reflect.apply(step, undefined, [options, fn]);
}

const anyOutput = z.string();

describe("step()", () => {
  it.each<[string, unknown, RegExp]>([
    ["no options", undefined, /a step .*: its options is undefined; give an object/],
    ["no name", {}, /its name is undefined/],
    ["a name with a slash", { name: "a/b" }, /its name is "a\/b"; .*letters, digits or "_"/],
    ["a versioned name", { name: "fit@2" }, /its name is "fit@2"/],
    ["a name that begins with a digit", { name: "2nd" }, /its name is "2nd"/],
    ["a name of 65 characters", { name: "a".repeat(65) }, /at most 64/],
    ["an unknown option", { name: "a", retrys: {} }, /step a .*no option "retrys" \(did you mean "retry"\?\)/],
    ["an input that is no schema", { name: "a", input: { city: "text" } }, /input is an object; give a Standard Schema/],
    ["an output that is no schema", { name: "a", output: String }, /output is a function; give a Standard Schema/],
    ["both output and outputs", { name: "a", output: anyOutput, outputs: { b: anyOutput } }, /both output and outputs/],
    ["no outputs in outputs", { name: "a", outputs: {} }, /outputs is empty/],
    ["outputs that are a list", { name: "a", outputs: [anyOutput] }, /outputs is a list; give an object/],
    ["an output name with a dash", { name: "a", outputs: { "b-c": anyOutput } }, /cannot be named "b-c"/],
    ["a named output that is no schema", { name: "a", outputs: { b: 1 } }, /outputs\.b is 1; give a Standard Schema/],
    ["an unknown runtime", { name: "a", runtime: "thread" }, /runtime is "thread"; it is one of "inline", "isolated"/],
    ["an empty operator", { name: "a", operator: "" }, /operator is ""/],
    ["half a megabyte", { name: "a", resources: { memoryMb: 0.5 } }, /resources\.memoryMb is 0\.5; it is a whole number from 1/],
    ["no processor", { name: "a", resources: { cpu: 0 } }, /resources\.cpu is 0; it is a number above 0/],
    ["an unknown resource", { name: "a", resources: { gpu: 1 } }, /no option "gpu" \(did you mean "cpu"\?\)/],
    ["a timeout of zero", { name: "a", timeout: 0 }, /timeout is 0/],
    ["a negative timeout", { name: "a", timeout: "-1s" }, /timeout is "-1s"; a duration is/],
    ["an unknown unit", { name: "a", timeout: "5min" }, /timeout is "5min"/],
    ["retry without a number", { name: "a", retry: {} }, /retry\.maxRetries is undefined/],
    ["negative retries", { name: "a", retry: { maxRetries: -1 } }, /retry\.maxRetries is -1/],
    ["endless retries", { name: "a", retry: { maxRetries: Infinity } }, /retry\.maxRetries is Infinity/],
    ["a shrinking backoff", { name: "a", retry: { maxRetries: 1, backoff: 0.5 } }, /retry\.backoff is 0\.5; it is a number from 1/],
    ["a cache that is a duration", { name: "a", cache: "1d" }, /cache is "1d"; give an object/],
    ["a cache that expires at once", { name: "a", cache: { expiresAfter: "0s" } }, /cache\.expiresAfter is "0s"/],
    ["an unknown delivery", { name: "a", delivery: "exactly_once" }, /delivery is "exactly_once"/],
    ["tags that are text", { name: "a", tags: "x" }, /tags is "x"; give a list of strings/],
    ["an empty tag", { name: "a", tags: ["x", ""] }, /tags\[1\] is ""/],
  ])("refuses %s", (_, options, message) => {
    expect(() => define(options)).toThrow(expect.objectContaining({ code: "bad_definition", message: expect.stringMatching(message) }));
  });

  it.each([
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
  ])("refuses an output named %s", (name) => {
    expect(() => define({ name: "a", outputs: { [name]: anyOutput } })).toThrow(/futures have a member of that name/);
  });

  it("refuses an output named __proto__", () => {
    expect(() => define({ name: "a", outputs: JSON.parse('{"__proto__": 1}') })).toThrow(/futures have a member of that name/);
  });

  it.each([
    [undefined, "undefined"],
    ["fit", '"fit"'],
    [
      class {
        readonly x = 1;
      },
      "a class",
    ],
  ])("refuses %s as its function", (fn, shown) => {
    expect(() => Reflect.apply(step, undefined, [{ name: "a" }, fn])).toThrow(
      expect.objectContaining({ code: "bad_definition", message: expect.stringContaining(shown) }),
    );
  });

  it("says where the definition is", () => {
    expect(() => define({ name: "a b" })).toThrow(/step\.test\.ts:\d+\)/);
  });

  it.each([
    [{}, "inline"],
    [{ operator: "big" }, "isolated"],
    [{ resources: { memoryMb: 512 } }, "isolated"],
    [{ runtime: "inline", resources: { memoryMb: 512 } }, "inline"],
    [{ runtime: "isolated" }, "isolated"],
  ] as const)("with %o runs %s", (settings, runtime) => {
    expect(definitionOf(step({ name: `runtime_${JSON.stringify(settings).replace(/\W/g, "_")}`, ...settings }, () => {})).runtime).toBe(
      runtime,
    );
  });

  it("resolves its settings to a policy that leaves out what is the default", () => {
    const full = step(
      {
        name: "full",
        timeout: "1.5m",
        retry: { maxRetries: 3, delay: "250ms", backoff: 2 },
        cache: { expiresAfter: "7d" },
        delivery: "at_most_once",
        operator: "big",
        resources: { memoryMb: 2048, cpu: 0.5 },
        tags: ["nightly"],
      },
      () => {},
    );
    expect(definitionOf(full).policy).toEqual({
      timeoutMs: 90_000,
      retry: { maxRetries: 3, delayMs: 250, backoff: 2 },
      cache: { expiresAfterMs: 604_800_000 },
      delivery: "at_most_once",
      operator: "big",
      memoryMb: 2048,
      cpu: 0.5,
      tags: ["nightly"],
    });
    const none = step({ name: "plain", cache: false, delivery: "at_least_once", timeout: undefined, retry: undefined }, () => {});
    expect(definitionOf(none).policy).toEqual({});
    expect(definitionOf(step({ name: "cached", cache: true, retry: { maxRetries: 1 } }, () => {})).policy).toEqual({
      cache: {},
      retry: { maxRetries: 1, delayMs: 1_000, backoff: 1 },
    });
  });

  it("gives a frozen definition that tells where it is", () => {
    const defined = step({ name: "frozen", outputs: { b: anyOutput, a: anyOutput } }, () => ({ b: "", a: "" }));
    const definition = definitionOf(defined);
    expect(Object.isFrozen(definition)).toBe(true);
    expect(definition.definedAt).toMatch(/test\/define\/step\.test\.ts:\d+$/);
    expect(Object.keys(definition.outputs.kind === "named" ? definition.outputs.schemas : {})).toEqual(["b", "a"]);
    expect(defined.name).toBe("frozen");
    expect(Object.keys(defined)).toEqual(["submit", "map", "product", "with", "run"]);
  });

  it("is refused while a run executes", () => {
    expect(() => inPipeline(new RecordedCalls(), () => define({ name: "late" }))).toThrow(
      expect.objectContaining({
        code: "step_defined_in_run",
        message: expect.stringMatching(/step\.test\.ts:\d+ while pipeline around runs/),
      }),
    );
    expect(() => inStep(() => define({ name: "late" }))).toThrow(expect.objectContaining({ code: "step_defined_in_run" }));
  });
});

describe("a step", () => {
  const double = step({ name: "double", input: z.object({ n: z.number() }), output: z.number() }, ({ n }) => 2 * n);
  const pause = step({ name: "pause" }, () => {});

  it("called in a pipeline function, hands over its definition, input and options", () => {
    const calls = new RecordedCalls();
    const handle = inPipeline(calls, () => double({ n: 1 }, { id: "first" }));
    inPipeline(calls, () => double.submit({ n: 2 }));
    inPipeline(calls, () => double.map({ n: [1, 2] }, { maxConcurrency: 3 }));
    inPipeline(calls, () => double.product({ n: [1] }));
    const definition = definitionOf(double);
    expect(handle).toEqual({ handle: 1 });
    expect(calls.made).toEqual([
      { definition, input: { n: 1 }, options: { id: "first" }, how: "sync" },
      { definition, input: { n: 2 }, options: {}, how: "submit" },
      { definition, input: { n: [1, 2] }, options: { maxConcurrency: 3 }, how: "zip" },
      { definition, input: { n: [1] }, options: {}, how: "product" },
    ]);
  });

  it("without input is called without arguments", () => {
    const calls = new RecordedCalls();
    inPipeline(calls, () => void [pause(), pause.submit(undefined, { id: "again" })]);
    expect(calls.made.map(({ input, options }) => [input, options])).toEqual([
      [{}, {}],
      [{}, { id: "again" }],
    ]);
  });

  it.each<[string, unknown[], RegExp]>([
    ["a number as its input", [1], /its input is a number/],
    ["a list as its input", [[1]], /its input is a list/],
    ["a handle as its input", [{ [Symbol.for("skein.pointer.1")]: {} }], /its input is a handle/],
    ["null as its input", [null], /its input is null/],
    ["an unknown option", [{ n: 1 }, { afer: [] }], /no option "afer" \(did you mean "after"\?\)/],
    ["a width", [{ n: 1 }, { maxConcurrency: 2 }], /no option "maxConcurrency"/],
    ["an id with a bracket", [{ n: 1 }, { id: "a[1]" }], /its id is "a\[1\]"/],
    ["an id that is no text", [{ n: 1 }, { id: 7 }], /its id is 7/],
    ["options that are text", [{ n: 1 }, "first"], /its options are no object/],
  ])("refuses %s", (_, args, message) => {
    expect(() => inPipeline(new RecordedCalls(), () => Reflect.apply(double, undefined, args))).toThrow(
      expect.objectContaining({ code: "bad_call", message: expect.stringMatching(message) }),
    );
  });

  it.each([0, 1.5, "2"])("refuses a map's width of %s", (maxConcurrency) => {
    expect(() => inPipeline(new RecordedCalls(), () => Reflect.apply(double.map, undefined, [{ n: [] }, { maxConcurrency }]))).toThrow(
      /maxConcurrency is .*whole number from 1/,
    );
  });

  it("says what to do instead when it is called in a step, or outside a run", () => {
    expect(() => inStep(() => double({ n: 1 }))).toThrow(
      expect.objectContaining({ code: "step_called_in_step", message: expect.stringMatching(/inside step outer.*double\.run\(input\)/) }),
    );
    expect(() => double.submit({ n: 1 })).toThrow(
      expect.objectContaining({ code: "step_called_outside_run", message: expect.stringMatching(/start\(pipeline, params\)/) }),
    );
    expect(() => double.map({ n: [1] })).toThrow(expect.objectContaining({ code: "step_called_outside_run" }));
  });

  it("needs no this", () => {
    const calls = new RecordedCalls();
    const { submit, with: withSettings } = double;
    inPipeline(calls, () => [submit({ n: 1 }), withSettings({ timeout: 5 }).submit({ n: 1 })]);
    expect(calls.made.map(({ definition }) => definition.policy.timeoutMs)).toEqual([undefined, 5]);
  });
});

describe("with()", () => {
  const base = step({ name: "base", timeout: "1s", retry: { maxRetries: 2 }, tags: ["a"] }, () => {});

  it("changes settings under the same name and leaves the rest, also where it says undefined", () => {
    const changed = definitionOf(base.with({ timeout: "2s", tags: undefined }).with({ cache: true }));
    expect(changed).toMatchObject({
      name: "base",
      runtime: "inline",
      policy: { timeoutMs: 2_000, retry: { maxRetries: 2 }, tags: ["a"], cache: {} },
    });
    expect(changed.fn).toBe(definitionOf(base).fn);
    expect(changed.codeDigest).toBe(definitionOf(base).codeDigest);
    expect(definitionOf(base).policy.timeoutMs).toBe(1_000);
  });

  it("follows the default of the runtime", () => {
    expect(definitionOf(base.with({ resources: { memoryMb: 64 } })).runtime).toBe("isolated");
    expect(definitionOf(base.with({ runtime: "isolated" }).with({ runtime: "inline", operator: "big" })).runtime).toBe("inline");
  });

  it.each([
    [{ name: "other" }, /no option "name"/],
    [{ output: z.string() }, /no option "output"/],
    [undefined, /give an object/],
    [{ timeout: "soon" }, /timeout is "soon"/],
  ])("refuses %o", (settings, message) => {
    expect(() => Reflect.apply(base.with, undefined, [settings])).toThrow(
      expect.objectContaining({ code: "bad_definition", message: expect.stringMatching(message) }),
    );
  });

  it("is possible during a run", () => {
    const calls = new RecordedCalls();
    inPipeline(calls, () => void base.with({ timeout: 7 })());
    expect(calls.made[0]?.definition.policy.timeoutMs).toBe(7);
  });
});

describe("definitionOf()", () => {
  it("refuses what step() and pipeline() did not make", () => {
    expect(() => definitionOf(() => {})).toThrow(expect.objectContaining({ code: "bad_call" }));
  });
});
