import { SkeinError } from "../model/error.ts";
import { pointerOf } from "./pointer.ts";

/**
 * At the call: each field that is not `unmapped` must be able to be a list.
 *
 * @throws SkeinError `map_without_list`, `map_not_a_list`
 */
export function checkMappable(step: string, input: Readonly<Record<string, unknown>>, unmapped: readonly string[]): void {
  const mapped = Object.entries(input).filter(([name]) => !unmapped.includes(name));
  if (mapped.length === 0)
    throw new SkeinError(
      "map_without_list",
      `the map of step ${step} has nothing to map over: give at least one field a list, a list artifact or an earlier map`,
    );
  for (const [name, value] of mapped) {
    if (Array.isArray(value) || (typeof value === "object" && value !== null && pointerOf(value) !== undefined)) continue;
    const what = value === null ? "null" : typeof value === "object" ? `an instance of ${value.constructor.name}` : `a ${typeof value}`;
    throw new SkeinError(
      "map_not_a_list",
      `field "${name}" of the map of step ${step} is ${what}: map over arrays ([...values]), list artifacts or earlier maps, or say unmapped(value)`,
    );
  }
}
