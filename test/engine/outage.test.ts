import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import type { TurnPorts } from "../../src/engine/ports.ts";
import { noteStepDeath } from "../../src/engine/step-death.ts";
import { costByOutage } from "../../src/execute/outage.ts";
import { pipeline, SkeinError, step } from "../../src/index.ts";
import type { Failure, Metadata } from "../../src/model/failure.ts";
import type { ArtifactStore } from "../../src/ports/artifact-store.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { Turns } from "./turns.ts";

const input = z.object({ n: z.number() });
const inline = step({ name: "inline", input, output: z.number() }, ({ n }) => n);
const isolated = step({ name: "isolated", runtime: "isolated", input, output: z.number() }, ({ n }) => n);
const once = isolated.with({ delivery: "at_most_once", retry: { maxRetries: 2 } });
const cached = step({ name: "cached", input, output: z.number(), cache: true }, ({ n }) => n);

const inlineOne = pipeline({ name: "inline_one" }, async () => inline({ n: 1 }));
const inlineMap = pipeline({ name: "inline_map" }, async () => inline.map({ n: [1, 2] }));
const isolatedOne = pipeline({ name: "isolated_one" }, async () => isolated({ n: 1 }));
const isolatedMap = pipeline({ name: "isolated_map" }, async () => isolated.map({ n: [1, 2] }));
const onceOne = pipeline({ name: "once_one" }, async () => once({ n: 1 }));
const loading = pipeline({ name: "loading" }, async () => {
  const output = await isolated({ n: 1 });
  await inline({ n: await output.load() });
});
const cachedOne = pipeline({ name: "cached_one" }, async () => cached({ n: 1 }));

let ports: Partial<TurnPorts>;
let turns: Turns;
let store: MemoryStateStore;
/** So many of the next requests find nobody. */
let puts: number;
let cacheWrites: number;
let gets: number;

let reason: Metadata;

function away(): SkeinError {
  return new SkeinError("store_unavailable", "nobody answers", { data: reason });
}

beforeEach(() => {
  [puts, cacheWrites, gets, reason] = [0, 0, 0, {}];
  store = new MemoryStateStore();
  const kept = new MemoryArtifactStore();
  const put: ArtifactStore["put"] = (key, content) => (puts-- > 0 ? Promise.reject(away()) : kept.put(key, content));
  const get: ArtifactStore["get"] = (key) => (gets-- > 0 ? Promise.reject(away()) : kept.get(key));
  const writeCache: StateStore["writeCache"] = (...args) => (cacheWrites-- > 0 ? Promise.reject(away()) : store.writeCache(...args));
  ports = {
    state: instead<StateStore>(store, { writeCache }),
    artifacts: instead<ArtifactStore>(kept, { put, get }),
    inlineValues: 0,
  };
  turns = new Turns({ ...ports, outlastsOutages: true });
});

describe("a store that is out of reach while a step's output is saved", () => {
  test.each([
    ["inline", inlineOne, 2],
    ["inline map", inlineMap, 3],
    ["isolated", isolatedOne, 2],
    ["isolated map", isolatedMap, 3],
  ])("costs an %s step attempts that do not count, and time", async (_, pipe, failures) => {
    const began = turns.clock.now();
    puts = failures;
    await turns.start(pipe);
    while (turns.wakes.length > 0 || turns.launches.length > 0) {
      await turns.takeAll();
      const launched = turns.launches.shift();
      if (launched === undefined) continue;
      await turns.clock.advance(launched.delayMs);
      await turns.runStep(launched);
    }
    expect((await turns.record()).ended?.status).toBe("completed");
    expect(turns.clock.now() - began).toBeGreaterThanOrEqual(10_000);
  });
});

test("a store that is out of reach for what a turn keeps of an inline step fails the turn, and the next one does it again", async () => {
  cacheWrites = 1;
  await turns.start(cachedOne);
  const turn = turns.begin();
  await expect(turn.end).rejects.toMatchObject({ code: "store_unavailable" });
  await turns.take({ wake: turns.wakeOf("continue", { dead: turn.invocation.id }) });
  expect((await turns.record()).ended?.status).toBe("completed");
});

describe("a store that is out of reach for what the pipeline function loads", () => {
  /** Stands where the next turn loads. */
  async function reach(): Promise<void> {
    await turns.start(loading);
    await turns.take();
    await turns.runStep();
    gets = 1;
  }

  test("fails the turn, and the next one loads it again", async () => {
    await reach();
    const wake = turns.next();
    await expect(turns.take({ wake })).rejects.toMatchObject({ code: "store_unavailable" });
    expect((await turns.events()).filter(({ t }) => t === "loaded")).toEqual([]);
    await turns.take({ wake });
    expect((await turns.record()).ended?.status).toBe("completed");
  });

  test.each([
    ["where stores do not come back by themselves", false, {}],
    ["where it refuses", true, { refused: true }],
  ])("fails the load %s", async (_, outlastsOutages, data) => {
    turns = new Turns({ ...ports, outlastsOutages });
    reason = data;
    await reach();
    await turns.takeAll();
    expect((await turns.record()).ended).toMatchObject({ status: "failed", error: { code: "store_unavailable" } });
  });
});

describe("the death of an isolated step's invocation", () => {
  const place = { kind: "function", requestId: "first" } as const;
  const outage: Failure = { name: "SkeinError", message: "DynamoDB does not answer", code: "step_lost", ...costByOutage(1) };
  const [claimed, died]: readonly Failure[] = [
    { name: "SkeinError", message: "it died", code: "step_interrupted" },
    { name: "SkeinError", message: "it died", code: "step_process_died" },
  ];
  const claim = { status: "running", nonce: "n", invocation: "n", startedAt: 1, until: Infinity, place } as const;

  async function launch(pipe: typeof isolatedOne) {
    await turns.start(pipe);
    await turns.take();
    const launched = turns.launches.shift();
    if (launched === undefined) throw new Error("nothing was launched");
    return launched.task;
  }

  test.each([isolatedOne, onceOne])("by an outage before its claim launches it again, after a while (%o)", async (pipe) => {
    const task = await launch(pipe);
    await noteStepDeath(task, { reason: outage, requestId: "first" }, turns.ports);
    expect(turns.launches).toEqual([{ task, delayMs: 5_000 }]);
    expect(await store.readAttempts([task.key])).toEqual([undefined]);
  });

  test("by an outage after its claim costs the attempt, which does not count", async () => {
    const task = await launch(isolatedOne);
    await store.claim(task.key, claim);
    await noteStepDeath(task, { reason: outage, requestId: "first" }, turns.ports);
    await turns.takeAll();
    await turns.runStep();
    await turns.takeAll();
    expect(await turns.outcomes()).toEqual(["isolated#1 step_lost", "isolated#2 completed"]);
  });

  test("leaves alone what another invocation has claimed", async () => {
    const task = await launch(isolatedOne);
    await store.claim(task.key, claim);
    for (const reason of [outage, died]) if (reason !== undefined) await noteStepDeath(task, { reason, requestId: "second" }, turns.ports);
    expect(await store.readAttempts([task.key])).toEqual([claim]);
    expect(turns.wakes.map(({ wake }) => wake.reason)).toEqual(["outcome", "outcome"]);
  });

  test("ends a claimed step that may run at most once for good, whatever its retries", async () => {
    const task = await launch(onceOne);
    await store.claim(task.key, claim);
    if (claimed !== undefined) await noteStepDeath(task, { reason: claimed, requestId: "first" }, turns.ports);
    await turns.takeAll();
    expect((await turns.record()).ended).toMatchObject({ status: "failed", error: { code: "step_interrupted" } });
  });

  test("that nobody tells of ends it for good, too, when its time is over", async () => {
    const task = await launch(onceOne);
    await store.claim(task.key, { ...claim, until: turns.clock.now() });
    await turns.clock.advance(60_000);
    await turns.take({ wake: turns.wakeOf("sweep") });
    expect((await turns.record()).ended).toMatchObject({ status: "failed", error: { code: "step_interrupted" } });
  });
});
