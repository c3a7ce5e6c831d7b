import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { Turns } from "./turns.ts";

const double = step({ name: "double", runtime: "isolated", input: z.object({ n: z.number() }), output: z.number() }, ({ n }) => 2 * n);
const wide = pipeline({ name: "wide", params: z.object({ items: z.int() }) }, ({ items }) =>
  double.map({ n: Array.from({ length: items }, (_, n) => n) }),
);

let turns: Turns;
let marks: ("marked" | "there")[];
/** Of whole groups, by finishers. */
let groupReads: number;
/** Does what a finisher does before it marks. */
let beforeMark: () => Promise<void>;

async function start(items: number): Promise<void> {
  const store = new MemoryStateStore();
  marks = [];
  groupReads = 0;
  beforeMark = async () => {};
  let ended = 0;
  const all = Promise.withResolvers<void>();
  const changes: Partial<StateStore> = {
    // All items have ended before anybody looks at the others.
    end: async (key, row) => {
      const answer = await store.end(key, row);
      if (++ended === items) all.resolve();
      await all.promise;
      return answer;
    },
    readItems: (run, map, group) => {
      if (group !== undefined) groupReads++;
      return store.readItems(run, map, group);
    },
    mark: async (...args) => {
      await beforeMark();
      const answer = await store.mark(...args);
      marks.push(answer);
      return answer;
    },
  };
  turns = new Turns({ state: instead(store, changes) });
  await turns.start(wide, { items });
  await turns.take();
}

function beginAll(): readonly Promise<void>[] {
  return turns.launches.splice(0).map((launched) => turns.beginStep(launched));
}

describe.each([6, 30])("the finishers of a group of %i that end at once", (items) => {
  beforeEach(() => start(items));

  test("leave its mark to one of them", async () => {
    await turns.pass(Promise.all(beginAll()));
    expect(marks).toEqual(["marked"]);
    await turns.takeAll();
    expect((await turns.record()).ended).toMatchObject({ status: "completed", totals: { ended: { completed: items } } });
  });

  test("leave the reading of a group to that one too, unless its last rows are all it has", async () => {
    await turns.pass(Promise.all(beginAll()));
    expect(groupReads).toBe(items < 8 ? 0 : 1);
  });

  test("mark it, one of them, where the one that should does not come to it", async () => {
    const stuck = new Promise<void>(() => {});
    beforeMark = () => {
      beforeMark = async () => {};
      return stuck;
    };
    const steps = beginAll();
    await turns.pass(Promise.race(steps.map((_, stuck) => Promise.all(steps.toSpliced(stuck, 1)))));
    expect(marks).toEqual(["marked"]);
    await turns.takeAll();
    expect((await turns.record()).ended?.status).toBe("completed");
  });
});
