import { z } from "zod";
import { artifact, materializer } from "../../src/index.ts";

/** A page that a browser shows, stored as it is. */
export const Html = artifact(z.string(), {
  materializer: materializer<string>({
    name: "html",
    mediaType: "text/html",
    save: (page) => ({ content: page }),
    load: (reader) => reader.text(),
  }),
});
