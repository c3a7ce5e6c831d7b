import { writeFileSync } from "node:fs";

/** A figure of `bench-results.json` or `bench-requests.json`: the median of its runs. */
export interface Measure {
  readonly measure: string;
  readonly value: number;
  readonly unit: "ms" | "ms/step" | "ms/item" | "ms CPU" | "KB" | "count" | "USD";
  readonly runs: readonly number[];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return (sorted.length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2) ?? Number.NaN;
}

export function measured(measure: string, unit: Measure["unit"], runs: readonly number[]): Measure {
  return { measure, value: median(runs), unit, runs };
}

/** Repeats after runs that do not count (default: one). */
export async function repeat(times: number, run: () => Promise<number>, uncounted = 1): Promise<readonly number[]> {
  for (let i = 0; i < uncounted; i++) await run();
  const values: number[] = [];
  for (let i = 0; i < times; i++) values.push(await run());
  return values;
}

export function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

export function printTable(measures: readonly Measure[], goals: Readonly<Record<string, number>>): void {
  const rows = measures.map(({ measure, value, unit, runs }) => {
    const goal = goals[measure];
    const verdict = goal === undefined ? "" : `${value <= goal ? "met" : "MISSED"} (≤ ${goal})`;
    return [measure, format(value), unit, `${format(Math.min(...runs))} … ${format(Math.max(...runs))}`, verdict];
  });
  const all = [["measure", "median", "unit", "min … max", "goal"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all)
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(4);
}

export function writeResults(measures: readonly Measure[], file = "bench-results.json"): void {
  writeFileSync(file, `${JSON.stringify(measures, null, 2)}\n`);
}
