import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** What the emulator is asked to do to asynchronous events and to the processes of functions; probabilities. */
export interface FaultSettings {
  /** A regular expression for the names of functions. */
  readonly functions: string;
  readonly seed: number;
  readonly drop?: number;
  readonly duplicate?: number;
  readonly delay?: number;
  readonly delaySeconds?: number;
  readonly crash?: number;
  readonly crashSeconds?: number;
}

export interface Fault {
  /** Epoch seconds. */
  readonly at: number;
  readonly fault: "drop" | "duplicate" | "delay" | "crash";
  readonly function: string;
}

/** The file in which an emulator that can inject faults looks for what to inject; unset: it cannot. */
export const faultsFile = process.env["EMULATOR_FAULTS"];

/** Faults as asked for while `act` lasts; gives what the emulator says that it did. */
export async function withFaults(settings: FaultSettings, act: () => Promise<void>): Promise<readonly Fault[]> {
  const file = requireFile();
  const before = (await faultsSoFar()).length;
  await writeFile(file, JSON.stringify(settings));
  try {
    await act();
  } finally {
    await rm(file, { force: true });
  }
  return (await faultsSoFar()).slice(before);
}

/** Kills a process of these functions that is at work, the next that there is; gives up after a while without any. */
export async function killOne(functions: string, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  await withFaults({ functions, seed: 1, crash: 1, crashSeconds: 0.05 }, async () => {
    const before = (await faultsSoFar()).length;
    while ((await faultsSoFar()).length === before && Date.now() < deadline) await pause(20);
  });
}

function requireFile(): string {
  if (faultsFile === undefined) throw new Error("EMULATOR_FAULTS is not set");
  return faultsFile;
}

async function faultsSoFar(): Promise<readonly Fault[]> {
  const record = join(dirname(requireFile()), "faults.log");
  if (!existsSync(record)) return [];
  const lines = (await readFile(record, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Fault);
}
