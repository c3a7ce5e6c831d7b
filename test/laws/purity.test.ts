import { describe, expect, it } from "vitest";
import { type Allowance, environmentReads, impurities } from "./purity.ts";
import { parseSource, sourceFiles } from "./source-file.ts";

const nothing: Allowance = { modules: {}, globals: [] };
const hashing = { "node:crypto": ["createHash", "hash"] } as const;
const files = ["node:fs", "node:fs/promises", "node:os", "node:path", "node:url", "node:stream", "node:stream/promises"];

/** Decisions: the same answer for the same arguments, whenever and wherever. */
const pure: Readonly<Record<string, Allowance>> = {
  model: { modules: hashing, globals: [] },
  ports: nothing,
  // A definition knows the line that it stands on, prints itself, and tells code in a run from code outside.
  define: {
    modules: { ...hashing, "node:async_hooks": ["AsyncLocalStorage"], "node:util": "all", "node:url": "all" },
    globals: [],
  },
  plan: { modules: hashing, globals: [] },
  // Draining microtasks between two deliveries, letting Node report stray rejections, and seeing foreign calls are what replay is made of; none of them gives it a value.
  orchestrate: {
    modules: { ...hashing, "node:async_hooks": "all", "node:util": ["inspect"] },
    globals: ["process.nextTick", "setImmediate"],
  },
};

/** Effects, but through ports: clock and chance are the world's, so that tests own them. */
const throughPorts: Readonly<Record<string, Allowance>> = {
  launch: { modules: hashing, globals: [] },
  record: { modules: hashing, globals: [] },
  observe: { modules: hashing, globals: [] },
  engine: { modules: { ...hashing, "node:async_hooks": "all" }, globals: ["process.nextTick"] },
  // A step's outputs may be files and streams, in a scratch folder that goes with the process; what it prints is its log.
  execute: {
    modules: { ...hashing, ...Object.fromEntries(files.map((name) => [name, "all"])), "node:async_hooks": "all", "node:util": "all" },
    globals: ["console", "process.stdout", "process.stderr", "process.pid", "process.once"],
  },
};

/** Files that may do more than their folder, and why. */
const exceptions: Readonly<Record<string, Allowance>> = {
  // `step.run(input)` is a plain call outside every run: no place stands around it to print its log and hold its files.
  "src/define/bare-run.ts": { modules: {}, globals: ["console"] },
  // The engine owns unhandled rejections while a turn lives (R18).
  "src/engine/stray-rejections.ts": { modules: {}, globals: ["process.on", "process.off", "process.listenerCount"] },
  "src/define/unsaved-file.ts": { modules: Object.fromEntries(files.map((name) => [name, "all"])), globals: [] },
};

const usesIn = (text: string, allowance = nothing) => impurities(parseSource("src/model/x.ts", text), allowance);

describe("purity", () => {
  it.each(Object.entries({ ...pure, ...throughPorts }))("%s uses only what it may", (folder, allowance) => {
    expect(sourceFiles(`src/${folder}`).flatMap((file) => impurities(file, exceptions[file.path] ?? allowance))).toEqual([]);
  });

  it("only the command line and one module of the handlers and of the emulators' tools read the environment", () => {
    const readers = new Set(["handlers/env.ts", "infra/emulator/environment.ts"]);
    const others = sourceFiles("src", "handlers", "infra").filter(({ path }) => !path.startsWith("src/cli/") && !readers.has(path));
    expect(others.length).toBeGreaterThan(20);
    expect(others.flatMap(environmentReads)).toEqual([]);
  });
});

describe("the check of purity", () => {
  it.each([
    ["const t = Date.now();", "Date.now"],
    ["const t = new Date();", "new Date()"],
    ["const t = Date();", "new Date()"],
    ["const clock = { now: Date.now };", "Date.now"],
    ["const r = Math.random();", "Math.random"],
    ["const id = crypto.randomUUID();", "crypto.randomUUID"],
    ["setTimeout(() => {}, 5);", "setTimeout"],
    ["const later = setTimeout;", "setTimeout"],
    ["globalThis.setTimeout(() => {}, 5);", "setTimeout"],
    ["const t = performance.now();", "performance.now"],
    ["const f = new Function('return 1');", "new Function()"],
    ["const s = AbortSignal.timeout(5);", "AbortSignal.timeout"],
    ["const e = process.env;", "process.env"],
    ["const e = process.env.HOME;", "process.env"],
    ["process.nextTick(next);", "process.nextTick"],
    ["console.log(1);", "console.log"],
    ["void fetch('http://x');", "fetch"],
    ["const o = { fetch };", "fetch"],
    ["function f(now = Date.now()) { return now; }", "Date.now"],
    ["const x = (globalThis as unknown as { p: number }).p; const y = process as object;", "process"],
  ])("finds %s", (text, name) => {
    expect(usesIn(text)).toEqual([`src/model/x.ts:1 uses ${name}`]);
  });

  it.each([
    `import { readFileSync } from "node:fs";`,
    `import * as net from "node:net";`,
    `import "node:child_process";`,
    `import { randomUUID } from "node:crypto";`,
    `export * from "node:fs";`,
    `const fs = await import("node:fs");`,
  ])("finds %s", (text) => {
    expect(usesIn(text, { modules: hashing, globals: [] })).toHaveLength(1);
  });

  it.each([
    "const d = new Date(5); const ok = d instanceof Date;",
    "interface Clock { setTimeout(ms: number): void; readonly process: string }",
    "type P = typeof process; let d: Date;",
    "const text = Function.prototype.toString.call(f);",
    "const x = run.random(); run.fetch(); const o = { process: 1, console: 2 };",
    `// Date.now()\nconst text = "Date.now() and process.env";`,
    `import type { Stats } from "node:fs"; import { createHash } from "node:crypto";`,
  ])("lets %s be", (text) => {
    expect(usesIn(text, { modules: hashing, globals: [] })).toEqual([]);
  });

  it("allows a member without its siblings", () => {
    const allowance: Allowance = { modules: {}, globals: ["process.nextTick"] };
    expect(usesIn("process.nextTick(f); const e = process.env;", allowance)).toEqual(["src/model/x.ts:1 uses process.env"]);
  });

  it.each([
    `const v = process.env["X"];`,
    "const { env } = process;",
    `import { env } from "node:process";`,
    `import process from "node:process";`,
    "const v = globalThis.process.env;",
  ])("finds the environment in %s", (text) => {
    expect(environmentReads(parseSource("src/x.ts", text))).toHaveLength(1);
  });
});
