import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { documentOf, packed } from "../../src/adapters/aws/dynamodb-document.ts";
import { keyItem, type ItemKey } from "../../src/adapters/aws/dynamodb-item.ts";
import { attemptKey, entryKey } from "../../src/adapters/aws/dynamodb-key.ts";
import type { RunningAttempt } from "../../src/model/attempt.ts";
import type { JournalEntry } from "../../src/model/entry.ts";
import { failureOf } from "../../src/model/error.ts";
import { makeRunId } from "../../src/model/id.ts";
import type { Place } from "../../src/model/place.ts";
import { anEnd, anEntry, item, step, totals } from "../contracts/state-store/samples.ts";

const run = makeRunId(1_795_521_437_528, "nom9f7l0t3k8");
const key = entryKey(run, 17);

function bytesOf(place: ItemKey, value: object): number {
  return packed(place, value).B?.length ?? 0;
}

function again(place: ItemKey, value: object): unknown {
  return documentOf({ ...keyItem(place), doc: packed(place, value) });
}

/** Values as they are on Lambda: nothing of them can be known beforehand. */
const place: Place = {
  kind: "function",
  functionName: "skein-StepOperatorSmall3F2A91BC-kJ8s7d6F5a4S",
  requestId: randomUUID(),
  logStream: "2026/11/30/[12]d5d8f0a1b2c3d4e5f60718293a4b5c6d",
};
const artifact = (id: string, output: string) => ({
  id: `${run}.${id}.1.${output}`,
  digest: "c009727ff69571e28fcf7a9b13232bb5dbd56012f2f86dcd580c320b1c002778",
  bytes: 10_733,
  mediaType: "application/json",
  materializer: "json",
  at: { key: `${run}/${id}/1/8ob9sdblfqocqg6f/${output}` },
});
/** The entry of a turn that saw one step end and called the next. */
const entry: JournalEntry = anEntry(17, {
  nonce: "82c4h14k81dk97cl",
  turn: "ksqvjp3f5hhsnd1a",
  invocation: randomUUID(),
  until: 1_795_521_737_535,
  at: 1_795_521_437_535,
  events: [
    {
      t: "outcome",
      id: "train_model_3",
      attempt: 1,
      outcome: { status: "completed", outputs: { model: artifact("train_model_3", "model") } },
      at: 1_795_521_437_534,
    },
    {
      t: "called",
      id: "train_model_4",
      step: "train_model",
      call: "sync",
      runtime: "isolated",
      input: {
        literal: '{"model":null,"degree":3,"city":"Seattle"}',
        edges: [{ path: ["model"], from: "train_model_3", output: "model" }],
      },
      policy: { retry: { maxRetries: 2, delayMs: 1_000, backoff: 2 }, timeoutMs: 300_000 },
    },
    { t: "launched", id: "train_model_4", attempt: 1 },
  ],
});
const claim: RunningAttempt = {
  status: "running",
  nonce: "m5q908lgeucnqtao",
  invocation: randomUUID(),
  startedAt: 1_795_521_437_529,
  until: 1_795_522_337_529,
  place,
};

describe("packing", () => {
  test.each([
    ["an entry", entry],
    ["an end", anEnd()],
    ["a long one", { text: "lorem ipsum ".repeat(30_000), other: "日本語 🙂 \u0000 \ud800" }],
    ["an empty one", {}],
  ])("gives back %s", (_, value) => {
    expect(again(key, value)).toEqual(JSON.parse(JSON.stringify(value)));
  });

  test("keeps all that one step writes far below a write unit of 1 KB each", () => {
    const end = { ...anEnd(claim.nonce, { status: "completed", outputs: { model: artifact("train_model_4", "model") } }), place };
    expect(bytesOf(key, entry)).toBeLessThan(400);
    expect(bytesOf(attemptKey(step(run, "train_model_4")), claim)).toBeLessThan(220);
    expect(bytesOf(attemptKey(step(run, "train_model_4")), end)).toBeLessThan(300);
    expect(bytesOf(attemptKey(item(run, { id: "train_model_4", items: 1_000, width: 500 }, 777)), end)).toBeLessThan(320);
  });

  test("keeps an entry with four outputs, and the end of a step that failed, within one, too", () => {
    const outputs = Object.fromEntries(["model", "rmse", "weights", "report"].map((name) => [name, artifact("train_model_3", name)]));
    const [seen, ...rest] = entry.events;
    const four = { ...entry, totals, events: [{ ...seen, outcome: { status: "completed", outputs } }, ...rest] };
    expect(bytesOf(key, four)).toBeLessThan(600);
    const failed = { ...anEnd(claim.nonce, { status: "failed", error: failureOf(new Error("no such city: Sæattle")) }), place };
    expect(bytesOf(attemptKey(step(run)), failed)).toBeLessThan(900);
  });

  test("stays readable: what was packed by the first version of the dictionary", () => {
    const golden =
      "AcNTWOSaFloaWOSkp5Ym5xWWJObjKDxIbO4lJaYogPMu9hYmPFbArleqRc/elqamRoYmxuamRpYo6QIubmxCSqYHV4G6xbmgyETN/0WGGCWAkZm+oaG+sYF+tKFRbIppioVSbS0A";
    const row = documentOf({
      ...keyItem({ PK: "run_0mwun3rytjjn4nom9f7l0", SK: "S#train#00001" }),
      doc: { B: Buffer.from(golden, "base64") },
    });
    expect(row).toEqual({
      status: "ended",
      nonce: "m5q908lgeucnqtao",
      outcome: { status: "failed", error: { name: "TypeError", message: "bad data", code: "step_timeout", step: "train" } },
      startedAt: 1_795_521_437_529,
      endedAt: 1_795_521_437_534,
      place: { kind: "function", functionName: "skein-small", requestId: "r1", logStream: "2026/11/30/[12]d5d8" },
    });
  });

  test.each([
    ["of another dictionary", (bytes: Buffer) => Buffer.concat([Buffer.of(99), bytes.subarray(1)])],
    ["cut off", (bytes: Buffer) => bytes.subarray(0, bytes.length - 20)],
    ["of nothing", () => Buffer.of()],
  ])("a document %s is damage, and says whose", (_, change) => {
    const doc = { B: change(Buffer.from(packed(key, entry).B ?? [])) };
    const read = () => documentOf({ ...keyItem(key), doc });
    expect(read).toThrow(expect.objectContaining({ code: "store_corrupt", message: expect.stringContaining(key.SK) }));
  });
});
