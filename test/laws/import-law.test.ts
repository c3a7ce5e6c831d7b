import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { cycles, importFaults, reached } from "./import-law.ts";
import { parseSource, sourceFiles } from "./source-file.ts";

const files = sourceFiles("src", "handlers", "infra");
const faultsOf = (path: string, text: string) => importFaults([parseSource(path, text)]).length;

describe("imports", () => {
  it("go from the doors down to the model, and packages stay where they belong", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(importFaults(files)).toEqual([]);
  });

  it("make no ring", () => {
    expect(cycles(files)).toEqual([]);
  });

  it("lead to files that exist", () => {
    const paths = new Set(files.map((file) => file.path));
    const missing = files.flatMap((f) =>
      f.imports.filter((i) => i.relative && !paths.has(i.target)).map((i) => `${f.path} imports ${i.target}`),
    );
    expect(missing.filter((line) => !line.endsWith(".json"))).toEqual([]);
  });

  it.each(["src/index.ts", "src/testing.ts", "src/cli/main.ts"])("bring no AWS package into %s", (door) => {
    // Loaded by a command for a deployed API only, when it has no key: see the next test.
    const others = files.filter((file) => file.path !== "src/cli/remote/signed-send.ts");
    const packages = [...reached(others, door)].filter(
      (target) => target.startsWith("@aws-sdk/") || target.startsWith("src/adapters/aws/"),
    );
    expect(packages).toEqual([]);
  });

  it("lead to what signs requests dynamically only", () => {
    const open = files.find((file) => file.path === "src/cli/remote/open-remote-desk.ts");
    const lead = open?.imports.filter((i) => i.target === "src/cli/remote/signed-send.ts").map((i) => i.names);
    expect(lead).toEqual([[]]);
  });

  it("of src name only packages that come along with the package", () => {
    const installed = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);
    const outside = files.filter((file) => file.path.startsWith("src/")).flatMap((file) => file.imports.filter((i) => !i.relative));
    const strangers = outside.map((i) => i.target).filter((name) => !name.startsWith("node:") && !installed.has(packageOf(name)));
    expect(strangers).toEqual([]);
  });
});

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

describe("the check of imports", () => {
  it.each([
    ["model that knows a port", "src/model/run.ts", `import type { Clock } from "../ports/clock.ts";`],
    ["a port that knows a stage", "src/ports/clock.ts", `import { x } from "../record/x.ts";`],
    ["define that knows a port", "src/define/step.ts", `export type { Clock } from "../ports/clock.ts";`],
    ["a stage that knows another", "src/plan/plan.ts", `import { replay } from "../orchestrate/replay.ts";`],
    ["a re-export of everything", "src/launch/launch.ts", `export * from "../record/record.ts";`],
    ["a dynamic import", "src/observe/runs.ts", `const x = await import("../engine/turn.ts");`],
    ["an import inside a type", "src/observe/runs.ts", `type X = import("../engine/turn.ts").X;`],
    ["a pure stage that knows a port", "src/orchestrate/replay.ts", `import type { Clock } from "../ports/clock.ts";`],
    ["an engine that knows an adapter", "src/engine/turn.ts", `import { x } from "../adapters/memory/x.ts";`],
    ["an engine that knows a door", "src/engine/turn.ts", `import { x } from "../index.ts";`],
    ["an adapter that knows another", "src/adapters/memory/x.ts", `import { x } from "../local/x.ts";`],
    ["an adapter that knows the engine", "src/adapters/local/x.ts", `import { x } from "../../engine/turn.ts";`],
    ["a door that knows the command line", "src/index.ts", `import { x } from "./cli/main.ts";`],
    ["a pipeline that reaches past the doors", "handlers/pipelines/x.ts", `import { x } from "../../src/define/step.ts";`],
    ["AWS outside its adapter", "src/engine/turn.ts", `import { S3Client } from "@aws-sdk/client-s3";`],
    ["AWS types outside their adapter", "src/aws.ts", `import type { S3Client } from "@aws-sdk/client-s3";`],
    ["the argument parser outside the command line", "src/engine/turn.ts", `import { Command } from "commander";`],
    ["source that imports a test", "src/engine/turn.ts", `import { x } from "../../test/x.ts";`],
  ])("finds %s", (_what, path, text) => {
    expect(faultsOf(path, text)).toBe(1);
  });

  it.each([
    [
      "src/engine/turn.ts",
      `import { x } from "../record/x.ts"; import { y } from "./settle-item.ts"; import { z } from "../model/run.ts";`,
    ],
    ["src/index.ts", `export { step } from "./define/step.ts"; import { x } from "./adapters/local/x.ts";`],
    [
      "src/adapters/local/child.ts",
      `import { x } from "../../engine/step.ts"; import { y } from "../artifact-content.ts"; import "node:fs";`,
    ],
    ["src/adapters/aws/s3.ts", `import { S3Client } from "@aws-sdk/client-s3";`],
    ["handlers/pipelines/x.ts", `import { step } from "../../src/index.ts"; import { y } from "./y.ts";`],
    ["src/plan/plan.ts", `// import { x } from "../engine/turn.ts";\nconst text = 'import { x } from "../engine/turn.ts"';`],
  ])("lets %s be", (path, text) => {
    expect(faultsOf(path, text)).toBe(0);
  });

  it("finds a ring once, also one of types and one of three", () => {
    const ring = [
      parseSource("src/a.ts", `import type { B } from "./b.ts";`),
      parseSource("src/b.ts", `export { c } from "./c.ts";`),
      parseSource("src/c.ts", `import { a } from "./a.ts"; import { d } from "./d.ts";`),
      parseSource("src/d.ts", ""),
    ];
    expect(cycles(ring)).toEqual(["src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts"]);
    expect(cycles(ring.slice(1))).toEqual([]);
  });

  it("follows a door through other files to a package", () => {
    const chain = [parseSource("src/index.ts", `import "./a.ts";`), parseSource("src/a.ts", `import type { X } from "@aws-sdk/x";`)];
    expect(reached(chain, "src/index.ts")).toContain("@aws-sdk/x");
  });
});
