// oxlint-disable typescript/no-floating-promises -- a static pipeline awaits nothing
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { pipeline, step, unmapped } from "../../src/index.ts";
import { definitionOf } from "../../src/define/definition-of.ts";
import { compilePlan, type Facilities } from "../../src/plan/compile-plan.ts";
import { checkCalls } from "../../src/plan/check-calls.ts";
import type { CompiledPlan, PlannedCall } from "../../src/plan/plan.ts";

const everywhere: Facilities = { refuses: () => undefined };
let made = 0;

/** The plan of a static pipeline with this function. */
function planOf(
  fn: (params: never, run: never) => unknown,
  options: { readonly params?: unknown; readonly facilities?: Facilities; readonly maxSteps?: number } = {},
): CompiledPlan {
  const name = `planned_${made++}`;
  const planned = pipeline(
    { name, mode: "static", ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }) },
    fn as never,
  );
  return compilePlan(definitionOf(planned), options.params ?? {}, options.facilities ?? everywhere);
}
function refusal(
  fn: (params: never, run: never) => unknown,
  options: Parameters<typeof planOf>[1] = {},
): { readonly code: string; readonly message: string } {
  try {
    planOf(fn, options);
  } catch (error) {
    return { code: Reflect.get(error as object, "code"), message: (error as Error).message };
  }
  throw new Error("the plan was accepted");
}

const read = step({ name: "read", input: z.object({ city: z.string() }), output: z.array(z.object({ t: z.number() })) }, async () => []);
const fit = step(
  {
    name: "fit_model",
    input: z.object({ days: z.array(z.object({ t: z.number() })), degree: z.number().int().min(1) }),
    outputs: { model: z.string(), rmse: z.number() },
  },
  async () => ({ model: "", rmse: 0 }),
);
const say = step({ name: "say", input: z.object({ text: z.string(), loud: z.boolean().default(false) }) }, async () => {});
const age = step({ name: "age", input: z.object({ years: z.number() }), output: z.number() }, async () => 0);

describe("a static pipeline", () => {
  it("compiles to its calls, each after what it depends on, and to what it gives", () => {
    const plan = planOf(
      (params: { readonly city: string }) => {
        const days = read(params);
        const fits = [1, 2].map((degree) => fit.submit({ days, degree }, { id: `fit_${degree}` }));
        say({ text: fits[0]!.model }, { after: fits });
        const each = fit.map({ days: [days], degree: unmapped(1) });
        return { best: fits[1]!.model, all: [fits[0]!.rmse, fits[1]!.rmse], each: each.rmse };
      },
      { params: { city: "Oslo" } },
    );
    expect(plan.calls.map(({ t, id, input, after }) => [t, id, input.edges.map((edge) => `${edge.from}.${edge.output}`), after])).toEqual([
      ["called", "read", [], undefined],
      ["called", "fit_1", ["read.output"], undefined],
      ["called", "fit_2", ["read.output"], undefined],
      ["called", "say", ["fit_1.model"], ["fit_1", "fit_2"]],
      ["mapped", "fit_model", ["read.output"], undefined],
    ]);
    expect(plan.calls[0]?.input.literal).toBe('{"city":"Oslo"}');
    expect(plan.outputs).toEqual({
      kind: "record",
      values: {
        best: { from: "fit_2", output: "model" },
        all: [
          { from: "fit_1", output: "rmse" },
          { from: "fit_2", output: "rmse" },
        ],
        each: { from: "fit_model", output: "rmse" },
      },
    });
  });

  it("may look at nothing that comes later", () => {
    const later: Record<string, () => unknown> = {
      load: () => read.submit({ city: "Oslo" }).load(),
      result: () => read.submit({ city: "Oslo" }).result(),
      await: () => void read({ city: "Oslo" }).then(() => 1),
      cancel: () => read.submit({ city: "Oslo" }).cancel(),
      items: () => age.map({ years: [1] }).items(),
      settled: () => age.map({ years: [1] }).settled(),
    };
    for (const [what, fn] of Object.entries(later)) {
      const refused = refusal(() => void fn());
      expect({ ...refused, what }).toMatchObject({
        code: "load_in_static_pipeline",
        message: expect.stringMatching(/static pipeline planned_\d+: .*(compiled before anything runs|make the pipeline dynamic)/),
      });
    }
    for (const what of ["now", "random", "uuid"] as const) {
      expect(refusal((_: never, run: Record<string, () => unknown>) => void run[what]?.())).toMatchObject({
        code: "load_in_static_pipeline",
        message: expect.stringContaining(`run.${what}()`),
      });
    }
  });

  it("is synchronous", () => {
    expect(refusal(() => Promise.resolve())).toMatchObject({
      code: "async_static_pipeline",
      message: expect.stringContaining("drop async and await"),
    });
    expect(() => Reflect.apply(pipeline, undefined, [{ name: "async_one", mode: "static" }, async () => {}])).toThrow(
      expect.objectContaining({ code: "async_static_pipeline" }),
    );
  });

  it("knows only its own steps", () => {
    let kept: object | undefined;
    planOf(() => void (kept = read({ city: "Oslo" })));
    for (const use of [() => void fit({ days: kept as never, degree: 1 }), () => void say({ text: "x" }, { after: kept as never })]) {
      expect(refusal(use)).toMatchObject({ code: "unknown_upstream", message: expect.stringContaining("another") });
    }
    expect(refusal(() => kept).code).toBe("handle_of_another_run");
  });

  it("gives each call an id of its own", () => {
    expect(
      refusal(() => {
        age({ years: 1 });
        age({ years: 2 }, { id: "age" });
      }),
    ).toMatchObject({ code: "duplicate_step_id", message: expect.stringContaining('"age"') });
    expect(
      planOf(() => {
        age({ years: 1 }, { id: "age_2" });
        age({ years: 1 });
        age({ years: 1 });
      }).calls.map(({ id }) => id),
    ).toEqual(["age_2", "age", "age_3"]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["a literal that the schema refuses", () => void fit({ days: [], degree: 0 }), /fit_model does not fit step fit_model: degree:/],
    ["a literal of another type", () => void age({ years: "ten" as never }), /years: /],
    ["a missing field", () => void say({} as never), /text: /],
    [
      "an output of another type",
      () => void age({ years: read({ city: "Oslo" }) as never }),
      /input "years" of step run age takes number, but read\.output is array/,
    ],
    [
      "a named output of another type",
      () => void say({ text: fit.submit({ days: [], degree: 1 }).rmse as never }),
      /input "text" of step run say takes string, but fit_model\.rmse is number/,
    ],
    [
      "a map's list where one value is taken",
      () => void age({ years: age.map({ years: [1] }) as never }),
      /takes number, but age\.output is array/,
    ],
    [
      "one value where a map takes a list",
      () => void age.map({ years: age({ years: 1 }) as never }),
      /takes array, but age\.output is number/,
    ],
    [
      "items of another type inside a list",
      () => void age.map({ years: [read({ city: "x" })] as never }),
      /takes number, but read\.output is array/,
    ],
  ])("is refused for %s", (_, fn, message) => {
    expect(refusal(fn as never)).toMatchObject({ code: "type_mismatch", message: expect.stringMatching(message) });
  });

  it("is refused for a literal that does not fit, also beside outputs of other steps and in maps", () => {
    expect(refusal(() => void fit({ days: read({ city: "x" }), degree: 0 }))).toMatchObject({
      code: "type_mismatch",
      message: expect.stringContaining("degree"),
    });
    expect(refusal(() => void fit({ days: [{ t: age({ years: 1 }) }, { t: "no" as never }], degree: 1 }))).toMatchObject({
      message: expect.stringContaining("days[1].t"),
    });
    expect(refusal(() => void fit.map({ days: [[], []], degree: [1] }))).toMatchObject({
      code: "map_length_mismatch",
      message: expect.stringMatching(/days has 2, degree has 1/),
    });
    expect(refusal(() => void fit.product({ days: [[], []], degree: [1, 0] })).code).toBe("type_mismatch");
    expect(refusal(() => void age.map({ years: [1, "two" as never] }))).toMatchObject({
      code: "type_mismatch",
      message: expect.stringContaining("years"),
    });
  });

  it("takes what fits: whole numbers for numbers, unions, unknown types, transforms and defaults", () => {
    const union = step(
      { name: "union_in", input: z.object({ a: z.union([z.string(), z.number()]), b: z.any(), c: z.number().nullable() }) },
      async () => {},
    );
    const whole = step({ name: "whole", input: z.object({}), output: z.number().int() }, async () => 1);
    const late = step({ name: "late_check", input: z.object({ n: z.number().refine(async () => false) }) }, async () => {});
    expect(
      planOf(() => {
        age({ years: whole({}) });
        union({ a: whole({}), b: read({ city: "x" }), c: whole({}) });
        say({ text: "x" });
        late({ n: 1 });
        const later = age({ years: 1 });
        fit.map({ days: [read({ city: "x" }), [{ t: 1 }]], degree: unmapped(1) });
        fit({ days: [{ t: later }], degree: 1 });
        age.product({ years: [1, later] });
        age.map({ years: [] });
      }).calls.length,
    ).toBeGreaterThan(0);
  });

  it("needs a place for each isolated step", () => {
    const big = age.with({ resources: { memoryMb: 100_000 } });
    const facilities: Facilities = { refuses: ({ memoryMb = 0 }) => (memoryMb > 3_000 ? `no operator has ${memoryMb} MB` : undefined) };
    expect(refusal(() => void big({ years: 1 }), { facilities })).toMatchObject({
      code: "missing_operator",
      message: expect.stringMatching(/step run age .*no operator has 100000 MB/),
    });
    expect(planOf(() => void age({ years: 1 }), { facilities }).calls).toHaveLength(1);
  });

  it("returns handles only", () => {
    expect(refusal(() => 5)).toMatchObject({ code: "bad_pipeline_result" });
    expect(refusal(() => ({ a: { b: 1 } }))).toMatchObject({ code: "bad_pipeline_result" });
  });

  it("has at most maxSteps calls", () => {
    const fn = () => {
      for (let years = 0; years < 4; years++) age({ years });
    };
    expect(refusal(fn, { maxSteps: 3 })).toMatchObject({ code: "max_steps_exceeded", message: expect.stringContaining("4 steps") });
  });

  it("tells of a wrong call as a dynamic one would", () => {
    expect(refusal(() => void age.map({ years: unmapped(1) })).code).toBe("map_without_list");
    expect(refusal(() => void age({ years: (() => 1) as never })).code).toBe("unserializable_input");
  });
});

describe("a plan that comes as data", () => {
  const call = (id: string, from: readonly string[], after?: readonly string[]): PlannedCall => ({
    t: "called",
    id,
    step: "age",
    call: "static",
    runtime: "inline",
    input: { literal: "{}", edges: from.map((upstream) => ({ path: ["years"], from: upstream, output: "output" })) },
    ...(after === undefined ? {} : { after }),
  });

  it.each<[string, readonly PlannedCall[], string, RegExp]>([
    ["two calls of one id", [call("a", []), call("a", [])], "duplicate_step_id", /two step runs with the id "a"/],
    ["an upstream that is no call", [call("a", ["gone"])], "unknown_upstream", /a depends on gone/],
    ["an order after no call", [call("a", [], ["gone"])], "unknown_upstream", /a depends on gone/],
    ["a call that depends on itself", [call("a", ["a"])], "cyclic_plan", /a → a/],
    [
      "a cycle by inputs and order",
      [call("x", []), call("a", ["c", "x"]), call("b", ["a"]), call("c", [], ["b"]), call("d", ["c"])],
      "cyclic_plan",
      /(a → c → b → a|b → a → c → b|c → b → a → c)/,
    ],
  ])("with %s is refused", (_, calls, code, message) => {
    expect(() => checkCalls("planned", calls)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it("is fine in any order of its calls", () => {
    expect(() => checkCalls("planned", [call("b", ["a"]), call("a", [])])).not.toThrow();
  });
});
