import { describe, expect, it } from "vitest";
import { sourceFiles } from "./source-file.ts";

const longest = 300;
const files = sourceFiles("src", "handlers", "infra");

/** Names that say nothing about what a file holds. */
const vague = /^(utils?|helpers?|common|types?|misc|shared|constants|index)$/;

function tooLong(file: { readonly text: string }): boolean {
  return file.text.trimEnd().split("\n").length > longest;
}

function isVague(path: string): boolean {
  return path !== "src/index.ts" && path.split("/").some((part) => vague.test(part.replace(/\.ts$/, "")));
}

describe("files", () => {
  it(`have at most ${longest} lines`, () => {
    expect(files.filter(tooLong).map(({ path }) => path)).toEqual([]);
  });

  it("are named by what they hold", () => {
    expect(files.map(({ path }) => path).filter(isVague)).toEqual([]);
  });
});

describe("the check of files", () => {
  it("finds a line too many", () => {
    expect(tooLong({ text: "x\n".repeat(longest) })).toBe(false);
    expect(tooLong({ text: "x\n".repeat(longest + 1) })).toBe(true);
  });

  it("finds vague names, and the door is none", () => {
    expect(["src/plan/utils.ts", "src/helpers/x.ts", "src/model/index.ts", "src/types.ts"].every(isVague)).toBe(true);
    expect(["src/index.ts", "src/plan/plan.ts", "src/model/typed-array.ts"].some(isVague)).toBe(false);
  });
});
