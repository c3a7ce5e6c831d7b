import { describe, expect, it } from "vitest";
import { formatAge, formatBytes, formatCount } from "../../src/cli/amounts.ts";
import { errorText } from "../../src/cli/error-text.ts";
import { table } from "../../src/cli/table.ts";
import { valueLines } from "../../src/cli/value-lines.ts";

describe("amounts", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [13_500_000, "13.5 MB"],
    [2e15, "2000.0 TB"],
  ])("%i bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, "0"],
    [999, "999"],
    [1_000, "1,000"],
    [1_234_567, "1,234,567"],
  ])("%i is counted %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it.each([
    [500, "now"],
    [59_999, "59 s ago"],
    [60_000, "1 min ago"],
    [7_200_000, "2 h ago"],
    [3 * 86_400_000, "3 d ago"],
  ])("%i ms are %s", (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
});

describe("a table", () => {
  it("aligns what is seen, not what colours it", () => {
    const rows = [
      ["\u001B[31mbad\u001B[39m", "7"],
      ["completed", "1,000"],
    ];
    expect(table([{ title: "status" }, { title: "n", align: "right" }], rows)).toBe(
      "STATUS         N\n\u001B[31mbad\u001B[39m            7\ncompleted  1,000",
    );
  });

  it("cuts lines that are too long", () => {
    expect(table([{ title: "a" }], [["0123456789"]], 8)).toBe("A\n0123456…");
  });
});

describe("a value", () => {
  it("that is a list of records is a table, with the first rows", () => {
    const lines = valueLines(
      Array.from({ length: 12 }, (_, n) => ({ n, text: `a\nb${n}`, none: null })),
      undefined,
    );
    expect(lines.join("\n").split("\n")).toEqual([
      "N  TEXT  NONE",
      ...Array.from({ length: 10 }, (_, n) => `${n}  a b${n}`),
      "… 2 more rows",
    ]);
  });

  it("that is short is shown, one that is long is not", () => {
    expect(valueLines({ a: 1 }, undefined)).toEqual(["{", '  "a": 1', "}"]);
    expect(valueLines("one\ntwo", undefined)).toEqual(["one", "two"]);
    expect(
      valueLines(
        Array.from({ length: 100 }, (_, n) => n),
        undefined,
      ),
    ).toEqual([]);
    expect(valueLines(undefined, undefined)).toEqual(["null"]);
  });
});

describe("an error", () => {
  it("names what caused it", () => {
    const cause = { name: "RangeError", message: "too large" };
    expect(errorText({ name: "SkeinError", code: "upstream_failed", message: "skipped", cause })).toBe(
      "SkeinError upstream_failed: skipped\n  caused by RangeError: too large",
    );
  });
});
