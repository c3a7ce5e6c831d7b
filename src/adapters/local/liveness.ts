import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { basename, join, resolve } from "node:path";
import { SkeinError } from "../../model/error.ts";
import type { RunId } from "../../model/id.ts";
import type { Wake } from "../../model/task.ts";
import { unwritable } from "./file-error.ts";
import { ask, listen, socketPaths } from "./liveness-socket.ts";
import type { Answer, Question } from "./liveness-socket.ts";
import { LiveTable } from "./liveness-table.ts";
import type { LiveRow } from "./liveness-table.ts";
import { isAlive, ownIdentity } from "./process-identity.ts";

/** The process that a run lives in. */
export type LiveProcess = Pick<LiveRow, "pid" | "born" | "startedAt" | "command">;

/** A run's claim to live in this process. */
export interface LiveMark {
  withdraw(): Promise<void>;
}

/** Rows that dead processes have left behind, looked at with each announcement. */
const maxSwept = 5;
/** Characters of a command line. */
const maxCommand = 200;

interface Mark {
  readonly onPoke: (wake: Wake) => void;
  row?: LiveRow;
}

/**
 * Tells whether a run lives in a process, without a clock: alive means that the process answers, or at least still exists (it
 * may be suspended, and will write again). One for an engine's process; what it needs lies in `<dir>/live`.
 */
export class Liveness {
  readonly #folder: string;
  readonly #table: LiveTable;
  readonly #marks = new Map<RunId, Mark>();
  #listening: Promise<{ readonly server: Server; readonly path: string }> | undefined;

  constructor(dir: string) {
    this.#folder = join(resolve(dir), "live");
    this.#table = new LiveTable(join(this.#folder, "live.db"));
  }

  /**
   * From now on the run lives here; `onPoke` hears what other processes want of it.
   * @throws SkeinError `run_is_live`, naming the process that it lives in
   */
  async announce(run: RunId, onPoke: (wake: Wake) => void): Promise<LiveMark> {
    const self = { ...ownIdentity(), startedAt: Date.now(), command: ownCommand() };
    if (this.#marks.has(run)) throw isLive(run, self);
    const mark: Mark = { onPoke };
    this.#marks.set(run, mark);
    try {
      const { path } = await this.#listen();
      mark.row = { ...self, socket: path, token: randomUUID() };
      await this.#take(run, mark.row);
    } catch (error) {
      this.#marks.delete(run);
      throw error;
    }
    await this.#sweep(run);
    return { withdraw: async () => this.#withdraw(run, mark) };
  }

  /** Makes all that an announcement needs. @throws SkeinError `store_unwritable` where that cannot be, before any run relies on it */
  async prepare(): Promise<void> {
    await this.#listen();
    this.#table.prepare();
  }

  /** Never says `dead` of a run whose process may still write. */
  async probe(run: RunId): Promise<"dead" | { readonly alive: LiveProcess }> {
    const row = this.#table.read(run);
    if (row === undefined || !(await livesIn(row, run))) return "dead";
    const { pid, born, startedAt, command } = row;
    return { alive: { pid, born, startedAt, command } };
  }

  /** Hands the wake to the process that its run lives in; false: none took it. */
  async poke(wake: Wake): Promise<boolean> {
    const row = this.#table.read(wake.run);
    const answer = row === undefined ? "refused" : await ask(row.socket, { t: "poke", run: wake.run, wake });
    return typeof answer === "object" && answer.live;
  }

  /** No run lives here any more. */
  async close(): Promise<void> {
    for (const [run, mark] of this.#marks) this.#withdraw(run, mark);
    const listening = await this.#listening?.catch(() => undefined);
    this.#listening = undefined;
    listening?.server.close();
  }

  async #listen(): Promise<{ readonly server: Server; readonly path: string }> {
    try {
      mkdirSync(this.#folder, { recursive: true });
      this.#listening ??= listen(socketPaths(this.#folder, randomUUID()), (question) => this.#answer(question));
      return await this.#listening;
    } catch (error) {
      throw unwritable(this.#folder, error);
    }
  }

  #answer(question: Question): Answer {
    const mark = this.#marks.get(question.run);
    if (question.t === "poke") mark?.onPoke(question.wake);
    return { live: mark !== undefined };
  }

  /** Of several that see the same dead process, one gets its place. */
  async #take(run: RunId, row: LiveRow): Promise<void> {
    for (;;) {
      const there = this.#table.read(run);
      if (there !== undefined && (await livesIn(there, run))) throw isLive(run, there);
      if (!this.#table.swap(run, there?.token, row)) continue;
      if (there !== undefined) forget(there);
      return;
    }
  }

  #withdraw(run: RunId, mark: Mark): void {
    if (this.#marks.get(run) === mark) this.#marks.delete(run);
    if (mark.row !== undefined) this.#table.swap(run, mark.row.token, undefined);
  }

  /** Takes away what processes have left that died with their runs unfinished and never resumed. */
  async #sweep(except: RunId): Promise<void> {
    for (const { run, row } of this.#table.others(except, maxSwept)) {
      if (isAlive(row) || (await livesIn(row, run))) continue;
      if (this.#table.swap(run, row.token, undefined)) forget(row);
    }
  }
}

async function livesIn(row: LiveRow, run: RunId): Promise<boolean> {
  const answer = await ask(row.socket, { t: "probe", run });
  return typeof answer === "object" ? answer.live : isAlive(row);
}

/** Nobody will ever listen there again: a path is used once. */
function forget(row: LiveRow): void {
  if (process.platform !== "win32" && !isAlive(row)) rmSync(row.socket, { force: true });
}

function ownCommand(): string {
  const [program = process.execPath, script, ...words] = process.argv;
  return [basename(script ?? program), ...words].join(" ").slice(0, maxCommand);
}

function isLive(run: RunId, { pid, startedAt, command }: LiveProcess): SkeinError {
  const since = new Date(startedAt).toISOString();
  const message = `run ${run} is live in process ${pid} (${command}) since ${since}: wait for its end, or ask it to stop with "skein stop ${run}"`;
  return new SkeinError("run_is_live", message, { data: { pid, startedAt, command } });
}
