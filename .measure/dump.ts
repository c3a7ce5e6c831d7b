import { z } from "zod";
import { openMemoryEngine, MemoryStateStore, memoryStores } from "../src/testing.ts";
import { step, pipeline, PermanentError } from "../src/index.ts";
const docs: string[] = [];
const inner = new MemoryStateStore();
const state = new Proxy(inner, { get(t, p: any) { const m = (t as any)[p]; if (typeof m !== "function") return m; return (...a: any[]) => { if (["append", "claim", "end", "settle", "recordItems"].includes(p)) docs.push(p + " " + JSON.stringify(a[1] ?? a[0][0].row)); return m.apply(t, a); }; } });
const engine = openMemoryEngine({ stores: { ...memoryStores(), state }, inlineValues: 0, codeVersion: "17" });
const s = step({ name: "train", runtime: "isolated", retry: { maxRetries: 1, delay: 1 } as any, timeout: "5m" as any, input: z.object({ data: z.number() }), output: z.number() } as any, ({ data }: any, { metadata, log }: any) => { metadata?.({ rmse: 1 }); if (data > 3) throw new Error("bad data"); return data + 1; }) as any;
const i = step({ name: "clean", input: z.object({ data: z.number() }), outputs: { model: z.object({ a: z.number() }), rmse: z.number() } } as any, ({ data }: any) => ({ model: { a: data }, rmse: 2 })) as any;
const p = pipeline({ name: "p", params: z.object({}) }, async (_: any, { log }: any = {}) => {
  const a = await s({ data: 1 });
  const c = await i({ data: a });
  log?.info?.("hello", { a: 1 });
  const v = await c.rmse.load();
  const m = await s.map({ data: [1, 2, 3] });
  const im = await i.map({ data: [1, 2, 3] });
  const f = s.submit({ data: c.rmse }, { after: [a] as any, id: "late" } as any);
  await f;
  try { await s({ data: 7 }); } catch {}
  return { a, m };
});
const { run } = await engine.start("p", {});
await engine.ended(run.id);
for (const d of docs) console.log(d.slice(0, 1500));
await engine.close();
