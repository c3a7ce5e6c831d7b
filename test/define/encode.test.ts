import { describe, expect, it } from "vitest";
import { unmapped } from "../../src/index.ts";
import { artifactOf } from "../../src/define/artifact-handle.ts";
import { CallHandle } from "../../src/define/call-handle.ts";
import { encodeInput } from "../../src/define/encode.ts";
import { futureOf } from "../../src/define/futures-handle.ts";
import { decodeValue } from "../../src/model/value.ts";
import { artifactRef, SeenStep } from "./seen-step.ts";

const owner = {};
const site = { step: "fit", owner };
const days = new SeenStep(owner, "days", "one").complete({ output: artifactRef("days", { itemCount: 9 }) });
const day = new SeenStep(owner, "day", "one");
const both = new SeenStep(owner, "both", ["model", "rmse"]);
const whole = artifactOf(days, "output", artifactRef("days", { itemCount: 9 }));

describe("encodeInput()", () => {
  it("turns handles into edges, wherever arrays and plain objects lead", () => {
    const { model } = { ...futureOf(both) } as { model: object };
    const input = { days: whole, one: whole.chunk(4), rows: [1, { at: futureOf(day), call: new CallHandle(day) }], model, degree: 3 };
    expect(encodeInput(input, site)).toEqual({
      literal: '{"days":null,"one":null,"rows":[1,{"at":null,"call":null}],"model":null,"degree":3}',
      edges: [
        { path: ["days"], from: "days", output: "output" },
        { path: ["one"], from: "days", output: "output", item: 4 },
        { path: ["rows", 1, "at"], from: "day", output: "output" },
        { path: ["rows", 1, "call"], from: "day", output: "output" },
        { path: ["model"], from: "both", output: "model" },
      ],
    });
  });

  it("keeps values that JSON would not, beside edges too", () => {
    const literals = {
      at: new Date(5),
      n: Number.NaN,
      big: 3n,
      minus: -0,
      map: new Map([["a", new Set([1])]]),
      list: [1, undefined],
      bytes: new Uint8Array([1, 2]),
    };
    expect(decodeValue(encodeInput(literals, site).literal)).toEqual(literals);
    const { literal, edges } = encodeInput({ ...literals, days: whole }, site);
    expect(decodeValue(literal)).toEqual({ ...literals, days: null });
    expect(edges).toHaveLength(1);
  });

  it("leaves out undefined fields, as if they were not there", () => {
    expect(encodeInput({ a: 1, b: undefined, c: { d: undefined } }, site)).toEqual(encodeInput({ a: 1, c: {} }, site));
  });

  it("takes a snapshot", () => {
    const input = { list: [1] };
    const encoded = encodeInput(input, site);
    input.list.push(2);
    expect(encoded.literal).toBe('{"list":[1]}');
  });

  class Point {
    readonly x = 1;
  }
  const cyclic: { self?: object } = {};
  cyclic.self = cyclic;
  it.each<[string, object, string, RegExp]>([
    ["a function", { deep: [{ fn: () => 1 }] }, "unserializable_input", /"deep\[0\]\.fn" of step fit.*function/],
    ["a symbol", { tag: Symbol("x") }, "unserializable_input", /"tag".*a symbol is no data/],
    ["an instance of a class", { p: new Point() }, "unserializable_input", /"p".*instance of Point/],
    ["a promise", { p: Promise.resolve(1) }, "unserializable_input", /"p".*await it first/],
    ["unmapped() in an ordinary call", { p: unmapped(1) }, "unserializable_input", /"p"/],
    ["an input that contains itself", cyclic, "unserializable_input", /contains itself/],
    ["a future of several outputs", { model: futureOf(both) }, "unserializable_input", /"model".*both has several outputs.*\.model/],
    ["a future of no output", { done: futureOf(new SeenStep(owner, "note", "none")) }, "unserializable_input", /note has no output/],
    ["a handle in a Map", { m: new Map([["a", whole]]) }, "handle_not_reachable", /"m".*inside a Map or Set/],
    ["a handle in a list in a Set", { s: new Set([[whole]]) }, "handle_not_reachable", /"s"/],
    ["a spread artifact", { days: Object.assign({}, whole) }, "handle_copied", /pass the handle itself/],
    ["a spread future", { days: Object.assign({}, futureOf(day)) }, "handle_copied", /pass the handle itself/],
    [
      "a handle of another run",
      { days: futureOf(new SeenStep({}, "days", "one")) },
      "handle_of_another_run",
      /"days".*another run \(days\)/,
    ],
  ])("refuses %s", (_, input, code, message) => {
    expect(() => encodeInput(input, site)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});
