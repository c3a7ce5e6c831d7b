import { describe, expect, it } from "vitest";
import { z } from "zod";
import { pipeline } from "../../src/index.ts";
import type { RunContext } from "../../src/define/run-context.ts";
import type { Seen, Waiting } from "../../src/model/event.ts";
import type { Signal } from "../../src/model/signal.ts";
import { encodeValue } from "../../src/model/value.ts";
import { Rehearsal } from "./rehearsal.ts";
import { note } from "./steps.ts";

const outside = { turn: 0 };
const isSecond = () => outside.turn > 0;

function signal(name: string, value: unknown, id = "1"): Signal {
  return { id, name, text: encodeValue(value), at: 1 };
}

/** What the waits of a run give at its clock. */
function over(rehearsal: Rehearsal, ...signals: readonly Signal[]): readonly Seen[] {
  return rehearsal.orchestration.graph.waits.over(signals, rehearsal.clock + 1_000);
}

function waited({ journal }: Rehearsal): readonly Waiting[] {
  return journal.filter((event) => event.t === "waiting");
}

describe("a wait that a replay does not repeat", () => {
  const cases: readonly { readonly what: string; readonly fn: (run: RunContext) => Promise<unknown>; readonly message: RegExp }[] = [
    {
      what: "for another signal",
      fn: (run) => run.waitFor(isSecond() ? "approve" : "deny"),
      message: /the journal has the wait for the signal deny \(deny\), now it waited for the signal approve \(approve\) \(another wait\)/,
    },
    {
      what: "for a signal of another name that has its id",
      fn: async (run) => {
        void run.waitFor("part");
        await run.waitFor(isSecond() ? "part_2" : "part");
      },
      message: /the journal has the wait for the signal part \(part_2\), now it waited for the signal part_2 \(part_2\)/,
    },
    {
      what: "for a time",
      fn: (run) => (isSecond() ? run.sleep(1) : run.waitFor("sleep")),
      message: /the wait for the signal sleep \(sleep\), now it slept \(sleep\) \(another wait\)/,
    },
    {
      what: "for a signal in place of a time",
      fn: (run) => (isSecond() ? run.waitFor("sleep") : run.sleep(1)),
      message: /the journal has the sleep sleep, now it waited for the signal sleep \(sleep\)/,
    },
    {
      what: "since it calls a step",
      fn: async (run) => (isSecond() ? note({}) : run.sleep(1)),
      message: /the journal has the sleep sleep, now it called step note as note/,
    },
    {
      what: "since it did something else before",
      fn: async (run) => {
        if (!isSecond()) void run.waitFor("go");
        await note({});
      },
      message: /the journal has the wait for the signal go \(go\), now it called step note as note/,
    },
    {
      what: "since it does nothing any more",
      fn: async (run) => {
        await note({});
        if (!isSecond()) void run.sleep(1);
        await note({});
      },
      message: /the journal has the sleep sleep, now it called step note as note_2/,
    },
  ];
  const pipelines = cases.map(({ fn }, i) => pipeline({ name: `diverging_wait_${i}` }, async (_, run) => void (await fn(run))));

  it.each(cases.map(({ what, message }, i) => [what, message, i] as const))("%s", async (_, message, i) => {
    outside.turn = 0;
    const of = pipelines[i] ?? expect.fail();
    const first = await Rehearsal.start(of);
    for (const id of first.launched) await first.complete(id);
    outside.turn = 1;
    const second = await first.again(of);
    expect(second.orchestration.diverged).toMatchObject({ code: "nondeterministic_pipeline", message: expect.stringMatching(message) });
  });

  const longer = pipeline({ name: "longer_wait" }, async (_, run) => {
    await run.waitFor("go", { timeout: isSecond() ? "2h" : "1h", question: isSecond() ? "Now?" : "Go?" });
  });

  it("is the same with another question and another time-out: those of the journal count", async () => {
    outside.turn = 0;
    const first = await Rehearsal.start(longer);
    outside.turn = 1;
    const second = await first.again(longer);
    expect(second.orchestration.divergedAt).toBeUndefined();
    const [before] = waited(first);
    expect(second.orchestration.graph.waits.dueTimes).toEqual([before?.dueAt]);
  });
});

describe("a refused signal", () => {
  const asked = pipeline({ name: "asked" }, async (_, run) => {
    await run.waitFor("go", { schema: isSecond() ? z.any() : z.number() });
    await note({});
  });

  it("stays refused when a replay has a schema that takes it", async () => {
    outside.turn = 0;
    const first = await Rehearsal.start(asked);
    await first.see(...over(first, signal("go", "now")));
    outside.turn = 1;
    const second = await first.again(asked);
    expect(second.orchestration.divergedAt).toBeUndefined();
    expect(second.orchestration.fresh).toEqual([]);
    expect(second.launched).toEqual([]);
    expect(over(second, signal("go", "now"))).toEqual([]);
    await second.see(...over(second, signal("go", "then", "2")));
    expect(second.launched).toEqual(["note"]);
  });
});

describe("what a wait was told", () => {
  const both = pipeline({ name: "both_waits" }, async (_, run) => {
    const [first] = await Promise.all([run.waitFor("go", { schema: z.number() }), run.sleep("1s")]);
    run.log(`${first} at ${run.now().getTime()}`);
    await run.sleep("1d");
  });

  it("is told again in a replay, and its signal is taken", async () => {
    outside.turn = 0;
    const first = await Rehearsal.start(both);
    await first.see(...over(first, signal("go", 5)));
    await first.see(...over(first));
    const second = await first.again(both);
    expect(second.orchestration.fresh).toEqual([]);
    expect(waited(second)).toEqual(waited(first));
    expect(over(second, signal("go", 5))).toEqual([]);
  });

  it("comes to nobody twice", async () => {
    const first = await Rehearsal.start(both);
    const woken = over(first, signal("go", 5));
    await first.see(...woken, ...woken);
    await first.see(...woken);
    expect(first.journal.filter((event) => event.t === "woken").map(({ id }) => id)).toEqual(["go", "sleep"]);
  });
});

describe("a static pipeline that waits although its plan did not", () => {
  const static_ = pipeline({ name: "static_waiter", mode: "static" }, (_, run) => {
    void run.sleep("1s");
    return {};
  });

  it("fails where it runs", async () => {
    const { ended } = await Rehearsal.start(static_);
    expect(ended).toMatchObject({ status: "failed", error: { code: "bad_call", message: expect.stringContaining("run.sleep()") } });
  });
});
