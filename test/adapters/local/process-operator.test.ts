import { writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { bornOf, isAlive } from "../../../src/adapters/local/process-identity.ts";
import { deedTask, freshPath, run } from "./deed-task.ts";
import { StaffedOperator } from "./staffed-operator.ts";
import { until } from "./until.ts";

const staffs: StaffedOperator[] = [];

function staffed(...options: ConstructorParameters<typeof StaffedOperator>): StaffedOperator {
  const staff = new StaffedOperator(...options);
  staffs.push(staff);
  return staff;
}

afterEach(async () => {
  for (const staff of staffs.splice(0)) await staff.operator.close(0);
});

describe("ProcessOperator", () => {
  it("runs a task in another process, which it names so that no later one can be taken for it", async () => {
    const { result, place } = await staffed().do(deedTask("greet", "you"));
    expect(result).toBe("hello, you");
    expect(place).toMatchObject({ kind: "process" });
    expect(place?.pid).not.toBe(process.pid);
    expect(place?.born).toBe(bornOf(place?.pid ?? 0));
  });

  it("keeps a child warm for the next task", async () => {
    const staff = staffed();
    const first = await staff.do(deedTask("greet", "a"));
    const second = await staff.do(deedTask("greet", "b"));
    expect(second.place?.pid).toBe(first.place?.pid);
  });

  it("runs as many tasks at once as its width", async () => {
    const staff = staffed({ width: 2 });
    const held = [deedTask("untilAborted"), deedTask("untilAborted")];
    const later = [deedTask("greet", 1), deedTask("greet", 2), deedTask("greet", 3)];
    for (const task of [...held, ...later]) await staff.operator.launch(task);
    await until(() => staff.record.filter(({ began }) => began !== undefined).length === 2, "two tasks to begin");
    for (const { key } of held) await staff.operator.abort(key, "enough");
    await Promise.all(later.map((task) => staff.answerTo(task)));
    const began = staff.record.flatMap(({ began }) => began ?? []);
    expect(began.slice(0, 2).sort()).toEqual(held.map(({ key }) => key.id).sort());
    expect(new Set(staff.record.map(({ pid }) => pid)).size).toBe(2);
  });

  it("runs the tasks that wait in their order", async () => {
    const staff = staffed({ width: 1 });
    const tasks = [0, 1, 2, 3].map((i) => deedTask("greet", i));
    for (const task of tasks) await staff.operator.launch(task);
    await Promise.all(tasks.map((task) => staff.answerTo(task)));
    expect(staff.record.flatMap(({ began }) => began ?? [])).toEqual(tasks.map(({ key }) => key.id));
  });

  it("launches a task that it already has no second time", async () => {
    const staff = staffed({ width: 1 });
    const [running, waiting] = [deedTask("untilAborted"), deedTask("greet", 1)];
    for (const task of [running, waiting, waiting, running]) await staff.operator.launch(task);
    await until(() => staff.record.some(({ began }) => began === running.key.id), "the first to begin");
    await staff.operator.launch(running);
    await staff.operator.abort(running.key, "enough");
    await staff.answerTo(waiting);
    await staff.do(deedTask("greet", 2));
    expect(staff.record.filter(({ began }) => began === waiting.key.id || began === running.key.id)).toHaveLength(2);
  });

  it("starts a delayed task no sooner than asked for, or at once when it is aborted", async () => {
    const staff = staffed();
    await staff.do(deedTask("greet", 0));
    const [soon, late] = [deedTask("greet", 1), deedTask("untilAborted")];
    const from = Date.now();
    await staff.operator.launch(soon, 120);
    await staff.operator.launch(late, 3_600_000);
    await staff.answerTo(soon);
    expect(Date.now() - from).toBeGreaterThanOrEqual(119);
    await staff.operator.abort(late.key, "not needed");
    expect(await staff.answerTo(late)).toMatchObject({ result: "not needed" });
  });

  describe("memory", () => {
    it("limits the heap to what the step asks for, or to 512 MB", async () => {
      const staff = staffed({ width: 2 });
      expect((await staff.do(deedTask("heapLimit"))).result).toBe(512);
      expect((await staff.do(deedTask("heapLimit", null, { memoryMb: 700 }))).result).toBe(700);
    });

    it("takes the smallest warm child that is large enough", async () => {
      const staff = staffed({ width: 3 });
      const held = [900, 700].map((memoryMb) => deedTask("untilAborted", null, { memoryMb }));
      for (const task of held) {
        await staff.operator.launch(task);
        await until(() => staff.record.some(({ began }) => began === task.key.id), "the task to begin");
      }
      for (const { key } of held) await staff.operator.abort(key, "enough");
      await Promise.all(held.map((task) => staff.answerTo(task)));
      expect((await staff.do(deedTask("heapLimit", null, { memoryMb: 600 }))).result).toBe(700);
      expect((await staff.do(deedTask("heapLimit", null, { memoryMb: 800 }))).result).toBe(900);
    });

    it("needs no second child for tasks that come one after the other", async () => {
      const staff = staffed({ width: 2 });
      for (let i = 0; i < 50; i++) await staff.do(deedTask("greet", i));
      expect(new Set(staff.record.map(({ pid }) => pid)).size).toBe(1);
      await staff.operator.close();
      expect(staff.record.filter(({ closed }) => closed !== undefined)).toHaveLength(1);
    });

    it("ends idle children that are too small rather than to have more than its width", async () => {
      const staff = staffed({ width: 1 });
      const small = await staff.do(deedTask("heapLimit"));
      const large = await staff.do(deedTask("heapLimit", null, { memoryMb: 600 }));
      expect([small.result, large.result]).toEqual([512, 600]);
      expect(isAlive({ pid: small.place?.pid ?? 0, born: small.place?.born })).toBe(false);
      expect(staff.record.map((line) => Object.keys(line)[0])).toEqual(["began", "ended", "closed", "began", "ended"]);
    });

    it("tells a full heap from other deaths", async () => {
      const { death } = await staffed().do(deedTask("fill", null, { memoryMb: 128 }));
      expect(death?.reason).toMatchObject({ code: "step_out_of_memory", message: expect.stringContaining("128 MB") });
      expect(death?.reason.data).toMatchObject({ signal: "SIGABRT", stderr: [expect.stringContaining("heap out of memory")] });
    });
  });

  describe("a child that dies", () => {
    it("is reported with its exit code and its last words", async () => {
      const { death } = await staffed().do(deedTask("complain", "the disk is on fire"));
      expect(death?.reason).toMatchObject({ code: "step_process_died", message: expect.stringContaining("code 3") });
      expect(death?.reason.data).toMatchObject({ exitCode: 3, stderr: ["the disk is on fire"] });
    });

    it("is reported when the step calls process.exit()", async () => {
      const { death } = await staffed().do(deedTask("exit", 0));
      expect(death?.reason).toMatchObject({ code: "step_process_died", message: expect.stringContaining("process.exit()") });
    });

    it("is reported with the error that nobody caught", async () => {
      const { death } = await staffed().do(deedTask("throwLater"));
      expect(death?.reason).toMatchObject({
        code: "step_process_died",
        cause: { name: "RangeError", message: "thrown by a timer", stack: expect.stringContaining("catalogue.ts") },
      });
    });

    it("is reported with the signal that killed it, and replaced", async () => {
      const staff = staffed({ width: 1 });
      const task = deedTask("deaf");
      const answer = staff.do(task);
      const { pid } = await until(() => staff.record[0], "the task to begin");
      process.kill(Number(pid), "SIGKILL");
      expect((await answer).death).toMatchObject({ task, reason: { code: "step_process_died", data: { signal: "SIGKILL" } } });
      expect((await staff.do(deedTask("greet", "again"))).result).toBe("hello, again");
    });

    it("while idle is replaced", async () => {
      const staff = staffed({ width: 1 });
      const { place } = await staff.do(deedTask("greet", 1));
      process.kill(place?.pid ?? 0, "SIGKILL");
      await until(() => !isAlive({ pid: place?.pid ?? 0, born: place?.born }), "the child to be gone");
      // A task that is handed over before the operator has heard of the death dies with the child.
      const again = await until(async () => (await staff.do(deedTask("greet", 2))).place, "a task to be done again");
      expect(again.pid).not.toBe(place?.pid);
    });
  });

  describe("a child that cannot start", () => {
    it("fails the task that it was started for, and no other", async () => {
      const staff = staffed({ setup: { catalogue: "/nowhere/catalogue.ts" } });
      const { death } = await staff.do(deedTask("greet", 1));
      expect(death?.reason).toMatchObject({ code: "catalogue_unreadable", message: expect.stringContaining("/nowhere/catalogue.ts") });
    });

    it("runs no other code than the run was started with", async () => {
      const staff = staffed({ setup: { digest: "0".repeat(64) } });
      const { death } = await staff.do(deedTask("greet", 1));
      expect(death?.reason.code).toBe("code_changed");
      expect(staff.record).toEqual([]);
    });
  });

  describe("abort", () => {
    it("aborts the signal of the step", async () => {
      const staff = staffed();
      const task = deedTask("untilAborted");
      const answer = staff.do(task);
      await until(() => staff.record.length === 1, "the task to begin");
      await staff.operator.abort(task.key, "cancelled by its run");
      expect(await answer).toMatchObject({ result: "cancelled by its run" });
    });

    it("aborts the signal of a step that waits for a child before it begins", async () => {
      const staff = staffed({ width: 1 });
      const [first, second] = [deedTask("untilAborted"), deedTask("untilAborted")];
      await staff.operator.launch(first);
      await staff.operator.launch(second);
      await staff.operator.abort(second.key, "too late");
      await staff.operator.abort(first.key, "enough");
      expect(await staff.answerTo(second)).toMatchObject({ result: "too late" });
    });

    it("ends the process of a step that does not care, and says that it was asked to", async () => {
      const staff = staffed({ graceMs: 50 });
      const task = deedTask("forever");
      const answer = staff.do(task);
      await until(() => staff.record.length === 1, "the task to begin");
      await staff.operator.abort(task.key, "cancelled by its run");
      expect((await answer).death).toMatchObject({ aborted: "cancelled by its run", reason: { code: "step_process_died" } });
    });
  });

  it("ends the process of a step that holds it up past its timeout", async () => {
    const { death } = await staffed({ graceMs: 50 }).do(deedTask("forever", null, { timeoutMs: 50 }));
    expect(death?.reason).toMatchObject({ code: "step_timeout", message: expect.stringContaining("50 ms") });
  });

  it("ends a child that has been idle for long", async () => {
    const staff = staffed({ idleMs: 20 });
    const { place } = await staff.do(deedTask("greet", 1));
    await until(() => !isAlive({ pid: place?.pid ?? 0, born: place?.born }), "the child to be gone");
    expect(staff.record.at(-1)).toEqual({ closed: place?.pid });
  });

  it("refuses what the machine does not have, and says why", () => {
    const { operator } = staffed();
    const machineMb = Math.ceil(totalmem() / 2 ** 20);
    expect(operator.refuses({})).toBeUndefined();
    expect(operator.refuses({ operator: "process", memoryMb: 128, cpu: 1 })).toBeUndefined();
    expect(operator.refuses({ operator: "gpu" })).toContain('"gpu"');
    expect(operator.refuses({ memoryMb: machineMb + 1 })).toContain(`${machineMb + 1} MB`);
    expect(operator.refuses({ cpu: 4_096 })).toContain("4096");
  });

  it("knows whether a claim's process is gone", async () => {
    const staff = staffed();
    const { place } = await staff.do(deedTask("greet", 1));
    const claim = { status: "running", nonce: "n", invocation: "i", startedAt: 0, until: 0 } as const;
    const gone = (born: string | undefined) =>
      staff.operator.isGone({ ...claim, place: { kind: "process", pid: place?.pid ?? 0, ...(born === undefined ? {} : { born }) } });
    expect(await gone(place?.born)).toBe(false);
    expect(await gone("born-earlier")).toBe(true);
    await staff.operator.close();
    expect(await gone(place?.born)).toBe(true);
  });

  describe("close", () => {
    it("lets a running step finish, and begins none that waits", async () => {
      const staff = staffed({ width: 1 });
      const path = freshPath();
      const [running, waiting] = [deedTask("untilThere", path), deedTask("greet", 1)];
      await staff.operator.launch(running);
      await staff.operator.launch(waiting);
      await until(() => staff.record.length === 1, "the task to begin");
      const closed = staff.operator.close();
      writeFileSync(path, "");
      await closed;
      expect(staff.record).toEqual([
        expect.objectContaining({ began: running.key.id }),
        expect.objectContaining({ ended: running.key.id }),
        { closed: expect.any(Number) },
      ]);
      await expect(staff.operator.launch(deedTask("greet", 2))).rejects.toMatchObject({
        code: "step_lost",
        message: expect.stringContaining(run),
      });
    });

    it("kills what does not finish in time, and reports no death", async () => {
      const staff = staffed();
      const answered: unknown[] = [];
      const task = deedTask("forever");
      void staff.answerTo(task).then((answer) => answered.push(answer));
      await staff.operator.launch(task);
      const { pid } = await until(() => staff.record[0], "the task to begin");
      const identity = { pid: Number(pid), born: bornOf(Number(pid)) };
      await staff.operator.close(20);
      expect(isAlive(identity)).toBe(false);
      expect(answered).toEqual([]);
    });
  });
});
