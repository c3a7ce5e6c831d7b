import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emulatedUrl } from "../../infra/emulator/address.ts";
import { outputsFile } from "../../infra/emulator/deploy-here.ts";
import { openEmbedded } from "../../src/adapters/local/embedded.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { ArtifactRef } from "../../src/model/artifact.ts";
import type { RunArtifacts } from "../../src/model/run.ts";
import type { RunResource } from "../../src/observe/resources.ts";
import { Api } from "./api.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { StoredState } from "./state.ts";

const handlers = join(import.meta.dirname, "../../handlers");

describe.skipIf(endpoint === undefined)(`the example pipelines, deployed by the demo${skipNote}`, () => {
  let demo: { readonly code: number | null; readonly text: string };
  let api: Api;
  let state: StoredState;
  let orchestrator: string;
  let dir: string;
  let engine: Engine;

  beforeAll(async () => {
    demo = await runDemo();
    if (demo.code !== 0) throw new Error(`the demo ended with ${demo.code}: ${demo.text}`);
    const [outputs = {}] = Object.values<Record<string, string>>(JSON.parse(await readFile(outputsFile, "utf8")));
    const { ApiUrl = "", StateTable = "", ArtifactBucket = "", OrchestratorFunction = "" } = outputs;
    api = new Api(emulatedUrl(ApiUrl, endpoint ?? ""));
    state = new StoredState({ table: StateTable, bucket: ArtifactBucket });
    orchestrator = OrchestratorFunction;
    dir = await mkdtemp(join(tmpdir(), "skein-e2e-"));
    engine = await openEmbedded({ dir, catalogue: join(handlers, "pipelines/catalogue.ts") });
  }, 240_000);

  afterAll(async () => {
    await engine.close();
    await rm(dir, { recursive: true });
  });

  test("the demo shows what came out, and where the report is", async () => {
    expect(demo.text).toContain("3,000,000 flights");
    const [, page = ""] = /Its report, for a browser: (file:\S+)/.exec(demo.text) ?? [];
    expect(await readFile(fileURLToPath(page), "utf8")).toMatch(/^<!doctype html>[^]*<h1>How late flights arrive<\/h1>[^]*<svg/);
    await rm(fileURLToPath(page));
  });

  const examples = [
    { pipeline: "flight_delays", params: {}, isolated: 12 },
    { pipeline: "forecast", params: {}, isolated: 5 },
    { pipeline: "weather_report", params: { year: 2013 }, isolated: 2 },
  ];

  describe.each(examples)("$pipeline", ({ pipeline, params, isolated }) => {
    let run: RunResource;

    beforeAll(async () => {
      // The demo has run the first one already.
      const [demoed] = pipeline === "flight_delays" ? (await api.runs("pipeline=flight_delays&limit=1")).runs : [];
      run = demoed ?? (await api.completed(pipeline, params, 90_000));
    }, 120_000);

    test("gives what the embedded engine gives, byte for byte", async () => {
      const { run: local } = await engine.start(pipeline, params);
      const { ended } = await engine.ended(local.id);
      expect(run.status).toBe("completed");
      expect(ended?.status).toBe("completed");
      expect(Object.keys(run.outputs).length).toBeGreaterThan(0);
      expect(digests(run.outputs)).toEqual(digests(ended?.outputs ?? {}));
    });

    test("ran isolated steps in step operators, inline ones in the orchestrator", async () => {
      const steps = await api.steps(run.id);
      const places = steps.flatMap(({ runtime, attempts }) => attempts.map(({ ranIn }) => ({ runtime, ...ranIn })));
      const [apart, here] = [places.filter(({ runtime }) => runtime === "isolated"), places.filter(({ runtime }) => runtime === "inline")];
      expect(apart.length).toBe(isolated);
      expect(here.length).toBeGreaterThan(0);
      for (const { kind, functionName = "", requestId } of apart) {
        expect(kind).toBe("function");
        expect(functionName).toContain("Operator");
        expect(functionName).not.toBe(orchestrator);
        // An invocation of its own.
        expect(apart.filter((other) => other.requestId === requestId)).toHaveLength(1);
      }
      for (const place of here) expect(place).toMatchObject({ kind: expect.stringMatching(/^(orchestrator|thread)$/) });
    });

    test("stored artifacts as objects with the digests that the table has", async () => {
      const [journal, attempts, record] = await Promise.all([state.journal(run.id), state.attempts(run.id), state.record(run.id)]);
      const refs = [...refsIn(journal), ...refsIn(attempts), ...refsIn(record)];
      const stored = new Map(refs.flatMap(({ at, digest }) => ("key" in at ? [[at.key, digest] as const] : [])));
      expect(stored.size).toBeGreaterThanOrEqual(isolated);
      const digestOf = async (key: string) =>
        createHash("sha256")
          .update(await state.object(key))
          .digest("hex");
      for (const [key, digest] of stored) expect(await digestOf(key), `the object ${key}`).toBe(digest);
    });

    test("left only ended rows", async () => {
      const rows = await state.attempts(run.id);
      expect(rows.length).toBeGreaterThanOrEqual(isolated);
      expect(rows.filter(({ row }) => row.status !== "ended" || row.outcome.status !== "completed")).toEqual([]);
      expect((await state.journal(run.id)).at(-1)?.events.at(-1)).toMatchObject({ t: "ended", status: "completed" });
      const record = await state.record(run.id);
      expect(record?.ended?.status).toBe("completed");
    });
  });

  test.each([
    ["flight_delays", "counted", 11],
    ["forecast", "cross-validated", 4],
  ])("the lines that the steps of %s logged can be read", async (pipeline, message, count) => {
    const [run] = (await api.runs(`pipeline=${pipeline}&limit=1`)).runs;
    const lines = async () => (await api.logs(run?.id ?? "")).filter((line) => line.message === message).length;
    await expect.poll(lines, { timeout: 30_000, interval: 1_000 }).toBe(count);
  });
});

async function runDemo(): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, [join(handlers, "demo-aws.ts")], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, text };
}

function digests(outputs: RunResource["outputs"] | RunArtifacts): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, [value].flat().map(({ digest }) => digest)]));
}

/** All references to artifacts anywhere in a value. */
function refsIn(value: unknown): readonly ArtifactRef[] {
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.values(value).flatMap(refsIn);
  return "digest" in value && "at" in value ? [value as ArtifactRef, ...inside] : inside;
}
