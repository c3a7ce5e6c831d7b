import type { ArtifactRef } from "../model/artifact.ts";
import { SkeinError } from "../model/error.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";

export type ArtifactPreview = { readonly json: unknown } | { readonly text: string };

/** Longer values are shown by nobody here: there is the link. */
const maxPreview = 65_536;

/** Undefined for what is long, no text, or gone. */
export async function previewOf(ref: ArtifactRef, artifacts: Pick<ArtifactStore, "get">): Promise<ArtifactPreview | undefined> {
  const isJson = ref.mediaType === "application/json";
  if (ref.bytes > maxPreview || !(isJson || ref.mediaType.startsWith("text/"))) return undefined;
  try {
    const text = await textOf(ref, artifacts);
    return isJson ? { json: JSON.parse(text) } : { text };
  } catch (error) {
    if (isGone(error) || error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function textOf({ at }: ArtifactRef, artifacts: Pick<ArtifactStore, "get">): Promise<string> {
  if ("text" in at) return at.text;
  return new TextDecoder("utf-8", { fatal: true }).decode(await artifacts.get(at.key));
}

function isGone(error: unknown): boolean {
  return error instanceof SkeinError && error.code === "artifact_missing";
}
