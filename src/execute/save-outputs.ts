import { artifactOptionsOf } from "../define/artifact-schema.ts";
import type { StepDefinition } from "../define/definition.ts";
import type { Schema } from "../define/schema.ts";
import { parseOutputs } from "../define/step-values.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import { artifactId } from "../model/id.ts";
import type { Refs } from "../model/outcome.ts";
import type { StepTask } from "../model/task.ts";
import type { StepMetadata } from "./step-metadata.ts";
import { saveValue, type ArtifactSink } from "./save-value.ts";

const nothing: Refs = Object.freeze({});

/**
 * Parses what a step function returned and stores each output. All are waited for before the first failure is thrown, so that
 * nothing of an attempt is written after it.
 *
 * @throws SkeinError `undeclared_output`, `invalid_output`, and as `saveValue` does
 */
export async function saveOutputs(definition: StepDefinition, returned: unknown, attempt: AttemptOutputs): Promise<Refs> {
  const values = await parseOutputs(definition, returned);
  const { outputs } = definition;
  if (outputs.kind === "none") return nothing;
  if (outputs.kind === "one") return { output: await save("output", outputs.schema, values.get("output"), attempt) };
  const saved = await Promise.allSettled(
    Object.entries(outputs.schemas).map(async ([name, schema]) => [name, await save(name, schema, values.get(name), attempt)] as const),
  );
  return Object.fromEntries(saved.map(valueOf));
}

/** Of which attempt, and where to. */
export interface AttemptOutputs {
  readonly task: StepTask;
  readonly nonce: string;
  readonly metadata: StepMetadata;
  readonly sink: ArtifactSink;
}

async function save(output: string, schema: Schema, value: unknown, { task, nonce, metadata, sink }: AttemptOutputs): Promise<ArtifactRef> {
  const { run, id, attempt } = task.key;
  const target = {
    id: artifactId({ run, step: id, attempt, output }),
    key: `${run}/${id}/${attempt}/${nonce}/${output}`,
    what: output === "output" ? `the output of step ${task.step}` : `output "${output}" of step ${task.step}`,
  };
  const options = artifactOptionsOf(schema);
  const ref = await saveValue(value, options, target, sink);
  const added = metadata.of(output);
  const { name, tags } = options;
  if (added === undefined && name === undefined && tags === undefined) return ref;
  return {
    ...ref,
    // What a materializer says of its own bytes, it needs to read them.
    ...(added === undefined ? {} : { metadata: { ...added, ...ref.metadata } }),
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags }),
  };
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}
