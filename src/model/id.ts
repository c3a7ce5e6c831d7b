declare const brand: unique symbol;

/** Identity of a run: `run_` and a time-sortable suffix, so that ids of later runs compare greater. */
export type RunId = string & { readonly [brand]: "run" };

/** Identity of a step run within its run: `fit`, `fit_2`, an explicit `id`, or `fit[3]` for an item of a map. */
export type StepRunId = string;

/** Names of steps and pipelines, and explicit ids: they become keys and paths. */
export const namePattern = /^[a-z][a-z0-9_]*$/i;
export const maxNameLength = 64;

const runIdPattern = /^run_[0-9a-z]{10,40}$/;

export function parseRunId(text: string): RunId | undefined {
  return isRunId(text) ? text : undefined;
}

function isRunId(text: string): text is RunId {
  return runIdPattern.test(text);
}

/** `at` in epoch milliseconds; `entropy` at least 10 characters of `[0-9a-z]`, which tell runs of one millisecond apart. */
export function makeRunId(at: number, entropy: string): RunId {
  const id = `run_${at.toString(36).padStart(9, "0")}${entropy}`;
  if (!isRunId(id)) throw new RangeError(`no run id can be made of ${at} and "${entropy}"`);
  return id;
}

/** The id of an item of a map. */
export function itemId(map: StepRunId, index: number): StepRunId {
  return `${map}[${index}]`;
}

/** Takes `fit[3]` apart; undefined for an id that is not an item's. */
export function parseItemId(id: StepRunId): { readonly map: StepRunId; readonly index: number } | undefined {
  const match = /^(.+)\[(\d+)\]$/.exec(id);
  return match?.[1] === undefined ? undefined : { map: match[1], index: Number(match[2]) };
}

function isEmpty(text: string | undefined): text is undefined | "" {
  return text === undefined || text === "";
}

/** An artifact's id says who produced it: run, step run, attempt, output. */
export interface ArtifactAddress {
  readonly run: RunId;
  readonly step: StepRunId;
  readonly attempt: number;
  readonly output: string;
}

export function artifactId(address: ArtifactAddress): string {
  return `${address.run}.${address.step}.${address.attempt}.${address.output}`;
}

export function parseArtifactId(id: string): ArtifactAddress | undefined {
  const [runText, step, attempt, output, rest] = id.split(".");
  const run = parseRunId(runText ?? "");
  if (run === undefined || isEmpty(step) || isEmpty(output) || rest !== undefined || !/^[1-9]\d*$/.test(attempt ?? "")) return undefined;
  return { run, step, attempt: Number(attempt), output };
}
