import { describe, expect, it } from "vitest";
import { z } from "zod";
import { pipeline } from "../../src/index.ts";
import { definitionOf } from "../../src/define/definition-of.ts";
import { inPipeline, RecordedCalls } from "./recorded-calls.ts";

function define(options: unknown, fn: unknown = () => {}): unknown {
  return Reflect.apply(pipeline, undefined, [options, fn]);
}

describe("pipeline()", () => {
  it.each<[string, unknown, RegExp]>([
    ["no options", undefined, /a pipeline .*: its options is undefined/],
    ["a name with a dash", { name: "day-ahead" }, /its name is "day-ahead"/],
    ["an unknown option", { name: "a", onFailiure: "fail_fast" }, /no option "onFailiure" \(did you mean "onFailure"\?\)/],
    ["parameters that are no schema", { name: "a", params: {} }, /params is an object; give a Standard Schema/],
    ["an unknown mode", { name: "a", mode: "eager" }, /mode is "eager"; it is one of "dynamic", "static"/],
    ["an unknown failure mode", { name: "a", onFailure: "ignore" }, /onFailure is "ignore"/],
    ["no steps at all", { name: "a", maxSteps: 0 }, /maxSteps is 0; it is a whole number from 1/],
    ["a width of zero", { name: "a", maxConcurrency: 0 }, /maxConcurrency is 0/],
  ])("refuses %s", (_, options, message) => {
    expect(() => define(options)).toThrow(expect.objectContaining({ code: "bad_definition", message: expect.stringMatching(message) }));
  });

  it("refuses what is no function, and generators", () => {
    expect(() => define({ name: "a" }, 1)).toThrow(/its second argument is 1; give a function/);
    expect(() => define({ name: "a" }, function* () {})).toThrow(/generator/);
    expect(() => define({ name: "a" }, async function* () {})).toThrow(/generator/);
  });

  it("refuses an async function for a static pipeline", () => {
    expect(() => define({ name: "a", mode: "static" }, async () => {})).toThrow(
      expect.objectContaining({ code: "async_static_pipeline", message: expect.stringMatching(/pipeline a \(.*pipeline\.test\.ts:\d+\)/) }),
    );
  });

  it("says the defaults in its definition", () => {
    const fn = async () => {};
    expect(definitionOf(pipeline({ name: "defaults" }, fn))).toEqual({
      name: "defaults",
      fn,
      definedAt: expect.stringMatching(/pipeline\.test\.ts:\d+$/),
      params: undefined,
      mode: "dynamic",
      onFailure: "stop_on_failure",
      maxSteps: 1_000_000,
      maxConcurrency: undefined,
    });
  });

  it("keeps what was said", () => {
    const params = z.object({ n: z.number() });
    const made = pipeline({ name: "said", params, mode: "static", onFailure: "fail_fast", maxSteps: 5, maxConcurrency: 2 }, () => {});
    expect(definitionOf(made)).toMatchObject({ params, mode: "static", onFailure: "fail_fast", maxSteps: 5, maxConcurrency: 2 });
    expect(Object.keys(made)).toEqual(["name"]);
    expect(Object.isFrozen(made) && Object.isFrozen(definitionOf(made))).toBe(true);
  });

  it("is refused while a run executes", () => {
    expect(() => inPipeline(new RecordedCalls(), () => define({ name: "late" }))).toThrow(
      expect.objectContaining({ code: "step_defined_in_run", message: expect.stringMatching(/a pipeline is made at/) }),
    );
  });
});
