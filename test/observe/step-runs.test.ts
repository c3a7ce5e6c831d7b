import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { describeDetail, describeSteps } from "../../src/observe/detail.ts";
import { inputKey } from "../../src/model/input.ts";
import { runId, called, completed, failed, inThread, launched, mapped, outcome, start, WrittenRun } from "./written-run.ts";

const retry = { retry: { maxRetries: 1, delayMs: 60_000, backoff: 1 } };

async function theStep(run: WrittenRun, now = run.now) {
  return (await describeSteps(run, run.id, now))[0]!;
}

describe("an inline step", () => {
  it("waits, runs from its launch on, and ends with its span", async () => {
    const run = await WrittenRun.create();
    await run.entry(called("load", {}, { call: "submit" }));
    expect(await theStep(run)).toMatchObject({ status: "pending", attempts: [] });
    await run.entry(launched("load"));
    expect(await theStep(run)).toMatchObject({
      status: "running",
      call: "submit",
      attempts: [{ attempt: 1, status: "running", startedAt: "2025-01-01T00:00:02.000Z", ranIn: { kind: "thread" } }],
    });
    await run.entry(
      outcome("load", { status: "completed", outputs: { output: run.ref("load") }, metadata: { rows: 3 } }, { span: inThread }),
    );
    expect(await theStep(run)).toMatchObject({
      status: "completed",
      metadata: { rows: 3 },
      outputs: { output: { id: `${run.id}.load.1.output` } },
      attempts: [
        {
          status: "completed",
          startedAt: "2025-01-01T00:00:01.500Z",
          endedAt: "2025-01-01T00:00:04.000Z",
          ranIn: { kind: "thread", pid: 7, threadId: 3 },
        },
      ],
    });
  });

  it("waits for its next attempt until that is due", async () => {
    const run = await WrittenRun.create();
    await run.entry(called("load", {}, { policy: retry }), launched("load"));
    await run.entry(outcome("load", failed("once"), { span: inThread }));
    expect(await theStep(run)).toMatchObject({ status: "pending", attempts: [{ status: "failed", error: { message: "once" } }] });
    await run.entry(launched("load", { attempt: 2, dueAt: start + 63_000 }));
    expect(await theStep(run)).toMatchObject({ status: "pending" });
    const due = await theStep(run, start + 63_000);
    expect(due).toMatchObject({
      status: "running",
      attempts: [{ status: "failed" }, { attempt: 2, status: "running", startedAt: "2025-01-01T00:01:03.000Z" }],
    });
    await run.entry(outcome("load", failed("twice"), { attempt: 2 }));
    expect(await theStep(run)).toMatchObject({
      status: "failed",
      attempts: [{ error: { message: "once" } }, { error: { message: "twice" } }],
    });
  });

  it("has failed when its retry was given up, and keeps when that was", async () => {
    const run = await WrittenRun.create();
    await run.entry(called("load", {}, { policy: retry }), launched("load"));
    await run.entry(outcome("load", failed("once"), { span: inThread }));
    await run.entry(outcome("load", failed("once")));
    expect(await theStep(run)).toMatchObject({ status: "failed", attempts: [{ attempt: 1, endedAt: "2025-01-01T00:00:04.000Z" }] });
  });
});

describe("an isolated step", () => {
  const fit = called("fit", {}, { call: "submit", runtime: "isolated", policy: retry });

  it("is pending until a process claims it, and has ended before the run sees that", async () => {
    const run = await WrittenRun.create();
    await run.entry(fit, launched("fit"));
    expect(await theStep(run)).toMatchObject({ status: "pending", attempts: [] });
    await run.claim("fit", 1);
    expect(await theStep(run)).toMatchObject({ status: "running", attempts: [{ status: "running", ranIn: { kind: "process", pid: 42 } }] });
    await run.end("fit", 1, completed({ output: run.ref("fit") }));
    expect(await theStep(run)).toMatchObject({ status: "completed", outputs: { output: { output: "output" } } });
  });

  it("is pending between an attempt that failed unseen and its retry", async () => {
    const run = await WrittenRun.create();
    await run.entry(fit, launched("fit"));
    await run.claim("fit", 1);
    await run.end("fit", 1, failed("once"));
    expect(await theStep(run)).toMatchObject({ status: "pending", attempts: [{ status: "failed" }] });
  });

  it("takes time and place from its row", async () => {
    const run = await WrittenRun.create();
    await run.entry(fit, launched("fit"));
    await run.claim("fit", 1);
    await run.end("fit", 1, completed(), { startedAt: start + 2_000, endedAt: start + 2_250 });
    await run.entry(outcome("fit", completed()));
    expect((await theStep(run)).attempts).toEqual([
      {
        attempt: 1,
        status: "completed",
        startedAt: "2025-01-01T00:00:02.000Z",
        endedAt: "2025-01-01T00:00:02.250Z",
        ranIn: { kind: "process", pid: 42 },
      },
    ]);
  });
});

describe("a step that ran nothing", () => {
  it("was served from the cache, and says from where", async () => {
    const run = await WrittenRun.create();
    const origin = { run: runId("run_0000000000bbbb"), step: "load" };
    await run.entry(called("load"), outcome("load", { status: "cached", outputs: {}, origin }, { attempt: 0 }));
    expect(await theStep(run)).toMatchObject({ status: "cached", cachedFrom: origin, attempts: [] });
  });

  it.each(["skipped", "cancelled"] as const)("was %s, and says why", async (status) => {
    const run = await WrittenRun.create();
    await run.entry(called("load"), outcome("load", { status, reason: "the run was over for it" }, { attempt: 0 }));
    expect(await theStep(run)).toMatchObject({ status, reason: "the run was over for it", attempts: [] });
  });
});

describe("inputs", () => {
  it("are literals by field and artifacts where they stand", async () => {
    const run = await WrittenRun.create();
    const edges = [
      { path: ["config", "layers", 1], from: "fit", output: "model" },
      { path: ["parts"], from: "split", output: "output", item: 3 },
    ];
    const input = { literal: '{"name":"a","config":{"rate":0.5,"layers":[{"n":1},null]},"parts":null}', edges };
    await run.entry(
      called("fit"),
      launched("fit"),
      outcome("fit", completed({ model: run.ref("fit", "model") })),
      called("split"),
      launched("split"),
      outcome("split", completed({ output: run.ref("split", "output", { itemCount: 5 }) })),
      called("use", {}, { input, after: ["fit", "other"] }),
    );
    const use = (await describeSteps(run, run.id, run.now))[2]!;
    expect(use.inputs).toEqual([
      { path: "name", value: "a" },
      { path: "config.rate", value: 0.5 },
      { path: "config.layers[0]", value: { n: 1 } },
      { path: "config.layers[1]", artifact: `${run.id}.fit.1.model` },
      { path: "parts", artifact: `${run.id}.split.1.output`, item: 3 },
    ]);
    expect(use.upstream).toEqual(["fit", "split", "other"]);
  });

  it("leave out artifacts that do not exist yet", async () => {
    const run = await WrittenRun.create();
    await run.entry(
      called("fit"),
      launched("fit"),
      called("use", {}, { input: { literal: '{"m":null}', edges: [{ path: ["m"], from: "fit", output: "output" }] } }),
    );
    expect((await describeSteps(run, run.id, run.now))[1]).toMatchObject({ inputs: [], upstream: ["fit"], status: "pending" });
  });

  it("are found where long literals were spilled to, and long values are told by their length", async () => {
    const run = await WrittenRun.create();
    const literal = JSON.stringify({ n: 1, text: "x".repeat(20_000) });
    const digest = hash("sha256", literal);
    await run.artifacts.put(inputKey(run.id, digest), Buffer.from(literal));
    await run.entry(called("use", {}, { input: { literal: "", spilled: { digest, bytes: literal.length }, edges: [] } }));
    expect((await theStep(run)).inputs).toEqual([
      { path: "n", value: 1 },
      { path: "text", value: null, omitted: { characters: 20_002 } },
    ]);
  });

  it("are told by their length when what was spilled is gone", async () => {
    const run = await WrittenRun.create();
    await run.entry(called("use", {}, { input: { literal: "", spilled: { digest: "0".repeat(64), bytes: 9_000 }, edges: [] } }));
    expect((await theStep(run)).inputs).toEqual([{ path: "", value: null, omitted: { characters: 9_000 } }]);
  });
});

describe("a map", () => {
  const shape = { id: "fit", items: 4, width: 500 };
  const chunks = { path: ["part"], from: "chunks", output: "output" };

  async function mappedRun() {
    const run = await WrittenRun.create();
    await run.entry(
      called("chunks"),
      launched("chunks"),
      outcome("chunks", completed({ output: run.ref("chunks", "output", { itemCount: 2 }) })),
      mapped("fit", {}, { combine: "product", input: { literal: '{"part":null,"degree":[1,2]}', edges: [chunks] } }),
      launched("fit", { items: 4 }),
    );
    return run;
  }

  it("has a step run for each item, with the inputs that it got", async () => {
    const run = await mappedRun();
    await run.items(shape, { 0: completed({ output: run.ref("fit[0]") }), 2: failed("odd") });
    const items = (await describeSteps(run, run.id, run.now)).slice(1);
    expect(items.map(({ id, status, map, call }) => ({ id, status, map, call }))).toEqual(
      ["completed", "pending", "failed", "pending"].map((status, index) => ({
        id: `fit[${index}]`,
        status,
        map: { id: "fit", index },
        call: "map_item",
      })),
    );
    expect(items.map((item) => item.inputs)).toEqual(
      [
        [0, 1],
        [0, 2],
        [1, 1],
        [1, 2],
      ].map(([item, degree]) => [
        { path: "part", artifact: `${run.id}.chunks.1.output`, item },
        { path: "degree", value: degree },
      ]),
    );
    expect(items[2]).toMatchObject({
      upstream: ["chunks"],
      attempts: [{ status: "failed", error: { message: "odd" }, ranIn: { kind: "thread", pid: 7, threadId: 2 } }],
    });
  });

  it("is told of as a whole, too", async () => {
    const run = await mappedRun();
    expect((await describeDetail(run, run.id, run.now)).maps).toMatchObject([
      { id: "fit", status: "running", items: 4, steps: { pending: 4 }, upstream: ["chunks"] },
    ]);
    const list = run.ref("fit", "output", { itemCount: 4 });
    await run.items(shape, Object.fromEntries([0, 1, 2, 3].map((i) => [i, completed()])));
    await run.entry(outcome("fit", completed({ output: list }), { counts: { completed: 4 } }));
    expect((await describeDetail(run, run.id, run.now)).maps).toMatchObject([
      {
        status: "completed",
        steps: { completed: 4 },
        outputs: { output: { itemCount: 4 } },
        startedAt: "2025-01-01T00:00:01.000Z",
        endedAt: "2025-01-01T00:00:05.000Z",
      },
    ]);
  });

  it("cancels its items that never started when it ends", async () => {
    const run = await mappedRun();
    await run.items(shape, { 0: completed() });
    await run.entry(outcome("fit", { status: "stopped", reason: "enough" }, { counts: { completed: 1, cancelled: 3 } }));
    expect((await describeSteps(run, run.id, run.now)).slice(1).map((item) => item.status)).toEqual([
      "completed",
      "cancelled",
      "cancelled",
      "cancelled",
    ]);
  });

  it("of a map names the very items that were used", async () => {
    const run = await mappedRun();
    await run.items(shape, Object.fromEntries([0, 1, 2, 3].map((i) => [i, completed()])));
    await run.entry(outcome("fit", completed({ output: run.ref("fit", "output", { itemCount: 4 }) }), { counts: { completed: 4 } }));
    await run.entry(
      mapped("score", {}, { input: { literal: '{"m":null}', edges: [{ path: ["m"], from: "fit", output: "output" }] } }),
      launched("score", { items: 4 }),
    );
    const last = (await describeSteps(run, run.id, run.now)).at(-1);
    expect(last).toMatchObject({
      id: "score[3]",
      upstream: ["fit[3]"],
      inputs: [{ path: "m", artifact: `${run.id}.fit.1.output`, item: 3 }],
    });
  });
});
