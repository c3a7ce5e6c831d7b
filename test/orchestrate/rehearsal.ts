import type { PipelineDefinition } from "../../src/define/definition.ts";
import { definitionOf } from "../../src/define/definition-of.ts";
import type { Pipeline } from "../../src/index.ts";
import type { ArtifactRef } from "../../src/model/artifact.ts";
import { failureOf } from "../../src/model/error.ts";
import type { Ended, OutcomeSeen, RunEvent, Seen } from "../../src/model/event.ts";
import type { Failure } from "../../src/model/failure.ts";
import { parseRunId, type RunId } from "../../src/model/id.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import type { RunRecord } from "../../src/model/run.ts";
import { decodeValue, encodeValue } from "../../src/model/value.ts";
import type { Loader } from "../../src/orchestrate/loads.ts";
import type { Lent } from "../../src/orchestrate/orchestrated.ts";
import { Orchestration } from "../../src/orchestrate/orchestration.ts";

const startedAt = 1_735_689_600_000;

function runIdOf(name: string): RunId {
  const id = parseRunId(`run_${name}`.padEnd(20, "0"));
  if (id === undefined) throw new Error(`no run id: ${name}`);
  return id;
}

/** An artifact that holds its value itself. */
export function artifactOf(id: string, value: unknown): ArtifactRef {
  const text = encodeValue(value);
  const list = Array.isArray(value) ? { itemCount: value.length } : {};
  return { id, digest: "0".repeat(64), bytes: text.length, mediaType: "application/json", materializer: "json", at: { text }, ...list };
}

/** Values that a step run ends with, by output. */
export function completed(id: string, values: Readonly<Record<string, unknown>>): Outcome {
  return {
    status: "completed",
    outputs: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, artifactOf(`a.${id}.1.${name}`, value)])),
  };
}

export function failed(error: Error | Failure): Outcome {
  return { status: "failed", error: error instanceof Error ? failureOf(error) : error };
}

/** Loads what the artifact holds; longer values do not travel with the journal. */
export const loadText: Loader = async (ref, item) => {
  const text = "text" in ref.at ? ref.at.text : "null";
  const whole = decodeValue(text);
  const value = item === undefined || !Array.isArray(whole) ? whole : (whole[item] as unknown);
  return text.length < 8 && item === undefined ? { value, text } : { value };
};

export interface RehearsalOptions {
  readonly params?: unknown;
  readonly run?: Partial<RunRecord>;
  readonly lent?: Partial<Lent>;
  /** Events that the journal has already. */
  readonly journal?: readonly RunEvent[];
}

/** A pipeline function whose steps do what the test says, when it says so; the journal is what a turn would have written. */
export class Rehearsal {
  readonly journal: RunEvent[];
  readonly orchestration: Orchestration;
  readonly run: RunRecord;
  clock = startedAt;

  constructor(of: Pipeline<never, unknown> | PipelineDefinition, options: RehearsalOptions = {}) {
    const definition = "fn" in of ? of : definitionOf(of);
    this.journal = [...(options.journal ?? [])];
    this.run = {
      v: 1,
      id: runIdOf("rehearsed"),
      pipeline: definition.name,
      mode: definition.mode,
      onFailure: definition.onFailure,
      params: "{}",
      codeVersion: "1",
      createdAt: startedAt,
      tags: [],
      maxSteps: definition.maxSteps,
      maxTurns: 100,
      ...(definition.maxConcurrency === undefined ? {} : { maxConcurrency: definition.maxConcurrency }),
      ...options.run,
    };
    const lent = { load: loadText, lookUp: async () => undefined, ...options.lent };
    this.orchestration = new Orchestration({ run: this.run, definition, params: options.params ?? {} }, this.journal.slice(), lent);
  }

  /** A run that stands at its first wait. */
  static async start(of: Pipeline<never, unknown> | PipelineDefinition, options: RehearsalOptions = {}): Promise<Rehearsal> {
    const rehearsal = new Rehearsal(of, options);
    await rehearsal.orchestration.replay();
    await rehearsal.see();
    return rehearsal;
  }

  /** The same run in another process that knows the journal (or a part of it), and nothing new yet. */
  async again(of: Pipeline<never, unknown> | PipelineDefinition, options: RehearsalOptions = {}): Promise<Rehearsal> {
    const other = new Rehearsal(of, { run: this.run, journal: this.journal, ...options });
    await other.orchestration.replay();
    return other;
  }

  async see(...news: readonly Seen[]): Promise<void> {
    this.clock += 1_000;
    await this.orchestration.see(news, this.clock);
    this.#write();
  }

  async stop(reason: string): Promise<void> {
    this.clock += 1_000;
    await this.orchestration.stop(reason, this.clock);
    this.#write();
  }

  #write(): void {
    this.journal.push(...this.orchestration.take());
  }

  /** Delivers the outcome of the attempt that is launched. */
  end(id: string, outcome: Outcome): Promise<void> {
    return this.see(this.outcome(id, outcome));
  }

  outcome(id: string, outcome: Outcome): OutcomeSeen {
    return { t: "outcome", id, attempt: this.orchestration.graph.get(id).attempt, outcome, at: this.clock + 1_000 };
  }

  complete(id: string, value?: unknown): Promise<void> {
    return this.end(id, completed(id, value === undefined ? {} : { output: value }));
  }

  fail(id: string, error: Error | Failure = new RangeError("too far")): Promise<void> {
    return this.end(id, failed(error));
  }

  get launched(): readonly string[] {
    return [...this.orchestration.graph.launched].map((node) => node.id);
  }

  /** What the function did, in its order: `called fit`, `cancel fit`, `returned`. */
  get decisions(): readonly string[] {
    return this.journal.flatMap((event) => {
      switch (event.t) {
        case "called":
        case "mapped":
        case "cancel":
        case "watched":
          return [`${event.t} ${event.id}`];
        case "returned":
        case "threw":
          return [event.t];
        default:
          return [];
      }
    });
  }

  get ended(): Ended | undefined {
    return this.journal.findLast((event) => event.t === "ended");
  }

  /** The outcome that the journal has of a step run. */
  outcomeOf(id: string): Outcome | undefined {
    return this.journal.findLast((event): event is OutcomeSeen => event.t === "outcome" && event.id === id)?.outcome;
  }
}
