import type { Metadata } from "../model/failure.ts";
import { SkeinError } from "../model/error.ts";
import { copyMetadata } from "./metadata-copy.ts";

/** Characters of an attempt's metadata as JSON, all outputs together: it travels with the outcome. */
export const maxMetadata = 32_768;

/** What a step records with its step run and its outputs while it runs. */
export class StepMetadata {
  readonly #step: string;
  readonly #outputs: readonly string[];
  readonly #byOutput = new Map<string | undefined, Metadata>();
  #characters = 0;

  constructor(step: string, outputs: readonly string[]) {
    this.#step = step;
    this.#outputs = outputs;
  }

  /** Later values of a key replace earlier ones. @throws SkeinError `undeclared_output`, or `bad_option` for what is no JSON */
  add(values: unknown, output: string | undefined): void {
    if (output !== undefined && !this.#outputs.includes(output)) {
      throw new SkeinError(
        "undeclared_output",
        `Step ${this.#step} gave metadata for output "${output}", which is none of its outputs (${this.#outputs.join(", ") || "it has none"}).`,
      );
    }
    const copy = copyMetadata(values);
    if ("problem" in copy) throw this.#bad(copy.problem);
    this.#characters += copy.characters;
    if (this.#characters > maxMetadata)
      throw this.#bad(`an attempt may record ${maxMetadata} characters of it; return large values as outputs`);
    this.#byOutput.set(output, { ...this.#byOutput.get(output), ...copy.metadata });
  }

  /** Of the step run itself, or of an output. */
  of(output?: string): Metadata | undefined {
    return this.#byOutput.get(output);
  }

  #bad(why: string): SkeinError {
    return new SkeinError("bad_option", `Metadata of step ${this.#step} cannot be recorded: ${why}.`);
  }
}
