import { randomUUID } from "node:crypto";
import { idempotencyHeader, type Operation } from "../api/routes.ts";
import type { StartRequest } from "../engine/engine.ts";
import type { SignalRequest } from "../engine/send-signal.ts";
import type { LogPage } from "../observe/logs.ts";
import type { PipelineResource } from "../observe/pipeline-resource.ts";
import type { PlanResource } from "../observe/plan-resource.ts";
import type { RunPage, RunReport, RunResource, StepPage, StepRunStatus, VersionResource } from "../observe/resources.ts";
import type { RunListQuery } from "../observe/run-list.ts";
import { checked, type Shape } from "./api-answer.ts";
import type { ApiClient, ApiRequest } from "./api-client.ts";

export interface StepsQuery {
  readonly items: boolean;
  readonly status?: StepRunStatus;
  readonly limit?: number;
  readonly cursor?: string | undefined;
}

export interface LogsQuery {
  readonly step?: string;
  readonly attempt?: number;
  readonly cursor?: string | undefined;
}

interface VersionPage {
  readonly versions: readonly VersionResource[];
  readonly cursor?: string;
}

/** The operations of a deployed API as calls. Errors are those of `ApiClient.ask`. */
export class DeployedApi {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  get url(): string {
    return this.#client.url;
  }

  async listPipelines(): Promise<readonly PipelineResource[]> {
    const { pipelines } = await this.#ask<{ readonly pipelines: readonly PipelineResource[] }>("listPipelines", {}, { pipelines: "list" });
    return pipelines;
  }

  async plan(pipeline: string, params: unknown): Promise<PlanResource> {
    return this.#ask("planRun", { path: { name: pipeline }, body: { params } }, { pipeline: "text", mode: "text" });
  }

  /** Without a key of the caller's it gets one of its own, so that a start whose answer was lost is not a second run when it is sent again. */
  async start(pipeline: string, params: unknown, { tags, idempotencyKey }: StartRequest): Promise<{ run: RunResource; created: boolean }> {
    const { status, resource } = await this.#client.ask("startRun", {
      path: { name: pipeline },
      headers: { [idempotencyHeader]: idempotencyKey ?? randomUUID() },
      body: { params, ...(tags === undefined ? {} : { tags }) },
    });
    const { run } = this.#report(resource);
    return { run, created: status === 202 || idempotencyKey === undefined };
  }

  async resume(run: string): Promise<RunResource> {
    return this.#report((await this.#client.ask("resumeRun", { path: { id: run }, body: {} })).resource).run;
  }

  async stop(run: string, reason: string): Promise<RunResource> {
    return this.#report((await this.#client.ask("stopRun", { path: { id: run }, body: { reason } })).resource).run;
  }

  /** With an id of its own if the caller gives none, so that one whose answer was lost is not a second one when it is sent again. */
  async signal(run: string, { name, value, id = randomUUID() }: SignalRequest): Promise<RunResource> {
    const body = { id, ...(value === undefined ? {} : { value }) };
    return this.#report((await this.#client.ask("sendSignal", { path: { id: run, name }, body })).resource).run;
  }

  /** With `values`: the loaded outputs, where they are JSON and together below 1 MB. */
  async showRun(run: string, options: { readonly values: boolean } = { values: false }): Promise<RunReport> {
    const query = options.values ? { values: true } : {};
    return this.#report((await this.#client.ask("showRun", { path: { id: run }, query })).resource);
  }

  async listRuns(query: RunListQuery): Promise<RunPage> {
    return this.#ask("listRuns", { query: { ...query } }, { runs: "list", cursor: "cursor" });
  }

  /** One page, of as many steps as the API likes. */
  async listSteps(run: string, query: StepsQuery): Promise<StepPage> {
    return this.#ask("listSteps", { path: { id: run }, query: { ...query } }, { steps: "list", maps: "list", cursor: "cursor" });
  }

  /** One read, which need not be all that there is: only one that gives nothing says so. */
  async readLogs(run: string, { step, attempt, cursor }: LogsQuery): Promise<LogPage> {
    const shape = { lines: "list", cursor: "text" } as const;
    return step === undefined
      ? this.#ask("readRunLogs", { path: { id: run }, query: { cursor } }, shape)
      : this.#ask("readStepLogs", { path: { id: run, stepId: step }, query: { attempt, cursor } }, shape);
  }

  async listVersions(name: string): Promise<readonly VersionResource[]> {
    const ask = (cursor: string | undefined) =>
      this.#ask<VersionPage>("listVersions", { query: { name, cursor } }, { versions: "list", cursor: "cursor" });
    const versions: VersionResource[] = [];
    for await (const page of pages(ask)) versions.push(...page.versions);
    return versions;
  }

  #report(answer: unknown): RunReport {
    const report = checked<RunReport>(answer, { run: "record" }, this.url);
    checked(report.run, { id: "text", pipeline: "text", status: "text", steps: "record", outputs: "record" }, this.url);
    return report;
  }

  async #ask<T>(operation: Operation, request: ApiRequest, shape: Shape): Promise<T> {
    const { resource } = await this.#client.ask(operation, request);
    return checked<T>(resource, shape, this.url);
  }
}

/** All pages of a list, from the first or from `cursor` on. */
export async function* pages<P extends { readonly cursor?: string }>(
  ask: (cursor: string | undefined) => Promise<P>,
  cursor?: string,
): AsyncGenerator<P> {
  for (let next = cursor; ;) {
    const page = await ask(next);
    yield page;
    if (page.cursor === undefined) return;
    next = page.cursor;
  }
}
