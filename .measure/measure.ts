import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { openMemoryEngine, MemoryArtifactStore, MemoryLogSink } from "../src/testing.ts";
import { step, pipeline } from "../src/index.ts";
import { makeDynamoDbClient } from "../src/adapters/aws/dynamodb-client.ts";
import { createTableRequest } from "../src/adapters/aws/dynamodb-schema.ts";
import { DynamoDbStateStore } from "../src/adapters/aws/dynamodb-state-store.ts";
import { RequestCounter } from "../src/adapters/aws/request-count.ts";
import { randomUUID } from "node:crypto";

const counter = new RequestCounter();
const client = makeDynamoDbClient({ onClient: counter.watch });
const table = "measure" + Date.now();
const req = createTableRequest(table);
await client.send(new CreateTableCommand(req));
const sizes = new Map<string, number[]>();
const samples = new Map<string, string>();
client.middlewareStack.add((next) => async (args) => {
  const item = (args.input as { Item?: Record<string, { S?: string; N?: string }> }).Item;
  if (item !== undefined) note(item);
  return next(args);
}, { name: "sizes", step: "initialize" });
function note(item: Record<string, { S?: string; N?: string }>) {
  let bytes = 0;
  for (const [k, v] of Object.entries(item)) bytes += k.length + ((v as any).B?.length ?? Buffer.byteLength(v.S ?? v.N ?? ""));
  const kind = (item["SK"]?.S ?? "").split("#")[0] + (item["status"]?.S ?? item["s"]?.S ?? "");
  sizes.set(kind, [...(sizes.get(kind) ?? []), bytes]);
  const n = sizes.get(kind)?.length ?? 0;
  if (n === 4 || n === 1) samples.set(kind, JSON.stringify(Object.fromEntries(Object.entries(item).map(([k, v]) => [k, v.S ?? v.N])), null, 1));
}
const inner = new DynamoDbStateStore({ client, table, retention: { maxDurationMs: 90 * 86400e3, retentionMs: 90 * 86400e3 } });
const place = () => ({ kind: "function" as const, functionName: "skein-StepOperatorSmall3F2A91BC-kJ8s7d6F5a4S", requestId: randomUUID(), logStream: "2026/11/30/[12]d5d8f0a1b2c3d4e5f60718293a4b5c6d" });
const state = new Proxy(inner, {
  get(t, p: keyof typeof inner) {
    const m = t[p];
    if (typeof m !== "function") return m;
    return (...a: any[]) => {
      if (p === "append") a[1] = { ...a[1], invocation: randomUUID() };
      if (p === "claim") { const pl = place(); a[1] = { ...a[1], place: pl, invocation: pl.requestId }; }
      if (p === "end") a[1] = { ...a[1], place: place() };
      if (p === "recordItems") a[0] = a[0].map((r: any) => ({ ...r, row: { ...r.row, place: place() } }));
      return (m as any).apply(t, a);
    };
  },
});
const engine = openMemoryEngine({ stores: { state, artifacts: new MemoryArtifactStore(), logs: new MemoryLogSink() }, inlineValues: 0, codeVersion: "17" });

const spec = (runtime: "inline" | "isolated") => step({ name: `train_${runtime}`, runtime, input: z.object({ data: z.number(), degree: z.number(), city: z.string() }), output: z.object({ rmse: z.number() }).transform((v) => v) as any } as any, async ({ data }: any) => ({ rmse: data * 1.5 }));
const s1 = step({ name: "train_model", runtime: "isolated", input: z.object({ data: z.number(), degree: z.number(), city: z.string() }), output: z.number() }, ({ data }) => data + 1);
const s2 = step({ name: "train_inline", input: z.object({ data: z.number(), degree: z.number(), city: z.string() }), output: z.number() }, ({ data }) => data + 1);
const s3 = step({ name: "score_item", runtime: "isolated", input: z.object({ data: z.number() }), output: z.number() }, ({ data }) => data + 1);
const iso = pipeline({ name: "iso", params: z.object({ n: z.number() }) }, async ({ n }) => {
  let h: any = 1;
  for (let i = 0; i < n; i++) h = await s1({ data: h, degree: 3, city: "Seattle" });
  return h;
});
const inl = pipeline({ name: "inl", params: z.object({ n: z.number() }) }, async ({ n }) => {
  let h: any = 1;
  for (let i = 0; i < n; i++) h = await s2({ data: h, degree: 3, city: "Seattle" });
  return h;
});
const map = pipeline({ name: "mapped", params: z.object({ n: z.number() }) }, async ({ n }) => {
  return s3.map({ data: Array.from({ length: n }, (_, i) => i) });
});
async function cost(name: string, n: number) {
  counter.take();
  const { run } = await engine.start(name, { n });
  const record = await engine.ended(run.id);
  if (record.ended?.status !== "completed") console.log(name, JSON.stringify(record.ended));
  return counter.take();
}
for (const [name, small, large] of [["inl", 5, 105], ["iso", 5, 105], ["mapped", 32, 96]] as const) {
  const w = await cost(name, 1);
  const a = await cost(name, small), b = await cost(name, large);
  const per = (x: number, y: number) => ((y - x) / (large - small)).toFixed(3);
  const ops = new Set([...Object.keys(a.requests["DynamoDB"] ?? {}), ...Object.keys(b.requests["DynamoDB"] ?? {})]);
  console.log(name, "write units", per(a.writeUnits, b.writeUnits), "read units", per(a.readUnits, b.readUnits), "failed", b.failedConditions,
    [...ops].map((o) => `${o} ${per(a.requests["DynamoDB"]?.[o] ?? 0, b.requests["DynamoDB"]?.[o] ?? 0)}`).join(", "), "run of 1:", w.writeUnits, JSON.stringify(w.requests["DynamoDB"]));
  for (const [k, v] of sizes) if (/^[A-Z]/.test(k)) console.log("  ", k, v.length, "avg", Math.round(v.reduce((x, y) => x + y) / v.length), "max", Math.max(...v));
  sizes.clear();
}
if (process.argv[2] === "-v") for (const [k, v] of samples) if (/^[A-Z]/.test(k)) console.log(k, v);
await engine.close();
