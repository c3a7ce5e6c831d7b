import { strict as assert } from "node:assert";
import type { z } from "zod";
import { SystemClock } from "../../src/adapters/local/system-clock.ts";
import { CryptoEntropy } from "../../src/adapters/local/system-entropy.ts";
import { answer } from "../../src/api/api.ts";
import type { ApiPorts } from "../../src/api/api-ports.ts";
import { descriptions } from "../../src/api/openapi.ts";
import { problem } from "../../src/api/resource-schemas.ts";
import { routes, type Operation } from "../../src/api/routes.ts";
import { parseRunId } from "../../src/model/id.ts";
import type { RunRecord } from "../../src/model/run.ts";
import type { Wake } from "../../src/model/task.ts";
import { openMemoryEngine, type MemoryEngine } from "../../src/testing.ts";
import { matchRoute } from "./served-api.ts";

export interface Asking {
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The API before an engine in memory. */
export class Deployment {
  readonly engine: MemoryEngine;
  readonly wakes: Wake[] = [];
  readonly reported: { readonly id: string; readonly error: unknown }[] = [];
  readonly ports: ApiPorts;

  /** `isAsleep`: wakes are only noted, so that runs stay as they are. */
  constructor({ isAsleep = false, ports = {} }: { readonly isAsleep?: boolean; readonly ports?: Partial<ApiPorts> } = {}) {
    this.engine = openMemoryEngine();
    const { state, artifacts, logs, turns } = this.engine;
    this.ports = {
      state,
      artifacts,
      logs,
      clock: new SystemClock(),
      entropy: new CryptoEntropy(),
      operator: { refuses: ({ memoryMb = 0 }) => (memoryMb > 10_240 ? "no step operator has so much memory" : undefined) },
      codeVersion: "7",
      report: (error, id) => this.reported.push({ id, error }),
      turns: {
        wake: async (wake) => {
          this.wakes.push(wake);
          if (!isAsleep) await turns.wake(wake);
        },
      },
      ...ports,
    };
  }

  /** `path` with its query. What is answered has to be what the OpenAPI document promises. */
  async ask(
    method: string,
    path: string,
    { json, body = json === undefined ? undefined : JSON.stringify(json), headers = {} }: Asking = {},
  ) {
    const url = new URL(path, "http://api");
    const { route, pathParams } = matchRoute(url.pathname);
    const {
      status,
      headers: answered,
      ...response
    } = await answer(
      {
        method,
        route,
        pathParams,
        query: Object.fromEntries(url.searchParams),
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body }),
      },
      this.ports,
    );
    const resource: unknown = JSON.parse(response.body);
    checkAnswer(operationAt(method, route), { status, headers: answered, body: resource });
    return { status, headers: answered, body: resource } satisfies Answered;
  }

  /** The resource of a request that goes well. */
  async get<S extends z.ZodType>(schema: S, path: string): Promise<z.output<S>> {
    const { status, body } = await this.ask("GET", path);
    assert.equal(status, 200, JSON.stringify(body));
    return schema.parse(body);
  }

  /** Starts a run, and waits for its end. */
  async run(pipeline: string, params: unknown): Promise<RunRecord> {
    const { status, body } = await this.ask("POST", `/pipelines/${pipeline}/runs`, { json: { params } });
    assert.equal(status, 202, JSON.stringify(body));
    return this.engine.ended(runOf(body));
  }

  async runs(): Promise<readonly RunRecord[]> {
    return (await this.engine.state.listRuns({ limit: 1_000 })).items;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
  }
}

export function runOf(body: unknown) {
  const { run } = descriptions.startRun.answers[202]!.parse(body) as { readonly run: { readonly id: string } };
  return parseRunId(run.id)!;
}

function operationAt(method: string, path: string): Operation | undefined {
  return (Object.keys(routes) as Operation[]).find((name) => routes[name].method === method && routes[name].path === path);
}

function checkAnswer(operation: Operation | undefined, { status, headers, body }: Answered): void {
  const good = operation === undefined ? undefined : descriptions[operation].answers[status];
  assert.equal(headers["Content-Type"], good === undefined ? "application/problem+json" : "application/json");
  (good ?? problem).parse(body);
  if (good !== undefined || operation === undefined) return;
  assert.equal(problem.parse(body).status, status);
  assert.ok([400, 500, 503, ...descriptions[operation].problems].includes(status), `${operation} does not tell of ${status}`);
}
