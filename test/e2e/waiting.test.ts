import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { deploy } from "../../infra/emulator/cdk.ts";
import { deployed, deploymentName, type Deployed } from "./deployed.ts";
import { emulatorLog, requestsTo } from "./emulator-log.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { invocationsOf, versionsRun } from "./function-log.ts";
import { invokeFunction, versionsOf } from "./functions.ts";
import { testApp } from "./test-app.ts";

/** What the outputs of `versioned` are when all of it ran as this version. */
const all = (version: string) => ({ first: version, waited: version, apart: version, here: version });

const idleMs = 30_000;
/** At the beginning and at the end of a step there is work. */
const edgeMs = 4_000;

/** In this order: what else the stacks do by the clock has ended when the last one looks at who does nothing. */
describe.skipIf(endpoint === undefined)(`while runs wait${skipNote}`, () => {
  /** The one with the times that a deployment has by default. */
  let versions: Deployed;
  let name: string;
  beforeAll(() => {
    [versions, name] = [deployed("Versions"), deploymentName()];
  });

  /** The sizes of the step operators in which steps of a run ran. */
  async function operatorsOf(run: string): Promise<readonly string[]> {
    const ranIn = (await versions.api.steps(run)).flatMap(({ attempts }) => attempts.map((attempt) => attempt.ranIn.functionName ?? ""));
    return [...new Set(ranIn.flatMap((name) => /Operators(first|second)/.exec(name)?.[1] ?? []))];
  }

  test("a schedule starts others", async () => {
    const { api } = versions;
    const ticks = async () => (await api.runs("pipeline=tick&limit=100")).runs.map(({ status, params }) => ({ status, params }));
    await expect.poll(ticks, { timeout: 90_000, interval: 1_000 }).toContainEqual({ status: "completed", params: { from: "schedule" } });
  }, 100_000);

  test("new code is deployed: they keep theirs, and new runs get the new one", async () => {
    const { api, state, functions } = versions;
    const began = Date.now();
    const gate = `gates/${randomUUID()}`;
    const old = await api.start("versioned", { url: await state.address(gate) });
    await expect.poll(async () => (await api.run(old.id)).steps, { timeout: 30_000 }).toEqual({ completed: 1, running: 1 });

    await deploy(testApp(name, "2"), [`${name}Versions`]);
    expect((await api.run(old.id)).status).toBe("running");
    await invokeFunction(functions.sweeper, { cleans: true });
    expect(await versionsOf(functions.orchestrator)).toContain(old.codeVersion);

    const young = await api.start("versioned", { url: await state.address(gate) });
    await state.write(gate, "open");
    const [oldEnd, youngEnd] = await Promise.all([api.ended(old.id), api.ended(young.id)]);
    expect([oldEnd.status, youngEnd.status]).toEqual(["completed", "completed"]);
    expect([await api.values(old.id), await api.values(young.id)]).toEqual([all("1"), all("2")]);
    expect(young.codeVersion).not.toBe(old.codeVersion);
    // The old one goes on in the step operator that new runs do not know any more.
    expect([await operatorsOf(old.id), await operatorsOf(young.id)]).toEqual([["first"], ["second"]]);
    expect(await versionsRun(functions.orchestrator, began)).toEqual(new Set([old.codeVersion, young.codeVersion]));

    // Nobody needs the old version any more.
    await invokeFunction(functions.sweeper, { cleans: true });
    const left = await versionsOf(functions.orchestrator);
    expect([left.includes(old.codeVersion), left.includes(young.codeVersion)]).toEqual([false, true]);
  }, 180_000);

  test("no turn is open, and nothing is asked of DynamoDB but what the sweepers ask", async ({ annotate }) => {
    const { orchestrator, operators, sweeper, relay, api } = versions.functions;
    const { id } = await versions.api.start("idle", { ms: idleMs });
    const steps = async () => (await versions.state.attempts(id)).map(({ row }) => row.status);
    const waits = async () => (await versions.state.journal(id)).at(-1)?.wait;
    await expect.poll(async () => [await steps(), await waits()], { timeout: 20_000 }).toEqual([["running"], true]);
    const from = Date.now() + edgeMs;
    // While the step lasts nothing else is asked here: what the emulator sees then is the product's own. The minute of the
    // sweeper's schedule may fall outside; a sweep in the middle shows that it finds nothing to wake.
    const half = idleMs / 2 - edgeMs;
    await pause(half);
    await invokeFunction(sweeper);
    await pause(half);
    const to = Date.now();
    expect(await steps()).toEqual(["running"]);
    expect(await waits()).toBe(true);
    expect((await versions.api.ended(id, 30_000)).status).toBe("completed");

    const during = async (name: string) =>
      (await invocationsOf(name, from - 120_000)).filter(({ began, ended }) => began < to && ended > from);
    for (const name of [orchestrator, relay, api]) expect(await during(name), `invocations of ${name}`).toEqual([]);
    const sweeps = (await during(sweeper)).length;
    expect(sweeps).toBeGreaterThanOrEqual(1);
    expect(sweeps).toBeLessThanOrEqual(2);
    expect((await Promise.all(operators.map(during))).flat()).toHaveLength(1);

    if (emulatorLog === undefined) {
      await annotate("EMULATOR_LOG is not set: the requests to DynamoDB were not counted");
      return;
    }
    const requests = (await requestsTo("dynamodb", from)).filter(({ at }) => at <= to).map(({ name }) => name);
    // One query each: of the sweep above, and of the scheduled ones of the stacks that may be there, three of these tests, those of the
    // demo and of the sample app.
    expect(requests.filter((name) => name !== "dynamodb.Query")).toEqual([]);
    expect(requests.length).toBeLessThanOrEqual(6);
  }, 90_000);
});
