import { formatCounts, formatSpan } from "./amounts.ts";
import { firstLine } from "./step-line.ts";
import { table, type Column } from "./table.ts";
import { styleStatus, type Terminal } from "./terminal.ts";
import type { AttemptResource, MapResource, RunDetail, StepRunResource } from "../observe/resources.ts";

const columns: readonly Column[] = [
  { title: "step" },
  { title: "status" },
  { title: "ran in" },
  { title: "tries", align: "right" },
  { title: "took", align: "right" },
  { title: "about" },
];

/** Steps as they were called, each map as one line with its items (where the detail has them) below; at most `limit` lines. */
export function stepTable(
  terminal: Terminal,
  { steps, maps }: RunDetail,
  now: number,
  limit: number,
): { readonly text: string; readonly hidden: number } {
  if (steps.length + maps.length === 0) return { text: "No step was called yet.", hidden: 0 };
  const lines = callsInOrder(steps, maps);
  const rows = lines.slice(0, limit).map((line) => ("attempts" in line ? stepRow(terminal, line, now) : mapRow(terminal, line, now)));
  return { text: table(columns, rows, terminal.width), hidden: Math.max(0, lines.length - limit) };
}

/** In the order of their calls, maps before their items. */
function callsInOrder(steps: readonly StepRunResource[], maps: readonly MapResource[]): readonly (StepRunResource | MapResource)[] {
  return [...maps, ...steps].toSorted((a, b) => a.order - b.order);
}

function stepRow(terminal: Terminal, step: StepRunResource, now: number): readonly string[] {
  const last = step.attempts.at(-1);
  const tries = step.attempts.length === 0 ? "" : String(step.attempts.length);
  const name = step.map === undefined ? step.id : `  ${step.id}`;
  return [
    name,
    styleStatus(terminal, step.status),
    last === undefined ? step.runtime : placeOf(last),
    tries,
    formatSpan(last?.startedAt, last?.endedAt, now),
    aboutStep(step),
  ];
}

function mapRow(terminal: Terminal, map: MapResource, now: number): readonly string[] {
  const about = map.items === undefined ? (map.reason ?? "") : `${map.items} items: ${formatCounts(map.steps)}`;
  return [map.id, styleStatus(terminal, map.status), map.runtime, "", formatSpan(map.startedAt, map.endedAt, now), about];
}

function placeOf({ ranIn }: AttemptResource): string {
  if (ranIn.functionName !== undefined) return ranIn.functionName;
  const number = ranIn.kind === "thread" ? ranIn.threadId : ranIn.kind === "process" ? ranIn.pid : undefined;
  return number === undefined ? ranIn.kind : `${ranIn.kind} ${number}`;
}

function aboutStep(step: StepRunResource): string {
  const error = step.attempts.at(-1)?.error;
  if (error !== undefined) return `${error.name}: ${firstLine(error.message)}`;
  if (step.cachedFrom !== undefined) return `from ${step.cachedFrom.run}`;
  if (step.reason !== undefined) return step.reason;
  return step.status === "pending" && step.upstream.length > 0 ? `after ${step.upstream.join(", ")}` : "";
}
