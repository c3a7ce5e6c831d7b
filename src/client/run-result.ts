import { artifactOf } from "../define/artifact-handle.ts";
import type { Backing } from "../define/backing.ts";
import { loadArtifact } from "../execute/load-artifact.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import { SkeinError } from "../model/error.ts";
import type { RunEvent } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import { outputsOf, type Outcome, type Refs } from "../model/outcome.ts";
import type { OutputNode } from "../model/run.ts";
import { effectiveEvents } from "../orchestrate/transcript.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";

/** What the pipeline function of a completed run returned, with artifacts in the place of its handles. */
export function runResult(events: readonly RunEvent[], artifacts: ArtifactStore): unknown {
  const { kept } = effectiveEvents(events);
  const returned = kept.findLast((event) => event.t === "returned")?.outputs;
  if (returned === undefined || returned.kind === "none") return undefined;
  const seen = new SeenOutputs(kept, artifacts);
  switch (returned.kind) {
    case "one":
      return seen.at(returned.value);
    case "list":
      return returned.values.map((node) => seen.at(node));
    case "record":
      return Object.fromEntries(
        Object.entries(returned.values).map(([name, part]) => [name, isList(part) ? part.map((node) => seen.at(node)) : seen.at(part)]),
      );
  }
}

function isList(part: OutputNode | readonly OutputNode[]): part is readonly OutputNode[] {
  return Array.isArray(part);
}

/** The outputs of the step runs of an ended run. */
class SeenOutputs {
  readonly #outputs = new Map<StepRunId, Refs>();
  readonly #backings = new Map<StepRunId, Backing>();
  readonly #artifacts: ArtifactStore;

  constructor(events: readonly RunEvent[], artifacts: ArtifactStore) {
    this.#artifacts = artifacts;
    for (const event of events) {
      const outputs = event.t === "outcome" ? outputsOf(event.outcome, true) : undefined;
      if (event.t === "outcome" && outputs !== undefined) this.#outputs.set(event.id, outputs);
    }
  }

  /** One artifact, or a record of all that a step run gave; undefined where it gives nothing. */
  at(node: OutputNode): unknown {
    const outputs = this.#outputs.get(node.from) ?? {};
    if ("outputs" in node) {
      const names = Object.keys(outputs);
      return names.length === 0
        ? undefined
        : Object.freeze(Object.fromEntries(names.map((name) => [name, this.#artifact(node.from, name, outputs[name])])));
    }
    return this.#artifact(node.from, node.output, outputs[node.output], node.item);
  }

  #artifact(from: StepRunId, output: string, ref: ArtifactRef | undefined, item?: number): object {
    if (ref === undefined)
      throw new SkeinError("artifact_missing", `step run ${from} was recorded without its output "${output}", which the pipeline returned`);
    return artifactOf(this.#backing(from), output, ref, item);
  }

  #backing(id: StepRunId): Backing {
    const known = this.#backings.get(id);
    if (known !== undefined) return known;
    const made = endedStep(this, id, { status: "completed", outputs: this.#outputs.get(id) ?? {} }, this.#artifacts);
    this.#backings.set(id, made);
    return made;
  }
}

/** A step run that has long ended: its artifacts load, and nothing else happens to it any more. */
function endedStep(owner: object, id: StepRunId, outcome: Outcome, artifacts: ArtifactStore): Backing {
  const handles = new Map<string, object>();
  return {
    owner,
    id,
    outputs: { kind: "none" },
    delivered: outcome,
    settlement: () => Promise.resolve(undefined),
    observe: () => {},
    cancel: () => {},
    load: (ref, item) => loadArtifact(ref, item, { artifacts }),
    recall: (key) => handles.get(key),
    keep: (key, handle) => void handles.set(key, handle),
  };
}
