import { format, inspect, type InspectOptions } from "node:util";
import { scope } from "../define/scope.ts";
import type { LogLevel } from "../model/event.ts";

const patchedKey = Symbol.for("skein.console");

const levels: Readonly<Record<"debug" | "log" | "info" | "warn" | "error", LogLevel>> = {
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "error",
};

/**
 * Sends what a step (or pipeline function) writes to `console` to its own log, also where several run at once; everybody
 * else's console is as it was. Once a process. What goes to `process.stdout` directly is not seen.
 */
export function captureConsole(target: Console = console): void {
  if (Reflect.has(target, patchedKey)) return;
  Object.defineProperty(target, patchedKey, { value: true });
  // The other methods (table, trace, assert, count, timeEnd …) write through these.
  for (const [method, level] of Object.entries(levels)) replace(target, method, (...args) => write(level, format(...args)));
  replace(target, "dir", (value, options) => write("info", inspect(value, isOptions(options) ? options : {})));
  replace(target, "group", (...label) => label.length > 0 && write("info", format(...label)));
  replace(target, "groupEnd", () => undefined);
}

function write(level: LogLevel, message: string): void {
  const current = scope.getStore();
  // What takes the line may write to the console itself: outside the scope, that is no line of the step.
  if (current !== undefined) scope.exit(() => current.log(level, message));
}

/** Inside a scope `inside` takes the call, elsewhere what was there. */
function replace(target: Console, method: string, inside: (...args: readonly unknown[]) => unknown): void {
  const original: unknown = Reflect.get(target, method);
  if (typeof original !== "function") return;
  const dispatch = (...args: readonly unknown[]): void => {
    if (scope.getStore() === undefined) Reflect.apply(original, target, args);
    else inside(...args);
  };
  Object.defineProperty(target, method, { value: dispatch, writable: true, configurable: true, enumerable: true });
}

function isOptions(value: unknown): value is InspectOptions {
  return typeof value === "object" && value !== null;
}
