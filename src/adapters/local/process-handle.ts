import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { failureOf } from "../../model/error.ts";
import type { Failure } from "../../model/failure.ts";
import type { StepTask } from "../../model/task.ts";
import { heapReport } from "./process-death.ts";
import type { Killed, ProcessEnd } from "./process-death.ts";
import { childFlags } from "./process-flags.ts";
import type { ChildRequest, FromChild, ToChild } from "./process-message.ts";
import type { LocalSetup } from "./process-setup.ts";

export interface ChildOptions {
  readonly entry: URL;
  readonly setup: LocalSetup;
  /** Limit of its JavaScript heap. */
  readonly memoryMb: number;
  /** From a request to abort until the process is ended by force. */
  readonly graceMs: number;
  /** How long it is kept without work. */
  readonly idleMs: number;
}

/** A task in a child's hands; `aborted`: why it was asked to end. */
export interface Job {
  readonly task: StepTask;
  aborted?: string | undefined;
}

/** What the operator hears of a child. */
export interface ChildEvents {
  /** It can take a task, for the first time or again. */
  onFree(child: ChildHandle): void;
  /** The task could not be executed or recorded, though its process lives. */
  onError(job: Job, error: Failure): void;
  /** The process is gone. `job`: what it left undone. */
  onEnd(child: ChildHandle, end: ProcessEnd, job: Job | undefined): void;
  onRequest(request: ChildRequest): void;
}

/** Longer than any sensible catalogue takes to load. */
const startMs = 60_000;
/** A grandchild may hold the dead child's stderr open; its last words are waited for so long. */
const lastWordsMs = 300;
const maxStderr = 16_384;
const longestTimer = 2 ** 31 - 1;

/** One child process, from the operator's side. */
export class ChildHandle {
  readonly memoryMb: number;
  state: "starting" | "idle" | "busy" | "ending" = "starting";
  readonly #process: ChildProcess;
  readonly #options: ChildOptions;
  readonly #events: ChildEvents;
  #job: Job | undefined;
  #jobs = 0;
  #ready = false;
  #timer: NodeJS.Timeout | undefined;
  #stderr = "";
  #muted = false;
  #error: Failure | undefined;
  #killed: Killed | undefined;

  constructor(options: ChildOptions, events: ChildEvents) {
    this.memoryMb = options.memoryMb;
    this.#options = options;
    this.#events = events;
    this.#process = fork(options.entry, [JSON.stringify(options.setup)], {
      // Measured: a round trip takes 36 µs with JSON and 45 µs with V8's serializer.
      serialization: "json",
      execArgv: [...childFlags(options.memoryMb)],
      // What a step writes past its console must not get into the results that the command prints on stdout.
      stdio: ["ignore", 2, "pipe", "ipc"],
    });
    this.#process.on("message", (words: readonly FromChild[]) => this.#hearAll(words));
    this.#process.on("error", (error) => this.#fail(error));
    this.#process.once("exit", (exitCode, signal) => this.#bury(exitCode, signal));
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    this.#killAfter(startMs, { why: "slow_start", afterMs: startMs });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The task that it executes. */
  get task(): StepTask | undefined {
    return this.#job?.task;
  }

  /** Only of an idle child. `aborted`: the task's signal is aborted from the start, for this reason. */
  run(task: StepTask, aborted?: string): void {
    this.state = "busy";
    this.#job = { task, aborted };
    this.#jobs += 1;
    this.#hold(true);
    this.#send({ t: "task", job: this.#jobs, task, ...(aborted === undefined ? {} : { aborted }) });
    const { timeoutMs } = task.policy;
    const { graceMs } = this.#options;
    clearTimeout(this.#timer);
    if (aborted !== undefined) this.#killAfter(graceMs, { why: "abort", reason: aborted, graceMs });
    else if (timeoutMs !== undefined) this.#killAfter(timeoutMs + graceMs, { why: "timeout", timeoutMs, graceMs });
  }

  /** Aborts the signal of the running task; the process is ended if that does not help in time. */
  abort(reason: string): void {
    if (this.#job === undefined || this.#job.aborted !== undefined) return;
    this.#job.aborted = reason;
    this.#send({ t: "abort", job: this.#jobs, reason });
    const { graceMs } = this.#options;
    this.#killAfter(graceMs, { why: "abort", reason, graceMs });
  }

  /** Lets what runs come to its end, then the process. */
  end(): void {
    if (this.state === "ending") return;
    if (this.state === "starting") this.kill();
    else this.#send({ t: "end" });
    if (this.state === "idle") {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.kill(), this.#options.graceMs).unref();
    }
    this.state = "ending";
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** A child that is free is so before the run that its step belongs to is woken: its next step may then have it at once. */
  #hearAll(words: readonly FromChild[]): void {
    for (const word of words) if (word.t === "done") this.#hear(word);
    for (const word of words) if (word.t !== "done") this.#hear(word);
  }

  #hear(message: FromChild): void {
    switch (message.t) {
      case "ready":
        this.#ready = true;
        this.#free();
        return;
      case "done":
        if (message.job !== this.#jobs || this.#job === undefined) return;
        if (message.error !== undefined) this.#events.onError(this.#job, message.error);
        this.#free();
        return;
      case "unfit":
      case "dying":
        this.#error = message.error;
        return;
      default:
        this.#events.onRequest(message);
    }
  }

  #free(): void {
    clearTimeout(this.#timer);
    this.#job = undefined;
    if (this.state === "ending") return;
    this.state = "idle";
    this.#hold(false);
    this.#timer = setTimeout(() => this.end(), this.#options.idleMs).unref();
    this.#events.onFree(this);
  }

  /** A busy child keeps this process alive, an idle one does not. */
  #hold(held: boolean): void {
    const { channel, stderr } = this.#process;
    if (held) {
      this.#process.ref();
      channel?.ref();
    } else {
      this.#process.unref();
      channel?.unref();
      if (stderr instanceof Socket) stderr.unref();
    }
  }

  /** A failed send needs no answer: it means that the process is ending, and its end is heard of. */
  #send(message: ToChild): void {
    this.#process.send(message, () => {});
  }

  #killAfter(ms: number, why: Killed): void {
    clearTimeout(this.#timer);
    if (ms > longestTimer) return;
    this.#timer = setTimeout(() => {
      this.#killed = why;
      this.kill();
    }, ms).unref();
  }

  /** Where the process could not even be started there will be no exit. */
  #fail(error: Error): void {
    this.#error ??= failureOf(error);
    if (this.#process.pid === undefined) this.#finish(null, null);
  }

  #bury(exitCode: number | null, signal: string | null): void {
    const finish = () => {
      clearTimeout(lastWords);
      this.#process.off("close", finish);
      this.#finish(exitCode, signal);
    };
    const lastWords = setTimeout(finish, lastWordsMs);
    this.#process.once("close", finish);
  }

  #finish(exitCode: number | null, signal: string | null): void {
    clearTimeout(this.#timer);
    const job = this.#job;
    this.#job = undefined;
    const asked = this.state === "ending";
    this.state = "ending";
    const { pid, memoryMb } = this;
    const facts = { ready: this.#ready, asked, stderr: this.#stderr, error: this.#error, killed: this.#killed };
    this.#events.onEnd(this, { pid, memoryMb, exitCode, signal, ...facts }, job);
  }

  /** Passed on as it comes, except V8's long report of the heap: the failure says that in a sentence. */
  #keep(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-maxStderr);
    this.#muted ||= text.includes(heapReport);
    if (!this.#muted) process.stderr.write(text);
  }
}
