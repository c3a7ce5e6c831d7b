import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { deploy } from "../../infra/emulator/cdk.ts";
import { deployed, deploymentName, type Deployed } from "./deployed.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { versionsRun } from "./function-log.ts";
import { testApp } from "./test-app.ts";

/** What the outputs of `versioned` are when all of it ran as this version. */
const all = (version: string) => ({ first: version, waited: version, apart: version, here: version });

describe.skipIf(endpoint === undefined)(`a deployment while a run waits${skipNote}`, () => {
  let versions: Deployed;
  let name: string;
  beforeAll(() => {
    [versions, name] = [deployed("Versions"), deploymentName()];
  });

  test("leaves the run its old code, and a new run gets the new code", async () => {
    const { api, state } = versions;
    const began = Date.now();
    const gate = `gates/${randomUUID()}`;
    const [old, orphan] = await Promise.all([
      api.start("versioned", { url: await state.address(gate) }),
      api.start("tick", { from: "test" }),
    ]);
    await api.ended(orphan.id);

    await deploy(testApp(name, "2"), [`${name}Versions`]);
    expect(["running", "pending"]).toContain((await api.run(old.id)).status);
    const young = await api.start("versioned", { url: await state.address(gate) });
    await state.write(gate, "open");

    const [oldEnd, youngEnd] = await Promise.all([api.ended(old.id), api.ended(young.id)]);
    expect([oldEnd.status, youngEnd.status]).toEqual(["completed", "completed"]);
    expect(await api.values(old.id)).toEqual(all("1"));
    expect(await api.values(young.id)).toEqual(all("2"));
    expect(youngEnd.codeVersion).not.toBe(oldEnd.codeVersion);
    expect(await versionsRun(versions.functions.orchestrator, began)).toEqual(new Set([oldEnd.codeVersion, youngEnd.codeVersion]));
  }, 180_000);

  test("leaves a schedule that starts runs, now with the new code", async () => {
    const { api } = versions;
    const ticked = async () => {
      const { runs } = await api.runs("pipeline=tick&limit=100");
      return runs.find(({ params, status }) => (params as { from: string }).from === "schedule" && status === "completed");
    };
    await expect.poll(ticked, { timeout: 75_000, interval: 1_000 }).toBeDefined();
    const newest = (await ticked())!;
    expect(["1", "2"]).toContain((await api.values<{ output: string }>(newest.id)).output);
  }, 90_000);
});
