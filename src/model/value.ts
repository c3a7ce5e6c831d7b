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

/** Deeper than this, or cyclic, a value goes to devalue. */
const maxDepth = 200;

/** Does `JSON.parse(JSON.stringify(value))` give the same value, with no handle in it? On the way of every call: no allocations. */
export function isPlainJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      return value === null || (depth <= maxDepth && isPlainObject(value, depth));
    default:
      return false;
  }
}

function isPlainObject(value: object, depth: number): boolean {
  if (Array.isArray(value)) {
    // A hole reads as undefined, which JSON has no word for.
    for (let i = 0; i < value.length; i++) if (!isPlainJson(value[i], depth + 1)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return false;
  for (const key in value) if (!isPlainJson(Reflect.get(value, key), depth + 1)) return false;
  return !Object.hasOwn(value, "__proto__");
}
