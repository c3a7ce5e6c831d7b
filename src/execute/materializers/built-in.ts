import { findMaterializer } from "../../define/catalogue.ts";
import type { Materializer } from "../../define/materializer.ts";
import { bytes } from "./bytes.ts";
import { file } from "./file.ts";
import { items } from "./items.ts";
import { json } from "./json.ts";
import { list } from "./list.ts";
import { text } from "./text.ts";
import { typedArray } from "./typed-array.ts";

const builtIn: ReadonlyMap<string, Materializer> = new Map(
  [json, bytes, text, typedArray, file, items, list].map((one) => [one.name, one]),
);

/** A built-in materializer, or one that a loaded module made. */
export function materializerNamed(name: string): Materializer | undefined {
  return builtIn.get(name) ?? findMaterializer(name);
}

/** What saves a value whose schema says nothing: bytes and typed arrays as they are, everything else as JSON. Streams must be declared. */
export function materializerFor(value: unknown): Materializer {
  if (typeof value !== "object" || value === null) return json;
  if (value instanceof Uint8Array) return bytes;
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? typedArray : json;
}
