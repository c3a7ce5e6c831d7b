import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import { aClaim, aRun, anEnd, anEntry, item, step } from "../contracts/state-store/samples.ts";
import type { RunId } from "../../src/model/id.ts";
import type { MapShape } from "../../src/model/task.ts";

/** A process of its own that competes with others for one run, or appends until it is killed. */
export interface Race {
  readonly path: string;
  readonly run: RunId;
  readonly task: "compete" | "append";
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

async function append({ path, run, rounds }: Race): Promise<void> {
  const store = new SqliteStateStore({ path });
  for (let i = 0; i < rounds; i++) {
    const answer = await store.append(run, anEntry(i));
    process.send?.({ appended: answer === "appended" ? i : -1 });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

process.on("message", (race: Race) => {
  if (race.task === "append") void append(race);
  else void compete(race).then((won) => process.send?.(won, () => process.disconnect()));
});
process.send?.("ready");
