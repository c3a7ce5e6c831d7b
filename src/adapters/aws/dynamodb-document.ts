import { deflateRawSync, inflateRawSync } from "node:zlib";
import { SkeinError } from "../../model/error.ts";
import { currentDictionary, dictionaries } from "./dynamodb-dictionary.ts";
import { keyOf } from "./dynamodb-item.ts";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item, ItemKey } from "./dynamodb-item.ts";

/** Documents are small: a window of 16 KB and little memory make packing twice as fast. */
const speed = { windowBits: 14, memLevel: 6 };

/**
 * A document in about a third of its bytes, for items that are written and read in great number: DynamoDB asks for a write unit for
 * each KB, a read unit for each 4. The first byte is the number of the dictionary; the item's key, whose parts most documents repeat,
 * belongs to it.
 */
export function packed(key: ItemKey, value: object): AttributeValue {
  const bytes = deflateRawSync(JSON.stringify(value), { ...speed, dictionary: dictionaryOf(currentDictionary, key) });
  return { B: Buffer.concat([Buffer.of(currentDictionary), bytes]) };
}

/** The noun that the item holds as JSON, packed or not. */
export function documentOf<T>(item: Item, name = "doc"): T {
  const key = keyOf(item);
  const place = `the item ${key.PK} ${key.SK}`;
  const { S: json, B: bytes } = item[name] ?? {};
  if (json === undefined && bytes === undefined) throw new SkeinError("store_corrupt", `${place} has no ${name}`);
  try {
    return JSON.parse(bytes === undefined ? (json ?? "") : unpacked(key, bytes)) as T;
  } catch (cause) {
    const shown = bytes === undefined ? json?.slice(0, 80) : `${bytes.length} bytes`;
    throw new SkeinError("store_corrupt", `the ${name} of ${place} cannot be read: ${shown}`, { cause });
  }
}

/** The document as JSON. Bytes that lie under another key than the one that they were packed for give something else, or an error. */
function unpacked(key: ItemKey, bytes: Uint8Array): string {
  return inflateRawSync(bytes.subarray(1), { dictionary: dictionaryOf(bytes[0] ?? 0, key) }).toString();
}

function dictionaryOf(number: number, { PK, SK }: ItemKey): Buffer {
  const dictionary = dictionaries.get(number);
  if (dictionary === undefined) throw new RangeError(`packed with dictionary ${number}, which this version of Skein does not have`);
  return Buffer.concat([dictionary, Buffer.from(`${SK}"${PK}`)]);
}
