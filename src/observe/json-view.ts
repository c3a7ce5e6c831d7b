/** Any decoded value as JSON, for people and other programs to read: total, and lossy where JSON has no word for it. */
export function jsonView(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "object":
      return value === null ? null : depth > maxDepth ? "…" : viewObject(value, depth + 1);
    case "undefined":
      return null;
    default:
      return String(value);
  }
}

const maxDepth = 100;

function viewObject(value: object, depth: number): unknown {
  if (Array.isArray(value)) return value.map((item) => jsonView(item, depth));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof Map) return [...value].map(([key, item]) => [jsonView(key, depth), jsonView(item, depth)]);
  if (value instanceof Set) return [...value].map((item) => jsonView(item, depth));
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.constructor.name}(${value.byteLength} bytes)`;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, jsonView(item, depth)]),
  );
}
