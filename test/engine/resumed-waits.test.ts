import { describe, expect, it } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { hour, Patience, second, stopwatch } from "./waiting.ts";

const note = step({ name: "note_after_waits", input: z.object({ text: z.string() }), output: z.string() }, ({ text }) => text);

describe("an engine on the stores of another", () => {
  const long = pipeline({ name: "long_waits" }, async (_, run) => {
    const since = stopwatch(run);
    const answers = run.waitFor("answer", { schema: z.number() });
    await run.sleep("1h");
    run.log(`slept ${since()}`);
    run.log(`answer ${await answers} ${since()}`);
    await run.waitFor("late", { timeout: "1h" }).catch(() => run.log(`none ${since()}`));
    return note({ text: run.uuid() });
  });

  /** What the function says of a run whose process is another one at each of these points, if `at` makes it so. */
  async function through(at: (patience: Patience, point: string) => Promise<void>): Promise<readonly string[]> {
    const patience = new Patience();
    const run = await patience.start(long);
    const change = async (point: string) => {
      const before = patience.engine;
      await at(patience, point);
      if (patience.engine !== before) await patience.engine.resume(run);
      await patience.settle();
    };
    await change("start");
    await patience.pass(hour / 2);
    await change("sleep");
    await patience.pass(hour / 2);
    await change("slept");
    await patience.signal(run, "answer", 17);
    await change("answered");
    await patience.pass(hour - second);
    await change("nearly");
    await patience.pass(second);
    const { ended } = await patience.ended(run);
    expect(ended).toMatchObject({ status: "completed", totals: { ended: { completed: 1 } } });
    return patience.said(run);
  }

  const said = ["slept 3600 s", "answer 17 3600 s", "none 7200 s"];

  it("goes on with a waiting run, to the second, and says the same", async () => {
    expect(await through(async () => {})).toEqual(said);
    expect(await through((patience) => patience.restart())).toEqual(said);
  });

  it("does so with code of another version, where that waits for the same", async () => {
    expect(await through((patience, point) => patience.restart(point))).toEqual(said);
  });
});
