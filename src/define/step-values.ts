import { SkeinError } from "../model/error.ts";
import type { ErrorCode } from "../model/error-code.ts";
import type { StepDefinition } from "./definition.ts";
import type { Schema } from "./schema.ts";
import { formatIssues, validate } from "./validation.ts";

/** The input that the function gets, with defaults and transforms applied. @throws SkeinError `invalid_input` */
export async function parseInput(definition: StepDefinition, input: unknown): Promise<unknown> {
  if (definition.input === undefined) return input;
  return parse(definition.input, input, "invalid_input", `the input of step ${definition.name} does not fit its schema`);
}

/**
 * What the function returned, as one value for each declared output, in declaration order.
 *
 * @throws SkeinError `invalid_output` or `undeclared_output`
 */
export async function parseOutputs(definition: StepDefinition, returned: unknown): Promise<ReadonlyMap<string, unknown>> {
  const { name, outputs } = definition;
  switch (outputs.kind) {
    case "none":
      if (returned !== undefined)
        throw new SkeinError(
          "undeclared_output",
          `step ${name} returned a value but declares no output: add output or outputs to its options, or return nothing`,
        );
      return new Map();
    case "one":
      return new Map([
        ["output", await parse(outputs.schema, returned, "invalid_output", `the output of step ${name} does not fit its schema`)],
      ]);
    case "named":
      return parseNamed(name, outputs.schemas, returned);
  }
}

async function parseNamed(
  step: string,
  schemas: Readonly<Record<string, Schema>>,
  returned: unknown,
): Promise<ReadonlyMap<string, unknown>> {
  const names = Object.keys(schemas);
  if (typeof returned !== "object" || returned === null) {
    throw new SkeinError(
      "invalid_output",
      `step ${step} returned ${returned === null ? "null" : `a ${typeof returned}`}: it has named outputs, so return an object with ${names.join(", ")}`,
    );
  }
  const extra = Object.keys(returned).find((key) => !names.includes(key));
  if (extra !== undefined)
    throw new SkeinError(
      "undeclared_output",
      `step ${step} returned "${extra}", which is none of its outputs (${names.join(", ")}): declare it or leave it out`,
    );
  const values = new Map<string, unknown>();
  for (const [output, schema] of Object.entries(schemas)) {
    const value: unknown = Reflect.get(returned, output);
    values.set(output, await parse(schema, value, "invalid_output", `output "${output}" of step ${step} does not fit its schema`));
  }
  return values;
}

async function parse(schema: Schema, value: unknown, code: ErrorCode, what: string): Promise<unknown> {
  const result = await validate(schema, value);
  if (result.ok) return result.value;
  const issues = result.issues.map(({ path, message }) => ({ path, message }));
  throw new SkeinError(code, `${what}: ${formatIssues(result.issues)}`, {
    ...(result.cause === undefined ? {} : { cause: result.cause }),
    data: { issues },
  });
}
