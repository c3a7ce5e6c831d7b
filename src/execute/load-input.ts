import { formatPath, inputKey, type Path } from "../model/input.ts";
import { SkeinError } from "../model/error.ts";
import type { ResolvedEdge, StepTask } from "../model/task.ts";
import { decodeValue } from "../model/value.ts";
import { textOf, type ArtifactSource } from "./artifact-reader.ts";
import { boundedAll } from "./bounded-all.ts";
import { digestOf } from "./digest.ts";
import { loadArtifact } from "./load-artifact.ts";
import { verifiedBytesOf } from "./verified-bytes.ts";

/** Artifacts fetched at once. */
const width = 32;

/**
 * The input of a task: its literals, with the artifacts that its edges stand for set at their paths. Not parsed yet.
 *
 * @throws SkeinError as `loadArtifact` does
 */
export async function loadInput(task: StepTask, source: ArtifactSource): Promise<unknown> {
  const input = decodeValue(await literalText(task, source));
  if (task.edges.length === 0) return input;
  const values = await boundedAll(task.edges, width, (edge) => loadEdge(task, edge, source));
  task.edges.forEach((edge, i) => setAt(input, edge.path, values[i]));
  return input;
}

async function loadEdge(task: StepTask, edge: ResolvedEdge, source: ArtifactSource): Promise<unknown> {
  try {
    return await loadArtifact(edge.artifact, edge.item, source);
  } catch (error) {
    if (!(error instanceof SkeinError)) throw error;
    const { code, message, data } = error;
    throw new SkeinError(code, `Input "${formatPath(edge.path)}" of step ${task.step}: ${message}`, {
      cause: error,
      ...(data === undefined ? {} : { data }),
    });
  }
}

async function literalText(task: StepTask, source: ArtifactSource): Promise<string> {
  const { literal, spilled } = task.input;
  if (spilled === undefined) return literal === "" ? "{}" : literal;
  const kept = verifiedBytesOf(source.artifacts);
  const known = kept.get(spilled.digest);
  if (known !== undefined) return textOf(known);
  const key = inputKey(task.key.run, spilled.digest);
  const bytes = await source.artifacts.get(key);
  if (digestOf(bytes) !== spilled.digest) {
    throw new SkeinError(
      "artifact_altered",
      `The literals of ${task.key.id} at ${source.artifacts.uri(key)} are not what was saved: their digest is another. Something else wrote there; start the run again.`,
    );
  }
  kept.keep(spilled.digest, bytes);
  return textOf(bytes);
}

function setAt(input: unknown, path: Path, value: unknown): void {
  let parent = input;
  for (const part of path.slice(0, -1)) parent = typeof parent === "object" && parent !== null ? Reflect.get(parent, part) : undefined;
  const last = path.at(-1);
  if (typeof parent !== "object" || parent === null || last === undefined) {
    throw new SkeinError(
      "store_corrupt",
      `An input has no place "${formatPath(path)}" for its artifact: its record was changed, or made by another version.`,
    );
  }
  Reflect.set(parent, last, value);
}
