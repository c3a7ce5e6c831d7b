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

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on("data", (chunk: Buffer) => this.#take(() => (this.#stdout += chunk.toString())));
    child.stderr?.on("data", (chunk: Buffer) => this.#take(() => (this.#stderr += chunk.toString())));
    this.dead = new Promise((resolve) => child.once("exit", () => resolve()));
    this.ended = new Promise((resolve) => {
      child.once("close", (code) => {
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
        this.#take(() => {});
      });
    });
  }

  static start(place: Place, args: readonly string[], { env = {}, input = "" }: SkeinOptions = {}): Skein {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: place.folder,
      env: { ...plainEnv(), NO_COLOR: "1", ...env },
      stdio: "pipe",
    });
    child.stdin.end(input);
    return new Skein(child);
  }

  /** On a terminal of 100 columns, as `script` of util-linux makes one: what it shows, control characters and all. */
  static onTerminal(place: Place, args: readonly string[], env: Readonly<Record<string, string>> = {}): Skein {
    const words = [process.execPath, main, ...args].map((word) => `'${word}'`);
    const line = `stty cols 100 rows 40; exec ${words.join(" ")}`;
    return new Skein(
      spawn("script", ["-qec", line, "/dev/null"], {
        cwd: place.folder,
        env: { ...plainEnv(), TERM: "xterm-256color", ...env },
        stdio: "pipe",
      }),
    );
  }

  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** What the standard output holds once it matches. Fails when the command ends without it. */
  async output(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stdout);
      if (match !== null) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`ended without ${pattern}: ${this.#stdout}${this.#stderr}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  #take(change: () => void): void {
    change();
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}

/** Of this process's environment what says nothing about terminals. */
function plainEnv(): NodeJS.ProcessEnv {
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...rest } = process.env;
  return rest;
}

export function skein(place: Place, args: readonly string[], options?: SkeinOptions): Promise<Ended> {
  return Skein.start(place, args, options).ended;
}

/** The same with `--json`: the one resource that the standard output holds. */
export async function skeinJson(
  place: Place,
  args: readonly string[],
  options?: SkeinOptions,
): Promise<{ readonly code: number | null; readonly json: unknown }> {
  const { code, stdout } = await skein(place, [...args, "--json"], options);
  return { code, json: JSON.parse(stdout) };
}

export const hasScript = spawnSync("script", ["--version"]).status === 0;

export function skeinOnTerminal(place: Place, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> {
  return Skein.onTerminal(place, args, env).ended;
}
