import { setImmediate as macrotask } from "node:timers/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { ThreadRunner } from "../../../src/adapters/local/thread-runner.ts";
import type { ThreadRunnerOptions } from "../../../src/adapters/local/thread-runner.ts";
import type { Ran, StepTask } from "../../../src/model/task.ts";
import { deedTask, fixture, freshPath } from "./deed-task.ts";
import { until } from "./until.ts";

const runners: ThreadRunner[] = [];

function started({
  setup,
  ...options
}: Partial<Omit<ThreadRunnerOptions, "setup">> & { readonly setup?: Partial<ThreadRunnerOptions["setup"]> } = {}): ThreadRunner {
  const catalogue = fileURLToPath(fixture("catalogue.ts"));
  const runner = new ThreadRunner({
    setup: { catalogue, dir: tmpdir(), inlineValues: 0, ...setup },
    entry: fixture("thread-worker.ts"),
    ...options,
  });
  runners.push(runner);
  return runner;
}

afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.close();
});

interface Report {
  readonly index: number;
  readonly ran: Ran;
}

const never = new AbortController().signal;

async function reportsOf(
  runner: ThreadRunner,
  tasks: readonly StepTask[],
  signal = never,
  onEnd: (report: Report) => void = () => {},
): Promise<readonly Report[]> {
  const reports: Report[] = [];
  await runner.run(tasks, signal, (index, ran) => {
    reports.push({ index, ran });
    onEnd({ index, ran });
  });
  return reports;
}

/** In the order of the tasks: the deed's result, or how else it ended. */
function endsOf(reports: readonly Report[]): readonly unknown[] {
  const ends: unknown[] = [];
  for (const { index, ran } of reports) {
    const { outcome } = ran;
    const result = outcome.status === "completed" ? outcome.metadata?.["result"] : undefined;
    if (typeof result === "string") ends[index] = JSON.parse(result);
    else ends[index] = outcome.status === "failed" ? (outcome.error.code ?? outcome.error.message) : outcome.status;
  }
  return ends;
}

const three = (middle: StepTask) => [deedTask("greet", 0), middle, deedTask("greet", 2)];
const greetedAround = (middle: unknown) => ["hello, 0", middle, "hello, 2"];

describe("ThreadRunner", () => {
  it("runs a batch in its order on one thread beside this one, and reports each task once", async () => {
    const reports = await reportsOf(
      started({ width: 2 }),
      Array.from({ length: 200 }, (_, i) => deedTask("greet", i)),
    );
    expect(reports.map(({ index }) => index)).toEqual([...Array(200).keys()]);
    expect(endsOf(reports)).toEqual(Array.from({ length: 200 }, (_, i) => `hello, ${i}`));
    const places = new Set(reports.map(({ ran }) => JSON.stringify(ran.span.place)));
    expect([...places].map((place) => JSON.parse(place))).toEqual([{ kind: "thread", pid: process.pid, threadId: expect.any(Number) }]);
  });

  it("keeps a thread warm for the next batch", async () => {
    const runner = started();
    const [first] = await reportsOf(runner, [deedTask("greet")]);
    const [second] = await reportsOf(runner, [deedTask("greet")]);
    expect(second?.ran.span.place).toEqual(first?.ran.span.place);
  });

  it("reports what has ended while the rest still runs", async () => {
    const cancel = new AbortController();
    const reports = await reportsOf(started(), [deedTask("greet", 0), deedTask("untilAborted")], cancel.signal, ({ index }) => {
      if (index === 0) cancel.abort("seen the first");
    });
    expect(endsOf(reports)).toEqual(["hello, 0", "seen the first"]);
  });

  it("reports what has ended before a task that holds up its thread", async () => {
    const path = freshPath();
    const reports = await reportsOf(started(), [deedTask("spin", 10), deedTask("computeUntilThere", path)], never, ({ index }) => {
      if (index === 0) writeFileSync(path, "");
    });
    expect(reports.map(({ index }) => index)).toEqual([0, 1]);
  });

  it("computes on two threads at once, while this one stays free", async () => {
    const runner = started({ width: 2 });
    await Promise.all([reportsOf(runner, [deedTask("greet")]), reportsOf(runner, [deedTask("greet")])]);
    const paths = [freshPath(), freshPath()];
    const both = Promise.all(paths.map((path) => reportsOf(runner, [deedTask("computeUntilThere", path)])));
    await until(() => paths.every((path) => existsSync(`${path} is awaited`)), "both to compute");
    for (const path of paths) writeFileSync(path, "");
    const threads = (await both).map(([report]) => report?.ran.span.place.threadId);
    expect(new Set(threads).size).toBe(2);
  });

  it("serves waiting batches in their order", async () => {
    const runner = started({ width: 1 });
    const ended: number[] = [];
    await Promise.all([0, 1, 2, 3].map((i) => reportsOf(runner, [deedTask("greet", i)], never, () => ended.push(i))));
    expect(ended).toEqual([0, 1, 2, 3]);
  });

  describe("abort", () => {
    it("aborts the signal of the task that runs, and begins no further one", async () => {
      const cancel = new AbortController();
      const reports = await reportsOf(
        started(),
        three(deedTask("untilAborted")),
        cancel.signal,
        ({ index }) => index === 0 && cancel.abort("not needed"),
      );
      expect(endsOf(reports)).toEqual(["hello, 0", "not needed", "cancelled"]);
    });

    it("is heard between tasks that never wait", async () => {
      const cancel = new AbortController();
      const tasks = Array.from({ length: 2_000 }, () => deedTask("spin", 1));
      const reports = await reportsOf(started(), tasks, cancel.signal, ({ index }) => index === 3 && cancel.abort("enough"));
      expect(reports).toHaveLength(2_000);
      expect(endsOf(reports).filter((end) => end === "cancelled").length).toBeGreaterThan(1_000);
    });

    it("ends a batch at once that waits for a thread, or comes too late", async () => {
      const runner = started({ width: 1 });
      await reportsOf(runner, [deedTask("greet")]);
      const [holding, cancel] = [new AbortController(), new AbortController()];
      const held = reportsOf(runner, [deedTask("untilAborted")], holding.signal);
      const waiting = reportsOf(runner, [deedTask("greet"), deedTask("greet")], cancel.signal);
      cancel.abort("not needed");
      expect(endsOf(await waiting)).toEqual(["cancelled", "cancelled"]);
      expect(endsOf(await reportsOf(runner, [deedTask("greet")], cancel.signal))).toEqual(["cancelled"]);
      holding.abort("enough");
      expect(endsOf(await held)).toEqual(["enough"]);
    });

    it.each(["deaf", "forever"])("ends the thread of a step that does not care (%s)", async (deed) => {
      const runner = started({ width: 1, graceMs: 50 });
      const cancel = new AbortController();
      const sign = freshPath();
      const reports = reportsOf(runner, three(deedTask(deed, sign)), cancel.signal);
      await until(() => existsSync(sign), "the task to begin");
      cancel.abort("not needed");
      expect(endsOf(await reports).slice(1)).toEqual(["stopped", "cancelled"]);
      expect(endsOf(await reportsOf(runner, [deedTask("greet", 9)]))).toEqual(["hello, 9"]);
    });
  });

  describe("a thread that dies", () => {
    it.each([
      ["by process.exit()", deedTask("exit", 3), "step_process_died"],
      ["of an error that nobody caught", deedTask("throwLater"), "step_process_died"],
      ["of a full heap", deedTask("fill"), "step_out_of_memory"],
      ["past the timeout of a step that holds it up", deedTask("forever", null, { timeoutMs: 50 }), "step_timeout"],
    ])("%s fails the task that it was at, and the others go on in a new one", async (_how, task, code) => {
      const reports = await reportsOf(started({ width: 1, graceMs: 50, memoryMb: 64 }), three(task));
      expect(endsOf(reports)).toEqual(greetedAround(code));
      expect(reports).toHaveLength(3);
    });

    it("lets nothing run again that had ended before a step exits", async () => {
      const reports = await reportsOf(started({ width: 1 }), [deedTask("count"), deedTask("exit", 3), deedTask("count")]);
      // Each thread counts for itself: a second run of the first one would be the other's first.
      expect(endsOf(reports)).toEqual([1, "step_process_died", 1]);
    });

    it("has the error that killed it in the failure", async () => {
      const [report] = await reportsOf(started(), [deedTask("throwLater")]);
      expect(report?.ran.outcome).toMatchObject({ error: { cause: { name: "RangeError", message: "thrown by a timer" } } });
    });

    it("does not make a task run again that runs at most once", async () => {
      const once = { delivery: "at_most_once" } as const;
      const tasks = [deedTask("count", null, once), deedTask("forever", null, { timeoutMs: 50 }), deedTask("count", null, once)];
      const reports = await reportsOf(started({ width: 1, graceMs: 50 }), tasks);
      expect(reports.map(({ index }) => index)).toEqual([0, 1, 2]);
      expect(endsOf(reports)).toEqual([1, "step_timeout", 1]);
    });
  });

  it("fails the tasks of a batch whose thread cannot start, and tries again with the next one", async () => {
    const runner = started({ setup: { catalogue: "/nowhere/catalogue.ts" } });
    expect(endsOf(await reportsOf(runner, [deedTask("greet"), deedTask("greet")]))).toEqual([
      "catalogue_unreadable",
      "catalogue_unreadable",
    ]);
    expect(endsOf(await reportsOf(runner, [deedTask("greet")]))).toEqual(["catalogue_unreadable"]);
  });

  it("runs no other code than the run was started with", async () => {
    const runner = started({ setup: { digest: "0".repeat(64) } });
    expect(endsOf(await reportsOf(runner, [deedTask("greet")]))).toEqual(["code_changed"]);
  });

  it("keeps no process alive by idle threads, and writes past its stdout", async () => {
    const script = spawn(process.execPath, [fileURLToPath(fixture("thread-owner.ts"))], { stdio: ["ignore", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    script.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
    script.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
    const [exitCode] = await once(script, "close");
    expect({ exitCode, stdout: said.stdout }).toEqual({ exitCode: 0, stdout: "completed\n" });
    expect(said.stderr).toContain("straight to stdout");
  });

  it("reports nothing of what ran when it is closed, and never says that it is done", async () => {
    const runner = started();
    const reports = reportsOf(runner, [deedTask("forever")]);
    await runner.close();
    expect(await Promise.race([reports, macrotask("still out")])).toBe("still out");
  });
});
