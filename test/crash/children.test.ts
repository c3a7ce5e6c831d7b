import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "../adapters/local/until.ts";
import { executions, expectOnce, finishedSteps, isCompleted } from "./executions.ts";
import { catalogues, Ground } from "./killable.ts";
import { detailOf } from "./picture.ts";

/** A ground where steps stand before a gate. */
class GatedGround extends Ground {
  readonly file = join(this.folder, "executions");
  readonly gate = join(this.folder, "gate");

  constructor() {
    super(catalogues.errands);
  }

  start(pipeline: string) {
    return this.cli(["run", pipeline, "--params", JSON.stringify({ file: this.file, gate: this.gate }), "--no-watch"]);
  }

  open(): void {
    writeFileSync(this.gate, "");
  }

  /** How often the named step has begun; waits for `least`, as long as the process is there that was started last. */
  async begun(name: string, least = 1): Promise<number> {
    return until(() => {
      const count = executions(this.file).get(name) ?? 0;
      if (count < least && this.last?.hasExited === true) throw new Error(`${name} begun ${count} times, then: ${this.last.output}`);
      return count >= least && count;
    }, `${name} to begin ${least} times`);
  }

  async resume() {
    const group = this.cli(["resume", "latest", "--no-watch"]);
    return { group, ...(await group.exit) };
  }
}

const pidOf = async (dir: string, id: string) => (await detailOf(dir)).steps.find((step) => step.id === id)?.attempts.at(-1)?.ranIn.pid;

describe("an orphan", () => {
  it("that is still at work when its run is resumed finishes and records, and the run takes its outcome", async () => {
    await using ground = new GatedGround();
    const parent = ground.start("held");
    await ground.begun("one");
    const orphan = await pidOf(ground.dir, "gated");
    await parent.kill();
    const resumed = ground.cli(["resume", "latest", "--no-watch"]);
    await until(() => resumed.output.includes("run run_"), "the resume to begin");
    expect((await detailOf(ground.dir)).steps.find(({ id }) => id === "gated")).toMatchObject({
      status: "running",
      attempts: [{ attempt: 1 }],
    });
    ground.open();
    expect((await resumed.exit).code).toBe(0);
    const { steps } = await expectOnce(ground.dir, new Map());
    expect(steps.find(({ id }) => id === "gated")?.attempts).toMatchObject([
      { status: "completed", ranIn: { kind: "process", pid: orphan } },
    ]);
    expect(Object.fromEntries(executions(ground.file))).toEqual({ one: 1, i: 1, j: 1, k: 1, after: 1 });
  });

  it("that finishes before its run is resumed has not worked for nothing", async () => {
    await using ground = new GatedGround();
    const parent = ground.start("held");
    await ground.begun("one");
    await parent.kill();
    ground.open();
    await parent.gone();
    const finished = await finishedSteps(ground.dir);
    expect([...finished.keys()]).toEqual(["gated"]);
    expect((await ground.resume()).code).toBe(0);
    await expectOnce(ground.dir, finished);
    expect(executions(ground.file).get("one")).toBe(1);
  });

  it("that works on an item of a map keeps it; the others are run by the process that resumed", async () => {
    await using ground = new GatedGround();
    ground.open();
    const parent = ground.cli([
      "run",
      "held",
      "--params",
      JSON.stringify({ file: ground.file, gate: ground.gate, itemGate: `${ground.gate}2` }),
      "--no-watch",
    ]);
    await ground.begun("i");
    await parent.kill();
    const resumed = ground.cli(["resume", "latest", "--no-watch"]);
    await ground.begun("j");
    writeFileSync(`${ground.gate}2`, "");
    expect((await resumed.exit).code).toBe(0);
    await expectOnce(ground.dir, new Map());
    expect(Object.fromEntries(executions(ground.file))).toEqual({ one: 1, i: 1, j: 1, k: 1, after: 1 });
  });
});

describe("a run that dies with its children at work", () => {
  it("runs what they were at again, without a retry of the step's", async () => {
    await using ground = new GatedGround();
    const group = ground.start("held");
    await ground.begun("one");
    await group.killAll();
    ground.open();
    expect((await ground.resume()).code).toBe(0);
    const { steps } = await expectOnce(ground.dir, new Map());
    expect(steps.find(({ id }) => id === "gated")?.attempts).toMatchObject([
      { status: "failed", error: { code: "step_lost" } },
      { status: "completed" },
    ]);
    expect(Object.fromEntries(executions(ground.file))).toEqual({ one: 2, i: 1, j: 1, k: 1, after: 1 });
  });

  it("again and again, does so each time", async () => {
    await using ground = new GatedGround();
    let group = ground.start("held");
    for (let death = 1; death <= 4; death++) {
      await ground.begun("one", death);
      await group.killAll();
      group = ground.cli(["resume", "latest", "--no-watch"]);
    }
    ground.open();
    expect((await group.exit).code).toBe(0);
    const { steps } = await expectOnce(ground.dir, new Map());
    expect(steps.find(({ id }) => id === "gated")?.attempts.map(({ status }) => status)).toEqual([
      "failed",
      "failed",
      "failed",
      "failed",
      "completed",
    ]);
  });

  it("does not run again what may run at most once, and says so", async () => {
    await using ground = new GatedGround();
    const group = ground.start("once");
    await ground.begun("one");
    await group.killAll();
    ground.open();
    const { code, output } = await ground.resume();
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("step_interrupted") });
    const { run, steps } = await detailOf(ground.dir);
    expect(run).toMatchObject({ status: "failed", error: { code: "step_interrupted" } });
    expect(steps[0]?.attempts).toHaveLength(1);
    expect(executions(ground.file).get("one")).toBe(1);
  });

  it("in the middle of flight_delays' map, counts no row group twice", { timeout: 120_000 }, async () => {
    await using ground = new Ground(catalogues.handlers);
    const group = ground.cli(["run", "flight_delays", "--no-watch"]);
    const counted = async () => [...(await finishedSteps(ground.dir)).keys()].filter((id) => id.startsWith("count_delays[")).length;
    await until(async () => (await counted().catch(() => 0)) >= 3, "three row groups to be counted", 60_000);
    await group.killAll();
    const finished = await finishedSteps(ground.dir);
    const resumed = ground.cli(["resume", "latest", "--no-watch"]);
    expect((await resumed.exit).code).toBe(0);
    const { steps } = await expectOnce(ground.dir, finished);
    const counts = steps.filter(({ step }) => step === "count_delays");
    expect(counts.flatMap(({ attempts }) => attempts.filter(isCompleted))).toHaveLength(11);
    expect(counts.reduce((sum, { metadata }) => sum + Number(metadata["flights"]), 0)).toBe(3_000_000);
  });
});

describe("a run that lives", () => {
  it("is not resumed: the process that has it is named", async () => {
    await using ground = new GatedGround();
    const parent = ground.start("held");
    await ground.begun("one");
    const { code, output } = await ground.resume();
    expect({ code, output }).toEqual({ code: 2, output: expect.stringMatching(new RegExp(`run_is_live.*process ${parent.pid}`)) });
    ground.open();
    expect((await parent.exit).code).toBe(0);
    await expectOnce(ground.dir, new Map());
  });

  it("is resumed by one of two that try at once when its process has died", async () => {
    await using ground = new GatedGround();
    const parent = ground.start("held");
    await ground.begun("one");
    await parent.kill();
    const both = [ground.cli(["resume", "latest", "--no-watch"]), ground.cli(["resume", "latest", "--no-watch"])];
    const refused = await Promise.race(both.map((group) => group.exit));
    expect(refused).toMatchObject({ code: 2, output: expect.stringContaining("run_is_live") });
    ground.open();
    expect((await Promise.all(both.map((group) => group.exit))).map(({ code }) => code).toSorted()).toEqual([0, 2]);
    await expectOnce(ground.dir, new Map());
    expect(executions(ground.file).get("one")).toBe(1);
  });
});
