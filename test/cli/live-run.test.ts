import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { problem, runDetail, runReport } from "./resource-schemas.ts";
import { Place, Skein, skein, skeinJson } from "./skein.ts";

const env = { SKEIN_CATALOGUE: fileURLToPath(new URL("./fixtures/pipelines.ts", import.meta.url)) };

describe("Ctrl-C before a run is shown", () => {
  it("stops it all the same", async () => {
    using place = new Place();
    const params = JSON.stringify({ file: join(place.folder, "go") });
    const { code, stdout, stderr } = await skein(place, ["run", "hasty", "--params", params], { env });
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(`${stdout}${stderr}`).toMatch(/Ctrl-C again leaves/);
    expect(runDetail.parse((await skeinJson(place, ["show", "latest"])).json).run.status).toBe("stopped");
  });
});

describe.each([false, true])("a run that goes on (isolated: %s)", (isolated) => {
  function gatedRun(place: Place, ...more: string[]) {
    const file = join(place.folder, "go");
    return {
      file,
      running: Skein.start(place, ["run", "gated", "--params", JSON.stringify({ file, isolated }), ...more], { env }),
      notes: () => readFileSync(`${file}.log`, "utf8").trim().split("\n"),
    };
  }

  async function show(place: Place) {
    return runDetail.parse((await skeinJson(place, ["show", "latest"])).json);
  }

  async function runningSecond(place: Place) {
    await vi.waitFor(
      async () => {
        const detail = await skeinJson(place, ["show", "latest"]);
        expect(detail.code).toBe(0);
        expect(runDetail.parse(detail.json).steps[1]?.status).toBe("running");
      },
      { timeout: 30_000, interval: 50 },
    );
  }

  it("is read by other processes, and followed to its end", async () => {
    using place = new Place();
    const { file, running } = gatedRun(place);
    await runningSecond(place);
    expect(await show(place)).toMatchObject({
      run: { status: "running", steps: { completed: 1, running: 1 } },
      steps: [{ status: "completed" }, { status: "running", attempts: [{ status: "running" }] }],
    });
    expect((await skein(place, ["runs"])).stdout).toMatch(/gated +running +1\/2/);
    const following = Skein.start(place, ["logs", "latest", "-f"]);
    await following.output(/waiting for second/);
    writeFileSync(file, "");
    expect((await following.ended).code).toBe(0);
    expect((await running.ended).code).toBe(0);
  });

  it("is stopped by another process, and ends with 1", async () => {
    using place = new Place();
    const { running } = gatedRun(place, "--json");
    await runningSecond(place);
    expect(await skein(place, ["stop", "latest", "--reason", "enough"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("asked to stop"),
    });
    const { code, stdout } = await running.ended;
    expect(code).toBe(1);
    expect(runReport.parse(JSON.parse(stdout)).run.status).toBe("stopped");
    const again = await skeinJson(place, ["stop", "latest"]);
    expect(again.code).toBe(2);
    expect(problem.parse(again.json).error.code).toBe("run_has_ended");
  });

  it("stops after Ctrl-C", async () => {
    using place = new Place();
    const { running } = gatedRun(place);
    await runningSecond(place);
    running.child.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/Ctrl-C again leaves/);
    expect((await show(place)).run.status).toBe("stopped");
  });

  it("is resumed after kill -9, and what had finished does not run again", async () => {
    using place = new Place();
    const { file, running, notes } = gatedRun(place);
    await runningSecond(place);
    running.child.kill("SIGKILL");
    await running.dead;
    expect((await skein(place, ["runs"])).stdout).toMatch(/gated +interrupted +1\/2(.|\n)*skein resume run_/);
    expect((await skein(place, ["show", "latest"])).stdout).toMatch(/skein resume run_.* goes on with it/);
    expect(await skein(place, ["logs", "latest", "-f"])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("No process works on it"),
    });
    writeFileSync(file, "");
    const { code, json } = await skeinJson(place, ["resume", "latest"], { env });
    expect(code).toBe(0);
    expect(runReport.parse(json).run).toMatchObject({ status: "completed", steps: { completed: 2 } });
    expect(notes().filter((note) => note === "first")).toHaveLength(1);
    expect((await skein(place, ["resume", "latest"], { env })).code).toBe(0);
  });

  it("is not resumed while it lives", async () => {
    using place = new Place();
    const { file, running } = gatedRun(place);
    await runningSecond(place);
    const { code, json } = await skeinJson(place, ["resume", "latest"], { env });
    expect(code).toBe(2);
    expect(problem.parse(json).error.code).toBe("run_is_live");
    writeFileSync(file, "");
    expect((await running.ended).code).toBe(0);
  });
});
