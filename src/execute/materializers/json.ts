import type { Materializer } from "../../define/materializer.ts";
import { decodeValue } from "../../model/value.ts";
import { encodeOutput } from "../unserializable.ts";
import { ItemTexts } from "./item-texts.ts";

const itemTexts = new ItemTexts();

/** Any data: JSON where that keeps everything, else devalue's format. An array is a list of its items. */
export const json: Materializer = {
  name: "json",
  mediaType: "application/json",
  save(value) {
    const content = encodeOutput(value);
    return Array.isArray(value) ? { content, itemCount: value.length } : { content };
  },
  async load(reader) {
    return decodeValue(await reader.text());
  },
  async loadItem(reader, index) {
    const { digest } = reader.ref;
    const known = itemTexts.item(digest, index);
    if (known !== undefined) return decodeValue(known);
    const list: unknown = decodeValue(await reader.text());
    if (!isList(list)) return undefined;
    itemTexts.visit(digest, list);
    return list[index];
  },
};

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
