import { beforeAll, describe, test } from "vitest";
import { deployed, type Deployed } from "./deployed.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { invocationsOf } from "./function-log.ts";

describe.skipIf(endpoint === undefined).concurrent(`a run${skipNote}`, () => {
  let main: Deployed;
  beforeAll(() => {
    main = deployed("Main");
  });

  test("that is stopped tells the step that runs, starts nothing more and ends", async ({ expect }) => {
    const { api } = main;
    const { id } = await api.start("stoppable");
    const attempts = async () => (await api.steps(id)).flatMap((step) => step.attempts.map(({ status }) => status));
    await expect.poll(attempts, { timeout: 30_000, interval: 500 }).toEqual(["running"]);
    const answer = await api.stop(id, "the tide is out");
    expect(answer.status).toBe(202);
    const run = await api.ended(id, 90_000, 1_000);
    expect(run.status).toBe("stopped");
    const steps = await api.steps(id);
    expect(steps.map(({ id, status, reason }) => ({ id, status, reason }))).toEqual([
      { id: "patient", status: "stopped", reason: expect.stringContaining("the tide is out") },
    ]);
    expect((await api.logs(id, "patient")).map(({ message }) => message)).toEqual(["begun", "asked to stop"]);
    expect((await api.stop(id, "again")).status).toBe(409);
  }, 150_000);

  test("whose step failed tries it again after its delay, and nobody waits for that", async ({ expect }) => {
    const { api, functions } = main;
    const run = await api.completed("delayed");
    const [step] = await api.steps(run.id);
    const [first, second] = step?.attempts ?? [];
    expect([first?.status, second?.status]).toEqual(["failed", "completed"]);
    const pausedMs = Date.parse(second?.startedAt ?? "") - Date.parse(first?.endedAt ?? "");
    expect(pausedMs).toBeGreaterThanOrEqual(2_000);
    // It came through the queue.
    const relayed = await invocationsOf(functions.relay, Date.parse(first?.endedAt ?? ""));
    expect(relayed.some(({ began }) => began <= Date.parse(second?.startedAt ?? "") + 50)).toBe(true);
  }, 60_000);

  test("whose step was executed before takes its outcome, and writes nothing of it", async ({ expect }) => {
    const { api } = main;
    const params = { word: `ebb ${Date.now()}`, times: 500 };
    const first = await api.completed("spelled", params);
    const second = await api.completed("spelled", params);
    const spell = (await api.steps(second.id)).find(({ step }) => step === "spell");
    expect(spell).toMatchObject({ status: "cached", cachedFrom: { run: first.id, step: "spell" }, attempts: [] });
    expect(await main.state.attempts(second.id)).toEqual([]);
    expect(await api.values(second.id)).toEqual(await api.values(first.id));
    expect(second.outputs["words"]).toMatchObject({
      uri: first.outputs["words"] && "uri" in first.outputs["words"] ? first.outputs["words"].uri : "",
    });
  }, 60_000);

  test("that waits for a signal and for a time goes on after both", async ({ expect }) => {
    const { api } = main;
    const { id } = await api.start("signalled");
    await expect.poll(async () => (await api.run(id)).waits, { timeout: 30_000, interval: 500 }).toMatchObject([{ name: "word" }]);
    const sent = Date.now();
    const { status } = await api.send("POST", `/runs/${id}/signals/word`, { body: { value: "flood" } });
    expect(status).toBe(202);
    const run = await api.ended(id);
    expect(await api.values(id)).toEqual({ output: "flood" });
    expect(Date.parse(run.endedAt ?? "") - sent).toBeGreaterThanOrEqual(1_000);
  }, 60_000);
});
