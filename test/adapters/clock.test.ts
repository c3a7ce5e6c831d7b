import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { SystemClock } from "../../src/adapters/local/system-clock.ts";
import { ManualClock } from "../../src/adapters/memory/manual-clock.ts";

describe("manual clock", () => {
  test("wakes in the order of due times, ties in the order of waiting, each at its own time", async () => {
    const clock = new ManualClock(1_000);
    const woken: [string, number][] = [];
    const sleep = (name: string, ms: number) => clock.wait(ms).then(() => woken.push([name, clock.now()]));
    void sleep("c", 30);
    void sleep("a", 10);
    void sleep("b1", 20);
    void sleep("b2", 20);
    expect(clock.nextDue).toBe(1_010);
    await clock.advance(20);
    expect(woken).toEqual([
      ["a", 1_010],
      ["b1", 1_020],
      ["b2", 1_020],
    ]);
    expect([clock.now(), clock.waiting, clock.nextDue]).toEqual([1_020, 1, 1_030]);
  });

  test("wakes those too who begin to wait on the way", async () => {
    const clock = new ManualClock(0);
    const ticks: number[] = [];
    const ticking = (async () => {
      for (let i = 0; i < 5; i++) {
        await clock.wait(10);
        ticks.push(clock.now());
      }
    })();
    await clock.advance(35);
    expect(ticks).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(35);
    while (await clock.advanceToNext());
    await ticking;
    expect(ticks).toEqual([10, 20, 30, 40, 50]);
  });

  test("an aborted wait ends at once and is forgotten, its neighbours are not", async () => {
    const clock = new ManualClock();
    const abort = new AbortController();
    let neighbours = 0;
    void clock.wait(10).then(() => neighbours++);
    const aborted = clock.wait(10, abort.signal);
    void clock.wait(10).then(() => neighbours++);
    abort.abort();
    await aborted;
    await clock.wait(10, abort.signal);
    expect(clock.waiting).toBe(2);
    await clock.advance(10);
    expect(neighbours).toBe(2);
    expect(await clock.advanceToNext()).toBe(false);
  });

  test.each([0, -5])("waits no time for %s ms", async (ms) => {
    const clock = new ManualClock();
    await clock.wait(ms);
    expect(clock.waiting).toBe(0);
  });
});

describe("system clock", () => {
  const clock = new SystemClock();

  test("waits at least that long, by its own time", async () => {
    const before = clock.now();
    await clock.wait(20);
    expect(clock.now() - before).toBeGreaterThanOrEqual(19);
  });

  test("ends an aborted wait at once, before or while waiting", async () => {
    const before = clock.now();
    await clock.wait(3_600_000, AbortSignal.abort());
    const abort = new AbortController();
    const waiting = clock.wait(3_600_000, abort.signal);
    abort.abort();
    await waiting;
    expect(clock.now() - before).toBeLessThan(3_600_000);
  });

  test("does not wake early from a wait that is longer than any timer of Node's", async () => {
    const abort = new AbortController();
    let woken = false;
    const waiting = clock.wait(2 ** 31 + 10, abort.signal).then(() => (woken = true));
    await clock.wait(5);
    expect(woken).toBe(false);
    abort.abort();
    await waiting;
  });

  test("an aborted wait keeps no process alive", () => {
    const url = new URL("../../src/adapters/local/system-clock.ts", import.meta.url).href;
    const script = `import { SystemClock } from "${url}";
      const abort = new AbortController();
      const waiting = new SystemClock().wait(3_600_000, abort.signal);
      abort.abort();
      await waiting;`;
    expect(spawnSync(process.execPath, ["--input-type=module", "-e", script], { timeout: 20_000 }).status).toBe(0);
  });
});
