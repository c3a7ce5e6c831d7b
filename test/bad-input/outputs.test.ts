import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbedded } from "../../src/adapters/local/embedded.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { describeDetail } from "../../src/observe/detail.ts";
import { runReport } from "../cli/resource-schemas.ts";
import { Place, skein, skeinJson } from "../cli/skein.ts";
import { fixture } from "./refusal.ts";

const wrong = [
  ["count", "text", "invalid_output", /step count.*expected number, received string/],
  ["count", "missing", "invalid_output", /received undefined/],
  ["count", "instance", "invalid_output", /received Tide/],
  ["two", "half", "invalid_output", /output "b" of step two.*expected array/],
  ["two", "mixed", "invalid_output", /output "b" of step two.*\[0\]: expected number/],
  ["nothing", "text", "undeclared_output", /step nothing.*declares no output/],
  ["anything", "function", "unserializable_output", /a function is no data/],
  ["anything", "symbol", "unserializable_output", /a symbol is no data/],
  ["anything", "instance", "unserializable_output", /an instance of Tide/],
  ["anything", "promise", "unserializable_output", /\.later\.inside\[0\].*await it/],
  ["paper", "x", "unserializable_output", /no file \/nowhere\/x/],
] as const;

describe("a step that returns what it should not", () => {
  let engine: Engine;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "skein-outputs-"));
    engine = await openEmbedded({ dir, catalogue: fixture("faulty.ts") });
  });
  afterAll(async () => {
    await engine.close();
    rmSync(dir, { recursive: true });
  });

  describe.each([false, true])("isolated: %s", (isolated) => {
    it.each(wrong)("%s, %s: fails the run with %s and leaves nothing", async (step, kind, code, message) => {
      const { run } = await engine.start("faulty", { step, kind, isolated });
      const { ended } = await engine.ended(run.id);
      expect(ended).toMatchObject({ status: "failed", error: { code, message: expect.stringMatching(message), step } });
      const { steps } = await describeDetail(engine, run.id, Date.now());
      expect(steps).toMatchObject([
        {
          id: step,
          status: "failed",
          outputs: {},
          attempts: [{ status: "failed", error: { code }, ranIn: { kind: isolated ? "process" : "thread" } }],
        },
      ]);
      expect(existsSync(join(dir, "artifacts", run.id)) ? readdirSync(join(dir, "artifacts", run.id)) : []).toEqual([]);
    });
  });

  it("is told by skein run with exit code 1", async () => {
    using place = new Place();
    const words = ["run", "faulty", "--catalogue", fixture("faulty.ts"), "--params", '{"step": "count", "kind": "text"}'];
    const { code, json } = await skeinJson(place, words);
    expect(code).toBe(1);
    expect(runReport.parse(json).run).toMatchObject({ status: "failed", error: { code: "invalid_output", step: "count" } });
    const told = await skein(place, words);
    expect(told.code).toBe(1);
    expect(told.stdout).toMatch(/invalid_output: the output of step count does not fit its schema: expected number, received string/);
    expect((await skein(place, ["show", "latest"])).stdout).toContain("invalid_output");
  });
});
