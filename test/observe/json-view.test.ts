import { expect, it } from "vitest";
import { jsonView } from "../../src/observe/json-view.ts";

it("has a word for everything that is stored and JSON has none for", () => {
  const value = {
    big: 12345678901234567890n,
    day: new Date(0),
    map: new Map([["key", new Set([1])]]),
    bytes: new Uint8Array(3),
    none: undefined,
    nan: Number.NaN,
  };
  expect(jsonView(value)).toEqual({
    big: "12345678901234567890",
    day: "1970-01-01T00:00:00.000Z",
    map: [["key", [1]]],
    bytes: "Uint8Array(3 bytes)",
    nan: "NaN",
  });
});

it("ends where a value holds itself, and shows what it holds twice both times", () => {
  const twice = { n: 1 };
  const value: Record<string, unknown> = { twice: [twice, twice] };
  value["self"] = [value, value, value];
  expect(jsonView(value)).toEqual({ twice: [{ n: 1 }, { n: 1 }], self: ["…", "…", "…"] });
});

it("ends in the depth", () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 10_000; depth++) value = [value];
  expect(JSON.stringify(jsonView(value))).toContain("…");
});
