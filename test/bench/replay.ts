import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import { findPipeline } from "../../src/define/catalogue.ts";
import { watchForeignCalls } from "../../src/engine/foreign-calls.ts";
import { makeRunId } from "../../src/model/id.ts";
import type { JournalEntry } from "../../src/model/entry.ts";
import type { OutcomeSeen, RunEvent } from "../../src/model/event.ts";
import type { RunRecord } from "../../src/model/run.ts";
import { Orchestration } from "../../src/orchestrate/orchestration.ts";
import "./catalogue.ts";
import { cpuMs, measured, median, repeat, type Measure } from "./measure.ts";

/** Replay of a journal of finished steps: with the hook that sees foreign calls, as in a real turn. */
export async function replayMeasures(): Promise<readonly Measure[]> {
  using _ = watchForeignCalls();
  const measures: Measure[] = [];
  for (const [count, times] of [
    [10_000, 5],
    [30_000, 5],
    [1_000_000, 3],
  ] as const) {
    const { run, entries } = await journalOf(count);
    const events = entries.flatMap((entry) => entry.events);
    const runs = await repeat(times, () => replay(run, count, events));
    measures.push(measured(`replay.${count}`, "ms CPU", runs));
    console.log(`replay of ${count}: ${((median(runs) / count) * 1_000).toFixed(2)} µs a step from memory`);
    measures.push(measured(`replay.${count}.sqlite`, "ms CPU", await fromSqlite(run, count, entries, times)));
  }
  return measures;
}

async function replay(run: RunRecord, count: number, events: readonly RunEvent[]): Promise<number> {
  const from = process.cpuUsage();
  const orchestration = open(run, count, events);
  await orchestration.replay();
  const took = cpuMs(from);
  if (!orchestration.hasEnded || orchestration.fresh.length > 0) throw new Error("the replay did not come to the same end");
  return took;
}

function open(run: RunRecord, count: number, events: readonly RunEvent[]): Orchestration {
  return new Orchestration({ run, definition: findPipeline("inline_steps"), params: { count } }, events, {
    load: () => Promise.reject(new Error("nothing is loaded here")),
    lookUp: () => Promise.resolve(undefined),
  });
}

/** The journal that a run of so many inline steps leaves: one entry a step. */
async function journalOf(count: number): Promise<{ readonly run: RunRecord; readonly entries: readonly JournalEntry[] }> {
  const run: RunRecord = {
    v: 1,
    id: makeRunId(1_790_000_000_000, "benchbench"),
    pipeline: "inline_steps",
    mode: "dynamic",
    onFailure: "stop_on_failure",
    params: JSON.stringify({ count }),
    codeVersion: "bench",
    createdAt: 1_790_000_000_000,
    tags: [],
    maxSteps: 10_000_000,
    maxTurns: 1_000_000,
  };
  const orchestration = open(run, count, []);
  const entries: JournalEntry[] = [];
  const write = () => entries.push(entryOf(entries.length, orchestration.take()));
  await orchestration.replay();
  await orchestration.see([], run.createdAt);
  write();
  for (let i = 0; !orchestration.hasEnded; i++) {
    const [node] = orchestration.graph.launched;
    if (node === undefined) throw new Error("nothing is launched");
    await orchestration.see([outcomeOf(run, node.id, i)], run.createdAt + i);
    write();
  }
  return { run, entries };
}

function outcomeOf(run: RunRecord, id: string, n: number): OutcomeSeen {
  const text = String(n);
  const output = {
    id: `${run.id}.${id}.1.output`,
    digest: "0".repeat(64),
    bytes: text.length,
    mediaType: "application/json",
    materializer: "json",
    at: { text },
  };
  const span = { startedAt: run.createdAt + n, endedAt: run.createdAt + n, place: { kind: "orchestrator", pid: 1 } } as const;
  return { t: "outcome", id, attempt: 1, outcome: { status: "completed", outputs: { output } }, at: run.createdAt + n, span };
}

function entryOf(seq: number, events: readonly RunEvent[]): JournalEntry {
  return {
    v: 1,
    seq,
    nonce: `nonce${seq}`,
    turn: "turn",
    invocation: "bench",
    until: Number.MAX_SAFE_INTEGER,
    at: 1_790_000_000_000 + seq,
    wait: false,
    totals: { turns: 1, called: seq + 1, ended: { completed: seq } },
    events,
  };
}

/** The same, with the journal read from SQLite. */
async function fromSqlite(run: RunRecord, count: number, entries: readonly JournalEntry[], times: number): Promise<readonly number[]> {
  const dir = mkdtempSync(join(tmpdir(), "skein-bench-"));
  const store = new SqliteStateStore({ path: join(dir, "state.db"), synchronous: "NORMAL" });
  try {
    await store.createRun(run);
    for (const entry of entries) await store.append(run.id, entry);
    return await repeat(times, async () => {
      const from = process.cpuUsage();
      const tail = await store.readTail(run.id, -1);
      const reading = cpuMs(from);
      return (
        reading +
        (await replay(
          run,
          count,
          tail.entries.flatMap((entry) => entry.events),
        ))
      );
    });
  } finally {
    await store.close();
    rmSync(dir, { recursive: true });
  }
}
