import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { pipeline, start } from "../../src/index.ts";
import { inPipeline, RecordedCalls } from "../define/recorded-calls.ts";

const tides = pipeline({ name: "tides" }, () => {});
const loading = Symbol.for("skein.loading");

describe("start()", () => {
  afterEach(() => Reflect.deleteProperty(globalThis, loading));

  it("is refused while a process of a run loads the catalogue", async () => {
    Object.assign(globalThis, { [loading]: true });
    await expect(start(tides)).rejects.toThrow(
      expect.objectContaining({
        code: "started_while_loading",
        message: expect.stringMatching(/start\.test\.ts was loaded.*import\.meta\.main/),
      }),
    );
  });

  it("is refused in a pipeline function", async () => {
    await expect(inPipeline(new RecordedCalls(), () => start(tides))).rejects.toThrow(
      expect.objectContaining({ code: "bad_call", message: expect.stringContaining("tides was started in pipeline around") }),
    );
  });

  it("takes only what pipeline() made", async () => {
    await expect(Reflect.apply(start, undefined, [{ name: "tides" }])).rejects.toThrow(expect.objectContaining({ code: "bad_call" }));
  });
});

describe("a program that starts its own pipelines", () => {
  it("gets their results, their errors, and ends by itself", async () => {
    const folder = await mkdtemp(join(tmpdir(), "skein-start-"));
    const program = join(import.meta.dirname, "fixtures/tide-table.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({
      values: [[50, 20, 30], 5, [50], 10],
      ids: ["run.scale.1.scaled", "run.read_levels.1.output[0]"],
      error: "RangeError: below the ground",
      refused: expect.stringMatching(/SkeinError: .*port: expected string/),
    });
  });
});
