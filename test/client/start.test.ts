import { afterEach, describe, expect, it } from "vitest";
import { pipeline, start } from "../../src/index.ts";
import { inPipeline, RecordedCalls } from "../define/recorded-calls.ts";

const tides = pipeline({ name: "tides" }, () => {});
const loading = Symbol.for("skein.loading");

describe("start()", () => {
  afterEach(() => Reflect.deleteProperty(globalThis, loading));

  it("is refused while a process of a run loads the catalogue", async () => {
    Object.assign(globalThis, { [loading]: true });
    await expect(start(tides)).rejects.toThrow(
      expect.objectContaining({
        code: "started_while_loading",
        message: expect.stringMatching(/start\.test\.ts was loaded.*import\.meta\.main/),
      }),
    );
  });

  it("is refused in a pipeline function", async () => {
    await expect(inPipeline(new RecordedCalls(), () => start(tides))).rejects.toThrow(
      expect.objectContaining({ code: "bad_call", message: expect.stringContaining("tides was started in pipeline around") }),
    );
  });

  it("takes only what pipeline() made", async () => {
    await expect(Reflect.apply(start, undefined, [{ name: "tides" }])).rejects.toThrow(expect.objectContaining({ code: "bad_call" }));
  });
});
