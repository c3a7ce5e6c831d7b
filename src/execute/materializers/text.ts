import type { Materializer } from "../../define/materializer.ts";
import { Unserializable } from "../unserializable.ts";

/** Text as it is, in UTF-8. */
export const text: Materializer = {
  name: "text",
  mediaType: "text/plain",
  save(value) {
    if (typeof value !== "string") throw new Unserializable("", "it is no string");
    return { content: value };
  },
  load: (reader) => reader.text(),
};
