/** Any decoded value as JSON, for people and other programs to read: total, and lossy where JSON has no word for it. */
export function jsonView(value: unknown): unknown {
  return view(value, []);
}

/** `around`: the objects that hold the value, outermost first. */
function view(value: unknown, around: readonly object[]): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "object":
      if (value === null) return null;
      // A cycle that branches would otherwise be written out 2 to the power of `maxDepth` times.
      return around.length > maxDepth || around.includes(value) ? "…" : viewObject(value, [...around, value]);
    case "undefined":
      return null;
    default:
      return String(value);
  }
}

const maxDepth = 100;

function viewObject(value: object, around: readonly object[]): unknown {
  if (Array.isArray(value)) return value.map((item) => view(item, around));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof Map) return [...value].map(([key, item]) => [view(key, around), view(item, around)]);
  if (value instanceof Set) return [...value].map((item) => view(item, around));
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.constructor.name}(${value.byteLength} bytes)`;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, view(item, around)]),
  );
}
