import { signalRun } from "../../src/engine/send-signal.ts";
import { startRun } from "../../src/engine/start-run.ts";
import type { RunId } from "../../src/model/id.ts";
import { requestStop } from "../../src/record/run.ts";
import { pipelineName } from "./catalogue.ts";
import { judge } from "./judge.ts";
import { Cloud, type Sabotage } from "./cloud.ts";
import type { Faults } from "./faults.ts";
import { makeProgram, type Program } from "./program.ts";
import { Random } from "./random.ts";
import { signalsFor, withWaits, type Told } from "./waits.ts";
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

export interface SimulateOptions {
  readonly sabotage?: Sabotage;
  /** Does its program wait for time and signals? Default: that of every other seed. */
  readonly waits?: boolean | undefined;
}

/** Runs one program in a world of this seed to its end, and judges what is left. */
export async function simulate(seed: number, faults: Faults, { sabotage, waits }: SimulateOptions = {}): Promise<Simulated> {
  const random = new Random(seed);
  const made = makeProgram(random);
  // Numbers of their own: without waits a seed has the program and the world that it always had.
  const waiting = new Random(seed + 0x5eed);
  const program = (waiting.chance(0.5) || waits === true) && waits !== false ? withWaits(made, waiting) : made;
  const world = new World(random, faults);
  const cloud = new Cloud(world, seed, sabotage);
  const client = world.spawn("client", aLongTimeMs);
  const ports = cloud.portsOf(client);
  const signals = signalsFor(program, waiting);
  let run: RunId | undefined;
  const begin = async () => {
    const started = await startRun(pipelineName(program), { program }, {}, { ...ports, codeVersion: "1" });
    run = started.run.id;
    for (const told of signals) world.later(`tells ${told.name} ${told.id}`, told.afterMs, () => send(started.run.id, told, cloud));
  };
  begin().catch((error: unknown) => world.violate(`the run did not start: ${String(error)}`));
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

function send(run: RunId, told: Told, cloud: Cloud): void {
  tell(run, told, cloud).catch((error: unknown) => cloud.world.violate(`${told.name} ${told.id} could not be told: ${String(error)}`));
}

async function tell(run: RunId, { name, id, value }: Told, cloud: Cloud): Promise<void> {
  const ports = cloud.portsOf(cloud.world.spawn("client", aLongTimeMs));
  const record = await ports.state.readRun(run);
  if (record === undefined || record.ended !== undefined) return;
  await signalRun(record, { name, id, value }, ports);
}

async function stop(run: RunId, cloud: Cloud): Promise<void> {
  const ports = cloud.portsOf(cloud.world.spawn("client", aLongTimeMs));
  const record = await ports.state.readRun(run);
  if (record === undefined || record.ended !== undefined) return;
  await requestStop(ports.state, record, "asked for", ports.clock.now());
  await ports.turns.wake({ v: 1, run, reason: "stop" });
}
