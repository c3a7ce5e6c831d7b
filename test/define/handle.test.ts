import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { artifactOf } from "../../src/define/artifact-handle.ts";
import { CallHandle } from "../../src/define/call-handle.ts";
import { futureOf, FuturesHandle } from "../../src/define/futures-handle.ts";
import { FutureHandle } from "../../src/define/future-handle.ts";
import { artifactRef, SeenStep } from "./seen-step.ts";

const owner = {};
const list = artifactRef("run.days.1.output", { itemCount: 2, metadata: { rows: 2 } });
const one = () => new SeenStep(owner, "days", "one").complete({ output: list });
const named = () => new SeenStep(owner, "fit", ["model", "rmse"]).complete({ model: artifactRef("m"), rmse: artifactRef("r") });
const failed = () => new SeenStep(owner, "days", "one").deliver({ status: "failed", error: { name: "RangeError", message: "too far" } });

describe.each<[string, object, string]>([
  ["an artifact", artifactOf(one(), "output", list), "Artifact(days)"],
  ["an item's artifact", artifactOf(one(), "output", list).chunk(1), "Artifact(days[1])"],
  ["a named output's future", FutureHandle.of(named(), "rmse"), "Future(fit.rmse)"],
  ["a future of named outputs", futureOf(named()), "Future(fit)"],
  ["a call", new CallHandle(one()), "Call(days)"],
])("%s is no value", (_, handle, shown) => {
  it("as JSON, as text, as a number, in a comparison", () => {
    const refusal = expect.objectContaining({
      code: "handle_is_no_value",
      message: expect.stringContaining(`${shown} stands for a value`),
    });
    expect(() => JSON.stringify({ deep: [handle] })).toThrow(refusal);
    expect(() => "".concat(handle as never)).toThrow(refusal);
    expect(() => Number(handle) + 1).toThrow(refusal);
    // oxlint-disable-next-line eqeqeq -- the trap is about ==
    expect(() => (handle as unknown) == 1).toThrow(refusal);
    expect(() => (handle as unknown as number) < 1).toThrow(refusal);
  });

  it("and shows its name where it is inspected", () => {
    expect(inspect({ handle })).toBe(`{ handle: ${shown} }`);
  });
});

describe("an artifact", () => {
  it("loads, tells its metadata and gives items, without needing this", async () => {
    const { load, metadata, chunk, id, itemCount } = artifactOf(one(), "output", list);
    expect([id, itemCount, await load(), await metadata()]).toEqual([list.id, 2, list.id, { rows: 2 }]);
    expect([chunk(1).id, await chunk(1).load()]).toEqual([`${list.id}[1]`, `${list.id}[1]`]);
  });

  it.each([2, -1, 0.5])("has no item %s", (index) => {
    expect(() => artifactOf(one(), "output", list).chunk(index)).toThrow(expect.objectContaining({ code: "artifact_item_out_of_range" }));
  });

  it("that is no list has no items", () => {
    expect(() => artifactOf(new SeenStep(owner, "word", "one"), "output", artifactRef("x")).chunk(0)).toThrow(/is no list/);
  });

  it("is one object an id", () => {
    const backing = one();
    expect(artifactOf(backing, "output", list)).toBe(artifactOf(backing, "output", list));
    expect(artifactOf(backing, "output", list).chunk(1)).toBe(artifactOf(backing, "output", list).chunk(1));
    expect(FutureHandle.of(backing, "output", 1)).toBe(FutureHandle.of(backing, "output").chunk(1));
  });
});

describe("a future", () => {
  it("gives its artifact when awaited, its value when loaded, also taken apart", async () => {
    const backing = one();
    const future = FutureHandle.of(backing, "output");
    const { load, result, status, cancel } = future;
    expect(await (future as PromiseLike<unknown>)).toBe(artifactOf(backing, "output", list));
    expect(await result()).toBe(artifactOf(backing, "output", list));
    expect([await load(), status()]).toEqual([list.id, "completed"]);
    cancel("enough");
    expect(backing.cancelled).toEqual(["enough"]);
  });

  it("of named outputs gives records in their order, and each output as a future", async () => {
    const backing = named();
    const future = new FuturesHandle(backing);
    const { model } = Object.assign({}, future) as unknown as { model: FutureHandle };
    expect(model).toBe(FutureHandle.of(backing, "model"));
    expect(await future.load()).toEqual({ model: "m", rmse: "r" });
    expect(Object.keys((await future.result()) as object)).toEqual(["model", "rmse"]);
  });

  it("is pending until its outcome was delivered, and stopped once cancelled", () => {
    const backing = new SeenStep(owner, "days", "one");
    const future = FutureHandle.of(backing, "output");
    expect(future.status()).toBe("pending");
    backing.deliver({ status: "cancelled", reason: "enough" });
    expect(future.status()).toBe("stopped");
  });

  it("counts as looked at only once somebody takes part in how it ends", async () => {
    const backing = failed();
    const loading = FutureHandle.of(backing, "output").load();
    const results = FutureHandle.of(backing, "output").result();
    await new Promise((resolve) => setImmediate(resolve));
    expect(backing.observed).toBe(0);
    await expect(Promise.all([loading, results])).rejects.toThrow(RangeError);
    expect(backing.observed).toBeGreaterThan(0);
  });

  it("rejects with the step's error, awaited or called", async () => {
    await expect(Promise.resolve(FutureHandle.of(failed(), "output"))).rejects.toThrow("too far");
    await expect(Promise.resolve(new CallHandle(failed()))).rejects.toThrow("too far");
    expect(await new CallHandle(failed()).catch((error: unknown) => String(error))).toBe("RangeError: too far");
  });
});
