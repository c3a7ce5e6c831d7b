import type { ArtifactReader, Materializer } from "../../define/materializer.ts";
import type { ArtifactRef } from "../../model/artifact.ts";
import { SkeinError } from "../../model/error.ts";
import { boundedAll } from "../bounded-all.ts";
import { saveLines } from "./items.ts";
import { LineReader } from "./line-reader.ts";

/** Artifacts fetched at once. */
const width = 32;

/** The result of a map: its items' artifacts by reference, in their order. Loads as the array of their values. */
export const list: Materializer = {
  name: "list",
  mediaType: "application/vnd.skein.list",
  save(value) {
    if (!Array.isArray(value)) throw new TypeError("a list is made of an array of references");
    return saveLines(value.map((ref: ArtifactRef) => JSON.stringify(ref)));
  },
  async load(reader) {
    return boundedAll(await refsIn(reader), width, (ref) => reader.loadOther(ref));
  },
  async loadItem(reader, index) {
    return reader.loadOther(refOf(reader, await new LineReader(reader).item(index)));
  },
};

/** The references in a list, from index `from` up to, not including, `to`; default: all. */
export async function refsIn(reader: ArtifactReader, from?: number, to?: number): Promise<readonly ArtifactRef[]> {
  const refs: ArtifactRef[] = [];
  for await (const line of new LineReader(reader).items(from, to)) refs.push(refOf(reader, line));
  return refs;
}

function refOf(reader: ArtifactReader, line: string): ArtifactRef {
  const ref: unknown = JSON.parse(line);
  if (isRef(ref)) return ref;
  throw new SkeinError(
    "store_corrupt",
    `The list ${reader.ref.id} holds something that is no reference to an artifact: another program wrote it.`,
  );
}

function isRef(value: unknown): value is ArtifactRef {
  return (
    typeof value === "object" &&
    value !== null &&
    "digest" in value &&
    typeof value.digest === "string" &&
    "at" in value &&
    "materializer" in value
  );
}
