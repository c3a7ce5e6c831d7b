import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbedded } from "../../src/adapters/local/embedded.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { parseRunId } from "../../src/model/id.ts";
import { Place } from "../cli/skein.ts";
import { answer, answerInWords, fixture, refusal, refusalInWords } from "./refusal.ts";

const faulty = ["--catalogue", fixture("faulty.ts")];
const run = (pipeline: string, params?: string) => ["run", pipeline, ...faulty, ...(params === undefined ? [] : ["--params", params])];

describe("skein run", () => {
  it.each([
    ["none where one is needed", undefined, "invalid_params", /weather.*city: expected string/],
    ["of a wrong type", '{"city": 3}', "invalid_params", /city: expected string, received number/],
    ["out of range, and one too many", '{"city": "Seattle", "days": 9, "day": 1}', "invalid_params", /days: .*<=7.*"day"/],
    ["that are no object", "[]", "invalid_params", /expected object, received array/],
    ["that are no JSON", "{city: Seattle}", "bad_option", /no JSON/],
  ] as const)("refuses parameters: %s", async (_, params, code, message) => {
    using place = new Place();
    expect(await answer(place, run("weather", params))).toMatchObject(refusal(code, message));
  });

  it("refuses a file of parameters that is none, or a folder", async () => {
    using place = new Place();
    mkdirSync(join(place.folder, "params"));
    writeFileSync(join(place.folder, "half.json"), '{"city": "Sea');
    expect(await answer(place, ["run", "weather", ...faulty, "--params-file", "params"])).toMatchObject(refusal("bad_option", /params/));
    expect(await answer(place, ["run", "weather", ...faulty, "--params-file", "half.json"])).toMatchObject(
      refusal("bad_option", /half\.json are no JSON/),
    );
  });

  it("names pipelines that may have been meant", async () => {
    using place = new Place();
    expect(await answer(place, run("wheather"))).toMatchObject(refusal("unknown_pipeline", /did you mean "weather"\?/));
    expect(await answerInWords(place, run("wheather"))).toEqual(refusalInWords("unknown_pipeline"));
  });

  it("refuses a key that was used for other parameters, and makes no second run", async () => {
    using place = new Place();
    const engine = await openEmbedded({ dir: place.dir, catalogue: fixture("faulty.ts") });
    const first = await engine.start("weather", { city: "Seattle" }, { idempotencyKey: "today" });
    await engine.ended(first.run.id);
    await expect(engine.start("weather", { city: "Portland" }, { idempotencyKey: "today" })).rejects.toMatchObject({
      code: "idempotency_conflict",
    });
    expect(await engine.start("weather", { city: "Seattle" }, { idempotencyKey: "today" })).toMatchObject({
      created: false,
      run: { id: first.run.id },
    });
    expect((await engine.state.listRuns({})).items).toHaveLength(1);
    await engine.close();
  });
});

describe("a run that is not there", () => {
  it.each(["show", "logs", "artifacts", "stop", "resume"])("is an error for skein %s", async (command) => {
    using place = new Place();
    expect(await answer(place, [command, "run_0123456789ab", ...faulty])).toMatchObject(refusal("unknown_run", /run_0123456789ab/));
  });
});

describe("an engine", () => {
  let engine: Engine;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "skein-bad-"));
    engine = await openEmbedded({ dir, catalogue: fixture("faulty.ts") });
  });
  afterAll(async () => {
    await engine.close();
    rmSync(dir, { recursive: true });
  });

  it.each([
    ["nothing", "weather", undefined, /city/],
    ["null", "weather", null, /expected object, received null/],
    ["text", "weather", "Seattle", /expected object, received string/],
    ["a function", "weather", { city: () => "Seattle" }, /cannot be stored/],
    ["a promise", "weather", Promise.resolve({ city: "Seattle" }), /expected object|cannot be stored/],
    ["more than may be stored", "weather", { city: "x".repeat(300_000) }, /larger than/],
    ["something, of a pipeline without parameters", "plain", { city: "Seattle" }, /takes no parameters/],
    ["a list, of a pipeline without parameters", "plain", [], /takes no parameters/],
    ["null, of a pipeline without parameters", "plain", null, /takes no parameters/],
  ])("refuses parameters: %s", async (_, pipeline, params, message) => {
    await expect(engine.start(pipeline, params)).rejects.toMatchObject({ code: "invalid_params", message: expect.stringMatching(message) });
    expect((await engine.state.listRuns({})).items).toEqual([]);
  });

  it.each(["__proto__", "constructor", "", "weather "])('knows no pipeline "%s"', async (name) => {
    await expect(engine.start(name, {})).rejects.toMatchObject({ code: "unknown_pipeline" });
    expect((await engine.state.listRuns({})).items).toEqual([]);
  });

  it.each([
    ["too many tags", { tags: Array.from({ length: 51 }, (_, i) => `tag ${i}`) }],
    ["an empty tag", { tags: [""] }],
    ["a key of no characters", { idempotencyKey: "" }],
    ["a key of too many", { idempotencyKey: "k".repeat(201) }],
  ])("refuses %s", async (_, options) => {
    await expect(engine.start("weather", { city: "Seattle" }, options)).rejects.toMatchObject({ code: "bad_option" });
    expect((await engine.state.listRuns({})).items).toEqual([]);
  });

  it("knows no run that was never started", async () => {
    const unknown = parseRunId("run_0123456789ab")!;
    for (const act of [() => engine.resume(unknown), () => engine.stop(unknown), () => engine.ended(unknown)]) {
      await expect(act()).rejects.toMatchObject({ code: "unknown_run" });
    }
  });
});
