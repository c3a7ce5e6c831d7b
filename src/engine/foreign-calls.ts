import { createHook } from "node:async_hooks";
import { scope } from "../define/scope.ts";
import { SkeinError } from "../model/error.ts";

/** What can be told off by name; others are named by their kind. */
const known: Readonly<Record<string, string>> = {
  Timeout: "a timer (setTimeout, setInterval or timers/promises)",
  Immediate: "setImmediate",
  FSREQCALLBACK: "a file operation",
  FSREQPROMISE: "a file operation",
  FILEHANDLE: "a file operation",
  FILEHANDLECLOSEREQ: "a file operation",
  TCPWRAP: "a network connection",
  TCPCONNECTWRAP: "a network connection",
  GETADDRINFOREQWRAP: "a name lookup",
  DNSCHANNEL: "a name lookup",
  HTTPCLIENTREQUEST: "an HTTP request",
  HTTPINCOMINGMESSAGE: "an HTTP request",
  PROCESSWRAP: "a child process",
  WORKER: "a worker thread",
  HASHREQUEST: "a Web Crypto operation",
  TickObject: "process.nextTick",
  RANDOMBYTESREQUEST: "asynchronous random bytes",
};

/** Resources that say nothing about the outside: microtasks are part of how promises work, writing to the terminal gives nothing back. */
const own = new Set(["Microtask", "PROMISE", "AsyncResource", "FinalizationRegistry", "MESSAGEPORT", "PIPEWRAP", "TTYWRAP", "WRITEWRAP"]);

interface Halting {
  noteForeignCall(error: SkeinError): void;
}

let watchers = 0;
const hook = createHook({
  trackPromises: false,
  init(_id: number, type: string, _trigger: number, resource: object) {
    if (own.has(type)) return;
    const current = scope.getStore();
    if (current?.kind !== "pipeline" || !isHalting(current.calls)) return;
    if (type === "TickObject" && !isTickOfTheirs()) return;
    current.calls.noteForeignCall(foreignCall(type, current.pipeline.name));
    // Its callback would run user code after the run has failed. Not now: the timer is only being made.
    if (type === "Timeout") queueMicrotask(() => clearTimeout(resource as NodeJS.Timeout));
    if (type === "Immediate") queueMicrotask(() => clearImmediate(resource as NodeJS.Immediate));
  },
});

function isHalting(calls: object): calls is Halting {
  return "noteForeignCall" in calls;
}

/** Sees, while it is held, every asynchronous call that a pipeline function starts by itself (I4). */
export function watchForeignCalls(): Disposable {
  if (watchers++ === 0) hook.enable();
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (isHeld && --watchers === 0) hook.disable();
      isHeld = false;
    },
  };
}

function foreignCall(type: string, pipeline: string): SkeinError {
  const stack = wholeStack();
  const what = stack.includes("undici") ? "an HTTP request (fetch)" : (known[type] ?? `an asynchronous call of kind ${type}`);
  const at = callerLine(stack);
  return new SkeinError(
    "foreign_async_call",
    `the function of pipeline ${pipeline} itself started ${what}${at === undefined ? "" : `, ${at}`}. A pipeline function only calls steps and awaits them, ` +
      "so that it can be replayed: do such work in a step, and take the time from run.now().",
    { data: { kind: type, ...(at === undefined ? {} : { at }) } },
  );
}

const deepest = 100;

/** Behind a fetch lie dozens of Node's own frames. */
function wholeStack(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = deepest;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  return stack ?? "";
}

/** Ticks are how Node itself does many a harmless thing; those that a user asks for come between two deliveries. */
function isTickOfTheirs(): boolean {
  const frames = (new Error().stack ?? "").split("\n");
  const tick = frames.findIndex((frame) => frame.includes("process.nextTick"));
  const caller = tick < 0 ? undefined : frames[tick + 1];
  return caller !== undefined && !/node:|node_modules/.test(caller);
}

/** The first frame outside Node and this file: the user's own line. */
function callerLine(stack: string): string | undefined {
  const frames = stack
    .split("\n")
    .slice(1)
    .map((line) => line.trim());
  return frames.find((frame) => !/\(?node:|foreign-calls\.[jt]s|node_modules|<anonymous>/.test(frame));
}
