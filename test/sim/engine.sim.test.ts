import { hash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { watchStrayRejections } from "../../src/engine/stray-rejections.ts";
import { worlds as allWorlds, type Faults } from "./faults.ts";
import { regressions } from "./regressions.ts";
import { saboteurs } from "./saboteurs.ts";
import { simulate, type Simulated } from "./simulate.ts";

/** `SIM_SEEDS`: how many seeds of each world; `SIM_SEED`: this seed only, with all that happened; `SIM_WORLD`: this world only. */
const { SIM_SEEDS = "300", SIM_SEED, SIM_WORLD } = process.env;
const worlds = Object.values(allWorlds).filter(({ name }) => SIM_WORLD === undefined || name === SIM_WORLD);
const seeds = SIM_SEED === undefined ? Array.from({ length: Number(SIM_SEEDS) }, (_, i) => i + 1) : [Number(SIM_SEED)];
const minutes = { timeout: 600_000 };

let strays: Disposable | undefined;
beforeAll(() => {
  strays = watchStrayRejections();
});
afterAll(() => strays?.[Symbol.dispose]());

describe.each(worlds)("in a $name world", (faults) => {
  test("every run ends right", minutes, async () => {
    const bad: string[] = [];
    for (const seed of seeds) {
      const simulated = await simulate(seed, faults);
      if (simulated.violations.length > 0) bad.push(describeBad(simulated, faults));
    }
    expect(bad.join("\n")).toBe("");
  });

  test("the same seed gives the same trace", minutes, async () => {
    for (const seed of seeds.slice(0, 10)) {
      const once = digestOf(await simulate(seed, faults));
      expect(digestOf(await simulate(seed, faults))).toBe(once);
    }
  });
});

describe.runIf(SIM_SEED === undefined)("seeds that have found a fault", () => {
  test.each(regressions)("$world $seed: $found", minutes, async ({ world, seed, waits }) => {
    expect((await simulate(seed, allWorlds[world], { waits: waits === true })).violations).toEqual([]);
  });
});

/** So many seeds must be enough. */
const enough = 600;

describe.runIf(SIM_SEED === undefined)("with a rule of the protocol switched off", () => {
  test.each(Object.entries(saboteurs))("%s is found", minutes, async (_, { sabotage, world }) => {
    let found: readonly string[] = [];
    for (let seed = 1; seed <= enough && found.length === 0; seed++)
      found = (await simulate(seed, allWorlds[world], { sabotage })).violations;
    expect(found).not.toEqual([]);
  });
});

function describeBad({ seed, violations, trace, program }: Simulated, { name }: Faults): string {
  const command = `SIM_SEED=${seed} SIM_WORLD=${name} npx vitest run test/sim/engine.sim.test.ts`;
  const everything = SIM_SEED === undefined ? "" : `\n${JSON.stringify(program, null, 1)}\n${trace.join("\n")}`;
  return `${command}\n  ${violations.join("\n  ")}${everything}`;
}

function digestOf({ trace, cloud }: Simulated): string {
  const journal = cloud.ledger.entries.map(({ nonce, at, events }) => [
    nonce,
    at,
    events.map((event) => [event.t, "id" in event ? event.id : ""]),
  ]);
  return hash("sha256", JSON.stringify([trace, journal]));
}
