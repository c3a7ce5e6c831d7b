import { describe, expect, it } from "vitest";
import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { MemoryStateStore } from "../../src/adapters/memory/memory-state-store.ts";
import { listRuns, type RunListQuery } from "../../src/observe/run-list.ts";
import { runId, runRecord, start } from "./written-run.ts";

const totals = { turns: 3, called: 2, ended: { completed: 2 } };

async function store() {
  const state = new MemoryStateStore();
  for (let i = 0; i < 6; i++) {
    const id = runId(`run_00000000${i}aaaaa`);
    await state.createRun(runRecord({ id, createdAt: start + i, pipeline: i % 2 === 0 ? "even" : "odd" }));
    if (i < 4)
      await state.finishRun(id, {
        status: i < 3 ? "completed" : "failed",
        at: start + 10,
        outputs: {},
        totals,
        entries: 9,
        startedAt: start + i,
      });
    if (i === 5) await state.requestStop(id, { reason: "enough", at: start + 20 });
  }
  return { state, artifacts: new MemoryArtifactStore() };
}

async function numbers(query: RunListQuery) {
  return (await listRuns(await store(), query, start + 30)).runs.map((run) => Number(run.id[12]));
}

describe("runs", () => {
  it("are listed newest first, with what their record knows", async () => {
    const { runs } = await listRuns(await store(), {}, start + 30);
    expect(runs.map((run) => run.status)).toEqual(["stopping", "pending", "failed", "completed", "completed", "completed"]);
    expect(runs[2]).toMatchObject({ steps: { completed: 2 }, turns: 3, journalEntries: 9, endedAt: "2025-01-01T00:00:00.010Z" });
  });

  it.each([
    [{ pipeline: "odd" }, [5, 3, 1]],
    [{ status: "completed" }, [2, 1, 0]],
    [{ status: "live" }, [5, 4]],
    [{ status: "pending" }, [4]],
    [{ pipeline: "odd", status: "failed" }, [3]],
  ] as const)("of %j", async (query, expected) => {
    expect(await numbers(query)).toEqual(expected);
  });

  it("come in pages", async () => {
    const sources = await store();
    const first = await listRuns(sources, { limit: 4 }, start);
    const second = await listRuns(sources, { limit: 4, cursor: first.cursor! }, start);
    expect([first.runs.length, second.runs.length, second.cursor]).toEqual([4, 2, undefined]);
  });
});
