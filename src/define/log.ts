import type { LogLevel } from "../model/event.ts";
import type { Metadata } from "../model/failure.ts";

/** Writes a line to the run's log; called directly, at level `info`. */
export interface Log {
  (message: string, fields?: Metadata): void;
  debug(message: string, fields?: Metadata): void;
  info(message: string, fields?: Metadata): void;
  warn(message: string, fields?: Metadata): void;
  error(message: string, fields?: Metadata): void;
}

export type WriteLine = (level: LogLevel, message: string, fields?: Metadata) => void;

/** A log whose lines go to `write`. Its members need no `this`. */
export function logTo(write: WriteLine): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields?: Metadata): void => {
      write(level, message, fields);
    };
  return Object.freeze(Object.assign(at("info"), { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }));
}
