import type { ArtifactRef } from "../model/artifact.ts";
import { SkeinError } from "../model/error.ts";
import { StoredArtifact, type ArtifactSource } from "./artifact-reader.ts";
import { materializerNamed } from "./materializers/built-in.ts";
import { refsIn } from "./materializers/list.ts";

/**
 * The value of an artifact, or of one item of a list: a fresh one at each call, checked against its digest.
 *
 * @throws SkeinError `artifact_missing`, `artifact_altered`, `artifact_item_out_of_range`, `materializer_missing`
 */
export async function loadArtifact(ref: ArtifactRef, item: number | undefined, source: ArtifactSource): Promise<unknown> {
  const materializer = materializerNamed(ref.materializer);
  if (materializer === undefined) throw missingMaterializer(ref.materializer, `artifact ${ref.id} was saved by it`);
  const reader = readerOf(ref, source);
  if (item === undefined) return materializer.load(reader);
  checkItem(ref, item);
  if (materializer.loadItem !== undefined) return materializer.loadItem(reader, item);
  const list: unknown = await materializer.load(reader);
  if (Array.isArray(list)) return list[item];
  throw new SkeinError(
    "bad_definition",
    `Materializer "${ref.materializer}" gave artifact ${ref.id} an itemCount but loads no array: give it a loadItem.`,
  );
}

/** The references in a map's list artifact, from index `from` up to, not including, `to`; default: all. */
export async function loadRefs(list: ArtifactRef, source: ArtifactSource, from?: number, to?: number): Promise<readonly ArtifactRef[]> {
  return refsIn(readerOf(list, source), from, to);
}

export function missingMaterializer(name: string, why: string): SkeinError {
  return new SkeinError(
    "materializer_missing",
    `There is no materializer "${name}" in this process, and ${why}: import the module that makes it from the catalogue file.`,
  );
}

function readerOf(ref: ArtifactRef, source: ArtifactSource): StoredArtifact {
  return new StoredArtifact(ref, source, (other, item) => loadArtifact(other, item, source));
}

function checkItem(ref: ArtifactRef, item: number): void {
  const { itemCount } = ref;
  if (itemCount !== undefined && Number.isInteger(item) && item >= 0 && item < itemCount) return;
  const has = itemCount === undefined ? "is no list" : `has ${itemCount} items`;
  throw new SkeinError("artifact_item_out_of_range", `Artifact ${ref.id} ${has}: there is no item ${item} of it.`);
}
