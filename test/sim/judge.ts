import { openOrchestration } from "../../src/engine/open-orchestration.ts";
import { loadArtifact } from "../../src/execute/load-artifact.ts";
import type { ArtifactRef } from "../../src/model/artifact.ts";
import type { AttemptRow } from "../../src/model/attempt.ts";
import type { Ended, RunEvent } from "../../src/model/event.ts";
import type { RunId } from "../../src/model/id.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import type { Cloud } from "./cloud.ts";
import { judgeWaits } from "./judge-waits.ts";
import type { Program } from "./program.ts";
import { isGood, Reference, type Reckoned } from "./reference.ts";

/** What is left of a run that has ended. */
interface Remains {
  readonly run: RunId;
  readonly program: Program;
  readonly cloud: Cloud;
  readonly events: readonly RunEvent[];
  readonly end: Ended;
  /** Rows of attempts, by step run. */
  readonly rows: ReadonlyMap<string, readonly { readonly attempt: number; readonly row: AttemptRow }[]>;
}

/** Everything that is wrong with an ended run. */
export async function judge(run: RunId, program: Program, cloud: Cloud): Promise<readonly string[]> {
  const events = cloud.ledger.entries.flatMap((entry) => entry.events);
  const end = events.at(-1);
  if (end?.t !== "ended") return ["the journal does not end with the end"];
  const remains = { run, program, cloud, events, end, rows: await rowsOf(run, events, cloud) };
  const begun = (await cloud.ledger.readRun(run))?.createdAt ?? Number.NaN;
  const reference = new Reference(program, (map) => endsOfItems(remains, map), { shift: cloud.world.shift, begun });
  await reference.follow(events);
  return [
    ...open(remains),
    ...repeated(remains, reference),
    ...totals(remains),
    ...calls(remains, reference),
    ...judgeWaits(events, cloud.ledger.told, reference.waits, hasCrashed(events)),
    ...attempts(remains, reference),
    ...status(remains, reference),
    ...stopped(remains),
    ...crowded(remains),
    ...(await values(remains, reference)),
    ...(await replay(remains)),
    ...(await record(remains)),
  ];
}

async function rowsOf(run: RunId, events: readonly RunEvent[], { ledger }: Cloud): Promise<Remains["rows"]> {
  const rows = new Map<string, { readonly attempt: number; readonly row: AttemptRow }[]>();
  const add = (id: string, attempt: number, row: AttemptRow) => rows.set(id, [...(rows.get(id) ?? []), { attempt, row }]);
  for (const { id, attempt, row } of await ledger.listAttempts(run)) add(id, attempt, row);
  for (const event of events) {
    if (event.t !== "mapped") continue;
    const items = events.find((other) => other.t === "launched" && other.id === event.id);
    const shape = { id: event.id, items: items?.t === "launched" ? (items.items ?? 0) : 0, width: 1_000_000 };
    for (const { id, attempt, row } of await ledger.readItems(run, shape)) add(id, attempt, row);
  }
  return rows;
}

function lastOutcomes(events: readonly RunEvent[]): ReadonlyMap<string, Outcome> {
  return new Map(events.flatMap((event) => (event.t === "outcome" ? [[event.id, event.outcome] as const] : [])));
}

function itemsOf(events: readonly RunEvent[], map: string): number | undefined {
  for (const event of events) if (event.t === "launched" && event.id === map) return event.items;
  return undefined;
}

function endsOfItems({ events, rows }: Pick<Remains, "events" | "rows">, map: string): readonly (Outcome | undefined)[] {
  return Array.from({ length: itemsOf(events, map) ?? 0 }, (_, i) => {
    const row = rows.get(`${map}[${i}]`)?.at(-1)?.row;
    return row?.status === "ended" ? row.outcome : undefined;
  });
}

/** Every row and every step run has ended. */
function open({ events, rows }: Remains): readonly string[] {
  const outcomes = lastOutcomes(events);
  const unended = events.flatMap((event) =>
    (event.t === "called" || event.t === "mapped") && !outcomes.has(event.id) ? [`${event.id} has no outcome`] : [],
  );
  const running = [...rows].flatMap(([id, attempts]) =>
    attempts.flatMap(({ attempt, row }) => (row.status === "running" ? [`${id} attempt ${attempt} still runs`] : [])),
  );
  return [...unended, ...running];
}

/** Isolated attempts run at most once, and so do inline ones that ask for it; the ledger looks at the others. */
function repeated({ cloud }: Remains, { runs }: Reference): readonly string[] {
  const calls = new Map<string, number>();
  for (const { id, attempt } of cloud.ledger.called) calls.set(`${id}#${attempt}`, (calls.get(`${id}#${attempt}`) ?? 0) + 1);
  return [...calls].flatMap(([at, times]) => {
    const variant = runs.get(at.replace(/(\[\d+\])?#.*/, ""))?.variant;
    const isOnce = variant?.runtime === "isolated" || variant?.policy === "once";
    return isOnce && times > 1 ? [`${at} was called ${times} times`] : [];
  });
}

function totals({ events, cloud }: Remains): readonly string[] {
  const narrow = events.filter((event) => event.t === "called").length;
  const maps = events.flatMap((event) => (event.t === "mapped" ? [itemsOf(events, event.id)] : []));
  const called = maps.reduce((sum: number, items) => sum + (items ?? 0), narrow);
  const ended = maps.reduce((sum: number, items) => sum + (items ?? 1), narrow);
  const has = cloud.ledger.entries.at(-1)?.totals;
  const counted = Object.values(has?.ended ?? {}).reduce((sum, count) => sum + count, 0);
  const wrong: string[] = [];
  if (has?.called !== called) wrong.push(`the totals say ${has?.called} called, and it were ${called}`);
  if (counted !== ended) wrong.push(`the totals say ${counted} ended (${JSON.stringify(has?.ended)}), and it were ${ended}`);
  return wrong;
}

/** A run that its crashes end may not even have come to call its function once. */
function hasCrashed(events: readonly RunEvent[]): boolean {
  return events.some((event) => event.t === "halted" && event.error.code === "turn_crashed");
}

/** The reference called the same step runs. */
function calls({ events, cloud }: Remains, { runs, end }: Reference): readonly string[] {
  const made = new Set(events.flatMap((event) => (event.t === "called" || event.t === "mapped" ? [event.id] : [])));
  const wrong = [...runs.keys()].filter((id) => !made.has(id) && !hasCrashed(events)).map((id) => `${id} was not called`);
  wrong.push(...[...made].filter((id) => !runs.has(id)).map((id) => `${id} was called, and should not have been`));
  const isOver = events.some((event) => event.t === "halted" || event.t === "stopping");
  if (!isOver && end === undefined) wrong.push("the function should not have ended");
  for (const event of events) {
    if (event.t === "returned" && (end === undefined || "threw" in end)) wrong.push("the function should not have returned");
    if (event.t === "threw" && (end === undefined || "returned" in end))
      wrong.push(`the function should not have thrown ${event.error.message}`);
    if (event.t === "halted" && !mayHalt(event.error, cloud)) wrong.push(`the run was halted: ${event.error.stack ?? event.error.message}`);
  }
  return wrong;
}

function mayHalt({ code, message }: { readonly code?: string; readonly message: string }, cloud: Cloud): boolean {
  if (code === "turn_crashed") return cloud.world.processes.filter(({ isDead, kind }) => isDead && kind === "turn").length >= 3;
  return message.startsWith("boom") || (code ?? "").startsWith("step_");
}

/** Failures that the world may bring upon any attempt. */
const ofTheWorld = new Set(["step_process_died", "step_lost", "step_interrupted", "step_timeout"]);

/** Each step run ended as its plan says, unless the world made an attempt fail. */
function attempts(remains: Remains, { runs }: Reference): readonly string[] {
  const { events, rows } = remains;
  const wrong: string[] = [];
  for (const run of runs.values()) {
    if (run.isMap) {
      for (const [i, end] of endsOfItems(remains, run.id).entries()) {
        const id = `${run.id}[${i}]`;
        if (end !== undefined)
          wrong.push(
            ...checkAttempts(
              run,
              id,
              (rows.get(id) ?? []).flatMap(({ attempt, row }) => (row.status === "ended" ? [{ attempt, outcome: row.outcome }] : [])),
            ),
          );
      }
    } else {
      const seen = new Map(
        events.flatMap((event) => (event.t === "outcome" && event.id === run.id ? [[event.attempt, event.outcome] as const] : [])),
      );
      wrong.push(
        ...checkAttempts(
          run,
          run.id,
          [...seen].map(([attempt, outcome]) => ({ attempt, outcome })),
        ),
      );
    }
  }
  return wrong;
}

const maxRetries = { plain: 0, retry: 2, backoff: 2, timeout: 0, once: 0, cached: 0 };

function checkAttempts(
  run: Reckoned,
  id: string,
  ends: readonly { readonly attempt: number; readonly outcome: Outcome }[],
): readonly string[] {
  const { plan } = run.input;
  const wrong: string[] = [];
  for (const { attempt, outcome } of ends) {
    const isLast = attempt === ends.at(-1)?.attempt;
    if (outcome.status === "failed") {
      const { code, message } = outcome.error;
      const isPlanned = message === `boom ${id}`;
      if (isPlanned && attempt > plan.fails && plan.fails === 0) wrong.push(`${id} attempt ${attempt} failed without reason`);
      if (!isPlanned && !ofTheWorld.has(code ?? "")) wrong.push(`${id} attempt ${attempt} failed with ${code}: ${message}`);
    } else if (!isLast) wrong.push(`${id} attempt ${attempt} ended ${outcome.status} and another attempt followed`);
    if (outcome.status === "completed" && (plan.hangs || (attempt <= plan.fails && plan.only === undefined)))
      wrong.push(`${id} attempt ${attempt} should have failed`);
    if (attempt > maxRetries[run.variant.policy] + 1) wrong.push(`${id} had ${attempt} attempts`);
  }
  return wrong;
}

function status({ events, end, program }: Remains, reference: Reference): readonly string[] {
  const expected = expectedStatus(events, program, reference);
  return end.status === expected ? [] : [`the run ended ${end.status} (${end.error?.message ?? ""}), and should have ended ${expected}`];
}

function expectedStatus(events: readonly RunEvent[], program: Program, { runs, end }: Reference): Ended["status"] {
  if (events.some((event) => event.t === "stopping")) return "stopped";
  if (end === undefined || "threw" in end || events.some((event) => event.t === "halted")) return "failed";
  for (const run of end.returned) run.observed = true;
  const handled = new Set(
    [...runs.values()].filter(
      ({ observed, itemRuns }) => observed || (itemRuns !== undefined && itemRuns.length > 0 && itemRuns.every((item) => item.observed)),
    ),
  );
  for (const run of handled) for (const upstream of run.bad) handled.add(upstream);
  const failed = [...runs.values()].filter(
    (run) => run.outcome?.status === "failed" && (program.mode === "static" || (!handled.has(run) && !run.cancelled)),
  );
  return failed.length > 0 || end.returned.some(({ outcome }) => outcome === undefined || !isGood(outcome)) ? "failed" : "completed";
}

/** Of pipelines that bound their concurrency. */
const narrowWidth = 2;
const soonMs = 400_000;

/** A stop request was seen before long. */
function stopped({ events, end, cloud }: Remains): readonly string[] {
  const { stopRequestedAt } = cloud.ledger;
  const isLate = stopRequestedAt !== undefined && end.at > stopRequestedAt + soonMs;
  return isLate && !events.some((event) => event.t === "stopping") ? ["the stop request was not seen"] : [];
}

/** A run with a bound has no more step runs under way than that. */
function crowded({ events, program }: Remains): readonly string[] {
  const running = new Set<string>();
  for (const event of events) {
    if (event.t === "launched") running.add(event.id);
    if (event.t === "outcome") running.delete(event.id);
    if (program.narrow && running.size > narrowWidth) return [`${[...running].join(", ")} run at once`];
  }
  return [];
}

/** Artifacts hold what the reference reckons. */
async function values({ events, end, cloud }: Remains, { runs, end: functionEnd }: Reference): Promise<readonly string[]> {
  const wrong: string[] = [];
  const compare = async (what: string, ref: ArtifactRef | undefined, expected: unknown) => {
    const value = ref === undefined ? undefined : await loadArtifact(ref, undefined, { artifacts: cloud.artifacts });
    if (JSON.stringify(value) !== JSON.stringify(expected))
      wrong.push(`${what} is ${JSON.stringify(value)}, and should be ${JSON.stringify(expected)}`);
  };
  for (const [id, outcome] of lastOutcomes(events)) {
    const run = runs.get(id);
    if (run !== undefined && isGood(outcome) && "outputs" in outcome) await compare(id, outcome.outputs["output"], run.value);
  }
  if (end.status !== "completed" || functionEnd === undefined || !("returned" in functionEnd)) return wrong;
  const outputs: ArtifactRef | readonly ArtifactRef[] = end.outputs["output"] ?? [];
  for (const [i, run] of functionEnd.returned.entries()) await compare(`output ${i}`, "id" in outputs ? outputs : outputs[i], run.value);
  return wrong;
}

/** A fresh replay of the whole journal does the same again, and nothing else. */
async function replay({ run, cloud }: Remains): Promise<readonly string[]> {
  const record = await cloud.ledger.readRun(run);
  if (record === undefined) return ["there is no RUN item"];
  const ports = cloud.portsOfNobody();
  const again = await openOrchestration(record, cloud.ledger.entries, ports, undefined);
  const wrong = again.diverged === undefined ? [] : [`the replay diverges: ${again.diverged.message}`];
  if (again.fresh.length > 0) wrong.push(`the replay adds ${JSON.stringify(again.fresh)}`);
  if (!again.hasEnded) wrong.push("the replay does not end");
  return wrong;
}

async function record({ run, end, cloud }: Remains): Promise<readonly string[]> {
  const ended = (await cloud.ledger.readRun(run))?.ended;
  const [first] = cloud.ledger.entries;
  const isSame = ended?.status === end.status && ended.entries === cloud.ledger.entries.length && ended.startedAt <= (first?.at ?? 0);
  return isSame
    ? []
    : [
        `the RUN item says ${JSON.stringify({ ...ended, outputs: 0, error: 0 })}; the journal began at ${first?.at} and has ${cloud.ledger.entries.length} entries`,
      ];
}
