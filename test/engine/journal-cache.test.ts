import { describe, expect, test } from "vitest";
import { z } from "zod";
import { JournalCache, KnownJournal } from "../../src/engine/journal-cache.ts";
import { pipeline, step } from "../../src/index.ts";
import type { JournalEntry } from "../../src/model/entry.ts";
import { makeRunId } from "../../src/model/id.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { Turns, type Turn } from "./turns.ts";

const called = { t: "called", id: "fit", step: "fit", call: "sync", runtime: "inline", input: { literal: "{}", edges: [] } } as const;

function entry(seq: number, events: readonly RunEvent[] = [called]): JournalEntry {
  const totals = { turns: 1, called: 0, ended: {} };
  return { v: 1, seq, nonce: `${seq}`, turn: "t", invocation: "i", until: 0, at: 0, wait: true, totals, events };
}

function entries(from: number, count: number): readonly JournalEntry[] {
  return Array.from({ length: count }, (_, i) => entry(from + i));
}

describe("a known journal", () => {
  test("takes entries in order, each once, whoever gives them", () => {
    const journal = new KnownJournal();
    journal.add(entries(0, 3));
    journal.add(entries(1, 4));
    journal.add([entry(9)]);
    expect(journal.entries?.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4]);
    expect(journal.head?.seq).toBe(4);
  });

  test("keeps its head but not its entries once they are too many", () => {
    const journal = new KnownJournal();
    journal.add(entries(0, 100));
    expect(journal.entries).toHaveLength(100);
    journal.add(entries(100, 20_000));
    expect(journal.entries === undefined).toBe(true);
    journal.add(entries(20_100, 1));
    expect(journal.head?.seq).toBe(20_100);
    expect(journal.entries === undefined).toBe(true);
  });

  test("bounds what it keeps by what is in the entries, too", () => {
    const journal = new KnownJournal();
    const large = Array.from({ length: 1_000 }, () => called);
    journal.add(Array.from({ length: 100 }, (_, seq) => entry(seq, large)));
    expect(journal.head?.seq).toBe(99);
    expect(journal.entries === undefined).toBe(true);
  });

  test("has come as far as its last entry that says more than that attempts begin", () => {
    const journal = new KnownJournal();
    expect(journal.reached).toBe(-1);
    const again = { t: "launched", id: "fit", attempt: 1 } as const;
    journal.add([entry(0, [called, again]), entry(1, [again]), entry(2, []), entry(3, [again])]);
    expect(journal.reached).toBe(0);
    journal.add([entry(4, [{ t: "stopping", reason: "enough", at: 0 }])]);
    expect(journal.reached).toBe(4);
  });
});

describe("the journals of an environment", () => {
  const runs = Array.from({ length: 60 }, (_, i) => makeRunId(i, "cache"));

  test("are bounded together, and the latest are kept", () => {
    const cache = new JournalCache();
    for (const run of runs) cache.open(run).add(entries(0, 3_000));
    const [first, last] = [runs[0], runs.at(-1)].map((run) => cache.open(run ?? makeRunId(0, "none")));
    expect(last?.entries).toHaveLength(3_000);
    expect(first?.head).toBeUndefined();
  });

  test("are forgotten one by one", () => {
    const cache = new JournalCache();
    for (const run of runs.slice(0, 2)) cache.open(run).add(entries(0, 3));
    cache.forget(runs[0] ?? makeRunId(0, "none"));
    expect(runs.slice(0, 2).map((run) => cache.open(run).head?.seq)).toEqual([undefined, 2]);
  });
});

const add = step({ name: "add", runtime: "isolated", input: z.object({ n: z.number() }), output: z.number() }, async ({ n }) => n + 1);
const adding = pipeline({ name: "adding", params: z.object({ times: z.number() }) }, async ({ times }) => {
  let last = await add({ n: 0 });
  for (let i = 1; i < times; i++) last = await add({ n: last });
  return last;
});
const long = pipeline({ name: "long_journal" }, async (_, { log }) => {
  for (let i = 0; i < 17_000; i++) log.info("one event more");
  return add({ n: 0 });
});

/** After which `seq` the turn read the journal, each time. */
function readAfter({ asked }: Pick<Turn, "asked">): readonly unknown[] {
  return asked.flatMap(({ verb, args }) => (verb === "readTail" ? [args[1]] : []));
}

describe("a turn", () => {
  test("reads the whole journal once where nothing is known of it, else only what came after", async () => {
    const turns = new Turns();
    const [one, other] = [turns.environment(), turns.environment()];
    await turns.start(adding, { times: 6 });
    // Who takes each turn, and after which entry it reads.
    const plan = [
      [one, -1],
      [one, 0],
      [other, -1],
      [other, 2],
      [one, 1],
      [turns.environment(), -1],
    ] as const;
    for (const [host, after] of plan) {
      const turn = await turns.take({ in: host });
      expect(readAfter(turn)).toEqual([after]);
      expect(turn.ended).toBe("suspended");
      await turns.runStep();
    }
    expect(readAfter(await turns.take({ in: other }))).toEqual([3]);
    expect((await turns.record()).ended).toMatchObject({ status: "completed", outputs: { output: { at: { text: "6" } } } });
  });

  test("of a journal that is too long to be kept reads it again for a replay, and no further than its lease was looked at", async () => {
    let hasMovedOn = false;
    const state = new MemoryStateStore();
    // Between the turn's two reads another turn begins to live, by its entry.
    const readTail: StateStore["readTail"] = async (run, after) => {
      const tail = await state.readTail(run, after);
      const head = tail.entries.at(-1);
      if (after >= 0 || head === undefined || hasMovedOn) return tail;
      hasMovedOn = true;
      const until = turns.clock.now() + 900_000;
      await state.append(run, {
        ...head,
        seq: head.seq + 1,
        nonce: "another",
        turn: "another",
        invocation: "another",
        until,
        wait: false,
        events: [],
      });
      return state.readTail(run, after);
    };
    const turns = new Turns({ state: instead<StateStore>(state, { readTail }) });
    const host = turns.environment();
    await turns.start(long);
    hasMovedOn = true;
    await turns.take({ in: host });
    hasMovedOn = false;
    host.warm.take(turns.run);
    await turns.runStep();
    const head = await turns.head();
    expect(host.journals.open(turns.run).entries === undefined).toBe(true);
    const turn = await turns.take({ in: host });
    expect(readAfter(turn)[0]).toBe(head?.seq);
    expect(turn.ended).toBe("held");
    expect((await turns.head())?.turn).toBe("another");
  });
});
