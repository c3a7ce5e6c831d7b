import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { pipeline } from "../../src/index.ts";
import type { StepCalled } from "../../src/model/event.ts";
import { completed, Rehearsal } from "./rehearsal.ts";
import { fit, load, note, take } from "./steps.ts";

let made = 0;
/** Runs a pipeline function whose steps give 1, 2, 3 …, and answers what it threw. */
async function errorOf(
  fn: (run: Rehearsal) => unknown,
): Promise<{ readonly code: string; readonly message: string; readonly calls: number }> {
  let thrown: unknown;
  const trying = pipeline({ name: `trying_${made++}` }, async () => {
    try {
      await fn(run);
    } catch (error) {
      thrown = error;
    }
  });
  const run: Rehearsal = new Rehearsal(trying);
  await run.orchestration.replay();
  await run.see();
  for (let open = run.launched; open.length > 0; open = run.launched)
    await run.end(open[0]!, completed(open[0]!, { output: [1, 2], model: "m", rmse: 1 }));
  expect(run.ended?.status).toBe("completed");
  const error = thrown as { code: string; message: string };
  return {
    code: error.code,
    message: error.message,
    calls: run.journal.filter((event) => event.t === "called" || event.t === "mapped").length,
  };
}

const anything = take as unknown as { (input: unknown, options?: object): Promise<never>; submit(input: unknown, options?: object): never };

class Point {
  readonly x = 1;
}
const cyclic: { self?: object } = {};
cyclic.self = cyclic;

describe("an input that cannot be one is refused at the call, and nothing of it is journaled", () => {
  it.each<[string, string, unknown, RegExp]>([
    ["a function", "unserializable_input", { a: [{ fn: () => 1 }] }, /"a\[0\]\.fn" of step take/],
    ["a symbol", "unserializable_input", { a: Symbol("x") }, /"a".*symbol/],
    ["an instance of a class", "unserializable_input", { a: new Point() }, /"a".*Point/],
    ["a promise", "unserializable_input", { a: Promise.resolve(1) }, /"a".*await it first/],
    ["a cycle", "unserializable_input", cyclic, /contains itself/],
    ["no object", "bad_call", 5, /its input is a number/],
    ["a list", "bad_call", [1], /its input is a list/],
  ])("%s", async (_, code, input, message) => {
    const refused = await errorOf(() => anything(input));
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message), calls: 0 });
  });

  it.each<[string, string, (handle: object) => unknown, RegExp]>([
    ["a spread copy", "handle_copied", (handle) => ({ a: { ...handle } }), /"a".*copy of a handle/],
    ["a handle in a Map", "handle_not_reachable", (handle) => ({ a: new Map([["k", handle]]) }), /"a".*Map or Set/],
    ["a handle in a Set in a list", "handle_not_reachable", (handle) => ({ a: [new Set([handle])] }), /"a\[0\]"/],
  ])("%s", async (_, code, input, message) => {
    for (const make of [async () => load({ city: "Oslo" }), async () => [load.submit({ city: "Oslo" })]]) {
      const refused = await errorOf(async () => {
        const handle = await make();
        return anything(input(Array.isArray(handle) ? (handle[0] as object) : handle));
      });
      expect(refused).toMatchObject({ code, message: expect.stringMatching(message), calls: 1 });
    }
  });

  it("a record of several outputs, and a step without one", async () => {
    expect(await errorOf(() => anything({ a: fit.submit({ days: [], degree: 1 }) }))).toMatchObject({
      code: "unserializable_input",
      message: expect.stringMatching(/fit has several outputs.*\.model/),
    });
    expect(await errorOf(() => anything({ a: note.submit({}) }))).toMatchObject({
      code: "unserializable_input",
      message: expect.stringMatching(/note has no output/),
    });
  });
});

describe("a handle of another run", () => {
  it("is refused in inputs, in `after` and as a result", async () => {
    let kept: object | undefined;
    const keeping = pipeline({ name: "keeping" }, async () => {
      kept = await take({});
    });
    const first = await Rehearsal.start(keeping);
    await first.complete("take", 1);
    expect(await errorOf(() => anything({ a: kept }))).toMatchObject({
      code: "handle_of_another_run",
      message: expect.stringContaining("take"),
    });
    expect(await errorOf(() => anything({}, { after: kept }))).toMatchObject({ code: "handle_of_another_run" });
    const returning = pipeline({ name: "returning_foreign" }, async () => kept as never);
    expect((await Rehearsal.start(returning)).ended).toMatchObject({ status: "failed", error: { code: "handle_of_another_run" } });
  });
});

describe("taken for a value", () => {
  it.each<[string, (handle: object) => unknown]>([
    ["JSON", (handle) => JSON.stringify({ handle })],
    ["text", (handle) => "".concat(handle as never)],
    ["a number", (handle) => (handle as never) * 2],
  ])("%s: a handle refuses, naming load()", async (_, use) => {
    for (const make of [
      () => load.submit({ city: "Oslo" }),
      () => load({ city: "Oslo" }),
      () => fit.submit({ days: [], degree: 1 }).rmse,
    ]) {
      expect(await errorOf(() => void use(make()))).toMatchObject({
        code: "handle_is_no_value",
        message: expect.stringContaining(".load()"),
      });
    }
    expect(await errorOf(async () => use(await load({ city: "Oslo" })))).toMatchObject({ code: "handle_is_no_value" });
  });

  it("structuredClone gives no silent copy", async () => {
    expect((await errorOf(async () => structuredClone(await load({ city: "Oslo" })))).message).toMatch(/could not be cloned/);
  });

  it("but shows its name where it is inspected or logged", async () => {
    const shown: string[] = [];
    const showing = pipeline({ name: "showing" }, async () => {
      const future = fit.submit({ days: [], degree: 1 });
      shown.push(inspect(future), inspect(future.rmse), inspect(note({})), inspect(take.map({ x: [1] })));
      shown.push(inspect(await future.rmse), inspect((await load({ city: "Oslo" })).chunk(1)));
    });
    const run = await Rehearsal.start(showing);
    await run.end("fit", completed("fit", { model: "m", rmse: 1 }));
    await run.complete("load", [1, 2]);
    expect(shown).toEqual(["Future(fit)", "Future(fit.rmse)", "Call(note)", "Future(take)", "Artifact(fit.rmse)", "Artifact(load[1])"]);
  });
});

describe("a call", () => {
  const recorded = (run: Rehearsal) => run.journal.filter((event): event is StepCalled => event.t === "called");

  it("takes a snapshot of its input", async () => {
    const mutating = pipeline({ name: "mutating" }, async () => {
      const input = { list: [1] };
      take.submit(input);
      input.list.push(2);
    });
    expect(recorded(await Rehearsal.start(mutating))[0]?.input.literal).toBe('{"list":[1]}');
  });

  it("links handles wherever lists and plain objects lead, before they are there", async () => {
    const linking = pipeline({ name: "linking" }, async () => {
      const { model, rmse } = fit.submit({ days: load({ city: "Oslo" }), degree: 3 });
      await take({ deep: { list: [1, model] }, rmse, items: load.submit({ city: "Rome" }).chunk(1) });
    });
    const [, two, , four] = recorded(await Rehearsal.start(linking));
    expect(two?.input).toEqual({ literal: '{"days":null,"degree":3}', edges: [{ path: ["days"], from: "load", output: "output" }] });
    expect(four?.input.edges).toEqual([
      { path: ["deep", "list", 1], from: "fit", output: "model" },
      { path: ["rmse"], from: "fit", output: "rmse" },
      { path: ["items"], from: "load_2", output: "output", item: 1 },
    ]);
  });

  it("may come after anything that has a handle", async () => {
    const ordered = pipeline({ name: "ordered" }, async () => {
      const done = await fit({ days: [], degree: 1 });
      note.submit({}, { after: [note.submit({}), load({ city: "Oslo" }), done as never, take.map({ x: [] })] });
      note.submit({}, { after: done.model });
    });
    const run = await Rehearsal.start(ordered);
    await run.end("fit", completed("fit", { model: "m", rmse: 1 }));
    expect(recorded(run).map(({ id, after }) => [id, after])).toEqual([
      ["fit", undefined],
      ["note", undefined],
      ["load", undefined],
      ["note_2", ["note", "load", "fit", "take"]],
      ["note_3", ["fit"]],
    ]);
    expect(run.launched).toEqual(["note", "load", "take", "note_3"]);
    expect(await errorOf(() => anything({}, { after: "fit" }))).toMatchObject({
      code: "bad_call",
      message: expect.stringContaining("never ids"),
    });
  });

  it("has an id of its own: the explicit one that comes second is refused, automatic ones give way", async () => {
    const ids: string[] = [];
    const naming = pipeline({ name: "naming" }, async () => {
      ids.push(take.submit({}, { id: "take_2" }).id, take.submit({}).id, take.submit({}).id, take.submit({}).id);
      try {
        take.submit({}, { id: "take_3" });
      } catch (error) {
        ids.push((error as { code: string }).code);
      }
    });
    await Rehearsal.start(naming);
    expect(ids).toEqual(["take_2", "take", "take_3", "take_4", "duplicate_step_id"]);
  });

  it("can be awaited twice, in helpers, in Promise.all, and taken apart", async () => {
    const seen: unknown[] = [];
    const helper = async (n: number) => {
      const value = await (await take({ n })).load();
      return [n, value];
    };
    const using = pipeline({ name: "using" }, async () => {
      const call = take({ n: 0 });
      const [once, twice] = [await call, await call];
      seen.push(once === twice);
      seen.push(await Promise.all([helper(1), helper(2), take({ n: 3 })]).then(([one, two, three]) => [one, two, three.id]));
      const { load: loadIt, result, status, cancel, id } = take.submit({});
      seen.push(id, status(), await loadIt(), (await result()).id, status());
      cancel();
      const future = take.submit({});
      await future;
      seen.push(await future.load());
    });
    const run = await Rehearsal.start(using);
    for (const [i, id] of ["take", "take_4", "take_3", "take_2", "take_5", "take_6"].entries()) await run.complete(id, i);
    expect(seen).toEqual([true, [[1, 3], [2, 2], "a.take_4.1.output"], "take_5", "pending", 4, "a.take_5.1.output", "completed", 5]);
    expect(run.ended?.status).toBe("completed");
  });
});

describe("what a pipeline returns", () => {
  const returned = async (fn: () => unknown) => {
    const giving = pipeline({ name: `giving_${made++}` }, async () => fn() as never);
    const run = await Rehearsal.start(giving);
    for (let open = run.launched; open.length > 0; open = run.launched)
      await run.end(open[0]!, completed(open[0]!, open[0] === "fit" ? { model: "m", rmse: 1 } : { output: [1] }));
    const ids = Object.entries(run.ended?.outputs ?? {}).map(([name, part]) => [
      name,
      Array.isArray(part) ? part.map(({ id }) => id) : "id" in part ? part.id : part,
    ]);
    return run.ended?.error?.message ?? Object.fromEntries(ids);
  };

  it("is nothing, a handle, a list or a record of handles, finished or not", async () => {
    expect(await returned(() => undefined)).toEqual({});
    expect(await returned(() => take({}))).toEqual({ output: "a.take.1.output" });
    expect(await returned(() => take.submit({}))).toEqual({ output: "a.take.1.output" });
    expect(await returned(() => fit.submit({ days: [], degree: 1 }))).toEqual({ model: "a.fit.1.model", rmse: "a.fit.1.rmse" });
    expect(await returned(() => [take.submit({}), load.submit({ city: "" }).chunk(0)])).toEqual({
      output: ["a.take.1.output", "a.load.1.output[0]"],
    });
    expect(await returned(() => ({ one: take.submit({}), both: fit.submit({ days: [], degree: 1 }), many: [take.submit({})] }))).toEqual({
      one: "a.take.1.output",
      "both.model": "a.fit.1.model",
      "both.rmse": "a.fit.1.rmse",
      many: ["a.take_2.1.output"],
    });
  });

  it.each<[string, unknown, RegExp]>([
    ["a number", 5, /it returned a number/],
    ["null", null, /it returned null/],
    ["a Date", new Date(), /instance of Date/],
    ["a value in a record", { a: 1 }, /a number at a/],
    ["a record in a record", { a: { b: 1 } }, /at a\b/],
    ["a list in a list", [[1]], /a list at \[0\]/],
  ])("is no value: %s", async (_, value, message) => {
    expect(await returned(() => value)).toMatch(message);
  });

  it("a failure of it fails the run, also where nobody awaited it", async () => {
    const failing = pipeline({ name: "returns_failing" }, async () => ({ a: take.submit({}), b: take.submit({}) }));
    const run = await Rehearsal.start(failing);
    await run.complete("take", 1);
    await run.fail("take_2");
    expect(run.ended).toMatchObject({
      status: "failed",
      error: { name: "RangeError", step: "take_2" },
      outputs: { a: { id: "a.take.1.output" } },
    });
  });
});
