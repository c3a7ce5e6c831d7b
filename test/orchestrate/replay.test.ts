import { describe, expect, it } from "vitest";
import { pipeline } from "../../src/index.ts";
import { artifactOf, completed, failed, Rehearsal } from "./rehearsal.ts";
import { load, note, take } from "./steps.ts";

const seen: unknown[] = [];

describe("now, random, uuid, log and status", () => {
  const telling = pipeline({ name: "telling" }, async (_, { id, now, random, uuid, log }) => {
    const future = take.submit({});
    seen.push(id, now().getTime(), random(), uuid(), future.status());
    log("one", { n: 1 });
    await note({});
    seen.push(now().getTime(), now().getTime() - now().getTime(), random(), uuid(), future.status());
    log.debug("two");
    await note({});
    seen.push(now().getTime(), future.status());
  });

  it("are the same in every replay, wherever the process died", async () => {
    seen.length = 0;
    const run = await Rehearsal.start(telling);
    const at = (id: string, when: number) => ({ ...run.outcome(id, completed(id, {})), at: when });
    await run.see(at("note", run.run.createdAt + 5_000));
    await run.see({ ...run.outcome("take", completed("take", { output: 1 })), at: run.run.createdAt + 9_000 });
    await run.see(at("note_2", run.run.createdAt + 7_000));
    expect(run.ended?.status).toBe("completed");
    const [id, first, fraction, uuid, pending, second, , , other, still, third, done] = [...seen];
    const start = run.run.createdAt;
    expect([id, first, second, third, pending, still, done]).toEqual([
      run.run.id,
      start,
      start + 5_000,
      start + 9_000,
      "pending",
      "pending",
      "completed",
    ]);
    expect(fraction).toSatisfy((n: number) => n >= 0 && n < 1);
    expect([uuid, other]).toEqual([
      expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
      expect.not.stringMatching(String(uuid)),
    ]);
    expect(run.journal.filter((event) => event.t === "logged")).toMatchObject([
      { level: "info", message: "one", fields: { n: 1 } },
      { level: "debug", message: "two" },
    ]);
    const before = [...seen];
    for (let cut = 0; cut <= run.journal.length; cut++) {
      seen.length = 0;
      const again = await run.again(telling, { journal: run.journal.slice(0, cut) });
      expect(seen).toEqual(before.slice(0, seen.length));
      expect(again.orchestration.divergedAt).toBe(undefined);
    }
  });

  it("differ from run to run", async () => {
    const values = new Set<unknown>();
    for (const name of ["one", "two"]) {
      seen.length = 0;
      await Rehearsal.start(telling, { run: { id: `run_${name}_000000000`.replace(/_0/, "00") as never } });
      values.add(seen[2]).add(seen[3]);
    }
    expect(values.size).toBe(4);
  });
});

describe("order", () => {
  const chains = pipeline({ name: "chains" }, async () => {
    const chain = async (name: string) => {
      for (let i = 0; i < 3; i++) await note({ name, i });
      seen.push(name);
    };
    const a = chain("a");
    const b = chain("b");
    seen.push(await Promise.race([a.then(() => "a first"), b.then(() => "b first")]));
    await Promise.all([a, b]);
  });

  it("of two chains at different speeds, and the winner of a race, are those of the journal", async () => {
    for (const order of [
      ["note", "note_3", "note_4", "note_2", "note_5", "note_6"],
      ["note_2", "note_3", "note_4", "note", "note_5", "note_6"],
      ["note", "note_2", "note_3", "note_4", "note_6", "note_5"],
    ]) {
      seen.length = 0;
      const run = await Rehearsal.start(chains);
      for (const id of order) await run.complete(id);
      expect(run.ended?.status).toBe("completed");
      const before = [...seen];
      seen.length = 0;
      const again = await run.again(chains);
      expect([seen, again.orchestration.fresh]).toEqual([before, []]);
    }
  });

  it("of outcomes that arrive together is one delivery after the other", async () => {
    const racing = pipeline({ name: "racing" }, async () => {
      const all = [take.submit({}), take.submit({}), take.submit({})];
      seen.push(await Promise.any(all.map((future) => future.load())));
    });
    seen.length = 0;
    const run = await Rehearsal.start(racing);
    await run.see(
      run.outcome("take", failed(new Error("no"))),
      run.outcome("take_3", completed("take_3", { output: 3 })),
      run.outcome("take_2", completed("take_2", { output: 2 })),
    );
    expect(seen).toEqual([3]);
    expect(run.ended?.status).toBe("completed");
  });

  it("hears nothing twice", async () => {
    const once = pipeline({ name: "once_only" }, async () => {
      seen.push(await take({}).then(() => "heard"));
      await note({});
    });
    seen.length = 0;
    const run = await Rehearsal.start(once);
    const told = run.outcome("take", completed("take", { output: 1 }));
    await run.see(told, told);
    await run.see(told, { ...told, outcome: failed(new Error("late")) });
    expect(seen).toEqual(["heard"]);
    expect(run.journal.filter((event) => event.t === "outcome")).toHaveLength(1);
  });
});

describe("cancel", () => {
  const cancelling = pipeline({ name: "cancelling" }, async () => {
    const running = take.submit({});
    const queued = take.submit({}, { after: running });
    queued.cancel();
    running.cancel("enough");
    running.cancel("twice");
    seen.push(running.status());
    await note({});
    running.cancel("too late");
    seen.push(await queued.result().catch((error: { code: string; message: string }) => [error.code, error.message]), queued.status());
  });

  it("is a decision of the journal: what waits ends at once, what runs is told, nobody fails for it", async () => {
    seen.length = 0;
    const run = await Rehearsal.start(cancelling);
    expect(run.decisions).toEqual(["called take", "called take_2", "cancel take_2", "cancel take", "called note"]);
    expect(run.outcomeOf("take_2")).toEqual({ status: "cancelled", reason: "cancelled by the pipeline function" });
    // Whether it had been launched or not, a step run that was given up before its launch never starts.
    expect(run.outcomeOf("take")).toEqual({ status: "cancelled", reason: "enough" });
    await run.complete("note");
    expect(seen).toEqual(["pending", ["cancelled", "step take_2 was cancelled: cancelled by the pipeline function"], "stopped"]);
    expect(run.ended).toMatchObject({ status: "completed" });
  });

  it("takes away the retries of what runs, and a failure of it is nobody's", async () => {
    const giving = pipeline({ name: "giving_up" }, async () => {
      const future = take.with({ retry: { maxRetries: 5 } }).submit({});
      await note({});
      future.cancel();
    });
    const run = await Rehearsal.start(giving);
    await run.complete("note");
    expect(run.ended).toBe(undefined);
    await run.fail("take");
    expect(run.ended).toMatchObject({ status: "completed" });
  });
});

describe("stop", () => {
  it("lets nothing start and tells the function nothing more", async () => {
    const long = pipeline({ name: "long_one" }, async () => {
      const first = take.submit({});
      note.submit({}, { after: first });
      await first;
      seen.push("went on");
      await note({});
    });
    seen.length = 0;
    const run = await Rehearsal.start(long);
    await run.stop("enough");
    expect([run.orchestration.mustAbort, run.outcomeOf("note")]).toMatchObject([
      true,
      { status: "cancelled", reason: "the run was stopped: enough" },
    ]);
    await run.complete("take", 1);
    expect([seen, run.ended]).toMatchObject([[], { status: "stopped", error: { code: "stopped" } }]);
    const again = await run.again(long);
    expect([again.orchestration.fresh, seen]).toEqual([[], []]);
  });
});

describe("a static pipeline", () => {
  const graph = pipeline({ name: "static_graph", mode: "static" }, () => {
    const a = load({ city: "Oslo" });
    const b = take({ a }, { id: "b" });
    const c = take({}, { id: "c" });
    void note({ b }, { after: c, id: "d" });
    return { b, c };
  });

  it("is scheduled by what its calls depend on, as wide as it may", async () => {
    const run = await Rehearsal.start(graph);
    expect(run.launched).toEqual(["load", "c"]);
    await run.complete("load", [1]);
    expect(run.launched).toEqual(["c", "b"]);
    await run.complete("b", 1);
    await run.complete("c", 2);
    expect(run.launched).toEqual(["d"]);
    await run.complete("d");
    expect(run.ended).toMatchObject({ status: "completed", outputs: { b: { id: "a.b.1.output" }, c: { id: "a.c.1.output" } } });
    const narrow = await Rehearsal.start(graph, { run: { maxConcurrency: 1 } });
    expect(narrow.launched).toEqual(["load"]);
  });

  it("stops at the first failed step (stop_on_failure), goes on beside it (continue_on_failure), or ends (fail_fast)", async () => {
    const stopping = await Rehearsal.start(graph, { run: { maxConcurrency: 1 } });
    await stopping.fail("load");
    expect([stopping.outcomeOf("b"), stopping.outcomeOf("c"), stopping.outcomeOf("d")]).toMatchObject([
      { status: "skipped", upstream: "load" },
      { status: "cancelled", reason: "step load had failed" },
      { status: "skipped" },
    ]);
    expect(stopping.ended).toMatchObject({ status: "failed", error: { name: "RangeError", step: "load" } });

    const going = await Rehearsal.start(graph, { run: { maxConcurrency: 1, onFailure: "continue_on_failure" } });
    await going.fail("load");
    expect(going.launched).toEqual(["c"]);
    await going.complete("c", 2);
    expect(going.ended).toMatchObject({ status: "failed", error: { step: "load" }, outputs: { c: { id: "a.c.1.output" } } });

    const fast = await Rehearsal.start(graph, { run: { onFailure: "fail_fast" } });
    await fast.fail("load");
    expect([fast.orchestration.mustAbort, fast.launched]).toEqual([true, ["c"]]);
  });
});

it("a cached outcome stands in for a launch, and is an outcome like others", async () => {
  const caching = pipeline({ name: "caching_one" }, async () => take.with({ cache: true })({}));
  const outcome = {
    status: "cached",
    outputs: { output: artifactOf("other", 5) },
    origin: { run: "run_other" as never, step: "take" },
  } as const;
  const run = await Rehearsal.start(caching, { lent: { lookUp: async () => outcome } });
  expect(run.journal.map((event) => event.t)).toEqual(["called", "outcome", "returned", "ended"]);
  expect(run.ended?.outputs).toMatchObject({ output: { id: "other" } });
});
