import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunDetail } from "../../src/observe/resources.ts";
import { executions, expectOnce, finishedSteps } from "./executions.ts";
import { catalogues, Ground, type Exit, type Group, type Kill } from "./killable.ts";
import { detailOf, look, pictureOf } from "./picture.ts";

/** More entries than any run here writes: a loop that does not end fails. */
const maxEntries = 40;

async function completes(group: Group): Promise<void> {
  const { code, signal, output } = await group.exit;
  expect({ code, signal, output }).toMatchObject({ code: 0, signal: null });
}

/** Was it killed? If not, it has run to its good end. */
function wasKilled({ code, signal, output }: Exit): boolean {
  if (signal !== "SIGKILL") expect({ code, signal, output }).toMatchObject({ code: 0, signal: null });
  return signal === "SIGKILL";
}

const runId = (dir: string): Promise<string> => look(dir, async (_, { id }) => id);
const entriesOf = (dir: string): Promise<number> => look(dir, async ({ state }, { id }) => (await state.readTail(id, -1)).entries.length);

/** Kills a new run at its first entry, another at its second, and so on until one ends before it is killed; resumes each. */
async function killedInTurn(
  begin: (ground: Ground, kill: Kill) => Group,
  kill: Omit<Kill, "nth">,
  catalogue: string,
  check: (ground: Ground, nth: number) => Promise<void>,
) {
  for (let nth = 1; nth < maxEntries; nth++) {
    await using ground = new Ground(catalogue);
    if (!wasKilled(await begin(ground, { ...kill, nth }).exit)) return nth - 1;
    expect(await entriesOf(ground.dir).catch(() => 0)).toBe(kill.at === "after" ? nth : nth - 1);
    await check(ground, nth);
  }
  throw new Error(`no run ended within ${maxEntries} entries`);
}

describe("forecast, killed after every single journal entry and resumed by skein resume", () => {
  it("gives the same result and the same graph, and no finished step runs again", { timeout: 240_000 }, async () => {
    await using plain = new Ground(catalogues.handlers);
    await completes(plain.cli(["run", "forecast", "--no-watch"]));
    const wanted = await pictureOf(plain.dir);
    const kills = await killedInTurn(
      (ground, kill) => ground.cli(["run", "forecast", "--no-watch"], kill),
      { at: "after" },
      catalogues.handlers,
      async (ground) => {
        const finished = await finishedSteps(ground.dir);
        await completes(ground.cli(["resume", "latest", "--no-watch"]));
        await expectOnce(ground.dir, finished);
        expect(await pictureOf(ground.dir)).toEqual(wanted);
      },
    );
    expect(kills).toBeGreaterThanOrEqual(5);
  });
});

describe("flight_delays", () => {
  let plain: Ground;
  let wanted: unknown;
  beforeAll(async () => {
    plain = new Ground(catalogues.handlers);
    await completes(plain.cli(["run", "flight_delays", "--no-watch"]));
    wanted = await pictureOf(plain.dir);
  });
  afterAll(() => plain[Symbol.asyncDispose]());

  async function resumed(ground: Ground): Promise<void> {
    const finished = await finishedSteps(ground.dir);
    await completes(ground.cli(["resume", "latest", "--no-watch"]));
    await expectOnce(ground.dir, finished);
    expect(await pictureOf(ground.dir)).toEqual(wanted);
  }

  /** What a kill leaves is a folder: a copy of it is resumed to the end, the folder itself is killed at the next entry. */
  it("gives the same, killed after every single journal entry in turn, and resumed from each of them", { timeout: 240_000 }, async () => {
    await using ground = new Ground(catalogues.handlers);
    const kill: Kill = { at: "after", nth: 1, isSkipping: true };
    let group = ground.cli(["run", "flight_delays", "--no-watch"], kill);
    let kills = 0;
    for (; wasKilled(await group.exit) && kills < maxEntries; kills++) {
      const finished = await finishedSteps(ground.dir);
      // The children that outlive their parent end what they are at.
      await group.gone();
      await using copy = ground.copy();
      await resumed(copy);
      await expectStanding(await detailOf(ground.dir), finished);
      group = ground.cli(["resume", "latest", "--no-watch"], kill);
    }
    expect(kills).toBeGreaterThanOrEqual(6);
    await expectOnce(ground.dir, new Map());
    expect(await pictureOf(ground.dir)).toEqual(wanted);
  });
});

async function expectStanding({ steps }: RunDetail, finished: Awaited<ReturnType<typeof finishedSteps>>): Promise<void> {
  for (const [id, before] of finished) expect(steps.find((step) => step.id === id)).toMatchObject(before);
}

describe("a pipeline of all kinds of steps that note each execution", () => {
  const params = (ground: Ground) => JSON.stringify({ file: join(ground.folder, "executions") });
  let wanted: unknown;
  let counts: ReadonlyMap<string, number>;
  beforeAll(async () => {
    await using plain = new Ground(catalogues.errands);
    await completes(plain.cli(["run", "errands", "--params", params(plain), "--no-watch"]));
    wanted = await pictureOf(plain.dir);
    counts = executions(join(plain.folder, "executions"));
  });

  async function expectGood(ground: Ground, resume: () => Group): Promise<void> {
    const file = join(ground.folder, "executions");
    const [finished, before] = [await finishedSteps(ground.dir), executions(file)];
    await completes(resume());
    const { steps } = await expectOnce(ground.dir, finished, ["doomed"]);
    expect(await pictureOf(ground.dir)).toEqual(wanted);
    const after = executions(file);
    expect([...after.keys()].toSorted()).toEqual([...counts.keys()].toSorted());
    for (const { id, inputs, runtime, attempts } of steps) {
      const name = String(inputs.flatMap((input) => (input.path === "name" && "value" in input ? [input.value] : []))[0]);
      const [were, are] = [before.get(name) ?? 0, after.get(name) ?? 0];
      if (id === "join" || id === "flaky") continue;
      if (finished.has(id)) expect({ id, executions: are }).toEqual({ id, executions: were });
      else if (runtime === "isolated")
        expect({ id, are, isOnceAnAttempt: are <= attempts.length && are > 0 }).toMatchObject({ isOnceAnAttempt: true });
      else expect({ id, were, are, isOnceMore: are - were <= 1 }).toMatchObject({ isOnceMore: true });
    }
  }

  it("runs every step once, killed right after each entry", { timeout: 240_000 }, async () => {
    const begin = (ground: Ground, kill: Kill) => ground.cli(["run", "errands", "--params", params(ground), "--no-watch"], kill);
    const kills = await killedInTurn(begin, { at: "after" }, catalogues.errands, async (ground, nth) => {
      const run = await runId(ground.dir);
      await expectGood(ground, () => (nth % 2 === 0 ? ground.engine(["resume", run]) : ground.cli(["resume", run, "--no-watch"])));
    });
    expect(kills).toBeGreaterThanOrEqual(8);
  });

  it.each([2, 4, 6, 8])("runs every step once, killed with its children right before entry %i", { timeout: 240_000 }, async (nth) => {
    await using ground = new Ground(catalogues.errands);
    expect(wasKilled(await ground.engine(["start", "errands", params(ground)], { at: "before", whom: "group", nth }).exit)).toBe(true);
    await expectGood(ground, () => ground.cli(["resume", "latest", "--no-watch"]));
  });

  it("comes to its end, killed again and again, each time at the next entry", { timeout: 240_000 }, async () => {
    await using ground = new Ground(catalogues.errands);
    const kill: Kill = { at: "after", nth: 1, isSkipping: true };
    let group = ground.cli(["run", "errands", "--params", params(ground), "--no-watch"], kill);
    let kills = 0;
    for (; wasKilled(await group.exit) && kills < maxEntries; kills++) group = ground.cli(["resume", "latest", "--no-watch"], kill);
    expect(kills).toBeGreaterThanOrEqual(8);
    await expectOnce(ground.dir, new Map(), ["doomed"]);
    expect(await pictureOf(ground.dir)).toEqual(wanted);
  });

  it("comes to its end, killed right after a resume has written down what it takes over", { timeout: 240_000 }, async () => {
    await using ground = new Ground(catalogues.errands);
    expect(wasKilled(await ground.cli(["run", "errands", "--params", params(ground), "--no-watch"], { at: "after", nth: 1 }).exit)).toBe(
      true,
    );
    for (const at of ["after", "before", "after"] as const)
      expect(wasKilled(await ground.cli(["resume", "latest", "--no-watch"], { at, nth: 1 }).exit)).toBe(true);
    await expectGood(ground, () => ground.cli(["resume", "latest", "--no-watch"]));
  });
});
