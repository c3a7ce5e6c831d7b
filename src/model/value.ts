import { parse, stringify } from "devalue";

/**
 * Values as text: JSON where that keeps everything, else devalue's format (Dates, Maps, Sets, BigInts, undefined, NaN,
 * cycles, typed arrays). The first character tells which: JSON text as it is, or `~` before devalue's.
 */
export function encodeValue(value: unknown): string {
  return isPlainJson(value, 0) ? JSON.stringify(value) : `~${stringify(value)}`;
}

export function decodeValue(text: string): unknown {
  return text.startsWith("~") ? parse(text.slice(1)) : JSON.parse(text);
}

const maxDepth = 200;

/** Does `JSON.parse(JSON.stringify(value))` give the same value? Deep and cyclic values say no and go to devalue. */
function isPlainJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      if (value === null) return true;
      if (depth > maxDepth) return false;
      return Array.isArray(value) ? isPlainList(value, depth) : isPlainRecord(value, depth);
    default:
      return false;
  }
}

function isPlainList(list: readonly unknown[], depth: number): boolean {
  for (let i = 0; i < list.length; i++) if (!(i in list) || !isPlainJson(list[i], depth + 1)) return false;
  return true;
}

function isPlainRecord(record: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(record);
  if (prototype !== Object.prototype && prototype !== null) return false;
  if (prototype === null || "toJSON" in record || Object.getOwnPropertySymbols(record).length > 0) return false;
  for (const [key, value] of Object.entries(record)) if (key === "__proto__" || !isPlainJson(value, depth + 1)) return false;
  return true;
}
