import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measured, repeat, type Measure } from "./measure.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = join(root, "dist/src/cli/main.js");

/** From the command line to the first step, and to an answer: the built package, as users have it. */
export async function cliMeasures(): Promise<readonly Measure[]> {
  execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "inherit" });
  const dir = mkdtempSync(join(tmpdir(), "skein-bench-"));
  try {
    mkdirSync(join(dir, "node_modules"));
    symlinkSync(root, join(dir, "node_modules/skein"));
    symlinkSync(join(root, "node_modules/zod"), join(dir, "node_modules/zod"));
    writeFileSync(join(dir, "hello.ts"), helloSource);
    writeFileSync(join(dir, "package.json"), '{ "type": "module" }');
    // As npm links it; Node 24 comes first, as it does in npm's own scripts.
    mkdirSync(join(dir, "node_modules/.bin"));
    symlinkSync(dist, join(dir, "node_modules/.bin/skein"));
    chmodSync(dist, 0o755);
    writeFileSync(join(dir, "node_modules/.bin/nothing"), "#!/bin/sh\n", { mode: 0o755 });
    const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}` };
    const run = (file: string, words: readonly string[]) =>
      execFileSync(file, words, { cwd: dir, encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] });
    const direct = (words: readonly string[]) => run(process.execPath, [dist, ...words]);
    const npx = (words: readonly string[]) => run("npx", ["--no-install", "skein", ...words]);
    return [
      measured("cli.firstStep", "ms", await repeat(5, async () => firstStep(npx, direct))),
      measured("cli.firstStep.withoutNpx", "ms", await repeat(5, async () => firstStep(direct, direct))),
      measured("cli.npxAlone", "ms", await repeat(5, async () => elapsed(() => run("npx", ["--no-install", "nothing"])))),
      measured("cli.runs", "ms", await repeat(5, async () => elapsed(() => direct(["runs"])))),
    ];
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const helloSource = `import { pipeline, step } from "skein";
import { z } from "zod";
const greet = step({ name: "greet", input: z.object({ name: z.string() }), output: z.string() }, ({ name }) => "hello " + name);
export const hello = pipeline({ name: "hello", params: z.object({ name: z.string().default("you") }) }, async ({ name }) => greet({ name }));
`;

/** Wall-clock milliseconds from before the process is made to the start that the step's attempt recorded. */
async function firstStep(skein: (words: readonly string[]) => string, ask: (words: readonly string[]) => string): Promise<number> {
  const from = Date.now();
  const { run } = JSON.parse(skein(["run", "hello", "--catalogue", "hello.ts", "--json"])) as { readonly run: { readonly id: string } };
  const { steps } = JSON.parse(ask(["show", run.id, "--json"])) as {
    readonly steps: readonly { readonly attempts: readonly { readonly startedAt: string }[] }[];
  };
  const startedAt = steps[0]?.attempts[0]?.startedAt;
  if (startedAt === undefined) throw new Error("the first step has no start");
  return Date.parse(startedAt) - from;
}

function elapsed(run: () => void): number {
  const from = performance.now();
  run();
  return performance.now() - from;
}
