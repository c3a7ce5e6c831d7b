import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { Turns } from "./turns.ts";

const double = step({ name: "double", runtime: "isolated", input: z.object({ n: z.number() }), output: z.number() }, ({ n }) => 2 * n);
const wide = pipeline({ name: "wide" }, () => double.map({ n: [1, 2, 3, 4, 5, 6] }));

let turns: Turns;
let marks: ("marked" | "there")[];
/** Does what a finisher does before it marks. */
let beforeMark: () => Promise<void>;

beforeEach(async () => {
  const store = new MemoryStateStore();
  marks = [];
  beforeMark = async () => {};
  let ended = 0;
  const all = Promise.withResolvers<void>();
  const changes: Partial<StateStore> = {
    // All items have ended before anybody looks at the others.
    end: async (key, row) => {
      const answer = await store.end(key, row);
      if (++ended === 6) all.resolve();
      await all.promise;
      return answer;
    },
    mark: async (...args) => {
      await beforeMark();
      const answer = await store.mark(...args);
      marks.push(answer);
      return answer;
    },
  };
  turns = new Turns({ state: instead(store, changes) });
  await turns.start(wide);
  await turns.take();
});

describe("the finishers of a group that end at once", () => {
  test("leave its mark to one of them", async () => {
    await turns.pass(Promise.all(turns.launches.splice(0).map((launched) => turns.beginStep(launched))));
    expect(marks).toEqual(["marked"]);
    await turns.takeAll();
    expect((await turns.record()).ended).toMatchObject({ status: "completed", totals: { ended: { completed: 6 } } });
  });

  test("mark it, one of them, where the one that should does not come to it", async () => {
    const stuck = new Promise<void>(() => {});
    beforeMark = () => {
      beforeMark = async () => {};
      return stuck;
    };
    const steps = turns.launches.splice(0).map((launched) => turns.beginStep(launched));
    await turns.pass(Promise.race([Promise.all(steps.slice(0, 5)), Promise.all(steps.slice(1))]));
    expect(marks).toEqual(["marked"]);
    await turns.takeAll();
    expect((await turns.record()).ended?.status).toBe("completed");
  });
});
