import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { fixture } from "./deed-task.ts";

const files = {
  "catalogue.ts": `import { a } from "./lib/a.ts"; import data from "./data.json" with { type: "json" }; import old from "./old.cjs"; import dep from "dep";
    const seen: unknown[] = [a, data, old, dep]; Object.assign(globalThis, { seen });`,
  "lib/a.ts": `export { b as a } from "../b.ts";`,
  "b.ts": `export const b: number = 1;`,
  "data.json": `{ "x": 1 }`,
  "old.cjs": `module.exports = require("./older.cjs");`,
  "older.cjs": `module.exports = 3;`,
  "unused.ts": `export const c = 1;`,
  "node_modules/dep/package.json": `{ "name": "dep", "type": "module", "exports": "./dep.js" }`,
  "node_modules/dep/dep.js": `export default 4;`,
};

function project(changes: Readonly<Record<string, string>> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), "skein-catalogue-"));
  for (const [name, text] of Object.entries({ ...files, ...changes })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return join(dir, "catalogue.ts");
}

/** Loads it in a process of its own, after the modules of `before`: no test shares its module cache with another. */
async function load(catalogue: string, ...before: readonly string[]) {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(fixture("catalogue-reader.ts")), catalogue, ...before]);
  return JSON.parse(stdout);
}

/** What loading the project unchanged gives. */
let plain: { readonly digest: string; readonly files: readonly string[] };

beforeAll(async () => {
  plain = await load(project());
});

describe("loadCatalogue", () => {
  it("names the project's modules that the catalogue loads, and no others", async () => {
    const { files: found, seen } = await load(project());
    expect(found).toEqual(["b.ts", "catalogue.ts", "data.json", "lib/a.ts", "old.cjs", "older.cjs"]);
    expect(seen).toEqual([1, { x: 1 }, 3, 4]);
  });

  it("gives the same digest for the same sources, wherever they lie", async () => {
    expect(plain.digest).toMatch(/^[0-9a-f]{64}$/);
    expect((await load(project())).digest).toBe(plain.digest);
  });

  it.each(["catalogue.ts", "lib/a.ts", "b.ts", "data.json", "old.cjs", "older.cjs"] as const)(
    "gives another digest when %s changes",
    async (name) => {
      expect((await load(project({ [name]: `${files[name]}\n` }))).digest).not.toBe(plain.digest);
    },
  );

  it.each(["unused.ts", "node_modules/dep/dep.js"] as const)("gives the same digest when %s changes", async (name) => {
    expect((await load(project({ [name]: `${files[name]}\n` }))).digest).toBe(plain.digest);
  });

  it("tells a file's new name from a file's new text", async () => {
    const moved = project({ "lib/a.ts": `export { b as a } from "../c.ts";`, "c.ts": files["b.ts"] });
    expect((await load(moved)).digest).not.toBe(plain.digest);
  });

  it.each([["catalogue.ts"], ["b.ts"], ["older.cjs"], ["lib/a.ts", "data.json"]])(
    "gives the same digest to a process that has loaded %s before",
    async (...names) => {
      const catalogue = project();
      const before = names.map((name) => join(dirname(catalogue), name));
      expect(await load(catalogue, ...before)).toMatchObject({ ...plain });
    },
  );

  it("does not count Skein's own modules", async () => {
    const own = new URL("../../../src/model/duration.ts", import.meta.url).href;
    const { files: found } = await load(
      project({ "catalogue.ts": `import { durationMs } from "${own}"; Object.assign(globalThis, { seen: durationMs("1s") });` }),
    );
    expect(found).toEqual(["catalogue.ts"]);
  });

  it("says while it loads that it does, and no longer", async () => {
    const seen = `Object.assign(globalThis, { seen: globalThis[Symbol.for("skein.loading")] });`;
    expect(await load(project({ "catalogue.ts": seen }))).toMatchObject({ seen: true, loading: false });
  });

  describe("names the file and the cause of", () => {
    it.each([
      ["a syntax error", "b.ts", "export const b: = 1;", "b.ts:1"],
      ["TypeScript that cannot be stripped", "b.ts", "export enum b { one }", "Node runs TypeScript by stripping its types"],
      ["a missing export", "b.ts", "export const c = 1;", "export named 'b'"],
      ["a missing module", "b.ts", `import "./gone.ts"; export const b = 1;`, "gone.ts"],
      ["a missing package", "b.ts", `import "no-such-package"; export const b = 1;`, "no-such-package"],
      ["an error at load", "b.ts", `export const b = 1;\nthrow new RangeError("out of luck");`, "b.ts:2): RangeError: out of luck"],
    ])("%s", async (_what, name, text, words) => {
      const { error } = await load(project({ [name]: text }));
      expect(error.code).toBe("catalogue_unreadable");
      expect(error.message).toContain("catalogue.ts cannot be loaded");
      expect(error.message).toContain(words);
      expect(error.cause.message).toBeTruthy();
    });

    it("a missing catalogue", async () => {
      const { error } = await load("/nowhere/catalogue.ts");
      expect(error).toMatchObject({ code: "catalogue_unreadable", message: expect.stringContaining("/nowhere/catalogue.ts") });
    });

    it("a catalogue that ends the thread that looks at it once more", async () => {
      const catalogue = project({
        "catalogue.ts": `import { isMainThread } from "node:worker_threads"; if (!isMainThread) process.exit(0);`,
      });
      expect((await load(catalogue, catalogue)).error).toMatchObject({
        code: "catalogue_unreadable",
        message: expect.stringContaining("ended the thread"),
      });
    });
  });

  it("leaves the definitions' own errors as they are", async () => {
    const error = new URL("../../../src/model/error.ts", import.meta.url).href;
    const text = `import { SkeinError } from "${error}"; throw new SkeinError("duplicate_step", "two steps are named fit");`;
    expect((await load(project({ "catalogue.ts": text }))).error).toMatchObject({
      code: "duplicate_step",
      message: "two steps are named fit",
    });
  });
});
