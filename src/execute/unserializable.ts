import { DevalueError } from "devalue";
import { encodeValue } from "../model/value.ts";

/** A value that its materializer cannot store; whoever saves it says of which output it is. */
export class Unserializable extends Error {
  /** Where in the value, in the manner of `.layers[0]`; empty for the value itself. */
  readonly path: string;

  constructor(path: string, why: string) {
    super(why);
    this.path = path;
  }
}

/** `encodeValue`. @throws Unserializable, with `at` before its path */
export function encodeOutput(value: unknown, at = ""): string {
  try {
    return encodeValue(value);
  } catch (error) {
    if (error instanceof DevalueError) throw new Unserializable(`${at}${error.path}`, reason(error));
    if (error instanceof RangeError) throw new Unserializable(at, "it is nested too deeply, or too large");
    throw error;
  }
}

function reason(error: DevalueError): string {
  const value: unknown = error.value;
  if (typeof value === "function") return "a function is no data";
  if (typeof value === "symbol") return "a symbol is no data";
  if (typeof value !== "object" || value === null) return error.message;
  if ("then" in value && typeof value.then === "function") return "a promise (or whatever has a then()) is no value: await it first";
  if (Object.getOwnPropertySymbols(value).length > 0 && Object.getPrototypeOf(value) === Object.prototype)
    return "it has symbols as keys, which are no data";
  if (Symbol.asyncIterator in value || value instanceof Response)
    return "a stream is no value: declare the output with items(schema) or file()";
  const name = value.constructor.name;
  if (name !== "Object" && name !== "")
    return `an instance of ${name} is no plain data: return a plain object, or name a materializer in artifact(schema, { materializer })`;
  return error.message;
}
