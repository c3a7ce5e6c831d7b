import { describe, expect, it } from "vitest";
import { pipeline } from "../../src/index.ts";
import { SkeinError } from "../../src/model/error.ts";
import { completed, Rehearsal } from "./rehearsal.ts";
import { fit, load, note, take } from "./steps.ts";

/** What is outside of the function and changes from one replay to the next. */
const outside = { turn: 0, after: [] as string[] };
const isSecond = () => outside.turn > 0;

interface Case {
  readonly what: string;
  readonly fn: () => Promise<void>;
  readonly message: RegExp;
}

const cases: readonly Case[] = [
  {
    what: "another step",
    fn: async () => void (isSecond() ? await take({}) : await note({})),
    message: /the journal has the call of step note as note, now it called step take as take/,
  },
  {
    what: "another input",
    fn: async () => void (await load({ city: isSecond() ? "Rome" : "Oslo" })),
    message: /the call of step load as load, now it called step load as load \(input "city" was "Oslo" and is "Rome"\)/,
  },
  {
    what: "another number in an input, deep inside",
    fn: async () => void (await take({ at: { time: 5 + outside.turn }, same: 1 })),
    message: /input "at" was \{"time":5\} and is \{"time":6\}/,
  },
  {
    what: "another field",
    fn: async () => void (await take(isSecond() ? { a: 1, b: 2 } : { a: 1 })),
    message: /input "b" was absent and is 2/,
  },
  {
    what: "another edge",
    fn: async () => {
      const [a, b] = [take.submit({}), take.submit({})];
      await fit.submit({ days: (isSecond() ? a : b) as never, degree: 1 });
    },
    message: /input "days" was the output take_2\.output and is the output take\.output/,
  },
  {
    what: "another id",
    fn: () => note({}, { id: isSecond() ? "mine" : "yours" }),
    message: /the call of step note as yours, now it called step note as mine/,
  },
  {
    what: "a map in place of a call",
    fn: async () => void (isSecond() ? await take.map({ x: [1] }) : await take({ x: 1 })),
    message: /the call of step take as take, now it mapped step take as take/,
  },
  {
    what: "one call fewer",
    fn: async () => {
      await note({});
      if (!isSecond()) await note({});
    },
    message: /the call of step note as note_2, now it ended/,
  },
  {
    what: "an end that comes later",
    fn: async () => {
      await note({});
      if (isSecond()) await note({});
    },
    message: /the end of the function, now it called step note as note_2/,
  },
  {
    what: "an error that was not thrown before",
    fn: async () => {
      await note({});
      if (isSecond()) throw new TypeError("now");
      await note({});
    },
    message: /the call of step note as note_2, now it threw TypeError: now/,
  },
  {
    what: "waiting in place of a call",
    fn: async () => {
      if (isSecond()) await new Promise(() => {});
      await note({});
    },
    message: /the call of step note as note, now it did nothing more/,
  },
  {
    what: "a cancel that was not there",
    fn: async () => {
      const future = take.submit({});
      if (isSecond()) future.cancel();
      await note({});
    },
    message: /the call of step note as note, now it cancelled take/,
  },
];

describe.each(cases)("a function that does $what than before", ({ what, fn, message }) => {
  const diverging = pipeline({ name: `diverging_${what.replace(/[^a-z]/g, "_")}`.slice(0, 60) }, async () => {
    try {
      await fn();
    } catch (error) {
      outside.after.push(error instanceof SkeinError ? error.code : String(error));
      throw error;
    }
  });

  it("is told so with both sides and the likely cause, and the run ends", async () => {
    outside.turn = 0;
    const run = await Rehearsal.start(diverging);
    for (let open = run.launched; open.length > 0; open = run.launched)
      await run.end(open[0]!, completed(open[0]!, { output: 1, model: "", rmse: 1 }));
    const last = run.journal.findIndex((event) => event.t === "ended");
    outside.turn = 1;
    const again = await run.again(diverging, { journal: run.journal.slice(0, last) });
    expect(again.orchestration.divergedAt).toBeLessThan(last);
    await again.see();
    expect(again.ended).toMatchObject({ status: "failed", error: { code: "nondeterministic_pipeline" } });
    expect(again.ended?.error?.message).toMatch(message);
    expect(again.ended?.error?.message).toMatch(/Date\.now\(\), Math\.random\(\), process\.env or module state: use run\.now\(\)/);
  });
});

describe("after a divergence", () => {
  it("no user code runs, and no call counts", async () => {
    outside.turn = 0;
    outside.after.length = 0;
    const stubborn = pipeline({ name: "stubborn" }, async () => {
      const [a, b] = [take.submit({}), take.submit({})];
      try {
        await note({ turn: outside.turn });
      } catch {
        outside.after.push("caught");
      }
      try {
        await take({});
      } catch {
        outside.after.push("caught again");
      }
      await a;
      outside.after.push("a");
      await b;
    });
    const run = await Rehearsal.start(stubborn);
    await run.complete("note");
    await run.complete("take_2", 2);
    await run.complete("take", 1);
    outside.turn = 1;
    outside.after.length = 0;
    const again = await run.again(stubborn);
    await again.see();
    // In the drain of the divergence its error can be caught; what is called then gives the same error.
    expect(outside.after).toEqual(["caught", "caught again"]);
    expect(again.decisions).toEqual(run.decisions);
    for (const id of again.launched) await again.complete(id, 1);
    expect(outside.after).toEqual(["caught", "caught again"]);
    expect(again.ended).toMatchObject({ status: "failed", error: { code: "nondeterministic_pipeline" } });
  });
});

describe("log lines", () => {
  it("that come or go are no divergence", async () => {
    outside.turn = 0;
    const chatty = pipeline({ name: "chatty" }, async (_, run) => {
      run.log("always");
      if (isSecond()) run.log.warn("second", { turn: outside.turn });
      await note({});
      if (!isSecond()) run.log("first");
    });
    const run = await Rehearsal.start(chatty);
    await run.complete("note");
    expect(run.journal.filter((event) => event.t === "logged")).toHaveLength(2);
    outside.turn = 1;
    const again = await run.again(chatty);
    expect([again.orchestration.divergedAt, again.orchestration.fresh]).toEqual([undefined, []]);
  });
});

describe("a function that waits for nothing", () => {
  const stuck = pipeline({ name: "stuck" }, async () => {
    await note({});
    await new Promise(() => {});
  });

  it("ends the run with nothing_to_wait_for, once nothing of the run is under way", async () => {
    const run = await Rehearsal.start(stuck);
    expect(run.ended).toBe(undefined);
    await run.complete("note");
    expect(run.ended).toMatchObject({
      status: "failed",
      error: { code: "nothing_to_wait_for", message: expect.stringContaining("a promise of its own") },
    });
  });
});

describe("a loop without an end", () => {
  const endless = pipeline({ name: "endless", maxSteps: 5 }, async () => {
    for (;;) await Promise.all([take.submit({}), take.submit({})]);
  });

  it("ends at maxSteps", async () => {
    const run = await Rehearsal.start(endless);
    for (let open = run.launched; open.length > 0; open = run.launched) await run.complete(open[0]!, 1);
    expect(run.ended).toMatchObject({
      status: "failed",
      error: { code: "max_steps_exceeded", message: expect.stringContaining("5 steps") },
    });
    expect(run.journal.filter((event) => event.t === "called")).toHaveLength(5);
  });
});

describe("a run that crashes again and again", () => {
  it("ends with the crash, and no user code runs", async () => {
    let calls = 0;
    const counted = pipeline({ name: "counted" }, async () => {
      calls++;
      await note({});
    });
    const run = await Rehearsal.start(counted);
    const crashed = new Rehearsal(counted, { journal: run.journal });
    await crashed.orchestration.replay(new SkeinError("turn_crashed", "three times"));
    await crashed.see();
    await crashed.complete("note");
    expect([calls, crashed.ended]).toMatchObject([1, { status: "failed", error: { code: "turn_crashed" } }]);
  });
});
