import type { Materializer } from "../../define/materializer.ts";
import { Unserializable } from "../unserializable.ts";

/** Where an artifact's metadata says what its bytes are. */
const kindKey = "kind";

type FromBuffer = new (buffer: ArrayBuffer) => ArrayBufferView;

const views: Readonly<Record<string, FromBuffer>> = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
};
/** Not in TypeScript's library yet. */
const float16: unknown = Reflect.get(globalThis, "Float16Array");

/** Typed arrays, `DataView` and `ArrayBuffer` as their bytes (little-endian, as on every machine that Node runs on); loaded as the same kind. */
export const typedArray: Materializer = {
  name: "typed_array",
  mediaType: "application/octet-stream",
  save(value) {
    if (value instanceof ArrayBuffer) return { content: new Uint8Array(value), metadata: { [kindKey]: "ArrayBuffer" } };
    if (!ArrayBuffer.isView(value)) throw new Unserializable("", "it is no typed array");
    const content = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { content, metadata: { [kindKey]: Buffer.isBuffer(value) ? "Uint8Array" : kindOf(value) } };
  },
  async load(reader) {
    const bytes = await reader.bytes();
    const kind = reader.ref.metadata?.[kindKey];
    // Views need an aligned buffer of just these bytes.
    const buffer =
      bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : new Uint8Array(bytes).buffer;
    return kind === "ArrayBuffer" ? buffer : viewOf(kind, buffer);
  },
};

function kindOf(view: ArrayBufferView): string {
  return Object.prototype.toString.call(view).slice("[object ".length, -1);
}

function viewOf(kind: unknown, buffer: ArrayBuffer): unknown {
  if (kind === "Float16Array" && typeof float16 === "function") return Reflect.construct(float16, [buffer]);
  const View = typeof kind === "string" && Object.hasOwn(views, kind) ? views[kind] : undefined;
  return new (View ?? Uint8Array)(buffer);
}
