import { describe, expect, it } from "vitest";
import { readLogs } from "../../src/observe/logs.ts";
import { called, launched, mapped, start, WrittenRun } from "./written-run.ts";

async function talkingRun() {
  const run = await WrittenRun.create();
  await run.entry(
    { t: "logged", level: "info", message: "begin", at: start + 10 },
    called("load"),
    launched("load"),
    mapped("fit", { x: [1, 2] }),
    launched("fit", { items: 2 }),
  );
  const line = (step: string, at: number, message: string) =>
    run.logs.write([{ run: run.id, step, attempt: 1, at: start + at, level: "warn", message, fields: { n: at } }]);
  line("load", 20, "loading");
  line("fit[1]", 30, "one");
  line("fit[0]", 25, "zero");
  return { run, line };
}

describe("logs", () => {
  it("are one story of steps and pipeline function, by time", async () => {
    const { run } = await talkingRun();
    const { lines } = await readLogs(run, run.id);
    expect(lines.map((line) => [line.step, line.message])).toEqual([
      [undefined, "begin"],
      ["load", "loading"],
      ["fit[0]", "zero"],
      ["fit[1]", "one"],
    ]);
    expect(lines[1]).toEqual({
      at: "2025-01-01T00:00:00.020Z",
      level: "warn",
      step: "load",
      attempt: 1,
      message: "loading",
      fields: { n: 20 },
    });
  });

  it("are of one step, or of all items of a map", async () => {
    const { run } = await talkingRun();
    const of = async (step: string) => (await readLogs(run, run.id, { step })).lines.map((line) => line.message);
    expect([await of("load"), await of("fit"), await of("fit[1]")]).toEqual([["loading"], ["zero", "one"], ["one"]]);
  });

  it("go on after the cursor", async () => {
    const { run, line } = await talkingRun();
    const { cursor } = await readLogs(run, run.id);
    line("load", 40, "more");
    await run.entry({ t: "logged", level: "info", message: "end", at: start + 50 });
    expect((await readLogs(run, run.id, { cursor })).lines.map(({ message }) => message)).toEqual(["more", "end"]);
  });

  it("of a step that the run has not: an error with a hint", async () => {
    const { run } = await talkingRun();
    await expect(readLogs(run, run.id, { step: "laod" })).rejects.toMatchObject({
      code: "unknown_step",
      message: expect.stringContaining("load"),
    });
    await expect(readLogs(run, "run_0000000009zzzz")).rejects.toMatchObject({ code: "unknown_run" });
  });
});
