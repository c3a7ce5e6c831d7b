import { deflateRawSync, inflateRawSync } from "node:zlib";
import { currentDictionary, dictionaries } from "./dynamodb-dictionary.ts";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { ItemKey } from "./dynamodb-item.ts";

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

/** The document as JSON; throws where the bytes were not packed for this key. */
export function unpacked(key: ItemKey, bytes: Uint8Array): string {
  return inflateRawSync(bytes.subarray(1), { dictionary: dictionaryOf(bytes[0] ?? 0, key) }).toString();
}

function dictionaryOf(number: number, { PK, SK }: ItemKey): Buffer {
  const dictionary = dictionaries.get(number);
  if (dictionary === undefined) throw new RangeError(`packed with dictionary ${number}, which this version of Skein does not have`);
  return Buffer.concat([dictionary, Buffer.from(`${SK}"${PK}`)]);
}
