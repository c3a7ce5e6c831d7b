import { pages, type DeployedApi } from "../../client/deployed-api.ts";
import type { StartRequest } from "../../engine/engine.ts";
import type { SignalRequest } from "../../engine/send-signal.ts";
import { SkeinError } from "../../model/error.ts";
import type { LogPage, LogQuery } from "../../observe/logs.ts";
import type { PipelineResource } from "../../observe/pipeline-resource.ts";
import type { PlanResource } from "../../observe/plan-resource.ts";
import type { LogLine, MapResource, RunDetail, RunPage, RunResource, StepRunResource, VersionResource } from "../../observe/resources.ts";
import type { RunListQuery } from "../../observe/run-list.ts";
import type { Desk, FollowedRun, InboxAnswer } from "../desk.ts";
import type { GlobalOptions } from "../place.ts";
import { findRun } from "../run-name.ts";
import { RemoteRun } from "./remote-run.ts";

/** Runs of a deployed API. */
export class RemoteDesk implements Desk {
  /** CloudWatch takes some seconds to show a line. */
  readonly logs = { lateMs: 5_000, pauseMs: (costMs: number) => Math.min(5_000, Math.max(1_000, costMs * 5)) };
  readonly hasSources = false;
  readonly #api: DeployedApi;
  readonly #options: GlobalOptions;

  constructor(api: DeployedApi, options: GlobalOptions) {
    this.#api = api;
    this.#options = options;
  }

  catalogueName(): string {
    return `The catalogue behind ${this.#api.url}`;
  }

  async listPipelines(): Promise<readonly PipelineResource[]> {
    return this.#api.listPipelines();
  }

  async plan(pipeline: string, params: unknown): Promise<PlanResource> {
    return this.#api.plan(pipeline, params);
  }

  async start(pipeline: string, params: unknown, request: StartRequest): ReturnType<Desk["start"]> {
    const { run, created } = await this.#api.start(pipeline, params, request);
    return { run: this.#follow(run), created };
  }

  /** A run here needs nobody to go on; asked for it, it looks for what got lost. Of one that has ended there is only the end to tell. */
  async resume(id: string, options: { readonly acceptCodeChange: boolean }): Promise<FollowedRun> {
    if (options.acceptCodeChange)
      throw new SkeinError(
        "bad_option",
        "--accept-code-change is for runs of this machine: a deployed run keeps the version of the code that it was started with.",
      );
    try {
      return this.#follow(await this.#api.resume(id));
    } catch (error) {
      if (error instanceof SkeinError && error.code === "run_has_ended") return this.#follow((await this.#api.showRun(id)).run);
      throw error;
    }
  }

  async stop(run: string, reason: string): Promise<InboxAnswer> {
    return { run: await this.#api.stop(run, reason), isHeard: true };
  }

  async signal(run: string, request: SignalRequest): Promise<InboxAnswer> {
    return { run: await this.#api.signal(run, request), isHeard: true };
  }

  async findRun(name: string): Promise<string> {
    return findRun(name, { has: async (id) => this.#has(id), newest: async (limit) => this.#newest(limit) });
  }

  async listRuns(query: RunListQuery): Promise<RunPage> {
    return this.#api.listRuns(query);
  }

  /** Somebody always works on a deployed run, or comes back to it. */
  async findInterrupted(): Promise<ReadonlySet<string>> {
    return new Set();
  }

  async describe(id: string, { items }: { readonly items: boolean }): Promise<RunDetail> {
    const { run } = await this.#api.showRun(id);
    const steps: StepRunResource[] = [];
    const maps: MapResource[] = [];
    for await (const page of pages((cursor) => this.#api.listSteps(id, { items, cursor }))) {
      steps.push(...page.steps);
      maps.push(...page.maps);
    }
    return { run, steps, maps };
  }

  async endedAt(run: string): Promise<number | undefined> {
    const { endedAt } = (await this.#api.showRun(run)).run;
    return endedAt === undefined ? undefined : Date.parse(endedAt);
  }

  async listFailures(run: string, limit: number): Promise<readonly StepRunResource[]> {
    const failures: StepRunResource[] = [];
    const query = { items: true, status: "failed", limit } as const;
    for await (const page of pages((cursor) => this.#api.listSteps(run, { ...query, cursor }))) {
      failures.push(...page.steps);
      if (failures.length >= limit) break;
    }
    return failures.slice(0, limit);
  }

  /** All that there is so far, in as many reads as it takes until one gives nothing. */
  async readLogs(run: string, { step, attempt, cursor: from }: LogQuery): Promise<LogPage> {
    const query = step === undefined ? {} : { step, ...(attempt === undefined ? {} : { attempt }) };
    const lines: LogLine[] = [];
    for (let cursor = from; ;) {
      const page = await this.#api.readLogs(run, { ...query, cursor });
      lines.push(...page.lines.filter((line) => attempt === undefined || line.attempt === attempt));
      if (page.lines.length === 0 || page.cursor === cursor) return { lines, cursor: page.cursor };
      cursor = page.cursor;
    }
  }

  async listVersions(name: string): Promise<readonly VersionResource[]> {
    return this.#api.listVersions(name);
  }

  async close(): Promise<void> {}

  #follow(run: RunResource): RemoteRun {
    return new RemoteRun(this.#api, run, this.#options);
  }

  async #has(id: string): Promise<boolean> {
    try {
      await this.#api.showRun(id);
      return true;
    } catch (error) {
      if (error instanceof SkeinError && error.code === "unknown_run") return false;
      throw error;
    }
  }

  async #newest(limit: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for await (const { runs } of pages((cursor) => this.#api.listRuns({ limit, ...(cursor === undefined ? {} : { cursor }) }))) {
      ids.push(...runs.map((run) => run.id));
      if (ids.length >= limit) break;
    }
    return ids.slice(0, limit);
  }
}
