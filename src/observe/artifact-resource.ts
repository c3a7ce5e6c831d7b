import type { ArtifactRef } from "../model/artifact.ts";
import { parseArtifactId } from "../model/id.ts";
import type { Refs } from "../model/outcome.ts";
import type { RunArtifacts } from "../model/run.ts";
import type { ArtifactResource } from "./resources.ts";
import type { Sources } from "./sources.ts";

export function artifactResource(ref: ArtifactRef, artifacts: Sources["artifacts"]): ArtifactResource {
  const address = parseArtifactId(ref.id);
  return {
    id: ref.id,
    output: address?.output ?? "output",
    mediaType: ref.mediaType,
    bytes: ref.bytes,
    digest: ref.digest,
    ...(ref.itemCount === undefined ? {} : { itemCount: ref.itemCount }),
    uri: "key" in ref.at ? artifacts.uri(ref.at.key) : `data:${ref.mediaType},${encodeURIComponent(ref.at.text)}`,
    producedBy: { run: address?.run ?? "", step: address?.step ?? "", attempt: address?.attempt ?? 0 },
    metadata: ref.metadata ?? {},
    ...(ref.name === undefined ? {} : { name: ref.name }),
    ...(ref.tags === undefined ? {} : { tags: ref.tags }),
  };
}

export function outputResources(outputs: Refs, artifacts: Sources["artifacts"]): Readonly<Record<string, ArtifactResource>> {
  return Object.fromEntries(Object.entries(outputs).map(([name, ref]) => [name, artifactResource(ref, artifacts)]));
}

type RunOutputResources = Readonly<Record<string, ArtifactResource | readonly ArtifactResource[]>>;

export function runOutputResources(outputs: RunArtifacts, artifacts: Sources["artifacts"]): RunOutputResources {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [
      name,
      isList(value) ? value.map((ref) => artifactResource(ref, artifacts)) : artifactResource(value, artifacts),
    ]),
  );
}

function isList(value: ArtifactRef | readonly ArtifactRef[]): value is readonly ArtifactRef[] {
  return Array.isArray(value);
}
