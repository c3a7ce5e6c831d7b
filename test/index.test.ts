import { describe, expect, it } from "vitest";
import * as door from "../src/index.ts";

describe("the door of the package", () => {
  it("has few names, and a new one is decided on here", () => {
    expect(Object.keys(door).toSorted()).toEqual([
      "PermanentError",
      "RetryAfter",
      "SkeinError",
      "artifact",
      "bytes",
      "file",
      "items",
      "materializer",
      "pipeline",
      "start",
      "step",
      "text",
      "unmapped",
    ]);
  });
});
