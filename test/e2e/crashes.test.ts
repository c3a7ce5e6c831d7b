import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { deployed, type Deployed } from "./deployed.ts";
import { endpoint, skipNote } from "./emulator.ts";

describe.skipIf(endpoint === undefined)(`deaths${skipNote}`, () => {
  let main: Deployed;
  beforeAll(() => {
    main = deployed("Main");
  });

  test("of isolated steps reach the pipeline function, each with its reason", async () => {
    const run = await main.api.completed("crashes", {}, 90_000);
    const { output } = await main.api.values<{ output: readonly { step: string }[] }>(run.id);
    const byStep = Object.fromEntries(output.map(({ step, ...how }) => [step, how]));
    expect(byStep).toEqual({
      throws: { name: "TideError", message: "the gauge is dry", cause: "RangeError: -3 m" },
      exits: expect.objectContaining({ code: "step_process_died" }),
      exhausts: expect.objectContaining({ code: "step_out_of_memory" }),
      overruns: expect.objectContaining({ code: "step_timeout" }),
      spins: expect.objectContaining({ code: "step_timeout" }),
    });
    const rows = await main.state.attempts(run.id);
    expect(rows.map(({ sort, row }) => [sort, row.status])).toEqual(
      ["exhausts", "exits", "overruns", "spins", "throws"].map((step) => [`S#${step}#00001`, "ended"]),
    );
  }, 120_000);

  test("of the orchestrator cost a run nothing but the step that killed it", async () => {
    const mark = `marks/${randomUUID()}`;
    const params = { mark: { get: await main.state.address(mark), put: await main.state.address(mark, "put") } };
    const run = await main.api.completed("orchestrator_dies", params, 90_000);
    const values = await main.api.values<{ killed: string; after: number; failures: readonly unknown[] }>(run.id);
    expect(values).toEqual({
      killed: "lives on",
      after: 2,
      failures: [expect.objectContaining({ step: "kills_once", code: "step_interrupted" })],
    });
    const attempts = Object.fromEntries((await main.api.steps(run.id)).map(({ id, attempts }) => [id, attempts.length]));
    expect(attempts).toMatchObject({ add_one: 1, add_one_2: 1, kills_once: 1 });
  }, 120_000);

  test("of every orchestrator end the run", async () => {
    const { id } = await main.api.start("killer");
    const run = await main.api.ended(id, 90_000);
    expect(run.status).toBe("failed");
    expect(run.error?.code).toBe("turn_crashed");
  }, 120_000);
});
