import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { deployed, type Deployed } from "./deployed.ts";
import { emulatorLog, requestsTo } from "./emulator-log.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { invocationsOf } from "./function-log.ts";

const stepMs = 30_000;
/** At the beginning and at the end of the step there is work. */
const edgeMs = 4_000;

describe.skipIf(endpoint === undefined)(`a run that waits${skipNote}`, () => {
  let main: Deployed;
  beforeAll(() => {
    main = deployed("Main");
  });

  test("has no open turn and asks for nothing", async ({ annotate }) => {
    const { id } = await main.api.start("idle", { ms: stepMs });
    const steps = async () => (await main.state.attempts(id)).map(({ row }) => row);
    await expect.poll(async () => (await steps()).map(({ status }) => status), { timeout: 20_000 }).toEqual(["running"]);
    const from = Date.now() + edgeMs;
    // While the step lasts nothing is asked here either: what the emulator sees then is the product's own.
    await pause(stepMs - 2 * edgeMs);
    const to = Date.now();
    expect((await steps()).map(({ status }) => status)).toEqual(["running"]);
    const journal = await main.state.journal(id);
    expect(journal.at(-1)?.wait).toBe(true);
    const run = await main.api.ended(id, 30_000);
    expect(run.status).toBe("completed");

    const { orchestrator, operators, sweeper, relay, api } = main.functions;
    const during = async (name: string) =>
      (await invocationsOf(name, from - 120_000)).filter(({ began, ended }) => began < to && ended > from);
    expect(await during(orchestrator)).toEqual([]);
    expect(await during(relay)).toEqual([]);
    expect(await during(api)).toEqual([]);
    expect((await during(sweeper)).length).toBeLessThanOrEqual(1);
    expect((await Promise.all(operators.map(during))).flat()).toHaveLength(1);

    if (emulatorLog === undefined) {
      await annotate("EMULATOR_LOG is not set: the requests to DynamoDB were not counted");
      return;
    }
    // Each of the two stacks has a sweeper; the limit is one query of each in any minute.
    const requests = (await requestsTo("dynamodb", from)).filter(({ at }) => at <= to);
    expect(requests.filter(({ name }) => name !== "dynamodb.Query")).toEqual([]);
    expect(requests.length).toBeLessThanOrEqual(2 * 4);
  }, 90_000);
});
