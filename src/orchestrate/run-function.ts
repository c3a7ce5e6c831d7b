import { hash } from "node:crypto";
import type { PipelineDefinition } from "../define/definition.ts";
import { waitInStaticPipeline, type RunContext, type WaitFor } from "../define/run-context.ts";
import { scope, type Calls } from "../define/scope.ts";
import type { Log } from "../define/log.ts";
import type { LogLevel } from "../model/event.ts";
import type { Metadata } from "../model/failure.ts";
import type { Duration } from "../model/duration.ts";
import type { RunId } from "../model/id.ts";
import { signalRequest, sleepRequest, type WaitRequest } from "./wait-request.ts";

/** What the pipeline function may ask of its run. */
export interface FunctionHost extends Calls {
  readonly run: RunId;
  /** The time of the last recorded delivery. */
  readonly now: number;
  log(level: LogLevel, message: string, fields?: Metadata): void;
  wait(request: WaitRequest): Promise<unknown>;
}

/** Calls the pipeline function in its scope; what it gives, or its error, comes as a promise even where it is synchronous. */
export function callFunction(definition: PipelineDefinition, params: unknown, host: FunctionHost): Promise<{ readonly result: unknown }> {
  const log = (level: LogLevel, message: string, fields?: Metadata) => host.log(level, message, fields);
  const context = runContext(definition, host, log);
  // The definition's function is typed for its own parameters, which its schema has just checked.
  const fn: (params: never, run: never) => unknown = definition.fn;
  return scope.run({ kind: "pipeline", calls: host, pipeline: definition, log }, async () => {
    const result: unknown = Reflect.apply(fn, undefined, [params, context]);
    // A static function returns handles, which must not be awaited here.
    return definition.mode === "static" ? { result } : { result: await result };
  });
}

function runContext(
  { name, mode }: PipelineDefinition,
  host: FunctionHost,
  write: (level: LogLevel, message: string, fields?: Metadata) => void,
): RunContext {
  const randomness = new Randomness(host.run);
  const at = (level: LogLevel) => (message: string, fields?: Metadata) => write(level, message, fields);
  const log: Log = Object.assign(at("info"), { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") });
  const ask = async (request: () => WaitRequest) => host.wait(request());
  const wait = (what: "sleep" | "waitFor", request: () => WaitRequest) => {
    if (mode === "static") throw waitInStaticPipeline(name, what);
    return ask(request);
  };
  return Object.freeze({
    id: host.run,
    log,
    now: () => new Date(host.now),
    random: () => randomness.fraction(),
    uuid: () => randomness.uuid(),
    sleep: (duration: Duration) => withoutValue(wait("sleep", () => sleepRequest(duration))),
    // Its overloads say what the result is; which of them is meant follows from the schema.
    waitFor: ((name: string, options?: object) => wait("waitFor", () => signalRequest(name, options))) as WaitFor,
  });
}

async function withoutValue(waited: Promise<unknown>): Promise<void> {
  await waited;
}

/** Reproducible randomness: SHA-256 over the run's id and a counter. The same numbers in every replay. */
class Randomness {
  readonly #run: RunId;
  #counter = 0;

  constructor(run: RunId) {
    this.#run = run;
  }

  #hex(): string {
    return hash("sha256", `${this.#run}:${this.#counter++}`, "hex");
  }

  /** 53 random bits, as `Math.random` has. */
  fraction(): number {
    return Number.parseInt(this.#hex().slice(0, 13), 16) / 2 ** 52;
  }

  /** RFC 9562, version 4. */
  uuid(): string {
    const hex = this.#hex();
    const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) % 4];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }
}
