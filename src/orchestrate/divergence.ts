import { SkeinError } from "../model/error.ts";
import type { RunEvent } from "../model/event.ts";
import { formatPath, type EncodedInput } from "../model/input.ts";

/** The pipeline function did something else than the journal says it did (I5). Names both sides and the likely cause. */
export function divergence(recorded: RunEvent | undefined, made: string, detail?: string): SkeinError {
  const was = recorded === undefined ? "nothing" : describeEvent(recorded);
  return new SkeinError(
    "nondeterministic_pipeline",
    `the pipeline function did not repeat what it did before: the journal has ${was}, now it ${made}${detail === undefined ? "" : ` (${detail})`}. ` +
      "Likely causes: the code was changed while the run was under way; or the function decides by something that differs from one time to the next, " +
      "such as Date.now(), Math.random(), process.env or module state: use run.now(), run.random(), run.uuid(), or a step.",
    { data: { recorded: was, made } },
  );
}

function describeEvent(event: RunEvent): string {
  switch (event.t) {
    case "called":
      return `the call of step ${event.step} as ${event.id}`;
    case "mapped":
      return `the map of step ${event.step} as ${event.id}`;
    case "cancel":
      return `the cancelling of ${event.id}`;
    case "watched":
      return `a look at the items of ${event.id}`;
    case "waiting":
      return event.for === "time" ? `the sleep ${event.id}` : `the wait for the signal ${event.name ?? ""} (${event.id})`;
    case "woken":
      return `the end of the wait ${event.id}`;
    case "returned":
      return "the end of the function";
    case "threw":
      return `an error thrown by the function (${event.error.message})`;
    case "logged":
      return "a log line";
    case "loaded":
      return `the load of ${event.artifact}`;
    case "outcome":
      return `the outcome of ${event.id}`;
    case "launched":
      return `the launch of ${event.id}`;
    case "halted":
    case "stopping":
    case "ended":
    case "rebased":
      return `"${event.t}"`;
  }
}

/** The first place in which two inputs differ, for the message. */
export function inputDifference(recorded: EncodedInput, made: EncodedInput): string {
  const before = fieldsOf(recorded);
  const after = fieldsOf(made);
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(name) !== after.get(name))
      return `input "${name}" was ${before.get(name) ?? "absent"} and is ${after.get(name) ?? "absent"}`;
  }
  return "the inputs differ";
}

const maxShown = 80;

function fieldsOf(input: EncodedInput): Map<string, string> {
  const fields = new Map<string, string>();
  if (input.literal.startsWith("{")) {
    const literals: unknown = JSON.parse(input.literal);
    if (typeof literals === "object" && literals !== null) {
      for (const [name, value] of Object.entries(literals)) fields.set(name, JSON.stringify(value).slice(0, maxShown));
    }
  } else fields.set("(literals)", input.spilled?.digest ?? input.literal.slice(0, maxShown));
  for (const edge of input.edges)
    fields.set(formatPath(edge.path), `the output ${edge.from}.${edge.output}${edge.item === undefined ? "" : `[${edge.item}]`}`);
  return fields;
}
