import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { ProcessOperator } from "../../../src/adapters/local/process-operator.ts";
import type { Death, ProcessOperatorOptions } from "../../../src/adapters/local/process-operator.ts";
import type { LocalSetup } from "../../../src/adapters/local/process-setup.ts";
import type { Outcome } from "../../../src/model/outcome.ts";
import type { Place } from "../../../src/model/place.ts";
import type { StepTask } from "../../../src/model/task.ts";
import { fixture } from "./deed-task.ts";

/** How a task came back: with the deed's result, or with its child's death. */
export interface Answer {
  readonly result?: unknown;
  readonly place?: Place | undefined;
  readonly outcome?: Outcome;
  readonly death?: Death;
}

/** An operator whose children are the fixture's, and what came back from them. */
export class StaffedOperator {
  readonly dir = mkdtempSync(join(tmpdir(), "skein-operator-"));
  readonly operator: ProcessOperator;
  readonly #answers = new Map<string, Answer>();
  readonly #waiting = new Map<string, (answer: Answer) => void>();

  constructor(options: Partial<Omit<ProcessOperatorOptions, "setup">> & { readonly setup?: Partial<LocalSetup> } = {}) {
    const { setup, ...rest } = options;
    this.operator = new ProcessOperator({
      setup: { catalogue: fileURLToPath(fixture("catalogue.ts")), dir: this.dir, inlineValues: 0, ...setup },
      entry: fixture("process-child.ts"),
      turns: {
        wake: async ({ seen }) => {
          if (seen === undefined) return;
          const { outcome } = seen;
          const metadata = outcome.status === "completed" ? outcome.metadata : undefined;
          const result = metadata?.["result"];
          const place = metadata?.["place"] as Place | undefined;
          this.#put(seen.id, { outcome, place, ...(typeof result === "string" ? { result: JSON.parse(result) } : {}) });
        },
      },
      onDeath: (death) => this.#put(death.task.key.id, { death }),
      ...rest,
    });
  }

  /** Launches, and waits for the answer. */
  async do(task: StepTask): Promise<Answer> {
    const answer = this.answerTo(task);
    await this.operator.launch(task);
    return answer;
  }

  answerTo({ key }: StepTask): Promise<Answer> {
    const there = this.#answers.get(key.id);
    return there === undefined ? new Promise((resolve) => this.#waiting.set(key.id, resolve)) : Promise.resolve(there);
  }

  #put(id: string, answer: Answer): void {
    this.#answers.set(id, answer);
    this.#waiting.get(id)?.(answer);
  }

  /** What the children have written down: `began`, `ended`, `closed`. */
  get record(): readonly Readonly<Record<string, unknown>>[] {
    return readRecord(this.dir);
  }
}

export function readRecord(dir: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const lines = readFileSync(join(dir, "record.jsonl"), "utf8").split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}
