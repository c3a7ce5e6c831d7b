import { beforeEach, describe, expect, test } from "vitest";
import { AbortLookout } from "../../src/engine/abort-lookout.ts";
import type { AttemptKey, RunningAttempt } from "../../src/model/attempt.ts";
import { makeRunId } from "../../src/model/id.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { requestAbort } from "../../src/record/attempt.ts";
import { ManualClock, MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";

const key: AttemptKey = { run: makeRunId(0, "lookout"), id: "fit", attempt: 1 };
const claim: RunningAttempt = { status: "running", nonce: "n", invocation: "i", startedAt: 0, until: 1, place: { kind: "function" } };

let clock: ManualClock;
let store: MemoryStateStore;
let reads: number[];
let isDown: boolean;
let left: Promise<unknown>[];
/** Resolves when the store may answer. */
let answered: Promise<void>;
beforeEach(async () => {
  clock = new ManualClock(0);
  store = new MemoryStateStore();
  reads = [];
  isDown = false;
  left = [];
  answered = Promise.resolve();
  await store.claim(key, claim);
});

function lookout(): AbortLookout {
  const readAttempts: StateStore["readAttempts"] = async (keys) => {
    reads.push(clock.now());
    await answered;
    if (isDown) throw new Error("throttled");
    return store.readAttempts(keys);
  };
  return new AbortLookout(key, { clock, state: instead<StateStore>(store, { readAttempts }), onLeft: (work) => left.push(work) });
}

describe("the lookout for a request to abort", () => {
  test("reads nothing before 40 s, and then every 15 s", async () => {
    const { signal } = lookout();
    await clock.advance(39_999);
    expect(reads).toEqual([]);
    await clock.advance(31_001);
    expect(reads).toEqual([40_000, 55_000, 70_000]);
    expect(signal.aborted).toBe(false);
  });

  test("aborts with the reason in the row, and reads no more", async () => {
    const { signal } = lookout();
    await requestAbort(store, key, "the run was stopped: enough");
    await clock.advance(200_000);
    expect(signal.reason).toBe("the run was stopped: enough");
    expect(reads).toEqual([40_000]);
    expect(clock.waiting).toBe(0);
  });

  test("aborts where somebody else has ended the attempt", async () => {
    const { signal } = lookout();
    await clock.advance(50_000);
    await store.bury(key, "n", { status: "ended", nonce: "o", outcome: { status: "stopped", reason: "lost" }, endedAt: 50_000 });
    await clock.advance(5_000);
    expect(signal.aborted).toBe(true);
  });

  test("goes on looking where a look fails", async () => {
    const { signal } = lookout();
    await requestAbort(store, key, "enough");
    isDown = true;
    await clock.advance(54_000);
    expect(signal.aborted).toBe(false);
    isDown = false;
    await clock.advance(1_000);
    expect(signal.reason).toBe("enough");
  });

  test("leaves no timer and no read after it is closed", async () => {
    const closed = lookout();
    await clock.advance(41_000);
    closed.close();
    expect(clock.waiting).toBe(0);
    await requestAbort(store, key, "enough");
    await clock.advance(200_000);
    expect(reads).toEqual([40_000]);
    expect(closed.signal.aborted).toBe(false);
  });

  test("tells of the read that is on its way when it is closed, and says nothing any more after it", async () => {
    const slow = Promise.withResolvers<void>();
    answered = slow.promise;
    const closed = lookout();
    await requestAbort(store, key, "enough");
    await clock.advance(40_000);
    closed.close();
    let isOver = false;
    void Promise.all(left).then(() => (isOver = true));
    await clock.advance(10);
    expect(isOver).toBe(false);
    slow.resolve();
    await Promise.all(left);
    expect(closed.signal.aborted).toBe(false);
  });

  test("can be closed at once", async () => {
    lookout().close();
    expect(clock.waiting).toBe(0);
    await clock.advance(200_000);
    expect(reads).toEqual([]);
  });
});
