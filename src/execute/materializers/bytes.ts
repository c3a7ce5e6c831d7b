import type { Materializer } from "../../define/materializer.ts";
import { Unserializable } from "../unserializable.ts";

/** Bytes as they are. */
export const bytes: Materializer = {
  name: "bytes",
  mediaType: "application/octet-stream",
  save(value) {
    if (!(value instanceof Uint8Array)) throw new Unserializable("", "it is no Uint8Array");
    return { content: value };
  },
  load: (reader) => reader.bytes(),
};
