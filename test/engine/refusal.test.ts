import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, SkeinError, step } from "../../src/index.ts";
import type { TurnPorts } from "../../src/engine/ports.ts";
import { takeTurn } from "../../src/engine/turn.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { Turns } from "./turns.ts";

let turns: Turns;
/** Nobody has a GPU here. */
const operator: TurnPorts["operator"] = {
  launch: async ({ key, policy }) => {
    if (policy.tags?.includes("huge") === true) throw new SkeinError("task_too_large", `the task of ${key.id} is too large`);
    if (policy.tags?.includes("gone") === true) throw new SkeinError("code_version_gone", `the function of ${key.id} is gone`);
    if (policy.operator === "gpu") throw new SkeinError("missing_operator", `${key.id} was launched`);
    turns.launches.push({ task: { v: 1, key, pipeline: "", step: "", input: { literal: "{}" }, edges: [], policy }, delayMs: 0 });
  },
  abort: async () => {},
  refuses: (needs) => (needs.operator === "gpu" ? 'there is no operator "gpu"' : undefined),
};
beforeEach(() => (turns = new Turns({ operator })));

const fit = step({ name: "fit", operator: "gpu", input: z.object({ n: z.number() }), output: z.number() }, async ({ n }) => n);
const other = step({ name: "other", runtime: "isolated", output: z.number() }, async () => 1);

const caught: unknown[] = [];
const single = pipeline({ name: "single" }, async () => {
  const refused = fit.submit({ n: 1 });
  await other();
  return refused;
});
const mapped = pipeline({ name: "mapped" }, async () => {
  const map = fit.map({ n: [1, 2, 3] });
  for (const item of await map.items()) {
    try {
      await item;
    } catch (error) {
      caught.push(error instanceof SkeinError ? error.code : error);
    }
  }
  const { failed } = await map.settled();
  caught.push(failed.length);
});
const empty = pipeline({ name: "empty" }, async () => fit.map({ n: [] }));

describe("a step that no place takes", () => {
  test("has failed, for the next turn too", async () => {
    await turns.start(single);
    await turns.take();
    expect(await turns.outcomes()).toEqual(["fit#1 missing_operator"]);
    expect(turns.launches.map(({ task }) => task.key.id)).toEqual(["other"]);
    await turns.take({ wake: turns.wakeOf("sweep") });
    expect((await turns.events()).filter((event) => event.t === "launched")).toHaveLength(2);
  });

  test("has failed as each item of a map, and the map counts them", async () => {
    caught.length = 0;
    await turns.start(mapped);
    await turns.takeAll();
    expect(caught).toEqual(["missing_operator", "missing_operator", "missing_operator", 3]);
    expect((await turns.record()).ended).toMatchObject({ status: "completed", totals: { called: 3, ended: { failed: 3 } } });
  });

  test("is none where a map has no items", async () => {
    await turns.start(empty);
    await turns.takeAll();
    expect((await turns.record()).ended?.status).toBe("completed");
  });

  test.each([
    ["step", single, ["fit#1 missing_operator"]],
    ["map", mapped, ["fit[0]#1 missing_operator", "fit[1]#1 missing_operator", "fit[2]#1 missing_operator"]],
  ])("is not launched after a turn that died before it could say so: %s", async (_, pipe, outcomes) => {
    const state = new MemoryStateStore();
    const append: StateStore["append"] = async (run, entry) => {
      const appended = await state.append(run, entry);
      if (entry.seq === 0) turn.die();
      return appended;
    };
    turns = new Turns({ operator, state: instead<StateStore>(state, { append }) });
    await turns.start(pipe);
    const turn = turns.begin();
    await turns.settle();
    expect(await turns.outcomes()).toEqual([]);
    await turns.take({ wake: turns.wakeOf("crash", { dead: turn.invocation.id }) });
    await turns.takeAll();
    expect(await turns.outcomes()).toEqual(expect.arrayContaining(outcomes));
  });
});

const huge = step(
  { name: "huge", runtime: "isolated", tags: ["huge"], input: z.object({ n: z.number() }), output: z.number(), retry: { maxRetries: 2 } },
  async ({ n }) => n,
);
const hugeOne = pipeline({ name: "huge_one" }, async () => huge({ n: 1 }));
const hugeMap = pipeline({ name: "huge_map" }, async () => huge.map({ n: [1, 2, 3] }));
const hugeLanes = pipeline({ name: "huge_lanes" }, async () => huge.map({ n: [1, 2, 3] }, { maxConcurrency: 1 }));

/** How a run ends, and how often anything of it was launched. */
async function endOf(pipe: { readonly name: string }) {
  await turns.start(pipe);
  await turns.takeAll();
  const { ended } = await turns.record();
  const launches = (await turns.events()).filter((event) => event.t === "launched").length;
  return { status: ended?.status, code: ended?.error?.code, launches };
}

describe("a step whose task is too large to be told to anybody", () => {
  test.each([
    ["by itself", hugeOne],
    ["as the items of a map", hugeMap],
    ["as those of a map in lanes", hugeLanes],
  ])("has failed with that, %s, and is not tried again", async (_, pipe) => {
    expect(await endOf(pipe)).toEqual({ status: "failed", code: "task_too_large", launches: 1 });
  });

  test("has failed where the turn has died that was to launch it", async () => {
    await turns.start(hugeOne);
    const { ports, die } = turns.mortalPorts();
    const state = instead<StateStore>(ports.state, {
      append: async (run, entry) => {
        const appended = await ports.state.append(run, entry);
        die();
        return appended;
      },
    });
    void takeTurn(turns.next(), { ...ports, state }, turns.invocation(), turns.environment());
    await turns.settle();
    await turns.take({ wake: turns.wakeOf("crash") });
    expect((await turns.record()).ended).toMatchObject({ status: "failed", error: { code: "task_too_large" } });
  });
});

const left = step({ name: "left", runtime: "isolated", tags: ["gone"], output: z.number(), retry: { maxRetries: 2 } }, async () => 1);
const leftAlone = pipeline({ name: "left_alone" }, async () => left());
const begins = step({ name: "begins", runtime: "isolated", output: z.number() }, async () => 1);
const crashing = pipeline({ name: "crashing" }, async () => begins());

describe("a step whose place is gone for good", () => {
  test("has failed with that, and is not tried again", async () => {
    expect(await endOf(leftAlone)).toEqual({ status: "failed", code: "code_version_gone", launches: 1 });
  });

  test("is not launched any more by the turn that ends a run whose turns have crashed", async () => {
    await turns.start(crashing);
    await turns.take();
    turns.launches.length = 0;
    for (const dead of ["a", "b", "c"]) await turns.take({ wake: turns.wakeOf("crash", { dead }) });
    expect((await turns.record()).ended).toMatchObject({ status: "failed", error: { code: "turn_crashed" } });
    expect(turns.launches.map(({ task }) => task.key.attempt)).toEqual([1, 1]);
  });

  test.each(["sweep", "outcome", "continue"] as const)("that turn is whatever comes next: %s", async (reason) => {
    const state = new MemoryStateStore();
    let dies = false;
    const append: StateStore["append"] = (run, entry) => (dies ? Promise.reject(new Error("no")) : state.append(run, entry));
    turns = new Turns({ operator, state: instead<StateStore>(state, { append }) });
    await turns.start(crashing);
    await turns.take();
    dies = true;
    for (const dead of ["a", "b", "c"])
      await turns.take({ wake: turns.wakeOf("crash", { dead }) }).catch((error: unknown) => expect(error).toMatchObject({ message: "no" }));
    dies = false;
    await turns.take({ wake: turns.wakeOf(reason) });
    expect((await turns.record()).ended?.error?.code).toBe("turn_crashed");
  });

  test("does not make the run's record grow with each crash of the turn that is to end it", async () => {
    const state = new MemoryStateStore();
    let dies = false;
    const append: StateStore["append"] = (run, entry) => (dies ? Promise.reject(new Error("no")) : state.append(run, entry));
    turns = new Turns({ operator, state: instead<StateStore>(state, { append }) });
    await turns.start(crashing);
    await turns.take();
    dies = true;
    for (const dead of ["a", "b", "c", "d", "e"])
      await turns.take({ wake: turns.wakeOf("crash", { dead }) }).catch((error: unknown) => expect(error).toMatchObject({ message: "no" }));
    expect((await turns.record()).crashes?.invocations).toEqual(["a", "b", "c"]);
    dies = false;
    await turns.take({ wake: turns.wakeOf("crash", { dead: "f" }) });
    expect((await turns.record()).ended?.error?.code).toBe("turn_crashed");
  });
});

const failing = step(
  { name: "failing", runtime: "isolated", input: z.object({ n: z.number() }), output: z.number(), retry: { maxRetries: 2, delay: "1s" } },
  ({ n }) => {
    throw new RangeError(`not ${n}`);
  },
);
const failingMap = pipeline({ name: "failing_map" }, async () => failing.map({ n: [1, 2, 3] }));
const failingLanes = pipeline({ name: "failing_lanes" }, async () => failing.map({ n: [1, 2, 3] }, { maxConcurrency: 1 }));

describe.each([
  ["a map", failingMap],
  ["a map in lanes", failingLanes],
])("items of %s whose place is gone when they are to be tried again", (_, pipe) => {
  let isGone: boolean;
  beforeEach(async () => {
    isGone = true;
    const launch: TurnPorts["operator"]["launch"] = async (task, delayMs = 0) => {
      if (isGone && task.key.attempt > 1) throw new SkeinError("code_version_gone", `the function of ${task.key.id} is gone`);
      turns.launches.push({ task, delayMs });
    };
    turns = new Turns({ operator: { ...operator, launch } });
    await turns.start(pipe);
    await turns.take();
  });

  async function runAll(): Promise<void> {
    while (turns.launches.length > 0) await turns.runStep();
    await turns.takeAll();
  }

  const failed = { status: "failed", error: { code: "code_version_gone", errors: [{ step: "failing[1]" }, { step: "failing[2]" }] } };

  test("have failed with that, and the map ends", async () => {
    await runAll();
    expect((await turns.record()).ended).toMatchObject(failed);
  });

  test("have failed with that also where the next attempt was lost on its way", async () => {
    isGone = false;
    await turns.runStep();
    const lost = turns.launches.findIndex(({ task }) => task.key.attempt === 2);
    expect(turns.launches.splice(lost, 1)).toMatchObject([{ task: { key: { id: "failing[0]", attempt: 2 } }, delayMs: 1_000 }]);
    isGone = true;
    await runAll();
    expect((await turns.record()).ended).toBeUndefined();
    await turns.clock.advance(600_000);
    await turns.take({ wake: turns.wakeOf("sweep") });
    await runAll();
    expect((await turns.record()).ended).toMatchObject(failed);
  });
});
