import { startRun } from "../../src/engine/start-run.ts";
import type { RunId } from "../../src/model/id.ts";
import { requestStop } from "../../src/record/run.ts";
import { pipelineName } from "./catalogue.ts";
import { judge } from "./judge.ts";
import { Cloud, type Sabotage } from "./cloud.ts";
import type { Faults } from "./faults.ts";
import { makeProgram, type Program } from "./program.ts";
import { Random } from "./random.ts";
import { World } from "./world.ts";

/** What became of one seed. */
export interface Simulated {
  readonly seed: number;
  readonly program: Program;
  /** What must not be; empty: all is well. */
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly cloud: Cloud;
}

/** A run that has not ended after so many happenings never will. */
const maxHappenings = 20_000;
const aLongTimeMs = 900_000;

/** Runs one program in a world of this seed to its end, and judges what is left. */
export async function simulate(seed: number, faults: Faults, sabotage?: Sabotage): Promise<Simulated> {
  const random = new Random(seed);
  const program = makeProgram(random);
  const world = new World(random, faults);
  const cloud = new Cloud(world, seed, sabotage);
  const client = world.spawn("client", aLongTimeMs);
  const ports = cloud.portsOf(client);
  let run: RunId | undefined;
  void startRun(pipelineName(program), { program }, {}, { ...ports, codeVersion: "1" }).then(
    (started) => (run = started.run.id),
    (error: unknown) => world.violate(`the run did not start: ${String(error)}`),
  );
  await world.settle();
  const stopsAt = random.chance(0.2) ? random.whole(5, 250) : undefined;
  let isStopping = false;
  let happened = 0;
  for (; happened < maxHappenings && world.violations.length === 0; happened++) {
    if (happened >= (stopsAt ?? Infinity) && run !== undefined && !isStopping) {
      isStopping = true;
      void stop(run, cloud);
      await world.settle();
    }
    if (!(await world.step())) break;
  }
  if (world.violations.length === 0 && !cloud.ledger.isFinished) world.violate(`the run is stuck after ${happened} happenings`);
  if (world.violations.length === 0 && run !== undefined) for (const problem of await judge(run, program, cloud)) world.violate(problem);
  return { seed, program, violations: world.violations, trace: world.trace, cloud };
}

async function stop(run: RunId, cloud: Cloud): Promise<void> {
  const ports = cloud.portsOf(cloud.world.spawn("client", aLongTimeMs));
  const record = await ports.state.readRun(run);
  if (record === undefined || record.ended !== undefined) return;
  await requestStop(ports.state, record, "asked for", ports.clock.now());
  await ports.turns.wake({ v: 1, run, reason: "stop" });
}
