import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { engineFolder } from "../../src/adapters/local/engine-folder.ts";
import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import { logLine, problem, runDetail, runReport } from "./resource-schemas.ts";
import { hasScript, Place, Skein, skein, skeinJson } from "./skein.ts";

const env = { SKEIN_CATALOGUE: fileURLToPath(new URL("./fixtures/pipelines.ts", import.meta.url)) };
const approval = ["signal", "latest", "approval", "--value", '{"amount": 7}'];

async function show(place: Place) {
  return runDetail.parse((await skeinJson(place, ["show", "latest"])).json);
}

/** A process in the background, whose run waits. */
async function payingRun(place: Place) {
  const running = Skein.start(place, ["run", "pay", "--json"], { env });
  await vi.waitFor(async () => expect((await show(place)).run.waits).toMatchObject([{ name: "approval" }]), {
    timeout: 30_000,
    interval: 50,
  });
  return running;
}

/** Lines that the run's function logged. */
async function said(place: Place) {
  const { stdout } = await skein(place, ["logs", "latest", "--json"]);
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [logLine.parse(JSON.parse(line)).message]));
}

describe("a run that waits", () => {
  it("is shown with what it waits for, and the command that answers", async () => {
    using place = new Place();
    const running = Skein.start(place, ["run", "pay"], { env });
    await running.output(/\nwaiting {3}approval: Pay how much\?\n/);
    expect((await skein(place, ["show", "latest", "--dir", place.dir])).stdout).toMatch(
      /\nWaits for\n {2}approval {2}for [^,]* now\n {4}Pay how much\?\n {4}skein signal run_\w+ approval --value '…' --dir \S+\n$/,
    );
    await skein(place, approval);
    await running.output(/\nwaiting {3}go \((?:2 h 00 m|1 h 59 m) left\)\n/);
    expect((await skein(place, ["show", "latest"])).stdout).toMatch(
      /\n {2}go {2}for .* now, until \d{4}-.*Z\n {4}skein signal run_\w+ go --value/,
    );
    await skein(place, ["signal", "latest", "go"]);
    expect(await running.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/\ncompleted booked /) });
    expect((await skein(place, ["show", "latest"])).stdout).not.toContain("Waits for");
  });

  it.skipIf(!hasScript)("is drawn on a terminal with what it waits for (needs script of util-linux)", async () => {
    using place = new Place();
    const running = Skein.onTerminal(place, ["run", "pay"], env);
    await running.output(/waiting for approval: Pay how much\?/);
    await skein(place, approval);
    await running.output(/waiting for go \([12] h/);
    await skein(place, ["signal", "latest", "go"]);
    expect((await running.ended).code).toBe(0);
  });

  it("goes on in its process when another one signals it", async () => {
    using place = new Place();
    const running = await payingRun(place);
    const first = await skein(place, approval);
    expect(first).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^Run run_\w+ was sent the signal "approval"\. skein show run_\w+ tells what it does now\.\n$/),
      stderr: "",
    });
    expect(await skeinJson(place, ["signal", "latest", "go"])).toMatchObject({ code: 0, json: { run: { pipeline: "pay" } } });
    const { code, stdout } = await running.ended;
    expect([code, runReport.parse(JSON.parse(stdout)).values]).toEqual([0, { output: 14 }]);
  });

  it("takes its value from a file or the standard input, and says why it takes none", async () => {
    using place = new Place();
    const running = await payingRun(place);
    writeFileSync(join(place.folder, "v.json"), '{"amount": "7"}');
    await skein(place, ["signal", "latest", "approval", "--value-file", "v.json"]);
    await vi.waitFor(async () => expect(await said(place)).toEqual([expect.stringMatching(/was refused.*amount: .*number/)]), {
      timeout: 10_000,
    });
    await skein(place, ["signal", "latest", "approval", "--value-file", "-"], { input: '{"amount": 8}' });
    await skein(place, ["signal", "latest", "go"]);
    const { stdout } = await running.ended;
    expect(runReport.parse(JSON.parse(stdout)).values).toEqual({ output: 16 });
  });

  it("is told once of a signal of one id, and of none after its end", async () => {
    using place = new Place();
    const running = await payingRun(place);
    await skein(place, ["signal", "latest", "go", "--id", "one"]);
    await skein(place, ["signal", "latest", "go", "--id", "one"]);
    await skein(place, [...approval, "--id", "one"]);
    expect((await running.ended).code).toBe(0);
    expect(await skein(place, [...approval, "--id", "one"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("It has ended (completed)"),
    });
    const late = await skeinJson(place, approval);
    expect([late.code, problem.parse(late.json).error.code]).toEqual([2, "run_has_ended"]);
  });

  it("hears of it with its resume, if its process has died", async () => {
    using place = new Place();
    const running = await payingRun(place);
    running.child.kill("SIGKILL");
    await running.dead;
    const { code, stdout } = await skein(place, approval);
    expect(code).toBe(0);
    expect(stdout).toMatch(/No process works on it any more: it hears that when skein resume run_\w+ goes on with it\.\n$/);
    await skein(place, ["signal", "latest", "go"]);
    const resumed = await skeinJson(place, ["resume", "latest"], { env });
    expect(runReport.parse(resumed.json).values).toEqual({ output: 14 });
  });
});

describe("a signal that is wrong", () => {
  let place: Place;
  let running: Skein;
  beforeAll(async () => {
    place = new Place();
    running = await payingRun(place);
  }, 60_000);
  afterAll(async () => {
    running.child.kill("SIGKILL");
    await running.dead;
    place[Symbol.dispose]();
  });

  it.each([
    ["a value that is no JSON", ["signal", "latest", "approval", "--value", "yes"], "bad_option", `'"yes"'`],
    ["two values", [...approval, "--value-file", "v.json"], "bad_option", "not both"],
    ["a file that is not there", ["signal", "latest", "approval", "--value-file", "nope.json"], "bad_option", "nope.json"],
    ["a name that is none", ["signal", "latest", "go-on"], "bad_option", '"go-on"'],
    ["an id that is none", ["signal", "latest", "go", "--id", "a b"], "bad_option", '"a b"'],
    ["a run that is not there", ["signal", "run_0000000001aaaa", "go"], "unknown_run", "run_0000000001aaaa"],
    ["no name", ["signal", "latest"], "bad_option", "'name'"],
  ])("by %s is told to nobody", async (_, args, code, hint) => {
    const answer = await skeinJson(place, args);
    expect(answer.code).toBe(2);
    expect(problem.parse(answer.json).error).toMatchObject({ code, message: expect.stringContaining(hint) });
    const state = new SqliteStateStore({ path: engineFolder(place.dir).state, readOnly: true });
    const [run] = (await state.listRuns({})).items;
    expect(await state.readTail(run!.id, -1)).not.toHaveProperty("signals");
    await state.close();
  });
});

it("there is nobody to tell where no run was started", async () => {
  using empty = new Place();
  const { code, json } = await skeinJson(empty, approval);
  expect([code, problem.parse(json).error.code]).toEqual([2, "unknown_run"]);
});
