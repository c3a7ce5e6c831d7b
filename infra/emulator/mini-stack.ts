import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { runCommand, succeeds } from "./command.ts";
import { emulatorVariables, type EmulatorEnvironment } from "./environment.ts";

const version = "1.5.33";
const startsWithinMs = 30_000;

/** MiniStack: a Python package that runs functions as local Node processes, without Docker. */
export class MiniStack {
  readonly name = `MiniStack ${version}`;
  readonly missing = "there is no Python 3.10 or newer (`python3`, with its venv module) for MiniStack";
  readonly #folder: string;
  readonly #port: number;

  constructor({ cacheDir, port }: EmulatorEnvironment) {
    this.#folder = join(cacheDir, `ministack-${version}`);
    this.#port = port;
  }

  async isPossible(): Promise<boolean> {
    const check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    return succeeds("python3", ["-c", check]);
  }

  /** Installs it the first time, and leaves it running when this process ends. */
  async start(say: (text: string) => void): Promise<void> {
    await this.#install(say);
    const record = await open(this.#log, "w");
    const child = spawn(join(this.#folder, "bin", "ministack"), [], {
      detached: true,
      stdio: ["ignore", record.fd, record.fd],
      // Answers name it by an address that needs no DNS; functions find the same Node.js that runs this.
      env: { ...emulatorVariables(), GATEWAY_PORT: String(this.#port), MINISTACK_HOST: "127.0.0.1" },
    });
    const gone = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => void this.#failed(code).then(reject));
    });
    await Promise.race([gone, this.#answers()]);
    child.removeAllListeners();
    child.unref();
    await record.close();
    await writeFile(this.#pid, String(child.pid));
  }

  async stop(): Promise<boolean> {
    if (!existsSync(this.#pid)) return false;
    const pid = Number(await readFile(this.#pid, "utf8"));
    await rm(this.#pid);
    try {
      return process.kill(-pid);
    } catch {
      return false;
    }
  }

  get #log(): string {
    return join(this.#folder, `port-${this.#port}.log`);
  }

  get #pid(): string {
    return join(this.#folder, `port-${this.#port}.pid`);
  }

  async #install(say: (text: string) => void): Promise<void> {
    const done = join(this.#folder, "installed");
    if (existsSync(done)) return;
    say(`Installing ${this.name} into ${this.#folder} …`);
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(dirname(this.#folder), { recursive: true });
    await runCommand("python3", ["-m", "venv", this.#folder]);
    await runCommand(join(this.#folder, "bin", "pip"), ["install", "--disable-pip-version-check", `ministack==${version}`]);
    await writeFile(done, "");
  }

  async #answers(): Promise<void> {
    const url = `http://127.0.0.1:${this.#port}/_ministack/health`;
    const deadline = Date.now() + startsWithinMs;
    for (;;) {
      const isUp = await fetch(url).then(
        (response) => response.ok,
        () => false,
      );
      if (isUp) return;
      if (Date.now() > deadline) throw new Error(`${this.name} does not answer at ${url}; its log is ${this.#log}`);
      await pause(200);
    }
  }

  async #failed(code: number | null): Promise<Error> {
    const end = (await readFile(this.#log, "utf8")).slice(-2_000);
    return new Error(`${this.name} ended with ${code} instead of listening at port ${this.#port}:\n${end}`);
  }
}
