import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Woken } from "../../src/model/event.ts";
import { until } from "../adapters/local/until.ts";
import { Ground } from "./killable.ts";
import { detailOf, look } from "./picture.ts";

/** How often a process looks through its quiet runs by itself: who hears of a signal sooner was told. */
const sweepMs = 10_000;

/** A ground where runs wait to be told words. */
class WaitingGround extends Ground {
  readonly file = join(this.folder, "words");

  constructor() {
    super(join(import.meta.dirname, "fixtures/waiting.ts"));
  }

  start() {
    return this.engine(["start", "told", JSON.stringify({ file: this.file })]);
  }

  get words(): readonly string[] {
    return existsSync(this.file) ? readFileSync(this.file, "utf8").trim().split("\n") : [];
  }

  /** Until the run's journal says that it waits for its n-th word. */
  async waits(n: number): Promise<string> {
    return until(async () => {
      if (this.last?.hasExited === true) throw new Error(`nobody waits: ${this.last.output}`);
      if (!existsSync(join(this.dir, "state.db"))) return false;
      return look(this.dir, async ({ state }, { id }) => {
        const events = (await state.readTail(id, -1)).entries.flatMap((entry) => entry.events);
        return events.filter((event) => event.t === "waiting").length === n && id;
      }).catch(() => false as const);
    }, `the run to wait for word ${n}`);
  }

  /** From another process. */
  async tell(run: string, value: string, id: string): Promise<void> {
    const { code, output } = await this.engine(["signal", run, JSON.stringify({ name: "word", value, id })]).exit;
    if (code !== 0) throw new Error(`the signal could not be sent: ${output}`);
  }

  woken(): Promise<readonly Woken[]> {
    return look(this.dir, async ({ state }, { id }) =>
      (await state.readTail(id, -1)).entries.flatMap((entry) => entry.events.filter((event) => event.t === "woken")),
    );
  }
}

describe("a signal from another process", () => {
  it("is heard at once by the process that the run lives in", async () => {
    await using ground = new WaitingGround();
    const living = ground.start();
    const run = await ground.waits(1);
    await ground.tell(run, "one", "1");
    await ground.tell(run, "one again", "1");
    await ground.tell(run, "two", "2");
    expect((await living.exit).code).toBe(0);
    expect(ground.words).toEqual(["one", "two"]);
    const [first] = await ground.woken();
    expect((first?.at ?? Infinity) - (first?.signal?.at ?? 0)).toBeLessThan(sweepMs / 2);
  });

  it("that comes when no process has the run is kept for the one that resumes it", async () => {
    await using ground = new WaitingGround();
    const dead = ground.start();
    const run = await ground.waits(1);
    await ground.tell(run, "one", "1");
    await until(() => ground.words.length === 1, "the first word to be noted");
    await dead.kill();
    await ground.tell(run, "two", "2");
    expect((await detailOf(ground.dir)).run.status).toBe("running");
    expect((await ground.engine(["resume", run]).exit).code).toBe(0);
    expect(ground.words).toEqual(["one", "two"]);
  });
});
