import type { Failure } from "./failure.ts";

/** An error's own part, and what it brings with it. */
export interface ErrorParts<T> {
  readonly own: Omit<Failure, "cause" | "errors">;
  readonly cause: T | undefined;
  readonly errors: readonly T[];
}

/** Of a whole failure, as bytes of its JSON: a row of a store takes 400 KB, and holds more than a failure. */
const maxBytes = 32_000;
/** With less room an error that another one brings is left out. */
const leastBytes = 200;
const maxCauses = 8;
const maxErrors = 20;
const maxStack = 8_000;
const maxMessage = 16_000;
/** Of `name` and `step`, which are never left out. */
const maxName = 200;

/**
 * The failure within its size, about 32 KB of JSON. The outermost error comes first: of it only the end of its message and its stack
 * (16,000 and 8,000 characters), and `data` that does not fit, are left out. The room that is left its cause and the first 20 of its
 * errors share, and so on, 8 deep; of these as much is cut as must be, and those with hardly any room are left out.
 */
export function sizedFailure<T>(from: T, partsOf: (from: T) => ErrorParts<T>): Failure {
  return sized(from, partsOf, maxBytes, 0);
}

/** The failure with those of others beside it, within the size of one. */
export function failureWith(own: Failure, others: readonly Failure[]): Failure {
  if (others.length === 0) return own;
  return sizedFailure<Failure>({ ...own, errors: others }, ({ cause, errors = [], ...rest }) => ({ own: rest, cause, errors }));
}

function sized<T>(from: T, partsOf: (from: T) => ErrorParts<T>, room: number, depth: number): Failure {
  const { own, cause, errors } = partsOf(from);
  const causes = cause === undefined ? [] : [cause];
  const brought = depth < maxCauses ? [...causes, ...errors.slice(0, maxErrors)] : [];
  const failure = ownPart(own, depth > 0 && brought.length > 0 ? room / 2 : room);
  let left = room - bytesOf(failure);
  const kept: Failure[] = [];
  for (const [i, each] of brought.entries()) {
    const sharers = Math.min(brought.length - i, Math.floor(left / leastBytes));
    if (sharers < 1) break;
    const one = sized(each, partsOf, left / sharers, depth + 1);
    left -= bytesOf(one);
    kept.push(one);
  }
  const [first] = kept.splice(0, causes.length);
  return { ...failure, ...(first === undefined ? {} : { cause: first }), ...(kept.length > 0 ? { errors: kept } : {}) };
}

function ownPart({ name, message, stack, step, data, ...facts }: ErrorParts<unknown>["own"], room: number): Failure {
  const terse = { name: cut(name, maxName), message: "", ...(step === undefined ? {} : { step: cut(step, maxName) }), ...facts };
  const told = { ...terse, message: cut(message.slice(0, maxMessage), room - bytesOf(terse)) };
  const left = room - bytesOf(told);
  const kept = data !== undefined && bytesOf({ data }) <= left ? { ...told, data } : told;
  const lines = stack === undefined ? "" : cut(stack.slice(0, maxStack), room - bytesOf({ ...kept, stack: "" }));
  return lines === "" ? kept : { ...kept, stack: lines };
}

/** The text's beginning that takes at most so many bytes in JSON. */
function cut(text: string, bytes: number): string {
  const room = Math.max(0, bytes);
  let kept = text.slice(0, room);
  for (let taken = bytesOf(kept) - 2; taken > room; taken = bytesOf(kept) - 2)
    kept = kept.slice(0, Math.floor((kept.length * room) / taken));
  return kept;
}

/** Infinity: it has no JSON. */
function bytesOf(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return Infinity;
  }
}
