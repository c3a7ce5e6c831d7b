import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineFolder } from "../../src/adapters/local/engine-folder.ts";
import { FileArtifactStore } from "../../src/adapters/local/file-artifact-store.ts";
import { Liveness } from "../../src/adapters/local/liveness.ts";
import { LogFile } from "../../src/adapters/local/log-file.ts";
import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import { called, completed, failed, launched, mapped, outcome, runId, start, WrittenRun, type Stores } from "../observe/written-run.ts";
import { artifactList, logLine, problem, runDetail, runPage } from "./resource-schemas.ts";
import { Place, Skein, skein, skeinJson } from "./skein.ts";

const [oldest, newest] = ["run_0000000001aaaa", "run_0000000002bbbb"] as const;
let place: Place;
let live: WrittenRun;
let liveness: Liveness;

/** What an engine would have left: a failed run, and one that still goes on. */
beforeAll(async () => {
  place = new Place();
  const folder = engineFolder(place.dir);
  const stores: Stores = {
    state: new SqliteStateStore({ path: folder.state }),
    artifacts: FileArtifactStore.open(folder.artifacts),
    logs: new LogFile(folder.logs),
  };
  await failedRun(stores);
  live = await WrittenRun.create({ id: runId(newest), createdAt: start + 60_000, pipeline: "flight_delays" }, stores);
  liveness = new Liveness(place.dir);
  await liveness.announce(live.id, () => {});
  await live.entry(called("load"), launched("load"), { t: "logged", level: "info", message: "begin", at: start });
});

afterAll(async () => {
  await liveness.close();
  await live.state.close();
  place[Symbol.dispose]();
});

async function failedRun(stores: Stores) {
  const run = await WrittenRun.create({ tags: ["nightly"] }, stores);
  await run.entry(
    called("load", { city: "Seattle" }),
    launched("load"),
    outcome("load", completed({ output: run.ref("load", "output", { bytes: 13_500_000 }) })),
    mapped("fit", { degree: [1, 2, 3] }),
    launched("fit", { items: 3 }),
  );
  await run.items(
    { id: "fit", items: 3, width: 500 },
    { 0: completed({ output: run.ref("fit[0]") }), 1: failed("singular matrix\nin row 3"), 2: completed({ output: run.ref("fit[2]") }) },
  );
  await run.entry(outcome("fit", failed("singular matrix"), { counts: { completed: 2, failed: 1 } }));
  run.logs.write([
    { run: run.id, step: "load", attempt: 1, at: start + 10, level: "info", message: "loading", fields: { rows: 3 } },
    { run: run.id, step: "fit[1]", attempt: 1, at: start + 20, level: "error", message: "singular" },
  ]);
  await run.logs.flush();
  await run.finish("failed", { error: { name: "Error", message: "singular matrix" } });
}

describe("skein runs", () => {
  it("lists runs, newest first", async () => {
    const { code, stdout } = await skein(place, ["runs"]);
    expect(code).toBe(0);
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 4))).toMatchObject([
      ["RUN", "PIPELINE", "STATUS", "STEPS"],
      [newest, "flight_delays", "running", "0/1"],
      [oldest, "forecast", "failed", "4"],
      [""],
    ]);
  });

  it("answers resources with --json, filtered and paged", async () => {
    const first = await skeinJson(place, ["runs", "--limit", "1"]);
    const { runs, cursor } = runPage.parse(first.json);
    expect(runs.map((run) => run.id)).toEqual([newest]);
    const second = runPage.parse((await skeinJson(place, ["runs", "--cursor", cursor!])).json);
    expect(second.runs.map((run) => run.id)).toEqual([oldest]);
    const of = async (...filter: string[]) => runPage.parse((await skeinJson(place, ["runs", ...filter])).json).runs.map((run) => run.id);
    expect([await of("--status", "live"), await of("--pipeline", "forecast"), await of("--status", "completed")]).toEqual([
      [newest],
      [oldest],
      [],
    ]);
  });

  it("says what to do where no run was started yet", async () => {
    using empty = new Place();
    expect(await skein(empty, ["runs"])).toEqual({ code: 0, stdout: "No runs yet. Start one with skein run <pipeline>\n", stderr: "" });
    expect(await skeinJson(empty, ["runs"])).toEqual({ code: 0, json: { runs: [] } });
  });
});

describe("skein show", () => {
  it("tells what happened, what failed and where to read more", async () => {
    const { code, stdout } = await skein(place, ["show", oldest]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^run_0000000001aaaa {2}forecast \(dynamic\) {2}failed in /);
    expect(stdout).toMatch(/fit +failed .* 3 items: 2 completed, 1 failed/);
    expect(stdout).toMatch(/fit\[1\]: Error: singular matrix\n +skein logs run_0000000001aaaa --step 'fit\[1\]'/);
    expect(stdout).not.toMatch(/fit\[0\]/);
    expect((await skein(place, ["show", oldest, "--items"])).stdout).toMatch(/\n {2}fit\[0\] +completed/);
  });

  it.each([oldest, newest])("answers the detail of %s with --json", async (id) => {
    const { code, json } = await skeinJson(place, ["show", id]);
    expect(code).toBe(0);
    expect(runDetail.parse(json).run.id).toBe(id);
  });

  it("finds a run by the beginning of its id, and the latest", async () => {
    const of = async (name: string) => runDetail.parse((await skeinJson(place, ["show", name])).json).run.id;
    expect([await of("run_0000000001"), await of("latest")]).toEqual([oldest, newest]);
  });

  it.each(["run_9", "run_", "forecast", "../x"])("refuses %s, and says what there is", async (name) => {
    const { code, json } = await skeinJson(place, ["show", name]);
    expect(code).toBe(2);
    expect(problem.parse(json).error).toMatchObject({ code: "unknown_run" });
    expect((await skein(place, ["show", name])).stderr).toMatch(/^error unknown_run: /);
  });
});

describe("skein logs", () => {
  it("prints lines, of all or of one step", async () => {
    const all = await skein(place, ["logs", oldest]);
    expect(all.stdout).toMatch(/^\d\d:\d\d:\d\d\.010 info {2}load loading \{"rows":3\}\n.* error fit\[1\] singular\n$/);
    expect((await skein(place, ["logs", oldest, "--step", "fit"])).stdout.split("\n")).toHaveLength(2);
  });

  it("prints a line of JSON each with --json", async () => {
    const { stdout } = await skein(place, ["logs", oldest, "--json"]);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => logLine.parse(JSON.parse(line)).message),
    ).toEqual(["loading", "singular"]);
  });

  it("follows a run until it ends", async () => {
    const following = Skein.start(place, ["logs", "latest", "-f"]);
    await following.output(/pipeline begin/);
    live.logs.write([{ run: live.id, step: "load", attempt: 1, at: start + 50, level: "info", message: "half way" }]);
    await live.logs.flush();
    await following.output(/load half way/);
    live.logs.write([{ run: live.id, step: "load", attempt: 1, at: start + 60, level: "info", message: "last word" }]);
    await live.logs.flush();
    await live.entry(outcome("load", completed()));
    await live.finish("completed");
    expect(await following.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/last word\n$/) });
  });

  it("of a step that the run has not: an error that names near ones", async () => {
    const { code, json } = await skeinJson(place, ["logs", oldest, "--step", "laod"]);
    expect(code).toBe(2);
    expect(problem.parse(json).error).toMatchObject({ code: "unknown_step", message: expect.stringContaining("load") });
  });
});

describe("skein artifacts", () => {
  it("lists what was stored, and where", async () => {
    const { code, stdout } = await skein(place, ["artifacts", oldest]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/load +output +application\/json +13\.5 MB +file:\/\/.*\/artifacts\//);
    expect(stdout).not.toMatch(/fit\[0\]/);
    expect((await skein(place, ["artifacts", oldest, "--items"])).stdout).toMatch(/fit\[0\]/);
  });

  it("answers all of them with --json", async () => {
    const { json } = await skeinJson(place, ["artifacts", oldest]);
    expect(artifactList.parse(json).artifacts.map((one) => one.producedBy.step)).toEqual(["load", "fit[0]", "fit[2]"]);
  });
});
