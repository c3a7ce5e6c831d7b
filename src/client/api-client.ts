import { setTimeout as pause } from "node:timers/promises";
import { routes, type Operation } from "../api/routes.ts";
import { SkeinError } from "../model/error.ts";
import { isDown, problemOf, unreachable, type ApiAnswer } from "./api-problem.ts";

/** Sends a request with what the API wants to see of who asks: a signature, or a key. */
export type Send = (url: string, init: SendInit) => Promise<Response>;

export interface SendInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface ApiRequest {
  /** What stands for `{name}` in the route's path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface ApiClientOptions {
  /** Where the routes begin, stage included, without a slash at the end. */
  readonly url: string;
  readonly send: Send;
  /** Between two tries; default: the machine's time. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** API Gateway gives a handler 29 seconds. */
const timeoutMs = 35_000;
/** Tries of a request to an API that has never answered: it is more likely not there than down. */
const firstTries = 3;
/** Tries of a request to an API that has answered before, in 9 to 18 seconds. */
const patientTries = 8;
const [shortestWaitMs, longestWaitMs] = [250, 5_000];

/** Asks a deployed API. What fails for reasons that may pass is asked again, with growing pauses; all of Skein's routes may be. */
export class ApiClient {
  readonly url: string;
  readonly #send: Send;
  readonly #wait: (ms: number) => Promise<unknown>;
  #hasAnswered = false;

  constructor({ url, send, wait = (ms) => pause(ms) }: ApiClientOptions) {
    this.url = url;
    this.#send = send;
    this.#wait = wait;
  }

  /**
   * The answer to one request: its status, and its JSON.
   *
   * @throws SkeinError with the code of the API's problem; `api_unreachable`, `api_denied`
   */
  async ask(operation: Operation, request: ApiRequest = {}): Promise<{ readonly status: number; readonly resource: unknown }> {
    const { method } = routes[operation];
    const url = `${this.url}${pathOf(operation, request)}`;
    const { headers = {}, body } = request;
    const init = {
      method,
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const answer = await this.#patientAnswer(url, init);
    const problem = problemOf(answer, this.url);
    if (problem !== undefined) throw problem;
    return { status: answer.status, resource: parsed(answer, this.url) };
  }

  async #patientAnswer(url: string, init: Omit<SendInit, "signal">): Promise<ApiAnswer> {
    for (let tries = 1; ; tries++) {
      const answer = await this.#answer(url, init);
      const isGood = !(answer instanceof SkeinError) && !isDown(answer);
      if (isGood) this.#hasAnswered = true;
      if (isGood || tries >= this.#triesFor(answer)) {
        if (answer instanceof SkeinError) throw answer;
        return answer;
      }
      const wait = Math.min(longestWaitMs, shortestWaitMs * 2 ** (tries - 1));
      await this.#wait(wait / 2 + (Math.random() * wait) / 2);
    }
  }

  /** What is wrong in the server (500) is seldom better soon. */
  #triesFor(answer: ApiAnswer | SkeinError): number {
    return this.#hasAnswered && (answer instanceof SkeinError || answer.status !== 500) ? patientTries : firstTries;
  }

  /** An error where no answer came. */
  async #answer(url: string, init: Omit<SendInit, "signal">): Promise<ApiAnswer | SkeinError> {
    try {
      const response = await this.#send(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      if (isConnectionError(error)) return unreachable(this.url, error);
      throw error;
    }
  }
}

function pathOf(operation: Operation, { path = {}, query = {} }: ApiRequest): string {
  const route = routes[operation].path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
  const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]));
  return asked.length === 0 ? route : `${route}?${asked.join("&")}`;
}

/** `fetch` says that it failed, or that its time was up; anything else is no matter of the connection. */
function isConnectionError(error: unknown): error is Error {
  return error instanceof Error && ((error instanceof TypeError && error.cause !== undefined) || error.name === "TimeoutError");
}

function parsed({ text }: ApiAnswer, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SkeinError("api_unreachable", `What answers at ${url} is not Skein's API: it sent no JSON, but ${excerpt(text)}`, { cause });
  }
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
