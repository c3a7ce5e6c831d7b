import type { StepDefinition } from "../define/definition.ts";
import { jsonSchemaOf } from "../define/json-schema.ts";
import { formatIssues, validate } from "../define/validation.ts";
import { SkeinError } from "../model/error.ts";
import type { StepRunId } from "../model/id.ts";
import type { StepMapped } from "../model/event.ts";
import { formatPath, type Edge, type EncodedInput } from "../model/input.ts";
import { literalLengths, MapInput } from "../model/map-input.ts";
import { decodeValue } from "../model/value.ts";
import type { PlannedCall } from "./plan.ts";

interface Planned {
  readonly call: PlannedCall;
  readonly definition: StepDefinition;
}
type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Finds what would fail for certain once it runs: literals that the step's schema refuses, and outputs whose JSON type the
 * input cannot have. What schemas cannot say in JSON Schema is left to the run.
 *
 * @throws SkeinError `type_mismatch`, `map_length_mismatch`
 */
export function checkTypes(pipeline: string, planned: readonly Planned[]): void {
  const definitions = new Map<StepRunId, Planned>(planned.map((one) => [one.call.id, one]));
  for (const one of planned) {
    checkLiterals(pipeline, one);
    for (const edge of one.call.input.edges) checkEdge(pipeline, one, edge, definitions.get(edge.from));
  }
}

/** Items of a literal list that are looked at; the run looks at all. */
const maxItems = 1_000;

function checkLiterals(pipeline: string, { call, definition }: Planned): void {
  if (definition.input === undefined || call.input.spilled !== undefined) return;
  for (const input of call.t === "mapped" ? itemInputs(pipeline, call) : [call.input]) {
    const checked = validate(definition.input, decodeValue(input.literal));
    if (checked instanceof Promise) {
      checked.catch(() => {});
      return;
    }
    const certain = checked.ok
      ? []
      : checked.issues.filter((issue) => !input.edges.some((edge) => mayMend(formatPath(edge.path), issue.path)));
    if (certain.length === 0) continue;
    throw new SkeinError(
      "type_mismatch",
      `static pipeline ${pipeline}: the input of step run ${call.id} does not fit step ${definition.name}: ${formatIssues(certain)}`,
    );
  }
}

/** What is wrong at, around or below the place of an output that is still to come may be right once it is there. */
function mayMend(edge: string, issue: string): boolean {
  return (
    issue === "" ||
    issue === edge ||
    [`${issue}.`, `${issue}[`].some((start) => edge.startsWith(start)) ||
    [`${edge}.`, `${edge}[`].some((start) => issue.startsWith(start))
  );
}

function itemInputs(pipeline: string, call: StepMapped): readonly EncodedInput[] {
  const lengths = literalLengths(call);
  const counts = Object.values(lengths);
  if (call.combine === "zip" && new Set(counts).size > 1) {
    const each = Object.entries(lengths).map(([name, length]) => `${name} has ${length}`);
    throw new SkeinError(
      "map_length_mismatch",
      `static pipeline ${pipeline}: the lists of map ${call.id} have different lengths: ${each.join(", ")}`,
    );
  }
  const total = call.combine === "zip" ? (counts[0] ?? 1) : counts.reduce((product, count) => product * count, 1);
  const items = new MapInput(call, lengths);
  return Array.from({ length: Math.min(total, maxItems) }, (_, index) => items.item(index));
}

function checkEdge(pipeline: string, { call, definition }: Planned, edge: Edge, upstream: Planned | undefined): void {
  const wanted = wantedTypes(call, definition, edge);
  const given = upstream === undefined ? undefined : givenTypes(upstream, edge);
  if (
    wanted === undefined ||
    given === undefined ||
    [...given].some(
      (type) => wanted.has(type) || (type === "integer" && wanted.has("number")) || (type === "number" && wanted.has("integer")),
    )
  )
    return;
  const list = (types: ReadonlySet<string>) => [...types].join(" or ");
  throw new SkeinError(
    "type_mismatch",
    `static pipeline ${pipeline}: input "${formatPath(edge.path)}" of step run ${call.id} takes ${list(wanted)}, but ${edge.from}.${edge.output} is ${list(given)}`,
  );
}

function wantedTypes(call: PlannedCall, definition: StepDefinition, edge: Edge): ReadonlySet<string> | undefined {
  const schema = definition.input === undefined ? undefined : jsonSchemaOf(definition.input, "input");
  const [field] = edge.path;
  const isMapped = call.t === "mapped" && typeof field === "string" && !call.unmapped.includes(field);
  if (isMapped && edge.path.length === 1) return new Set(["array"]);
  const inner = isMapped ? [field, ...edge.path.slice(2)] : edge.path;
  return typesOf(inner.reduce<JsonSchema | undefined>(stepDown, schema));
}

function givenTypes({ call, definition }: Planned, edge: Edge): ReadonlySet<string> | undefined {
  if (call.t === "mapped" && edge.item === undefined) return new Set(["array"]);
  const { outputs } = definition;
  const schema = outputs.kind === "one" ? outputs.schema : outputs.kind === "named" ? outputs.schemas[edge.output] : undefined;
  const json = schema === undefined ? undefined : jsonSchemaOf(schema, "output");
  return typesOf(edge.item === undefined || call.t === "mapped" || json === undefined ? json : stepDown(json, 0));
}

function stepDown(schema: JsonSchema | undefined, part: string | number): JsonSchema | undefined {
  const next = typeof part === "number" ? schema?.["items"] : asSchema(schema?.["properties"])?.[part];
  return asSchema(next);
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : undefined;
}

/** The JSON types that a schema can have; undefined: any. */
function typesOf(schema: JsonSchema | undefined): ReadonlySet<string> | undefined {
  if (schema === undefined) return undefined;
  const { type, anyOf, oneOf } = schema;
  if (typeof type === "string") return new Set([type]);
  const alternatives: unknown = anyOf ?? oneOf;
  if (!Array.isArray(alternatives)) return undefined;
  const types = new Set<string>();
  for (const alternative of alternatives) {
    const some = typesOf(asSchema(alternative));
    if (some === undefined) return undefined;
    for (const one of some) types.add(one);
  }
  return types;
}
