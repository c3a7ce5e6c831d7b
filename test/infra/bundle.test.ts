import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { variables } from "../../handlers/env.ts";
import type { Bundle } from "../../infra/bundle.ts";
import { writeBundle } from "../../infra/write-bundle.ts";
import { catalogue } from "./skein-template.ts";

const repository = join(import.meta.dirname, "../..");
const notes = join(import.meta.dirname, "fixtures/notes");
const env = {
  ...process.env,
  [variables.table]: "t",
  [variables.bucket]: "b",
  [variables.queue]: "http://127.0.0.1:9/q",
  AWS_REGION: "us-east-1",
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "skein-bundle-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs code as a function's process would, beside the bundle. */
async function runIn(place: string, code: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], { cwd: join(folder, place), env });
  return stdout.trim();
}

const build = (place: string, bundle: Bundle) => writeBundle(bundle, join(folder, place));

describe("the bundle of the functions of a run", () => {
  beforeAll(() => void build("run", { handlers: ["orchestrator", "step-operator"], catalogue, files: { notes } }));

  it.each(["orchestrator", "step-operator"])("has a module with the handler, which knows the user's steps: %s", async (name) => {
    const code = `
      const { handler } = await import("./${name}.mjs");
      const { steps } = globalThis[Symbol.for("skein.catalogue.1")];
      console.log(typeof handler, [...steps.keys()].join());`;
    expect(await runIn("run", code)).toBe("function read_note");
  });

  it("executes the user's code: its chunks, its files, its own require", async () => {
    const code = `
      await import("./orchestrator.mjs");
      const { definition } = globalThis[Symbol.for("skein.catalogue.1")].steps.get("read_note");
      console.log(await definition.fn(undefined, {}));`;
    expect(await runIn("run", code)).toBe("A NOTE!function");
  });

  it("keeps the names in the user's code, which step's cache keys hold, and shortens its own", async () => {
    // A number tells it from the same name of another module.
    const holds = async (file: string, text: RegExp) => text.test(await readFile(join(folder, "run", file), "utf8"));
    expect(await holds("catalogue.mjs", /readFile\d*\(join\d*\(import\.meta\.dirname,/)).toBe(true);
    expect(await holds("skein-orchestrator.mjs", /isTurnMessage\(/)).toBe(false);
  });

  it("is the same for the same sources, wherever it is built and they lie", async () => {
    const elsewhere = join(folder, "elsewhere");
    for (const [name, place] of [
      ["here", join(folder, "project")],
      ["there", elsewhere],
    ] as const) {
      await mkdir(place, { recursive: true });
      await writeFile(join(place, "package.json"), "{}");
      await mkdir(join(place, "node_modules"));
      await symlink(join(repository, "node_modules/zod"), join(place, "node_modules/zod"));
      const text = `import { step } from "skein"; import { z } from "zod"; export const one = step({ name: "one", output: z.number() }, () => 1);`;
      await writeFile(join(place, "catalogue.mjs"), text);
      build(name, { handlers: ["step-operator"], catalogue: join(place, "catalogue.mjs") });
    }
    const listed = await readdir(join(folder, "here"));
    expect(await readdir(join(folder, "there"))).toEqual(listed);
    for (const file of listed) expect(await readFile(join(folder, "there", file))).toEqual(await readFile(join(folder, "here", file)));
  });
});

describe("a bundle", () => {
  const small = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
    const place = join(folder, `${name}-source`);
    await mkdir(place, { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(join(place, file), text);
    return join(place, "catalogue.mjs");
  };

  it("without a catalogue has nothing of the user's", async () => {
    const written = build("own", { handlers: ["sweeper"] });
    expect(Object.keys(written)).toContain("skein-sweeper.mjs");
    expect(await readFile(join(folder, "own/sweeper.mjs"), "utf8")).not.toContain("catalogue");
  });

  it("has the steps of a package that says of itself to be free of side effects", async () => {
    const path = await small("pure", {
      "package.json": `{"sideEffects":false}`,
      "catalogue.mjs": `export { one } from "./steps.mjs";`,
      "steps.mjs": `import { step } from "skein"; export const one = step({ name: "one" }, () => {});`,
    });
    build("pure", { handlers: ["sweeper"], catalogue: path });
    expect(await readFile(join(folder, "pure/catalogue.mjs"), "utf8")).toContain('name:"one"');
  });

  it("gives the user's code what it needs of the bundler", async () => {
    const path = await small("needs", {
      "package.json": "{}",
      "catalogue.mjs": `import text from "./words.txt"; import native from "native"; console.log(text, STAGE, native);`,
      "words.txt": "some words",
    });
    await mkdir(join(folder, "native"));
    await writeFile(join(folder, "native/index.js"), `module.exports = "native";`);
    build("needs", {
      handlers: ["sweeper"],
      catalogue: path,
      files: { "node_modules/native": join(folder, "native") },
      options: { external: ["native"], define: { STAGE: '"test"' }, loader: { ".txt": "text" } },
    });
    expect(await runIn("needs", `await import("./catalogue.mjs");`)).toBe("some words test native");
  });

  it("has maps to the user's sources where that is asked for", async () => {
    const path = await small("mapped", { "package.json": "{}", "catalogue.mjs": `\n\nexport function fail() { throw new Error("x"); }` });
    build("mapped", { handlers: ["sweeper"], catalogue: path, options: { sourceMaps: true } });
    const code = `process.setSourceMapsEnabled(true); const { fail } = await import("./catalogue.mjs"); try { fail(); } catch (e) { console.log(e.stack); }`;
    expect(await runIn("mapped", code)).toMatch(/mapped-source\/catalogue\.mjs:3:/);
  });

  it.each([
    ["a file that is not there", { files: { "a.txt": "no/such.txt" } }, /files: "a\.txt": there is no \/.*no\/such\.txt/],
    ["a place outside", { files: { "../a.txt": notes } }, /"\.\.\/a\.txt" is no place beside the functions' code/],
    ["an absolute place", { files: { "/a.txt": notes } }, /"\/a\.txt" is no place beside/],
  ])("is refused for %s", (_, bundle, message) => {
    expect(() => build("refused", { handlers: ["sweeper"], ...bundle })).toThrow(message);
  });

  it("names what it cannot resolve", async () => {
    const path = await small("broken", { "package.json": "{}", "catalogue.mjs": `import "no-such-package";` });
    expect(() => build("broken", { handlers: ["sweeper"], catalogue: path })).toThrow('Could not resolve "no-such-package"');
  });

  it("says that esbuild is not installed, where it is not", async () => {
    const alone = join(folder, "alone");
    await cp(join(repository, "infra"), join(alone, "infra"), { recursive: true });
    await cp(join(repository, "package.json"), join(alone, "package.json"));
    const code = `const { writeBundle } = await import("./infra/write-bundle.ts"); try { writeBundle({ handlers: [] }, "out"); } catch (e) { console.log(e.message); }`;
    expect(await runIn("alone", code)).toContain("npm install --save-dev esbuild");
  });
});
