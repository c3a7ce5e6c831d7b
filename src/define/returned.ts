import { SkeinError } from "../model/error.ts";
import type { OutputNode, RunOutputs } from "../model/run.ts";
import { pointerOf, type Pointer } from "./pointer.ts";

/**
 * What the pipeline function returned, as pointers: nothing, a handle, or a list or record of handles.
 *
 * @throws SkeinError `bad_pipeline_result` for anything else
 */
export function encodeReturned(value: unknown, owner: object): RunOutputs {
  if (value === undefined) return { kind: "none" };
  if (typeof value !== "object" || value === null) throw refused(value, "");
  if (pointerOf(value) !== undefined) return { kind: "one", value: nodeOf(value, owner, "") };
  if (Array.isArray(value)) return { kind: "list", values: value.map((part: unknown, i) => nodeOf(part, owner, `[${i}]`)) };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refused(value, "");
  const entries = Object.entries(value).map(
    ([name, part]: [string, unknown]) =>
      [
        name,
        Array.isArray(part) ? part.map((inner: unknown, i) => nodeOf(inner, owner, `${name}[${i}]`)) : nodeOf(part, owner, name),
      ] as const,
  );
  return { kind: "record", values: Object.fromEntries(entries) };
}

function nodeOf(value: unknown, owner: object, at: string): OutputNode {
  const pointer = typeof value === "object" && value !== null ? pointerOf(value) : undefined;
  if (pointer === undefined) throw refused(value, at);
  if (pointer.owner !== owner)
    throw new SkeinError(
      "handle_of_another_run",
      `the pipeline function returned a handle of another run (${pointer.from})${at === "" ? "" : ` at ${at}`}`,
    );
  return outputNode(pointer);
}

function outputNode({ from, output, item, partial }: Pointer): OutputNode {
  if (output === undefined) return { from, outputs: "all" };
  return { from, output, ...(item === undefined ? {} : { item }), ...(partial === undefined ? {} : { partial }) };
}

function refused(value: unknown, at: string): SkeinError {
  const what =
    value === null
      ? "null"
      : Array.isArray(value)
        ? "a list"
        : typeof value === "object"
          ? `an instance of ${value.constructor.name}`
          : `a ${typeof value}`;
  return new SkeinError(
    "bad_pipeline_result",
    `a pipeline returns artifacts or futures, not values: it returned ${what}${at === "" ? "" : ` at ${at}`}. Make the value in a step and return what the step gives`,
  );
}

export function outputNodes(outputs: RunOutputs): readonly OutputNode[] {
  switch (outputs.kind) {
    case "none":
      return [];
    case "one":
      return [outputs.value];
    case "list":
      return outputs.values;
    case "record":
      return Object.values(outputs.values).flat();
  }
}
