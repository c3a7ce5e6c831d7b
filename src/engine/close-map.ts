import { findStep } from "../define/catalogue.ts";
import { outputNames } from "../define/definition.ts";
import { saveRefs, saveValue } from "../execute/save-value.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import type { EndedAttempt } from "../model/attempt.ts";
import { failureWith } from "../model/failure-size.ts";
import { artifactId, itemId } from "../model/id.ts";
import type { Outcome, Refs } from "../model/outcome.ts";
import type { MapShape } from "../model/task.ts";
import { closeMapRow } from "../record/attempt.ts";
import { itemStates, type MapFacts } from "./map-items.ts";
import type { Ports } from "./ports.ts";

/** Puts a finished map's result together, one list artifact an output, and writes the row that the run waits for. */
export async function closeMap(facts: MapFacts, map: MapShape, ports: Ports): Promise<void> {
  const states = itemStates(await ports.state.readItems(facts.run, map), facts.policy);
  const finals = Array.from({ length: map.items }, (_, index) => states.get(index)?.final);
  const { outcome, counts } = await mapOutcome(facts, map, finals, ports);
  const at = ports.clock.now();
  const row: EndedAttempt = { status: "ended", nonce: ports.entropy.nonce(), outcome, endedAt: at, counts };
  await closeMapRow(ports.state, { run: facts.run, id: map.id, attempt: 1 }, row);
}

/** How a map ended whose items have all ended: completed; or failed, with its lowest-index failure first and all that succeeded. */
export async function mapOutcome(
  facts: MapFacts,
  map: MapShape,
  finals: readonly (Outcome | undefined)[],
  ports: Ports,
): Promise<{ readonly outcome: Outcome; readonly counts: Readonly<Record<string, number>> }> {
  const counts: Record<string, number> = {};
  for (const final of finals) counts[final?.status ?? "cancelled"] = (counts[final?.status ?? "cancelled"] ?? 0) + 1;
  const outputs = await listOutputs(facts, map, finals, ports);
  if (finals.every((final) => final?.status === "completed" || final?.status === "cached"))
    return { outcome: { status: "completed", outputs }, counts };
  const failures = finals.flatMap((final, index) =>
    final?.status === "failed" ? [{ index, id: itemId(map.id, index), error: { ...final.error, step: itemId(map.id, index) } }] : [],
  );
  const [first, ...others] = failures;
  if (first === undefined) return { outcome: { status: "cancelled", reason: reasonOf(finals) }, counts };
  const list = await saveValue(failures, { materializer: "json" }, target(facts, map, "failures", ports), sinkOf(ports));
  return {
    outcome: {
      status: "failed",
      error: failureWith(
        first.error,
        others.map(({ error }) => error),
      ),
      partial: { outputs, failures: list },
    },
    counts,
  };
}

function reasonOf(finals: readonly (Outcome | undefined)[]): string {
  for (const final of finals) if (final !== undefined && "reason" in final) return final.reason;
  return "nothing of it was started";
}

async function listOutputs(facts: MapFacts, map: MapShape, finals: readonly (Outcome | undefined)[], ports: Ports): Promise<Refs> {
  const names = outputNames(findStep(facts.step).outputs);
  const lists = names.map(async (name) => {
    const refs = finals
      .flatMap((final) => (final !== undefined && "outputs" in final ? [final.outputs[name]] : []))
      .filter((ref): ref is ArtifactRef => ref !== undefined);
    return [name, await saveRefs(refs, target(facts, map, name, ports), sinkOf(ports))] as const;
  });
  return Object.fromEntries(await Promise.all(lists));
}

/** Several finishers may put the same list together: each under a key of its own, as every writer (R6). */
function target(
  facts: MapFacts,
  map: MapShape,
  output: string,
  ports: Ports,
): { readonly id: string; readonly key: string; readonly what: string } {
  return {
    id: artifactId({ run: facts.run, step: map.id, attempt: 1, output }),
    key: `${facts.run}/${map.id}/1/${ports.entropy.nonce()}/${output}`,
    what: `output "${output}" of map ${map.id}`,
  };
}

function sinkOf(ports: Ports): { readonly artifacts: Ports["artifacts"]; readonly inlineValues: number } {
  return { artifacts: ports.artifacts, inlineValues: ports.inlineValues };
}
