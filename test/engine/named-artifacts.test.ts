import { describe, expect, it } from "vitest";
import { z } from "zod";
import { artifact, pipeline, step, text } from "../../src/index.ts";
import { describeVersions } from "../../src/observe/versions.ts";
import { openMemoryEngine } from "../../src/testing.ts";

const Page = artifact(text(), { name: "front_page", tags: ["web"], mediaType: "text/html" });
const write = step(
  { name: "write_page", input: z.object({ body: z.string() }), output: Page, cache: true },
  ({ body }) => `<p>${body}</p>`,
);
const writeElsewhere = write.with({ runtime: "isolated", cache: false });
const publish = pipeline({ name: "publish", params: z.object({ body: z.string(), isolated: z.boolean() }) }, async ({ body, isolated }) =>
  isolated ? writeElsewhere({ body }) : write({ body }),
);

describe("a named artifact", () => {
  it("gets a version with every run that makes it, wherever its step runs, and none from the cache", async () => {
    const engine = openMemoryEngine();
    try {
      await engine.run(publish, { body: "one", isolated: false });
      await engine.run(publish, { body: "two", isolated: true });
      await engine.run(publish, { body: "one", isolated: false });
      const versions = await describeVersions(engine, "front_page");
      expect(versions.map(({ version }) => version)).toEqual([2, 1]);
      expect(versions[0]?.artifact).toMatchObject({
        mediaType: "text/html",
        name: "front_page",
        tags: ["web"],
        producedBy: { step: "write_page" },
      });
      expect(new Set(versions.map(({ artifact: { producedBy } }) => producedBy.run)).size).toBe(2);
    } finally {
      await engine.close();
    }
  });

  it("has no versions where no run has made it", async () => {
    const engine = openMemoryEngine();
    expect(await describeVersions(engine, "nobody")).toEqual([]);
    await engine.close();
  });
});
