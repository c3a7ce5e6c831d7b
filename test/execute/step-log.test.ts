import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { step } from "../../src/define/step.ts";
import type { StepContext } from "../../src/define/step-context.ts";
import { maxLines, maxMessage } from "../../src/execute/attempt-log.ts";
import type { LogRecord } from "../../src/model/log.ts";
import { completed, outcomeOf, place, run, taskOf } from "./attempt.ts";

/** The console as it is before any step runs. */
const printed = vi.spyOn(console, "info").mockReturnValue(undefined);

let body: (context: StepContext) => unknown;
step({ name: "logs" }, async (_, context) => void (await body(context)));
const gate: PromiseWithResolvers<void>[] = [];
step({ name: "two_lines", input: z.object({ who: z.string(), turn: z.number() }) }, async ({ who, turn }, { log }) => {
  log(`${who} begins`);
  await gate[turn]?.promise;
  console.log("%s goes on", who);
  await Promise.resolve();
  log.warn(`${who} ends`);
});
const byHand = step({ name: "by_hand" }, () => console.log("by hand"));
step({ name: "careless", output: z.string().refine((text) => (console.log("checked", text), true)) }, () => "x");

/** A run of `logs` and the lines that it left. */
async function linesOf(fn: typeof body): Promise<readonly LogRecord[]> {
  const { workplace, logs } = place();
  body = fn;
  completed(await outcomeOf(taskOf("logs"), workplace));
  return (await logs.read(run)).records;
}

describe("a step's log", () => {
  test("takes lines with level, fields and time, under run, step and attempt", async () => {
    const lines = await linesOf(({ log }) => {
      log("one", { n: 1 });
      log.debug("two");
      log.error("three");
    });
    const at = { run, step: "logs", attempt: 1, at: place().clock.now() };
    expect(lines).toEqual([
      { ...at, level: "info", message: "one", fields: { n: 1 } },
      { ...at, level: "debug", message: "two" },
      { ...at, level: "error", message: "three" },
    ]);
  });

  test("takes what the step writes to the console", async () => {
    const lines = await linesOf(() => {
      console.log("rows: %d", 3, { a: [1] });
      console.debug("d");
      console.warn("w");
      console.error(new Error("broken"));
      console.dir({ deep: 1 });
      console.table([{ a: 1 }]);
      console.assert(false, "untrue");
      console.group("part");
      console.info("inside");
      console.groupEnd();
    });
    expect(lines.map(({ level, message }) => `${level} ${message.split("\n")[0]}`)).toEqual([
      "info rows: 3 { a: [ 1 ] }",
      "debug d",
      "warn w",
      "error Error: broken",
      "info { deep: 1 }",
      expect.stringMatching(/^info ┌/),
      expect.stringContaining("untrue"),
      "info part",
      "info inside",
    ]);
  });

  test("has lines from schemas, too", async () => {
    const { workplace, logs } = place();
    await outcomeOf(taskOf("careless"), workplace);
    expect((await logs.read(run)).records.map(({ message }) => message)).toEqual(["checked x"]);
  });

  test("is not mixed with those of steps that run at the same time", async () => {
    const { workplace, logs } = place();
    gate.push(Promise.withResolvers(), Promise.withResolvers());
    const attempts = ["a", "b"].map((who, turn) =>
      outcomeOf(taskOf("two_lines", { who, turn }, { key: { run, id: who, attempt: turn + 1 } }), workplace),
    );
    gate[1]?.resolve();
    await attempts[1];
    gate[0]?.resolve();
    await attempts[0];
    for (const who of ["a", "b"]) {
      const lines = (await logs.read(run, { step: who })).records;
      expect(lines.map(({ message }) => message)).toEqual([`${who} begins`, `${who} goes on`, `${who} ends`]);
    }
  });

  test("cuts long messages, and drops fields that are too much or no JSON", async () => {
    const [long, large, cyclic] = await linesOf(({ log }) => {
      const loop: Record<string, unknown> = {};
      loop["self"] = loop;
      log("x".repeat(maxMessage + 5));
      log("large", { text: "x".repeat(maxMessage) });
      log("cyclic", JSON.parse("{}", () => loop) as Record<string, never>);
    });
    expect(long?.message).toBe(`${"x".repeat(maxMessage)}… (5 more characters)`);
    expect(large?.fields).toEqual({ dropped: expect.stringContaining("characters") });
    expect(cyclic?.fields).toEqual({ dropped: expect.stringContaining("circular") });
  });

  test("keeps the fields as they were when the line was written", async () => {
    const lines = await linesOf(({ log }) => {
      const counts = { rows: 1 };
      log("then", counts);
      counts.rows = 2;
    });
    expect(lines[0]?.fields).toEqual({ rows: 1 });
  });

  test("ends with a word when there are too many lines", async () => {
    const lines = await linesOf(({ log }) => {
      for (let i = 0; i < maxLines + 50; i++) log(String(i));
    });
    expect(lines).toHaveLength(maxLines + 1);
    expect(lines.at(-1)).toMatchObject({ level: "warn", message: expect.stringContaining(`${maxLines} lines`) });
  });

  test("is flushed once, and only if something was written", async () => {
    const { workplace, logs } = place();
    const flushed = vi.spyOn(logs, "flush");
    body = () => {};
    await outcomeOf(taskOf("logs"), workplace);
    expect(flushed).not.toHaveBeenCalled();
    body = ({ log }) => (log("a"), log("b"));
    await outcomeOf(taskOf("logs"), workplace);
    expect(flushed).toHaveBeenCalledOnce();
  });
});

describe("a log sink", () => {
  test("that fails costs lines, not the step, and says so once", async () => {
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const broken = { write: () => expect.fail("no room"), flush: () => Promise.reject(new Error("no room")) };
    body = ({ log }) => (log("a"), log("b"));
    completed(await outcomeOf(taskOf("logs"), place({ logs: broken }).workplace));
    expect(told).toHaveBeenCalledOnce();
    told.mockRestore();
  });

  test("that writes to the console itself does not hear itself", async () => {
    const heard: string[] = [];
    const printing = {
      write: (records: readonly LogRecord[]) => (console.debug(), void heard.push(...records.map(({ message }) => message))),
      flush: async () => {},
    };
    body = ({ log }) => (console.log("one"), log("two"));
    completed(await outcomeOf(taskOf("logs"), place({ logs: printing }).workplace));
    expect(heard).toEqual(["one", "two"]);
  });
});

test("a step that is called by hand prints what it logs, once", async () => {
  await linesOf(() => console.info("captured"));
  await byHand.run();
  expect(printed.mock.calls).toEqual([["by hand"]]);
});

test("outside of steps the console is as it was", async () => {
  await linesOf(() => console.log("captured"));
  const { Console } = await import("node:console");
  const { Writable } = await import("node:stream");
  const { captureConsole } = await import("../../src/execute/console.ts");
  const written: string[] = [];
  const own = new Console(new Writable({ write: (chunk, _, done) => (written.push(String(chunk)), done()) }));
  captureConsole(own);
  const { log } = own;
  captureConsole(own);
  expect(own.log).toBe(log);
  own.log("a %d", 1);
  own.table([1]);
  expect(written.join("")).toMatch(/^a 1\n┌/);
});
