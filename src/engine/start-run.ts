import { hash } from "node:crypto";
import { findPipeline } from "../define/catalogue.ts";
import type { PipelineDefinition } from "../define/definition.ts";
import { SkeinError } from "../model/error.ts";
import { makeRunId, type RunId } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import { encodeValue } from "../model/value.ts";
import { compilePlan } from "../plan/compile-plan.ts";
import { createRun } from "../record/run.ts";
import type { Started, StartRequest } from "./engine.ts";
import { parseParams } from "./pipeline-of.ts";
import { defaultSweepMs, type TurnPorts } from "./ports.ts";

/** Turns of one run; a run that needs more is caught in a loop. */
const maxTurns = 1_000_000;
const maxParams = 200_000;
export const maxTags = 50;
export const maxTagLength = 128;
export const maxKeyLength = 200;

/** What a start needs of the world: less than a turn does. */
export interface StartPorts extends Pick<TurnPorts, "state" | "clock" | "entropy" | "turns" | "sweepMs"> {
  readonly operator: Pick<TurnPorts["operator"], "refuses">;
  readonly codeVersion: string;
  /** Fails where the run could not go on. */
  readonly beforeCreation?: () => Promise<void>;
}

/** Validates everything, then creates the run and wakes it: bad input creates nothing. */
export async function startRun(pipeline: string, params: unknown, request: StartRequest, ports: StartPorts): Promise<Started> {
  const definition = findPipeline(pipeline);
  const text = encodeParams(definition, params);
  const parsed = await parseParams(definition, params);
  if (definition.mode === "static") compilePlan(definition, parsed, { refuses: (needs) => ports.operator.refuses(needs) });
  const now = ports.clock.now();
  // The sweeper looks then, should the first wake be lost.
  const { codeVersion, sweepMs = defaultSweepMs } = ports;
  const run = runRecord(definition, text, { request, now, codeVersion, sweepMs, entropy: ports.entropy.nonce() });
  await ports.beforeCreation?.();
  const created = await createRun(ports.state, run);
  if (!created.created) return repeated(created.existing, run);
  await ports.turns.wake({ v: 1, run: run.id, reason: "start" });
  return { run, created: true };
}

function encodeParams(definition: PipelineDefinition, params: unknown): string {
  try {
    const text = encodeValue(params === undefined ? {} : params);
    if (text.length <= maxParams) return text;
  } catch (cause) {
    throw new SkeinError(
      "invalid_params",
      `the parameters of pipeline ${definition.name} cannot be stored: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  throw new SkeinError(
    "invalid_params",
    `the parameters of pipeline ${definition.name} are larger than ${maxParams} characters: pass a reference to the data instead`,
  );
}

interface Origin {
  readonly request: StartRequest;
  readonly now: number;
  readonly codeVersion: string;
  readonly sweepMs: number;
  readonly entropy: string;
}

function runRecord(definition: PipelineDefinition, params: string, { request, now, codeVersion, sweepMs, entropy }: Origin): RunRecord {
  const { idempotencyKey: key, tags } = request;
  return {
    v: 1,
    id: key === undefined ? makeRunId(now, entropy.slice(0, 12)) : keyedId(definition.name, key),
    pipeline: definition.name,
    mode: definition.mode,
    onFailure: definition.onFailure,
    params,
    codeVersion,
    createdAt: now,
    tags: checkedTags(tags ?? []),
    maxSteps: definition.maxSteps,
    maxTurns,
    ...(definition.maxConcurrency === undefined ? {} : { maxConcurrency: definition.maxConcurrency }),
    ...(key === undefined ? {} : { idempotency: { key, digest: bodyDigest(definition.name, params) } }),
    due: now + sweepMs,
  };
}

/** The same key names the same run, whoever asks and whenever. */
function keyedId(pipeline: string, key: string): RunId {
  if (key.length < 1 || key.length > maxKeyLength)
    throw new SkeinError("bad_option", `an idempotency key has 1 to ${maxKeyLength} characters`);
  return makeRunId(
    0,
    BigInt(`0x${hash("sha256", `${pipeline}\n${key}`, "hex")}`)
      .toString(36)
      .slice(0, 24),
  );
}

function bodyDigest(pipeline: string, params: string): string {
  return hash("sha256", `${pipeline}\n${params}`, "hex");
}

function repeated(existing: RunRecord, asked: RunRecord): Started {
  if (existing.idempotency?.digest === asked.idempotency?.digest) return { run: existing, created: false };
  throw new SkeinError(
    "idempotency_conflict",
    `the idempotency key "${asked.idempotency?.key ?? ""}" started run ${existing.id} with other parameters: use a new key for a new run`,
  );
}

function checkedTags(tags: readonly string[]): readonly string[] {
  if (tags.length > maxTags || tags.some((tag) => typeof tag !== "string" || tag.length < 1 || tag.length > maxTagLength))
    throw new SkeinError("bad_option", `a run has at most ${maxTags} tags of 1 to ${maxTagLength} characters`);
  return tags;
}
