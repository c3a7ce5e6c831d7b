import { artifactResource } from "./artifact-resource.ts";
import type { VersionResource } from "./resources.ts";
import type { Sources } from "./sources.ts";

/** The versions of a named artifact in all runs, newest first; none where no run has stored one. */
export async function describeVersions(sources: Pick<Sources, "state" | "artifacts">, name: string): Promise<readonly VersionResource[]> {
  const versions = await sources.state.listVersions(name);
  return versions.map(({ version, artifact, at }) => ({
    name,
    version,
    createdAt: new Date(at).toISOString(),
    artifact: artifactResource(artifact, sources.artifacts),
  }));
}
