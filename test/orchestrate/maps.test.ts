import { describe, expect, it } from "vitest";
import { pipeline, unmapped } from "../../src/index.ts";
import type { Failure } from "../../src/model/failure.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { artifactOf, completed, failed, Rehearsal } from "./rehearsal.ts";
import { fit, load, note, take } from "./steps.ts";

const errorNamed = (message: string): Failure => ({ name: "RangeError", message });

/** How a map ends whose items at these indexes failed. */
function partly(id: string, values: readonly number[], failures: readonly number[]): Outcome {
  const list = failures.map((index) => ({
    index,
    id: `${id}[${index}]`,
    error: { ...errorNamed(`item ${index}`), step: `${id}[${index}]` },
  }));
  const [first, ...others] = list.map(({ error }) => error);
  const error = { ...(first ?? errorNamed("none")), ...(others.length === 0 ? {} : { errors: others }) };
  return {
    status: "failed",
    error,
    partial: { outputs: { output: artifactOf(`a.${id}.1.output`, values) }, failures: artifactOf(`a.${id}.1.failures`, list) },
  };
}

const sizes = (run: Rehearsal) =>
  run.journal.flatMap((event) => (event.t === "launched" && event.items !== undefined ? [[event.id, event.items]] : []));

describe("a map", () => {
  it("is one call, one launch and one outcome, and a future of lists", async () => {
    const seen: unknown[] = [];
    const mapping = pipeline({ name: "mapping" }, async () => {
      const map = take.map({ x: [5, 6, 7], all: unmapped({ n: 1 }) });
      seen.push(map.status(), await map.load(), (await map).itemCount, await map.chunk(1).load());
      const both = fit.map({ days: [[1], [2]], degree: unmapped(3) });
      seen.push(await both.rmse.load());
      return { values: map, models: both.model };
    });
    const run = await Rehearsal.start(mapping);
    expect(sizes(run)).toEqual([["take", 3]]);
    await run.complete("take", [50, 60, 70]);
    await run.end("fit", completed("fit", { model: ["a", "b"], rmse: [1, 2] }));
    expect(seen).toEqual(["pending", [50, 60, 70], 3, 60, [1, 2]]);
    expect(run.ended).toMatchObject({
      status: "completed",
      outputs: { values: { id: "a.take.1.output" }, models: { id: "a.fit.1.model" } },
    });
    expect(run.journal.map((event) => event.t)).toEqual([
      "mapped",
      "launched",
      "outcome",
      "loaded",
      "loaded",
      "mapped",
      "launched",
      "outcome",
      "loaded",
      "returned",
      "ended",
    ]);
  });

  it("is as long as its lists: arrays, list artifacts, earlier maps; a product as all combinations", async () => {
    const sized = pipeline({ name: "sized" }, async () => {
      const days = load.submit({ city: "Oslo" });
      const one = take.map({ x: days, y: [1, 2] });
      take.map({ x: one, y: await days });
      take.product({ x: days, y: [1, 2, 3], z: unmapped([1, 2, 3, 4]) });
      take.product({ x: days, y: [] });
    });
    const run = await Rehearsal.start(sized);
    expect(sizes(run)).toEqual([]);
    await run.complete("load", [8, 9]);
    await run.complete("take", [1, 2]);
    expect(sizes(run)).toEqual([
      ["take", 2],
      ["take_3", 6],
      ["take_4", 0],
      ["take_2", 2],
    ]);
  });

  it("of nothing has no items and an empty list", async () => {
    const seen: unknown[] = [];
    const empty = pipeline({ name: "empty" }, async () => {
      const map = take.map({ x: [] });
      seen.push(await map.items(), await map.load(), await map.settled());
    });
    const run = await Rehearsal.start(empty);
    expect(sizes(run)).toEqual([["take", 0]]);
    await run.complete("take", []);
    expect(seen).toMatchObject([[], [], { failed: [] }]);
    expect(run.ended?.status).toBe("completed");
  });

  it("whose lists do not fit together rejects its future, with the counts, and the run may go on", async () => {
    let seen: unknown;
    const unequal = pipeline({ name: "unequal" }, async () => {
      await take
        .map({ a: [1, 2], b: [1, 2, 3] })
        .load()
        .catch((error: unknown) => (seen = error));
      await note({});
    });
    const run = await Rehearsal.start(unequal);
    expect(seen).toMatchObject({ code: "map_length_mismatch", message: expect.stringMatching(/a has 2, b has 3/), step: "take" });
    await run.complete("note");
    expect(run.ended?.status).toBe("completed");
  });

  it("over what turns out to be no list rejects its future", async () => {
    const noList = pipeline({ name: "no_list" }, async () => {
      await take.map({ x: take.submit({}) as never });
    });
    const run = await Rehearsal.start(noList);
    await run.complete("take", 5);
    expect(run.ended).toMatchObject({ status: "failed", error: { code: "map_not_a_list", message: expect.stringContaining('field "x"') } });
  });

  it.each<[string, () => unknown, string, RegExp]>([
    ["with nothing to map over", () => take.map({ x: unmapped(1) }), "map_without_list", /map of step take/],
    ["over a text", () => take.map({ x: "abc" as never }), "map_not_a_list", /field "x".*a string/],
    ["over a Set", () => take.map({ x: new Set([1]) as never }), "map_not_a_list", /field "x".*Set.*\[\.\.\.values\]/],
    ["over a scalar that should be unmapped", () => take.map({ x: [1], y: 5 as never }), "map_not_a_list", /field "y".*unmapped/],
    ["of a bad width", () => take.map({ x: [1] }, { maxConcurrency: 0 }), "bad_call", /maxConcurrency/],
  ])("%s is refused at the call", async (what, fn, code, message) => {
    const refused = pipeline({ name: `refused_${what.replace(/[^a-z]/g, "_")}` }, async () => {
      fn();
    });
    const run = await Rehearsal.start(refused);
    expect(run.ended).toMatchObject({ status: "failed", error: { code, message: expect.stringMatching(message) } });
    expect(run.decisions).toEqual(["threw"]);
  });

  it("counts its items as steps of the run", async () => {
    const wide = pipeline({ name: "wide", maxSteps: 5 }, async () => {
      await take.map({ x: [1, 2, 3, 4, 5, 6] });
    });
    expect((await Rehearsal.start(wide)).ended).toMatchObject({
      error: { code: "max_steps_exceeded", message: expect.stringContaining("6 items") },
    });
  });
});

describe("a failed map", () => {
  const awaiting = pipeline({ name: "awaiting" }, async () => {
    await take.map({ x: [1, 2, 3] });
  });

  it("rejects with its first failure by index, the others as errors", async () => {
    const run = await Rehearsal.start(awaiting);
    await run.end("take", partly("take", [1], [1, 2]));
    expect(run.ended).toMatchObject({
      status: "failed",
      error: { name: "RangeError", message: "item 1", step: "take[1]", errors: [{ message: "item 2" }] },
    });
  });

  it("gives what succeeded and what failed to those who ask, and then it has not failed", async () => {
    let seen: unknown;
    const settling = pipeline({ name: "settling" }, async () => {
      const { succeeded, failed: bad } = await take.map({ x: [1, 2, 3] }).settled();
      seen = [await succeeded.load(), bad.map(({ index, id, error }) => [index, id, error.name, error.message])];
      await note({ whole: succeeded, second: succeeded.chunk(1) }, { after: succeeded });
      const sizes = take.map({ x: succeeded });
      return { succeeded, sizes };
    });
    const run = await Rehearsal.start(settling);
    await run.end("take", partly("take", [10, 30], [1]));
    await run.complete("note");
    expect(sizes(run).at(-1)).toEqual(["take_2", 2]);
    await run.complete("take_2", [1, 3]);
    expect(run.ended?.outputs).toMatchObject({ succeeded: { id: "a.take.1.output" } });
    expect(seen).toEqual([[10, 30], [[1, "take[1]", "RangeError", "item 1"]]]);
    expect(run.ended?.status).toBe("completed");
    const again = await run.again(settling);
    expect(again.orchestration.fresh).toEqual([]);
  });

  it("is no input for what was promised its whole", async () => {
    const hoping = pipeline({ name: "hoping" }, async () => {
      const map = take.map({ x: [1, 2] });
      const later = note.submit({ map });
      await map.settled();
      await later.result().catch(() => {});
      await note({ map }).catch(() => {});
    });
    const run = await Rehearsal.start(hoping);
    await run.end("take", partly("take", [10], [1]));
    expect([run.outcomeOf("note"), run.outcomeOf("note_2")]).toMatchObject([
      { status: "skipped", upstream: "take" },
      { status: "skipped", upstream: "take" },
    ]);
    expect(run.ended?.status).toBe("completed");
  });

  it("fails the run when nobody awaits it", async () => {
    const leaving = pipeline({ name: "leaving" }, async () => void take.map({ x: [1, 2] }));
    const run = await Rehearsal.start(leaving);
    await run.end("take", partly("take", [1], [1]));
    expect(run.ended).toMatchObject({ status: "failed", error: { code: "unawaited_failure", step: "take" } });
  });
});

describe("items of a map", () => {
  const seen: unknown[] = [];
  const racing = pipeline({ name: "racing_items" }, async () => {
    const map = take.map({ x: [1, 2, 3] });
    const items = await map.items();
    seen.push(items.map(({ id, status }) => [id, status()]));
    const first = await Promise.race(items.map((item) => item.load()));
    seen.push(
      first,
      items.map((item) => item.status()),
    );
    await note({ first: items[1]! });
    seen.push(await map.load());
  });

  it("are futures of their own, in the order in which they end", async () => {
    seen.length = 0;
    const run = await Rehearsal.start(racing);
    expect(run.decisions).toEqual(["mapped take", "watched take"]);
    await run.see({ ...run.outcome("take[2]", completed("take[2]", { output: 30 })) });
    expect(seen).toEqual([
      [
        ["take[0]", "pending"],
        ["take[1]", "pending"],
        ["take[2]", "pending"],
      ],
      30,
      ["pending", "pending", "completed"],
    ]);
    expect(run.launched).toEqual(["take"]);
    await run.see(run.outcome("take[1]", completed("take[1]", { output: 20 })));
    expect(run.launched).toEqual(["take", "note"]);
    await run.complete("note");
    await run.complete("take", [10, 20, 30]);
    expect(seen.at(-1)).toEqual([10, 20, 30]);
    const before = [...seen];
    seen.length = 0;
    const again = await run.again(racing);
    expect([again.orchestration.fresh, seen]).toEqual([[], before]);
  });

  it("whose failures were all looked at have not failed the run", async () => {
    const each = pipeline({ name: "each_item" }, async () => {
      await Promise.allSettled(await take.map({ x: [1, 2] }).items());
    });
    const run = await Rehearsal.start(each);
    await run.see(run.outcome("take[0]", completed("take[0]", { output: 1 })), run.outcome("take[1]", failed(new Error("second"))));
    await run.end("take", partly("take", [1], [1]));
    expect(run.ended?.status).toBe("completed");
  });

  it("whose failure nobody looked at fail the run, although others were awaited", async () => {
    const one = pipeline({ name: "one_item" }, async () => {
      const [first] = await take.map({ x: [1, 2] }).items();
      await first;
    });
    const run = await Rehearsal.start(one);
    await run.see(run.outcome("take[0]", completed("take[0]", { output: 1 })));
    await run.see({ ...run.outcome("take", partly("take", [1], [1])), counts: { completed: 1, failed: 1 } });
    expect(run.ended).toMatchObject({ status: "failed", error: { code: "unawaited_failure", step: "take" } });
  });

  it("of a map that never started are none, and its failure is still told", async () => {
    const lengths: number[] = [];
    const skipped = pipeline({ name: "skipped_map" }, async () => {
      lengths.push((await take.map({ x: load.submit({ city: "Oslo" }) }).items()).length);
    });
    const run = await Rehearsal.start(skipped);
    await run.fail("load");
    expect(lengths).toEqual([0]);
    expect(run.ended).toMatchObject({ status: "failed", error: { code: "unawaited_failure", step: "load" } });
  });
});
