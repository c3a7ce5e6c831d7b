import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbedded } from "../../src/adapters/local/embedded.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { Place, skein } from "../cli/skein.ts";
import { answer, answerInWords, fixture, refusal, refusalInWords } from "./refusal.ts";

/** By the pipeline that makes the mistake: the code, and what the message says of the place. */
const mistakes = [
  ["loads", "load_in_static_pipeline", /number cannot be waited for or loaded/],
  ["asks", "load_in_static_pipeline", /run\.now\(\)/],
  ["waits", "async_static_pipeline", /drop async and await/],
  ["twice", "duplicate_step_id", /"one"/],
  ["literal", "type_mismatch", /number.*n: expected number, received string/],
  ["edge", "type_mismatch", /"n" of step run number takes number, but word\.output is string/],
  ["scalar", "type_mismatch", /takes array, but word\.output is string/],
  ["unmappable", "map_without_list", /number/],
  ["operator", "missing_operator", /"gpu"/],
  ["memory", "missing_operator", /100000000 MB/],
  ["returns", "bad_pipeline_result", /a number/],
  ["hidden", "handle_not_reachable", /"n" of step number/],
  ["closure", "unserializable_input", /"n" of step number/],
  ["many", "max_steps_exceeded", /3 steps.*maxSteps is 2/],
  ["params", "invalid_params", /n: expected number/],
] as const;

const catalogue = ["--catalogue", fixture("plans.ts")];

describe("a static pipeline with a mistake", () => {
  let engine: Engine;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "skein-plans-"));
    engine = await openEmbedded({ dir, catalogue: fixture("plans.ts") });
  });
  afterAll(async () => {
    await engine.close();
    rmSync(dir, { recursive: true });
  });

  it.each(mistakes)("%s: skein plan says %s", async (pipeline, code, message) => {
    using place = new Place();
    expect(await answer(place, ["plan", pipeline, ...catalogue])).toMatchObject(refusal(code, message));
  });

  it.each(mistakes)("%s: is not started, but %s", async (pipeline, code, message) => {
    await expect(engine.start(pipeline, {})).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect((await engine.state.listRuns({})).items).toEqual([]);
  });

  it("is not started by skein run either", async () => {
    using place = new Place();
    expect(await answer(place, ["run", "edge", ...catalogue])).toMatchObject(refusal("type_mismatch", /word\.output/));
    expect(await answerInWords(place, ["run", "edge", ...catalogue])).toEqual(refusalInWords("type_mismatch"));
  });

  it("that uses an output of another plan knows no such upstream", async () => {
    using place = new Place();
    const other = await openEmbedded({ dir: place.dir, catalogue: fixture("plans.ts") });
    await other.ended((await other.start("fill", {})).run.id);
    await expect(other.start("foreign", {})).rejects.toMatchObject({ code: "unknown_upstream" });
    expect((await other.state.listRuns({})).items).toHaveLength(1);
    await other.close();
  });

  it("whose function throws shows that error, with its place", async () => {
    using place = new Place();
    const { code, stdout, stderr } = await skein(place, ["plan", "throws", ...catalogue]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/RangeError: this plan is not to be\n.*plans\.ts:\d+/);
    await expect(engine.start("throws", {})).rejects.toThrow(new RangeError("this plan is not to be"));
    expect((await engine.state.listRuns({})).items).toEqual([]);
  });
});
