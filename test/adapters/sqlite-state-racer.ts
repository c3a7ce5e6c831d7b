import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import { aClaim, aRun, anEnd, anEntry, item, step } from "../contracts/state-store/samples.ts";
import type { RunId } from "../../src/model/id.ts";
import type { MapShape } from "../../src/model/task.ts";

/** A process of its own that competes with others for one run, or appends until it is killed. */
export interface Race {
  readonly path: string;
  readonly run: RunId;
  readonly task: "compete" | "append" | "open";
  readonly rounds: number;
  readonly map: MapShape;
}
/** The nonces of what this process won, and how often it came first to create. */
export interface Won {
  readonly created: number;
  readonly appended: readonly string[];
  readonly claimed: readonly string[];
  readonly settled: readonly string[];
  readonly versions: readonly number[];
}

async function compete({ path, run, rounds, map }: Race): Promise<Won> {
  const store = new SqliteStateStore({ path });
  const record = aRun({ id: run });
  const appended: string[] = [],
    claimed: string[] = [],
    settled: string[] = [],
    versions: number[] = [];
  const { created } = await store.createRun(record);
  for (let i = 0; i < rounds; i++) {
    const entry = anEntry(i);
    if ((await store.append(run, entry)) === "appended") appended.push(entry.nonce);
    const claim = aClaim();
    if ((await store.claim(item(run, map, i), claim)).won) {
      claimed.push(claim.nonce);
      if (!(await store.end(item(run, map, i), anEnd(claim.nonce))).won) throw new Error("a claimed row could not be ended");
    }
    const end = anEnd();
    if ((await store.settle(step(run, `s_${i}`), end)).won) settled.push(end.nonce);
    if (i % 20 === 0)
      versions.push(
        await store.addVersion(run, {
          artifact: { id: `${process.pid}.${i}`, digest: "", bytes: 1, mediaType: "", materializer: "", at: { text: "" } },
          run,
          at: 1,
        }),
      );
    await store.recordItems(Array.from({ length: 5 }, (_, k) => ({ key: item(run, map, 1_000 + ((i * 5 + k) % 1_000)), row: anEnd() })));
  }
  await store.close();
  return { created: created ? 1 : 0, appended, claimed, settled, versions };
}

async function append({ path, run, rounds }: Race): Promise<string> {
  const store = new SqliteStateStore({ path });
  for (let i = 0; i < rounds; i++) {
    const answer = await store.append(run, anEntry(i));
    process.send?.({ appended: answer === "appended" ? i : -1 });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return "appended all";
}

/** Makes one new file after the other, each at the same moment as the others do. */
async function open({ path, rounds }: Race): Promise<string> {
  const start = Math.ceil(Date.now() / 1_000) * 1_000;
  for (let i = 0; i < rounds; i++) {
    while (Date.now() < start + i * 20);
    const store = new SqliteStateStore({ path: `${path}-${i}` });
    await store.createRun(aRun());
    await store.close();
  }
  return "opened";
}

const tasks = { compete, append, open };
process.on("message", (race: Race) => {
  tasks[race.task](race).then(
    (result) => process.send?.(result, () => process.disconnect()),
    (error: unknown) => process.send?.(String(error), () => process.exit(1)),
  );
});
process.send?.("ready");
