import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Page, pages, root } from "./page.ts";
import { UsersFolder } from "./users-folder.ts";

const tsconfig = {
  extends: join(root, "tsconfig.json"),
  // A page shows what it talks about and leaves the rest out.
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, types: ["node"] },
  include: ["pages"],
};

function typeCheck(folder: string): Promise<string> {
  const child = spawn(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--pretty", "false"], {
    cwd: folder,
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((resolve, reject) => child.once("error", reject).once("close", () => resolve(output)));
}

/** A page is one file, read from its beginning, beside those that it names; a line of the compiler's has the number of the page's. */
async function faults(checked: readonly Page[]): Promise<readonly string[]> {
  using folder = new UsersFolder();
  folder.write("tsconfig.json", JSON.stringify(tsconfig));
  for (const page of checked) for (const [name, text] of page.files) folder.write(`pages/${page.path}/${name}`, text);
  const lines = (await typeCheck(folder.path)).split("\n");
  return lines.filter((line) => line.startsWith("pages/"));
}

describe("code in the documentation", () => {
  it("compiles under the strictest settings", async () => {
    const withCode = pages.filter((page) => page.files.size > 0);
    expect(withCode.length).toBeGreaterThanOrEqual(2);
    expect(await faults(withCode)).toEqual([]);
  });

  it("is seen where it does not compile, at the page's own line", async () => {
    const page = new Page(
      "made-up.md",
      '# Page\n\n```ts\nimport { step } from "skein";\n```\n\nWords.\n\n```ts\nstep({ name: 5 }, () => {});\n```\n',
    );
    expect(await faults([page])).toEqual([expect.stringMatching(/^pages\/made-up\.md\/page\.ts\(10,8\): error TS2322/)]);
  });
});

describe("the pipelines of the guide", () => {
  const folder = new UsersFolder();
  afterAll(() => folder[Symbol.dispose]());

  it("run, and end as the page says", async () => {
    folder.write("guide.ts", new Page("docs/pipelines.md").files.get("page.ts") ?? "");
    const told = [...new Page("docs/pipelines.md").text.matchAll(/^\/\/ `(\w+)` is told (\w+) (.+)$/gm)];
    const signals = told.map(([, pipeline, name, value = ""]) => ({ pipeline, name, value: JSON.parse(value) as unknown }));
    folder.write("signals.json", JSON.stringify(signals));
    folder.write("run-all.ts", runAll);
    const { code, stdout, stderr } = await folder.shell("node run-all.ts");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const ends: Record<string, unknown> = JSON.parse(stdout);
    const said = [...new Page("docs/pipelines.md").text.matchAll(/^\/\/ `(\w+)` ends (?:with|in) (.+)$/gm)];
    expect(said.length).toBeGreaterThanOrEqual(5);
    expect(Object.fromEntries(said.map(([, name = ""]) => [name, ends[name]]))).toEqual(
      Object.fromEntries(said.map(([, name = "", value = ""]) => [name, JSON.parse(value)])),
    );
  });
});

/** Runs every pipeline that the page defines in memory, and tells it its signals; a failed one ends in the code or the name of its error. */
const runAll = `
import "./guide.ts";
import * as guide from "./guide.ts";
import { openMemoryEngine } from "skein/testing";
import signals from "./signals.json" with { type: "json" };

const engine = openMemoryEngine();
const value = async (part) =>
  part === undefined ? null
  : Array.isArray(part) ? Promise.all(part.map(value))
  : "load" in part ? part.load()
  : Object.fromEntries(await Promise.all(Object.entries(part).map(async ([name, one]) => [name, await value(one)])));
const ends = {};
for (const [name, pipeline] of Object.entries(guide)) {
  if (typeof pipeline !== "object" || typeof pipeline.name !== "string") continue;
  const idempotencyKey = pipeline.name;
  const end = engine.run(pipeline, {}, { idempotencyKey }).then(value, (error) => error.code ?? error.name);
  const { run } = await engine.start(pipeline.name, {}, { idempotencyKey });
  for (const signal of signals) if (signal.pipeline === pipeline.name) await engine.signal(run.id, signal);
  ends[pipeline.name] = await end;
}
await engine.close();
console.log(JSON.stringify(ends));
`;
