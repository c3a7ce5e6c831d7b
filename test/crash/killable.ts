import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../adapters/local/until.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const preload = path("fixtures/kill-at-append.ts");
const programs = { cli: path("../../src/cli/main.ts"), engine: path("fixtures/engine.ts") };
export const catalogues = { errands: path("fixtures/errands.ts"), handlers: path("../../handlers/pipelines/catalogue.ts") };

/** At which of its journal's entries a process is killed: when it is durable, or right before. */
export interface Kill {
  readonly at: "before" | "after";
  /** From 1. */
  readonly nth: number;
  /** The process alone, or its children with it. */
  readonly whom?: "process" | "group";
  /** Entries that only launch again what a dead turn had launched do not count. */
  readonly isSkipping?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** A process in a group of its own, with the children that it makes. */
export class Group {
  readonly pid: number;
  readonly exit: Promise<Exit>;
  /** The process itself has ended; its children may be there. */
  hasExited = false;
  readonly #log: string;

  constructor(log: string, words: readonly string[], kill: Kill | undefined) {
    this.#log = log;
    const file = openSync(log, "w");
    const flags = kill === undefined ? [] : ["--import", preload];
    const { CI: _, ...env } = process.env;
    const child = spawn(process.execPath, [...flags, ...words], {
      cwd: join(log, ".."),
      detached: true,
      env: { ...env, NO_COLOR: "1", ...(kill === undefined ? {} : { TEST_KILL: JSON.stringify(kill) }) },
      stdio: ["ignore", file, file],
    });
    closeSync(file);
    this.pid = child.pid ?? 0;
    this.exit = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.hasExited = true;
        resolve({ code, signal, output: this.output });
      });
    });
  }

  /** What it has written so far, to either stream. */
  get output(): string {
    return readFileSync(this.#log, "utf8");
  }

  /** The process alone. */
  async kill(): Promise<void> {
    process.kill(this.pid, "SIGKILL");
    await this.exit;
  }

  async killAll(): Promise<void> {
    if (this.isAlive) process.kill(-this.pid, "SIGKILL");
    await this.exit;
  }

  /** The process or one that it has left behind. */
  get isAlive(): boolean {
    try {
      process.kill(-this.pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  /** Until nobody of it can write any more. */
  async gone(): Promise<void> {
    await this.exit;
    await until(() => !this.isAlive, `the children of process ${this.pid} to end`, 60_000);
  }
}

/** A folder of a test's own, and the processes that work there. */
export class Ground implements AsyncDisposable {
  readonly folder: string;
  readonly catalogue: string;
  readonly #groups: Group[] = [];

  constructor(catalogue: string, folder = mkdtempSync(join(tmpdir(), "skein-crash-"))) {
    this.catalogue = catalogue;
    this.folder = folder;
  }

  get dir(): string {
    return join(this.folder, ".skein");
  }

  /** As it is now; nothing may be at work there. */
  copy(): Ground {
    const copy = new Ground(this.catalogue);
    cpSync(this.folder, copy.folder, { recursive: true, filter: (source) => source !== join(this.dir, "live") });
    return copy;
  }

  cli(words: readonly string[], kill?: Kill): Group {
    return this.#start([programs.cli, ...words, "--dir", this.dir, "--catalogue", this.catalogue], kill);
  }

  engine(words: readonly string[], kill?: Kill): Group {
    return this.#start([programs.engine, this.dir, this.catalogue, ...words], kill);
  }

  /** The process that was started last. */
  get last(): Group | undefined {
    return this.#groups.at(-1);
  }

  #start(words: readonly string[], kill: Kill | undefined): Group {
    const group = new Group(join(this.folder, `${this.#groups.length}.log`), words, kill);
    this.#groups.push(group);
    return group;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const group of this.#groups) await group.killAll();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
