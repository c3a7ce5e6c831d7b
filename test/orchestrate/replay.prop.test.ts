import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/model/event.ts";
import { interpreted } from "./interpreter.ts";
import { programs, type Program } from "./programs.ts";
import { withoutStacks, World, type Action } from "./program-world.ts";
import { loadText, Rehearsal } from "./rehearsal.ts";

/** To try others: `SKEIN_SEED=17 SKEIN_RUNS=20000 npx vitest run test/orchestrate/replay.prop.test.ts`. */
const seed = Number(process.env["SKEIN_SEED"] ?? 1);
const numRuns = Number(process.env["SKEIN_RUNS"] ?? 1_500);

/** An action with what it added to the journal. */
interface Told {
  readonly action: Action | undefined;
  readonly now: number;
  readonly from: number;
}

class Play {
  readonly program: Program;
  readonly worldSeed: number;
  readonly seen: string[] = [];
  readonly rehearsal: Rehearsal;

  constructor(program: Program, worldSeed: number, journal: readonly RunEvent[] = []) {
    this.program = program;
    this.worldSeed = worldSeed;
    const world = new World(worldSeed);
    this.rehearsal = new Rehearsal(interpreted, {
      params: { program, seen: this.seen },
      run: { onFailure: world.mode, maxSteps: 60, ...(world.maxConcurrency === undefined ? {} : { maxConcurrency: world.maxConcurrency }) },
      journal,
      lent: {
        load: async (ref, item) => {
          if (world.breaks(ref.id)) throw new TypeError(`no ${ref.id}`);
          return loadText(ref, item);
        },
        lookUp: async (node) => world.cachedOutcome(node),
      },
    });
  }

  get orchestration(): Rehearsal["orchestration"] {
    return this.rehearsal.orchestration;
  }

  async tell(action: Action | undefined, now: number): Promise<void> {
    const { orchestration, rehearsal } = this;
    if (action?.tell === "relaunch") {
      const node = orchestration.graph.get(action.id);
      orchestration.relaunch(node);
    } else if (action?.tell === "stop") await orchestration.stop("enough", now);
    else await orchestration.see(action?.news ?? [], now);
    rehearsal.journal.push(...orchestration.take());
  }
}

const longest = 400;

/** The run as it goes when nothing breaks down. */
async function uninterrupted(program: Program, worldSeed: number): Promise<{ readonly play: Play; readonly told: readonly Told[] }> {
  const play = new Play(program, worldSeed);
  const world = new World(worldSeed);
  const told: Told[] = [];
  await play.orchestration.replay();
  let now = play.rehearsal.clock;
  for (let action: Action | undefined; told.length === 0 || action !== undefined;) {
    now += 1_000;
    const from = play.rehearsal.journal.length;
    await play.tell(action, now);
    told.push({ action, now, from });
    if (told.length > longest) throw new Error("the run does not end");
    action = play.orchestration.hasEnded ? undefined : world.next(play.orchestration.graph, now);
    if (action === undefined && !play.orchestration.hasEnded)
      throw new Error(`the run stands still after ${play.rehearsal.decisions.join(", ")}`);
  }
  return { play, told };
}

/** The same run, whose process died when `cut` events were durable: another one replays those and hears what came later. */
async function interrupted(full: Play, told: readonly Told[], cut: number): Promise<Play> {
  const kept = full.rehearsal.journal.slice(0, cut);
  const known = new Set<unknown>(kept);
  const play = new Play(full.program, full.worldSeed, kept);
  await play.orchestration.replay();
  for (const [i, { action, now, from }] of told.entries()) {
    const end = told[i + 1]?.from ?? full.rehearsal.journal.length;
    if (end <= cut && !(from === end && from === cut)) continue;
    if (from >= cut) await play.tell(action, now);
    else if (action?.tell === "see") await play.tell({ tell: "see", news: action.news.filter((seen) => !known.has(seen)) }, now);
    else if (action?.tell === "relaunch") continue;
    else await play.tell(undefined, now);
  }
  return play;
}

/** A run whose process dies whenever the world says so, also in the middle of what one turn writes. */
async function troubled(program: Program, worldSeed: number): Promise<Play> {
  const world = new World(worldSeed);
  let play = new Play(program, worldSeed);
  let now = play.rehearsal.clock;
  await play.orchestration.replay();
  await play.tell(undefined, now);
  for (let told = 0; !play.orchestration.hasEnded; told++) {
    if (told > longest) throw new Error("the run does not end");
    const before = play.rehearsal.journal.length;
    const action = world.next(play.orchestration.graph, (now += 1_000));
    if (action === undefined) throw new Error(`the run stands still after ${play.rehearsal.decisions.join(", ")}`);
    await play.tell(action, now);
    if (world.of(`crash ${told}`, 3) > 0) continue;
    const { journal } = play.rehearsal;
    play = new Play(program, worldSeed, journal.slice(0, before + world.of(`cut ${told}`, journal.length - before + 1)));
    await play.orchestration.replay();
    await play.tell(undefined, now);
  }
  return play;
}

/** A function that is out of the run is not called again. */
function seenIn(journal: readonly RunEvent[], { seen }: Play): string {
  return journal.some((event) => event.t === "halted") ? "" : seen.join("\n");
}

describe("a run of any program", () => {
  test("goes on from any point of its journal as if nothing had happened", async () => {
    let cases = 0;
    await fc.assert(
      fc.asyncProperty(programs, fc.nat(), fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), async (program, worldSeed, points) => {
        const { play: full, told } = await uninterrupted(program, worldSeed);
        const { journal } = full.rehearsal;
        const whole = withoutStacks(journal);
        expect(journal.filter((event) => event.t === "ended")).toHaveLength(1);
        expect(full.orchestration.halted?.code).not.toBe("nondeterministic_pipeline");

        const replayed = new Play(program, worldSeed, journal);
        await replayed.orchestration.replay();
        expect(replayed.orchestration.divergedAt).toBe(undefined);
        await replayed.orchestration.see([], full.rehearsal.clock);
        expect(replayed.orchestration.take()).toEqual([]);
        expect(replayed.seen.join("\n")).toBe(seenIn(journal, full));

        for (const point of points) {
          const cut = point % (journal.length + 1);
          const again = await interrupted(full, told, cut);
          expect(withoutStacks(again.rehearsal.journal)).toEqual(whole);
          expect(again.seen.join("\n")).toBe(seenIn(journal.slice(0, cut), full));
          cases++;
        }
      }),
      { seed, numRuns, plugins: [fc.interruptAfterTimeLimit(45_000)] },
    );
    expect(cases).toBeGreaterThan(numRuns);
  });

  test("that dies again and again ends once, starts no attempt twice, and its journal tells what the function saw", async () => {
    await fc.assert(
      fc.asyncProperty(programs, fc.nat(), async (program, worldSeed) => {
        const play = await troubled(program, worldSeed);
        const { journal } = play.rehearsal;
        expect(journal.filter((event) => event.t === "ended")).toHaveLength(1);
        expect(play.orchestration.halted?.code).not.toBe("nondeterministic_pipeline");
        const first = journal.flatMap((event) =>
          event.t === "launched" && event.dueAt === undefined ? [`${event.id} ${event.attempt}`] : [],
        );
        expect(first).toEqual([...new Set(first)]);

        const replayed = new Play(program, worldSeed, journal);
        await replayed.orchestration.replay();
        expect(replayed.orchestration.take()).toEqual([]);
        expect(replayed.seen.join("\n")).toBe(seenIn(journal, play));
      }),
      { seed, numRuns, plugins: [fc.interruptAfterTimeLimit(45_000)] },
    );
  });
});
