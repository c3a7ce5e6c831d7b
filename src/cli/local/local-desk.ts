import type { Engine, StartRequest } from "../../engine/engine.ts";
import type { SignalRequest } from "../../engine/send-signal.ts";
import { SkeinError } from "../../model/error.ts";
import { parseRunId, type RunId } from "../../model/id.ts";
import type { LogPage, LogQuery } from "../../observe/logs.ts";
import type { PipelineResource } from "../../observe/pipeline-resource.ts";
import type { PlanResource } from "../../observe/plan-resource.ts";
import type { RunDetail, RunPage, RunResource, StepRunResource, VersionResource } from "../../observe/resources.ts";
import type { RunListQuery } from "../../observe/run-list.ts";
import type { Desk, FollowedRun, InboxAnswer } from "../desk.ts";
import { catalogueFile, engineDir } from "../place.ts";
import type { LocalOptions } from "./engine-door.ts";
import type { ReadStores } from "./stores.ts";

/**
 * Runs in a folder of this machine. Each question loads only the code that answers it, and opens only what it needs: those that
 * read open no engine, load no catalogue and write nothing.
 */
export class LocalDesk implements Desk {
  readonly hasSources = true;
  /** Lines are in the file when they are logged. A look takes at most a twentieth of the time, however long the run. */
  readonly logs = { lateMs: 0, pauseMs: (costMs: number) => Math.max(150, costMs * 20) };
  readonly #given: LocalOptions;
  readonly #dir: string;
  #stores: ReadStores | undefined;
  #engine: Engine | undefined;

  constructor(given: LocalOptions) {
    this.#given = given;
    this.#dir = engineDir(given.options, given.environment);
  }

  catalogueName(): string {
    return catalogueFile(this.#given.options, this.#given.environment);
  }

  async listPipelines(): Promise<readonly PipelineResource[]> {
    const { listPipelines } = await import("./catalogue-questions.ts");
    return listPipelines(this.catalogueName());
  }

  async plan(pipeline: string, params: unknown): Promise<PlanResource> {
    const { plan } = await import("./catalogue-questions.ts");
    return plan(this.catalogueName(), pipeline, params);
  }

  async start(pipeline: string, params: unknown, request: StartRequest): ReturnType<Desk["start"]> {
    const engine = await this.#openEngine();
    const { run, created } = await engine.start(pipeline, params, request);
    if (!created) await joinEarlier(engine, run.id);
    const { LocalRun } = await import("./local-run.ts");
    return { run: new LocalRun(engine, run, this.#given.options), created };
  }

  async resume(name: string, options: { readonly acceptCodeChange: boolean }): Promise<FollowedRun> {
    const id = runId(name);
    const engine = await this.#openEngine();
    await engine.resume(id, options);
    const [{ LocalRun }, { readRecord }] = await Promise.all([import("./local-run.ts"), import("../../observe/run-view.ts")]);
    return new LocalRun(engine, await readRecord(engine, id), this.#given.options);
  }

  async stop(run: string, reason: string): Promise<InboxAnswer> {
    const { stopLocally } = await import("./stop-locally.ts");
    return stopLocally(this.#dir, run, reason);
  }

  async signal(run: string, request: SignalRequest): Promise<InboxAnswer> {
    const { signalLocally } = await import("./signal-locally.ts");
    return signalLocally(this.#dir, run, request);
  }

  async findRun(name: string): Promise<string> {
    const [{ findRun }, stores] = await Promise.all([import("../run-name.ts"), this.#openStores()]);
    if (stores === undefined) throw noRunYet(name);
    return findRun(name, {
      has: async (id) => (await stores.state.readRun(id)) !== undefined,
      newest: async (limit) => (await stores.state.listRuns({ limit })).items.map((run) => run.id),
    });
  }

  async listRuns(query: RunListQuery): Promise<RunPage> {
    const [{ listRuns }, stores] = await Promise.all([import("../../observe/run-list.ts"), this.#openStores()]);
    return stores === undefined ? { runs: [] } : listRuns(stores, query, Date.now());
  }

  async findInterrupted(runs: readonly Pick<RunResource, "id" | "endedAt">[]): Promise<ReadonlySet<string>> {
    if (runs.every((run) => run.endedAt !== undefined)) return new Set();
    const { findInterrupted } = await import("./interrupted.ts");
    return findInterrupted(this.#dir, runs);
  }

  async describe(run: string, options: { readonly items: boolean }): Promise<RunDetail> {
    const [{ describeDetail }, stores] = await Promise.all([import("../../observe/detail.ts"), this.#reading(run)]);
    return describeDetail(stores, run, Date.now(), options);
  }

  async endedAt(run: string): Promise<number | undefined> {
    const { state } = await this.#reading(run);
    return (await state.readRun(runId(run)))?.ended?.at;
  }

  async listFailures(run: string, limit: number): Promise<readonly StepRunResource[]> {
    const [{ describeFailures }, stores] = await Promise.all([import("../../observe/failures.ts"), this.#reading(run)]);
    return describeFailures(stores, run, Date.now(), limit);
  }

  async readLogs(run: string, query: LogQuery): Promise<LogPage> {
    const [{ readLogs }, stores] = await Promise.all([import("../../observe/logs.ts"), this.#reading(run)]);
    return readLogs(stores, run, query);
  }

  async listVersions(name: string): Promise<readonly VersionResource[]> {
    const [{ describeVersions }, stores] = await Promise.all([import("../../observe/versions.ts"), this.#openStores()]);
    return stores === undefined ? [] : describeVersions(stores, name);
  }

  async close(): Promise<void> {
    await this.#stores?.close();
    await this.#engine?.close();
  }

  async #openEngine(): Promise<Engine> {
    const { openEngine } = await import("./engine-door.ts");
    this.#engine ??= await openEngine(this.#given);
    return this.#engine;
  }

  /** The stores where a run is; who has an engine open asks that. */
  async #reading(run: string): Promise<Omit<ReadStores, "close">> {
    const stores = this.#engine ?? (await this.#openStores());
    if (stores === undefined) throw noRunYet(run);
    return stores;
  }

  async #openStores(): Promise<ReadStores | undefined> {
    const { openForReading } = await import("./stores.ts");
    this.#stores ??= await openForReading(this.#dir);
    return this.#stores;
  }
}

/** The run that the key started before: one that was interrupted goes on here, one that lives elsewhere is watched. */
async function joinEarlier(engine: Engine, run: RunId): Promise<void> {
  try {
    await engine.resume(run);
  } catch (error) {
    if (!(error instanceof SkeinError && error.code === "run_is_live")) throw error;
  }
}

function runId(text: string): RunId {
  const id = parseRunId(text);
  if (id === undefined) throw new SkeinError("unknown_run", `"${text}" is no id of a run.`);
  return id;
}

function noRunYet(name: string): SkeinError {
  return new SkeinError("unknown_run", `There is no run "${name}": no run was started here yet.`);
}
