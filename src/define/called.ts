import { hash } from "node:crypto";
import type { StepDefinition } from "./definition.ts";
import { isUnmapped } from "./call-input.ts";
import { encodeInput } from "./encode.ts";
import { pointerOf, type Pointer } from "./pointer.ts";
import type { CallRequest, MapRequest } from "./scope.ts";
import { SkeinError } from "../model/error.ts";
import type { CallKind, StepCalled, StepMapped } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import { maxLiteral, type EncodedInput } from "../model/input.ts";
import type { CallPolicy } from "../model/policy.ts";
import type { FieldLengths } from "../model/map-input.ts";
import { checkMappable } from "./mappable.ts";

/** Literals that are too large for the journal, by their digest. */
export interface Spill {
  readonly digest: string;
  readonly text: string;
}

interface CallSite {
  readonly id: StepRunId;
  readonly owner: object;
}

/** A call as the journal has it. */
export function calledStep(
  definition: StepDefinition,
  input: unknown,
  options: CallRequest,
  site: CallSite & { readonly kind: CallKind },
): { readonly called: StepCalled; readonly spill: Spill | undefined } {
  const encoded = spilled(encodeInput(asObject(input), { step: definition.name, owner: site.owner }));
  const called: StepCalled = {
    t: "called",
    id: site.id,
    step: definition.name,
    call: site.kind,
    runtime: definition.runtime,
    input: encoded.input,
  };
  return { called: withExtras(called, definition.policy, options, site.owner), spill: encoded.spill };
}

/** A map as the journal has it: `unmapped` fields are marked, all others are lists. */
export function mappedStep(
  definition: StepDefinition,
  input: unknown,
  options: MapRequest,
  site: CallSite & { readonly combine: "zip" | "product"; readonly isStatic: boolean },
): { readonly called: StepMapped; readonly spill: Spill | undefined; readonly lengths: FieldLengths } {
  const given = Object.entries(asObject(input));
  const unmapped = given.filter(([, value]: [string, unknown]) => isUnmapped(value)).map(([name]) => name);
  const bare = Object.fromEntries(given.map(([name, value]: [string, unknown]) => [name, isUnmapped(value) ? value.unmapped : value]));
  checkMappable(definition.name, bare, unmapped);
  const encoded = spilled(encodeInput(bare, { step: definition.name, owner: site.owner }));
  const mapped: StepMapped = {
    t: "mapped",
    id: site.id,
    step: definition.name,
    combine: site.combine,
    runtime: definition.runtime,
    input: encoded.input,
    unmapped,
    ...(site.isStatic ? { static: true } : {}),
    ...(options.maxConcurrency === undefined ? {} : { maxConcurrency: options.maxConcurrency }),
  };
  const lists = Object.entries(bare).flatMap(([name, value]: [string, unknown]) =>
    Array.isArray(value) && !unmapped.includes(name) ? [[name, value.length] as const] : [],
  );
  return { called: withExtras(mapped, definition.policy, options, site.owner), spill: encoded.spill, lengths: Object.fromEntries(lists) };
}

function withExtras<E extends StepCalled | StepMapped>(event: E, policy: CallPolicy, options: CallRequest, owner: object): E {
  const hasPolicy = policyIsSet(policy);
  if (!hasPolicy && options.after === undefined) return event;
  return {
    ...event,
    ...(hasPolicy ? { policy } : {}),
    ...(options.after === undefined ? {} : { after: afterIds(event.step, options.after, owner) }),
  };
}

function policyIsSet(policy: CallPolicy): boolean {
  for (const name in policy) if (Object.hasOwn(policy, name)) return true;
  return false;
}

function asObject(input: unknown): object {
  return typeof input === "object" && input !== null ? input : {};
}

function spilled(input: EncodedInput): { readonly input: EncodedInput; readonly spill: Spill | undefined } {
  if (input.literal.length <= maxLiteral) return { input, spill: undefined };
  const spill = { digest: hash("sha256", input.literal, "hex"), text: input.literal };
  return { input: { literal: "", spilled: { digest: spill.digest, bytes: Buffer.byteLength(input.literal) }, edges: input.edges }, spill };
}

function afterIds(step: string, after: unknown, owner: object): readonly StepRunId[] {
  const handles: readonly unknown[] = Array.isArray(after) ? after : [after];
  return [...new Set(handles.flatMap((handle, i) => afterId(step, handle, i, owner)))];
}

/** An artifact of a failed map is there: nothing is left to wait for. */
function afterId(step: string, handle: unknown, index: number, owner: object): readonly StepRunId[] {
  const pointer = typeof handle === "object" && handle !== null ? (pointerOf(handle) ?? firstOutput(handle)) : undefined;
  if (pointer === undefined) {
    throw new SkeinError(
      "bad_call",
      `step ${step} was told to come after something that is no handle (number ${index + 1} of \`after\`): give artifacts, futures or calls of this run, never ids`,
    );
  }
  if (pointer.owner !== owner)
    throw new SkeinError("handle_of_another_run", `step ${step} was told to come after ${pointer.from} of another run`);
  return pointer.partial === true ? [] : [pointer.from];
}

/** What awaiting a step with named outputs gives is a plain record of its artifacts. */
function firstOutput(record: object): Pointer | undefined {
  const values: readonly unknown[] = Object.values(record);
  const first = values[0];
  return typeof first === "object" && first !== null ? pointerOf(first) : undefined;
}
