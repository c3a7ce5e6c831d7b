import type { SkeinError } from "../model/error.ts";
import type { JournalEntry } from "../model/entry.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import { captureConsole } from "../execute/console.ts";
import { loadArtifact } from "../execute/load-artifact.ts";
import { isOutage } from "../execute/outage.ts";
import type { RunRecord } from "../model/run.ts";
import { encodeValue } from "../model/value.ts";
import type { LoadedValue } from "../orchestrate/loads.ts";
import { Orchestration } from "../orchestrate/orchestration.ts";
import { effectiveEvents } from "../orchestrate/transcript.ts";
import { cachedOutcome } from "./node-task.ts";
import { pipelineOf } from "./pipeline-of.ts";
import type { Ports } from "./ports.ts";
import { reuseOf } from "./reuse.ts";

/** Values up to this many bytes travel with the journal, so that a replay reads nothing from the artifact store (R12). */
const smallValue = 256;

/** A run's pipeline function, replayed to where the journal ends. `crash`: the run ends with it, and no user code runs. */
export async function openOrchestration(
  run: RunRecord,
  entries: readonly JournalEntry[],
  ports: Ports,
  crash: SkeinError | undefined,
): Promise<Orchestration> {
  const { kept, orphaned } = effectiveEvents(entries.flatMap((entry) => entry.events));
  const { definition, params } = await pipelineOf(run);
  captureConsole();
  const reuse = orphaned.length === 0 ? {} : { reuse: reuseOf(orphaned) };
  const orchestration: Orchestration = new Orchestration({ run, definition, params }, kept, {
    load: (ref, item) => loadForFunction(ref, item, ports),
    isPassing: (error) => ports.outlastsOutages === true && isOutage(error),
    lookUp: (node) => cachedOutcome(node, orchestration.graph, ports),
    ...reuse,
  });
  await orchestration.replay(crash);
  return orchestration;
}

async function loadForFunction(ref: ArtifactRef, item: number | undefined, { artifacts }: Ports): Promise<LoadedValue> {
  const value = await loadArtifact(ref, item, { artifacts });
  const isSmall =
    "key" in ref.at && item === undefined && ref.bytes <= smallValue && (ref.materializer === "json" || ref.materializer === "text");
  return isSmall ? { value, text: encodeValue(value) } : { value };
}
