import { setTimeout as pause } from "node:timers/promises";
import type { LogPage } from "../../src/observe/logs.ts";
import type { LogLine, RunPage, RunReport, RunResource, StepPage, StepRunResource } from "../../src/observe/resources.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

export interface Request {
  readonly body?: unknown;
  /** Sent as it is, instead of `body` as JSON. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const ended = new Set(["completed", "failed", "stopped"]);

/** The deployed HTTP API, over HTTP and nothing else. */
export class Api {
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** `url` ends with the stage. `headers` go with each request. */
  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.url = url.replace(/\/$/, "");
    this.#headers = headers;
  }

  async send(method: string, path: string, { body, raw, headers = {} }: Request = {}): Promise<Answer> {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(content === undefined ? {} : { "Content-Type": "application/json" }), ...this.#headers, ...headers },
      ...(content === undefined ? {} : { body: content }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  }

  /** The answer's body; anything but success is an error that says all. */
  async get<T>(path: string): Promise<T> {
    return this.#succeed<T>("GET", path);
  }

  async start(pipeline: string, params: object = {}): Promise<RunResource> {
    return (await this.#succeed<RunReport>("POST", `/pipelines/${pipeline}/runs`, { body: { params } })).run;
  }

  async run(id: string): Promise<RunResource> {
    return (await this.get<RunReport>(`/runs/${id}`)).run;
  }

  async runs(query: string): Promise<RunPage> {
    return this.get<RunPage>(`/runs?${query}`);
  }

  async stop(id: string, reason: string): Promise<Answer> {
    return this.send("POST", `/runs/${id}/stop`, { body: { reason } });
  }

  /** The run once it has ended, however; an error that says where it stands when it does not. */
  async ended(id: string, withinMs = 60_000, everyMs = 250): Promise<RunResource> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const run = await this.run(id);
      if (ended.has(run.status)) return run;
      if (Date.now() > deadline) throw new Error(`${id} did not end within ${withinMs} ms: ${await this.#state(run)}`);
      await pause(everyMs);
    }
  }

  /** Starts a run and waits for its good end. */
  async completed(pipeline: string, params: object = {}, withinMs?: number): Promise<RunResource> {
    const { id } = await this.start(pipeline, params);
    const run = await this.ended(id, withinMs);
    if (run.status !== "completed") throw new Error(`${id} did not go well: ${await this.#state(run)}`);
    return run;
  }

  /** All of them, page after page; items of maps too. */
  async steps(id: string): Promise<readonly StepRunResource[]> {
    const path = `/runs/${id}/steps`;
    const all: StepRunResource[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await this.get<StepPage>(cursor === undefined ? path : `${path}?cursor=${encodeURIComponent(cursor)}`);
      all.push(...page.steps);
      if (page.cursor === undefined) return all;
      ({ cursor } = page);
    }
  }

  /** A page of lines always has a cursor, since more may come: the last page is the one without lines. */
  async logs(id: string, step?: string): Promise<readonly LogLine[]> {
    const path = `/runs/${id}${step === undefined ? "" : `/steps/${encodeURIComponent(step)}`}/logs`;
    const all: LogLine[] = [];
    for (let cursor = ""; ;) {
      const page = await this.get<LogPage>(cursor === "" ? path : `${path}?cursor=${encodeURIComponent(cursor)}`);
      all.push(...page.lines);
      if (page.lines.length === 0) return all;
      cursor = page.cursor;
    }
  }

  /** The run's outputs as values. */
  async values<T>(id: string): Promise<T> {
    const { values } = await this.get<RunReport>(`/runs/${id}?values=true`);
    if (values === undefined) throw new Error(`${id} has no values`);
    return values as T;
  }

  async #succeed<T>(method: string, path: string, request: Request = {}): Promise<T> {
    const { status, text, json } = await this.send(method, path, request);
    if (status < 200 || status > 299) throw new Error(`${method} ${path} was answered with ${status}: ${text}`);
    return json as T;
  }

  async #state(run: RunResource): Promise<string> {
    const steps = await this.steps(run.id).catch((error: unknown) => String(error));
    const logs = await this.logs(run.id).catch((error: unknown) => String(error));
    return JSON.stringify({ run, steps: steps.slice(-20), logs: logs.slice(-40) }, undefined, 1);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
