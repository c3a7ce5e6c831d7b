import { SkeinError } from "../model/error.ts";
import type { Metadata } from "../model/failure.ts";
import { artifactOptionsOf } from "./artifact-schema.ts";
import { outputNames, type StepDefinition } from "./definition.ts";
import { logTo, type WriteLine } from "./log.ts";
import type { Schema } from "./schema.ts";
import { scope, type Scope } from "./scope.ts";
import type { StepContext } from "./step-context.ts";
import { parseInput, parseOutputs } from "./step-values.ts";
import { isAsyncIterable, isFileSource, isIterable } from "./stored-file.ts";
import { checkedItems } from "./checked-items.ts";
import { unsavedFile } from "./unsaved-file.ts";

/**
 * Calls a step's function outside any run: values in, values out, nothing recorded. Input and outputs are parsed as in a run;
 * they are not stored and loaded.
 *
 * @throws SkeinError `invalid_input`, `invalid_output`, `undeclared_output`; `bad_call` in a pipeline function
 */
export async function runBare(definition: StepDefinition, input: unknown, given: Partial<StepContext<string>>): Promise<unknown> {
  const around = scope.getStore();
  if (around?.kind === "pipeline") {
    throw new SkeinError(
      "bad_call",
      `${definition.name}.run() was called in pipeline ${around.pipeline.name}: nothing of it would be recorded, and every replay would do it again; call ${definition.name}(input) instead`,
    );
  }
  const write = around?.log ?? writeToConsole;
  const context = contextOf(definition, given, write);
  const inside: Scope = { kind: "step", step: definition.name, log: write };
  return scope.run(inside, async () => {
    const parsed = await parseInput(definition, input);
    const returned: unknown = await Reflect.apply(definition.fn, undefined, [parsed, context]);
    return valuesOf(definition, await parseOutputs(definition, returned));
  });
}

function contextOf(definition: StepDefinition, given: Partial<StepContext<string>>, write: WriteLine): StepContext<string> {
  const log = logTo(write);
  const metadata = (_values: Metadata, options: { readonly output?: string | undefined } = {}) => checkOutput(definition, options.output);
  const bare = {
    log,
    metadata,
    signal: new AbortController().signal,
    attempt: 1,
    remainingMs: () => Infinity,
    step: { id: definition.name, name: definition.name },
    run: { id: "none", pipeline: "none" },
  };
  return { ...bare, ...given };
}

function checkOutput(definition: StepDefinition, output: string | undefined): void {
  const names = outputNames(definition.outputs);
  if (output === undefined || names.includes(output)) return;
  throw new SkeinError(
    "undeclared_output",
    `step ${definition.name} gave metadata for output "${output}", which is none of its outputs (${names.join(", ") || "it has none"})`,
  );
}

async function valuesOf(definition: StepDefinition, values: ReadonlyMap<string, unknown>): Promise<unknown> {
  const { outputs } = definition;
  switch (outputs.kind) {
    case "none":
      return undefined;
    case "one":
      return loadable(outputs.schema, values.get("output"));
    case "named": {
      const loads = Object.entries(outputs.schemas).map(
        async ([name, schema]) => [name, await loadable(schema, values.get(name))] as const,
      );
      return Object.fromEntries(await Promise.all(loads));
    }
  }
}

/** What a load would give, of values whose stored side differs from the one that was returned. */
async function loadable(schema: Schema, value: unknown): Promise<unknown> {
  const { materializer, item } = artifactOptionsOf(schema);
  if (materializer === "file" && isFileSource(value)) return unsavedFile(value);
  if (item !== undefined && (isAsyncIterable(value) || isIterable(value))) return checkedItems(item, value);
  return value;
}

const writeToConsole: WriteLine = (level, message, fields) => {
  if (fields === undefined) console[level](message);
  else console[level](message, fields);
};
