import { setImmediate as macrotask, setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { openMemoryEngine, type MemoryEngine } from "../../src/testing.ts";

const open: MemoryEngine[] = [];
function engine(): MemoryEngine {
  const made = openMemoryEngine();
  open.push(made);
  return made;
}
afterEach(async () => {
  for (const made of open.splice(0)) await made.close();
});
async function ended(name: string, params: object = {}) {
  const one = engine();
  const { run } = await one.start(name, params);
  return (await one.ended(run.id)).ended;
}

const runtime = z.enum(["inline", "isolated"]);
const runtimes = runtime.options;
const seen: unknown[] = [];

const wait = step({ name: "wait_ms", input: z.object({ ms: z.number() }), output: z.number() }, async ({ ms }, { signal }) => {
  if (ms < 0) throw new RangeError(`item ${ms}`);
  await sleep(ms, undefined, { signal });
  return ms;
});

describe.each(runtimes)("the items of an %s map", (how) => {
  const one = wait.with({ runtime: how });

  it("can be raced, and the rest cancelled", async () => {
    const racing = pipeline({ name: `racing_${how}` }, async () => {
      const map = one.map({ ms: [5_000, 1, 5_001] });
      const items = await map.items();
      const winner = await Promise.race(items);
      seen.push(await winner.load());
      map.cancel("have one");
      await Promise.allSettled(items).then((all) => seen.push(all.map(({ status }) => status)));
      return winner;
    });
    seen.length = 0;
    expect(await ended(racing.name)).toMatchObject({ status: "completed" });
    expect(seen).toEqual([1, ["rejected", "fulfilled", "rejected"]]);
  });

  it("can be cancelled one by one: what has not started never does, and the map says so", async () => {
    const picking = pipeline({ name: `picking_${how}` }, async () => {
      const map = one.map({ ms: Array.from({ length: 40 }, (_, i) => (i === 39 ? 60_000 : i === 0 ? 50 : 1)) }, { maxConcurrency: 1 });
      const items = await map.items();
      items[39]?.cancel("not this one");
      seen.push(await Promise.resolve(items[39]).catch(({ code }: { code: string }) => code));
      seen.push(await map.result().catch(({ code }: { code: string }) => code));
      await Promise.allSettled(items);
    });
    seen.length = 0;
    expect(await ended(picking.name)).toMatchObject({ status: "completed", totals: { ended: { completed: 39, cancelled: 1 } } });
    expect(seen).toEqual(["cancelled", "cancelled"]);
  });

  it("can be cancelled before any of them started", async () => {
    const early = pipeline({ name: `early_${how}` }, async () => {
      const first = wait.submit({ ms: 5 });
      const map = one.map({ ms: [1, 2] }, { after: first });
      map.cancel("never mind");
      seen.push(await map.items(), await map.settled().catch((error: { code: string }) => error.code));
    });
    seen.length = 0;
    expect(await ended(early.name)).toMatchObject({ status: "completed" });
    expect(seen).toEqual([[], "cancelled"]);
  });

  it("that failed are told one by one, and by settled(), whose successes go on by reference", async () => {
    const settling = pipeline({ name: `settling_${how}` }, async () => {
      const map = one.map({ ms: [1, -1, 2, -2] });
      seen.push((await Promise.allSettled(await map.items())).map((end) => (end.status === "rejected" ? String(end.reason) : "fine")));
      const { succeeded, failed } = await map.settled();
      seen.push(
        failed.map(({ index, id, error }) => [index, id, error.message]),
        await succeeded.load(),
      );
      const again = one.map({ ms: succeeded });
      return { succeeded, again };
    });
    seen.length = 0;
    const one_ = engine();
    const { succeeded, again } = (await one_.run(settling)) as {
      succeeded: { load(): Promise<number[]> };
      again: { load(): Promise<number[]> };
    };
    expect(seen).toEqual([
      ["fine", "RangeError: item -1", "fine", "RangeError: item -2"],
      [
        [1, "wait_ms[1]", "item -1"],
        [3, "wait_ms[3]", "item -2"],
      ],
      [1, 2],
    ]);
    expect([await succeeded.load(), await again.load()]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it("are retried, each by itself, and keep within maxConcurrency", async () => {
    let running = 0;
    let most = 0;
    const attempts: Record<number, number> = {};
    const flaky = step(
      {
        name: `flaky_item_${how}`,
        input: z.object({ n: z.number() }),
        output: z.number(),
        runtime: how,
        retry: { maxRetries: 2, delay: 1 },
      },
      async ({ n }, { attempt }) => {
        most = Math.max(most, ++running);
        await macrotask();
        running--;
        attempts[n] = attempt;
        if (attempt <= n % 3) throw new Error("again");
        return n;
      },
    );
    const retrying = pipeline({ name: `retrying_items_${how}` }, async () => {
      seen.push(await flaky.map({ n: [0, 1, 2, 3, 4, 5, 6] }, { maxConcurrency: 3 }).load());
    });
    seen.length = 0;
    expect(await ended(retrying.name)).toMatchObject({ status: "completed" });
    expect(seen).toEqual([[0, 1, 2, 3, 4, 5, 6]]);
    expect(attempts).toEqual({ 0: 1, 1: 2, 2: 3, 3: 1, 4: 2, 5: 3, 6: 1 });
    expect(most).toBeLessThanOrEqual(3);
  });

  it("of nothing: the list is empty, and nobody is woken for it", async () => {
    const empty = pipeline({ name: `empty_${how}` }, async () => {
      const map = one.map({ ms: [] });
      seen.push(await map.load(), await map.items());
      seen.push(await one.map({ ms: map }).load());
    });
    seen.length = 0;
    expect(await ended(empty.name)).toMatchObject({ status: "completed" });
    expect(seen).toEqual([[], [], []]);
  });
});

describe.each(runtimes)("cancelling an %s step", (how) => {
  it("aborts it while it runs, skips it before, and fails nothing", async () => {
    const cancelling = pipeline({ name: `cancelling_${how}` }, async () => {
      const one = wait.with({ runtime: how });
      const [quick, slow] = [one.submit({ ms: 1 }), one.submit({ ms: 10_000 })];
      const never = one.submit({ ms: 1 }, { after: slow });
      await Promise.race([quick, slow]);
      never.cancel();
      slow.cancel("too slow");
      slow.cancel("again");
      seen.push(
        await slow.result().catch((error: { code: string; message: string }) => [error.code, error.message]),
        slow.status(),
        never.status(),
      );
    });
    seen.length = 0;
    expect(await ended(cancelling.name)).toMatchObject({
      status: "completed",
      totals: { ended: { completed: 1, stopped: 1, cancelled: 1 } },
    });
    expect(seen).toEqual([["cancelled", "step wait_ms_2 was stopped: too slow"], "stopped", "stopped"]);
  });
});
