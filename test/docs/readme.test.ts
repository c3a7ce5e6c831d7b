import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Page } from "./page.ts";
import { UsersFolder, type Ended } from "./users-folder.ts";

/** What differs from one run to the next: ids, times, durations, processes, and the lines that say what is still running. */
function settled(output: string): readonly string[] {
  return output
    .split("\n")
    .filter((line) => !line.startsWith("running "))
    .map((line) =>
      line
        .replaceAll(/run_[0-9a-z]{10,}/g, "<run>")
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z( \([^)]*\))?/g, "<time>")
        .replaceAll(/\d\d:\d\d:\d\d\.\d+/g, "<time>")
        .replaceAll(/\d[\d.,]* m?s\b/g, "<span>")
        .replaceAll(/turns +\d+, with \d+ journal entries/g, "<turns>")
        .replaceAll(/process \d+/g, "process <pid>")
        .replaceAll(/\s+/g, " ")
        .trim(),
    )
    .filter((line) => line !== "");
}

/** Logs of processes that run at once come in any order. */
const sortedWhere = (command: string, lines: readonly string[]) => (command.includes(" logs ") ? lines.toSorted() : lines);

const readme = new Page("README.md");
const transcripts = readme.blocks
  .filter(({ language, code }) => language === "console" && code.startsWith("$ npx skein "))
  .map(({ code }) => {
    const [first = "", ...output] = code.split("\n");
    return { command: first.slice(2), output: output.join("\n") };
  });

describe("the first pipeline of the README", () => {
  const folder = new UsersFolder();
  const ended = new Map<string, Ended>();
  beforeAll(async () => {
    for (const [name, text] of readme.files) folder.write(name, text);
    for (const { command } of transcripts) ended.set(command, await folder.shell(command));
  });
  afterAll(() => folder[Symbol.dispose]());

  it("is there, with what it prints", () => {
    expect([...readme.files.keys()]).toEqual(["long-chain.ts", "long-chain.test.ts"]);
    expect(transcripts.length).toBeGreaterThanOrEqual(3);
  });

  it.each(transcripts)("$command", ({ command, output }) => {
    const { stdout, stderr, code } = ended.get(command) ?? {};
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(sortedWhere(command, settled(stdout ?? ""))).toEqual(sortedWhere(command, settled(output)));
  });
});

describe("the tests that the README shows", () => {
  it("pass", async () => {
    using folder = new UsersFolder();
    for (const [name, text] of readme.files) folder.write(name, text);
    const { stdout, stderr, code } = await folder.shell("npx vitest run");
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: "", stdout: expect.stringMatching(/Tests +2 passed/) });
  });
});

describe("the comparison of outputs", () => {
  it("sees other values, other steps and other places", () => {
    const line = "search[0]  completed  process 811  1  2 ms";
    expect(settled(line)).toEqual(settled("search[0]  completed  process 812   1  1.2 s"));
    for (const other of [
      "search[1]  completed  process 811  1  2 ms",
      "search[0]  failed  process 811  1  2 ms",
      "search[0]  completed  thread  1  2 ms",
    ])
      expect(settled(other)).not.toEqual(settled(line));
    expect(settled('"length": 351')).not.toEqual(settled('"length": 352'));
  });
});
