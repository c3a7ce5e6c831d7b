import { failureOf, SkeinError } from "../model/error.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Graph } from "./graph.ts";
import type { MapNode } from "./node.ts";

/** How many items the map has; a failed outcome where its lists do not fit together, or there are more than `room`. */
export function mapSize(map: MapNode, graph: Graph, room: number): number | Outcome {
  const lengths = Object.entries(map.lengths((id) => graph.get(id).delivered));
  const known = lengths.flatMap(([name, length]) => (length === undefined ? [] : [{ name, length }]));
  const unknown = lengths.find(([, length]) => length === undefined);
  if (unknown !== undefined)
    return failed("map_not_a_list", `field "${unknown[0]}" of map ${map.id} is an artifact without items: give a list, or say unmapped(…)`);
  const size = map.called.combine === "product" ? known.reduce((product, { length }) => product * length, 1) : zipped(known);
  if (size === undefined)
    return failed(
      "map_length_mismatch",
      `the lists of map ${map.id} have different lengths: ${known.map(({ name, length }) => `${name} has ${length}`).join(", ")}`,
    );
  return size > room
    ? failed(
        "max_steps_exceeded",
        `map ${map.id} has ${size} items; with them the run would have more steps than its pipeline allows (maxSteps)`,
      )
    : size;
}

function zipped(lengths: readonly { readonly length: number }[]): number | undefined {
  const [first] = lengths;
  return lengths.every(({ length }) => length === first?.length) ? (first?.length ?? 0) : undefined;
}

function failed(code: "map_not_a_list" | "map_length_mismatch" | "max_steps_exceeded", message: string): Outcome {
  return { status: "failed", error: failureOf(new SkeinError(code, message)) };
}
