import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemInput, literalLengths, MapInput, type MappedInput } from "../../src/model/map-input.ts";
import { decodeValue, encodeValue } from "../../src/model/value.ts";

function mapped(literal: object, changes: Partial<MappedInput> = {}): MappedInput {
  return { combine: "zip", unmapped: [], input: { literal: encodeValue(literal), edges: [] }, ...changes };
}

describe("the input of a map's item", () => {
  it("takes the same index of every list, and the unmapped as it is", () => {
    const call = mapped({ x: [1, 2, 3], y: ["a", "b", "c"], all: [7, 8] }, { unmapped: ["all"] });
    expect(decodeValue(itemInput(call, 1, literalLengths(call)).literal)).toEqual({ x: 2, y: "b", all: [7, 8] });
  });

  it("takes every combination of a product, the last field fastest", () => {
    const call = mapped({ a: [1, 2], k: [9], b: ["x", "y", "z"] }, { combine: "product", unmapped: ["k"] });
    const inputs = new MapInput(call, literalLengths(call));
    const items = Array.from({ length: 6 }, (_, i) => decodeValue(inputs.item(i).literal));
    expect(items).toEqual([1, 2].flatMap((a) => ["x", "y", "z"].map((b) => ({ a, k: [9], b }))));
  });

  it("is an item of the artifact where a field is one, in products too", () => {
    const edges = [{ path: ["part"], from: "chunks", output: "output" }];
    const call = mapped({ degree: [1, 2], part: null }, { combine: "product", input: { literal: '{"degree":[1,2],"part":null}', edges } });
    const inputs = new MapInput(call, { ...literalLengths(call), part: 3 });
    expect(inputs.item(4)).toEqual({
      literal: '{"degree":2,"part":null}',
      edges: [{ path: ["part"], from: "chunks", output: "output", item: 1 }],
    });
  });

  it("keeps edges inside a list where they stood in their element", () => {
    const edges = [
      { path: ["models", 0, "model"], from: "fit", output: "model" },
      { path: ["models", 1, "model"], from: "fit_2", output: "model" },
      { path: ["table"], from: "load", output: "output" },
    ];
    const call = mapped(
      {},
      { unmapped: ["table"], input: { literal: '{"models":[{"model":null,"n":1},{"model":null,"n":2}],"table":null}', edges } },
    );
    expect(itemInput(call, 1, literalLengths(call))).toEqual({
      literal: '{"models":{"model":null,"n":2},"table":null}',
      edges: [
        { path: ["models", "model"], from: "fit_2", output: "model" },
        { path: ["table"], from: "load", output: "output" },
      ],
    });
  });

  it("keeps values that JSON has no word for", () => {
    const call = mapped({ day: [new Date(0), new Date(1)] });
    expect(decodeValue(itemInput(call, 1, literalLengths(call)).literal)).toEqual({ day: new Date(1) });
  });

  it("gives each combination of a product once", () => {
    const lists = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 5 }), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(lists, (literal) => {
        const call = mapped(literal, { combine: "product" });
        const inputs = new MapInput(call, literalLengths(call));
        const count = Object.values(literal).reduce((product, list) => product * list.length, 1);
        expect(new Set(Array.from({ length: count }, (_, i) => inputs.item(i).literal)).size).toBe(count);
      }),
    );
  });
});
