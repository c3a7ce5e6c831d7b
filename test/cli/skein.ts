import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A folder of the test's own, removed with it. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "skein-cli-"));

  get dir(): string {
    return join(this.folder, ".skein");
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SkeinOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A command line that runs beside the test. */
export class Skein {
  readonly child: ChildProcess;
  /** With all that it wrote, also by processes that outlive it. */
  readonly ended: Promise<Ended>;
  /** The process itself is gone. */
  readonly dead: Promise<void>;
  #stdout = "";
  #stderr = "";
  readonly #waiters = new Set<() => void>();

  constructor(place: Place, args: readonly string[], { env = {}, input }: SkeinOptions = {}) {
    const { CI: _, FORCE_COLOR: __, ...rest } = process.env;
    this.child = spawn(process.execPath, [main, ...args], { cwd: place.folder, env: { ...rest, NO_COLOR: "1", ...env }, stdio: "pipe" });
    this.child.stdin?.end(input ?? "");
    this.child.stdout?.on("data", (chunk: Buffer) => this.#take(() => (this.#stdout += chunk.toString())));
    this.child.stderr?.on("data", (chunk: Buffer) => this.#take(() => (this.#stderr += chunk.toString())));
    this.dead = new Promise((resolve) => this.child.once("exit", () => resolve()));
    this.ended = new Promise((resolve) => {
      this.child.once("close", (code) => {
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
        this.#take(() => {});
      });
    });
  }

  /** What the standard output holds once it matches. Fails when the command ends without it. */
  async output(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stdout);
      if (match !== null) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`ended without ${pattern}: ${this.#stdout}${this.#stderr}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  #take(change: () => void): void {
    change();
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}

export function skein(place: Place, args: readonly string[], options?: SkeinOptions): Promise<Ended> {
  return new Skein(place, args, options).ended;
}

/** The same with `--json`: the one resource that the standard output holds. */
export async function skeinJson(place: Place, args: readonly string[], options?: SkeinOptions): Promise<{ readonly code: number | null; readonly json: unknown }> {
  const { code, stdout } = await skein(place, [...args, "--json"], options);
  return { code, json: JSON.parse(stdout) };
}

export const hasScript = spawnSync("script", ["--version"]).status === 0;

/** The same on a terminal of 100 columns, as `script` of util-linux makes one; what it shows, control characters and all. */
export async function skeinOnTerminal(place: Place, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...rest } = process.env;
  const line = ["stty", "cols", "100", "rows", "40", ";", ...[process.execPath, main, ...args].map((word) => `'${word}'`)].join(" ");
  const child = spawn("script", ["-qec", line, "/dev/null"], { cwd: place.folder, env: { ...rest, TERM: "xterm-256color", ...env }, stdio: "pipe" });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr: "" })));
}
