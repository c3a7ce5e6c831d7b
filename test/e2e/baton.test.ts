import { beforeAll, describe, expect, test } from "vitest";
import { Api } from "./api.ts";
import { apiKey } from "./api-key.ts";
import { deployed, type Deployed } from "./deployed.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { invocationsOf } from "./function-log.ts";

const steps = 12;

describe.skipIf(endpoint === undefined)(`a deployment with an API key and the baton${skipNote}`, () => {
  let baton: Deployed;
  let api: Api;
  beforeAll(async () => {
    baton = deployed("Baton");
    api = new Api(baton.api.url, { "x-api-key": await apiKey(baton.apiKeyId ?? "") });
  });

  test.each([
    ["without a key", {}],
    ["with a key that is none", { "x-api-key": "0123456789abcdefghijABCDEFGHIJ0123456789" }],
  ])("refuses requests %s, and starts nothing", async (_, headers) => {
    const before = await baton.state.countRuns();
    const params = { steps: 1, inlineEvery: 2, ms: 0 };
    const answers = [
      await baton.api.send("GET", "/runs", { headers }),
      await baton.api.send("GET", "/nowhere", { headers }),
      await baton.api.send("POST", "/pipelines/long_sum/runs", { body: { params }, headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(await baton.state.countRuns()).toBe(before);
  });

  test("has step operators take the turns of a chain: the orchestrator is hardly needed", async () => {
    const began = Date.now();
    const run = await api.completed("long_sum", { steps, inlineEvery: 2 * steps, ms: 0 });
    expect(await api.values(run.id)).toEqual({ output: (steps * (steps + 1)) / 2 });
    expect(run.steps).toEqual({ completed: steps + 1 });
    for (const { id, attempts } of await api.steps(run.id)) expect(attempts, `attempts of ${id}`).toHaveLength(1);

    const { orchestrator, operators } = baton.functions;
    const invocations = async (name: string) => (await invocationsOf(name, began)).length;
    // One for each step, and each one's turn in the same.
    expect((await Promise.all(operators.map(invocations))).reduce((sum, count) => sum + count, 0)).toBe(steps);
    expect(run.turns).toBeGreaterThanOrEqual(steps);
    expect(await invocations(orchestrator)).toBeLessThan(steps / 4);
  }, 90_000);
});
