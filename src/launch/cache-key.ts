import { hash } from "node:crypto";
import type { StepDefinition } from "../define/definition.ts";
import type { EncodedInput } from "../model/input.ts";
import { formatPath } from "../model/input.ts";
import type { ResolvedEdge } from "../model/task.ts";

/**
 * Names what a step run would compute: its code (function text, schemas, materializers), its literal inputs, and the digests of
 * its input artifacts: equal content hits whatever run made it. Not in it: ids, pipeline, resources, retries.
 */
export function cacheKey(
  definition: StepDefinition,
  input: Pick<EncodedInput, "literal" | "spilled">,
  edges: readonly ResolvedEdge[],
): string {
  const parts = [
    "v1",
    definition.name,
    definition.codeDigest,
    input.spilled?.digest ?? input.literal,
    ...edges.map(
      ({ path, artifact, item }) =>
        `${formatPath(path)}=${artifact.digest}:${artifact.materializer}${item === undefined ? "" : `[${item}]`}`,
    ),
  ];
  return hash("sha256", JSON.stringify(parts), "hex");
}
