import { SkeinError } from "../model/error.ts";
import { findArtifact, lineageOf } from "../observe/artifact.ts";
import type { LineageResource, VersionResource } from "../observe/resources.ts";
import { describeVersions } from "../observe/versions.ts";
import type { ApiPorts } from "./api-ports.ts";
import { jsonResponse } from "./api-response.ts";
import { previewOf, type ArtifactPreview } from "./artifact-preview.ts";
import type { Operate } from "./call.ts";
import { fittingPage } from "./fitting-page.ts";
import { readPath } from "./read-request.ts";
import type { queries } from "./request-schemas.ts";

/** `GET /artifacts/{id}`. */
export interface ArtifactDetail extends LineageResource {
  /** The whole value, where it is short and JSON or text. */
  readonly preview?: ArtifactPreview;
  /** Gives the bytes without credentials, where they are an object of their own. */
  readonly link?: { readonly url: string; readonly expiresAt: string };
}

/** `GET /artifacts`, highest version first; `cursor` asks for the next page and is absent on the last. */
export interface VersionPage {
  readonly versions: readonly VersionResource[];
  readonly cursor?: string;
}

const linkSeconds = 15 * 60;
const defaultLimit = 100;

export const showArtifact: Operate<typeof queries.showArtifact> = async ({ request, now }, ports) => {
  const found = await findArtifact(ports, readPath(request, "id"), now);
  const [lineage, preview, link] = await Promise.all([
    lineageOf(ports, found),
    previewOf(found.ref, ports.artifacts),
    linkOf(found.ref.at, ports, now),
  ]);
  const detail: ArtifactDetail = { ...lineage, ...(preview === undefined ? {} : { preview }), ...(link === undefined ? {} : { link }) };
  return jsonResponse(200, detail);
};

async function linkOf(
  at: { readonly key: string } | { readonly text: string },
  { artifacts }: Pick<ApiPorts, "artifacts">,
  now: number,
): Promise<ArtifactDetail["link"]> {
  const url = "key" in at ? await artifacts.presign?.(at.key, linkSeconds) : undefined;
  return url === undefined ? undefined : { url, expiresAt: new Date(now + linkSeconds * 1_000).toISOString() };
}

export const listVersions: Operate<typeof queries.listVersions> = async ({ query }, ports) => {
  const { name, limit = defaultLimit, cursor } = query;
  const below = versionOf(cursor);
  const older = (await describeVersions(ports, name)).filter(({ version }) => version < below);
  return jsonResponse(200, await fittingPage(limit, async (size) => pageOf(older, size)));
};

function pageOf(versions: readonly VersionResource[], size: number): VersionPage {
  const page = versions.slice(0, size);
  const last = page.at(-1)?.version;
  return { versions: page, ...(versions.length <= size || last === undefined ? {} : { cursor: String(last) }) };
}

function versionOf(cursor: string | undefined): number {
  if (cursor === undefined) return Infinity;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new SkeinError(
    "bad_option",
    `${JSON.stringify(cursor.slice(0, 60))} is no cursor of versions: pass on the one that the last page gave.`,
  );
}
