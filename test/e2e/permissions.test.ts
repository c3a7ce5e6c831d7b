import { beforeAll, describe, expect, test } from "vitest";
import { commandActions } from "../infra/command-actions.ts";
import { skeinTemplate, statementsOf } from "../infra/skein-template.ts";
import { deployed, type Deployed } from "./deployed.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { requestsOf } from "./function-log.ts";
import { invokeFunction } from "./functions.ts";

/** The emulator lets everybody do everything. Vitest has short files run after long ones: what the functions did there counts too. */
describe.skipIf(endpoint === undefined)(`the roles of functions${skipNote}`, () => {
  const template = skeinTemplate();
  const stacks: Deployed[] = [];
  beforeAll(() => void stacks.push(deployed("Main"), deployed("Versions"), deployed("Baton")));

  test("allow all that the functions ask AWS for", async () => {
    const [main] = stacks;
    const run = await main!.api.completed("delayed");
    await main!.api.logs(run.id);
    await main!.api.completed("spelled", { word: `tide ${Date.now()}`, times: 500 });
    await invokeFunction(main!.functions.sweeper, { cleans: true });

    const ofAll = (what: (functions: Deployed["functions"]) => readonly string[]) => stacks.flatMap(({ functions }) => what(functions));
    const names = {
      Orchestrator: ofAll(({ orchestrator }) => [orchestrator]),
      Operatorssmall: ofAll(({ operators }) => operators),
      Relay: ofAll(({ relay }) => [relay]),
      Sweeper: ofAll(({ sweeper }) => [sweeper]),
      Api: ofAll(({ api }) => [api]),
    };
    for (const [construct, functions] of Object.entries(names)) {
      const allowed = new Set(statementsOf(template, construct).flatMap(({ Action }) => Action));
      const asked = new Set((await Promise.all(functions.map(requestsOf))).flatMap((requests) => [...requests]));
      expect(asked.size, `requests of ${construct}`).toBeGreaterThan(0);
      const refused = [...asked].filter(
        (request) => !(commandActions[request.split(".")[1] ?? ""] ?? [request]).every((one) => allowed.has(one)),
      );
      expect(refused, `what ${construct} would be refused`).toEqual([]);
    }
  }, 90_000);
});
