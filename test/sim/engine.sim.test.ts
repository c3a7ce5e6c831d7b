import { hash } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { watchStrayRejections } from "../../src/engine/stray-rejections.ts";
import { calm, quiet, storm, type Faults } from "./faults.ts";
import { saboteurs } from "./saboteurs.ts";
import { simulate, type Simulated } from "./simulate.ts";

/** `SIM_SEEDS`: how many seeds of each mix; `SIM_SEED`: one seed only; `SIM_MIX`: one mix only. */
const { SIM_SEEDS = "300", SIM_SEED, SIM_MIX } = process.env;
const mixes = [quiet, calm, storm].filter(({ name }) => SIM_MIX === undefined || name === SIM_MIX);
const seeds = SIM_SEED === undefined ? Array.from({ length: Number(SIM_SEEDS) }, (_, i) => i + 1) : [Number(SIM_SEED)];
const file = "test/sim/engine.sim.test.ts";

const strays = watchStrayRejections();
afterAll(() => strays[Symbol.dispose]());

function described({ seed, violations, trace, program }: Simulated, { name }: Faults): string {
  const command = `SIM_SEED=${seed} SIM_MIX=${name} npx vitest run ${file}`;
  const detail = SIM_SEED === undefined ? "" : `\n${JSON.stringify(program, null, 1)}\n${trace.join("\n")}`;
  return `${command}\n  ${violations.join("\n  ")}${detail}`;
}

describe.each(mixes)("a $name world", (faults) => {
  test("every run ends right", { timeout: 600_000 }, async () => {
    const bad: string[] = [];
    for (const seed of seeds) {
      const simulated = await simulate(seed, faults);
      if (simulated.violations.length > 0) bad.push(described(simulated, faults));
    }
    expect(bad.join("\n")).toBe("");
  });

  test("the same seed gives the same trace", async () => {
    for (const seed of seeds.slice(0, 10)) {
      const [once, again] = [await simulate(seed, faults), await simulate(seed, faults)];
      expect(digest(again)).toBe(digest(once));
    }
  });
});

function digest({ trace, cloud }: Simulated): string {
  return hash("sha256", JSON.stringify([trace, cloud.ledger.entries]));
}
