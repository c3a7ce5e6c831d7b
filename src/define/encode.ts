import { stringify } from "devalue";
import { SkeinError } from "../model/error.ts";
import { formatPath, type Edge, type EncodedInput } from "../model/input.ts";
import { isHandleJson } from "./handle.ts";
import { isPlainJson } from "../model/value.ts";
import { pointerOf } from "./pointer.ts";

/** Where an encoding happens, for messages and for telling this run's handles from others'. */
export interface EncodeSite {
  /** The step that is called. */
  readonly step: string;
  /** The run or plan that makes the call: handles of another one are refused. */
  readonly owner: object;
}

const none: readonly Edge[] = [];

/**
 * An input as data, snapshotted at the call: handles become edges, everything else literals. The literals are JSON where that
 * keeps everything (the fast path: one walk, one `JSON.stringify`), else devalue's format.
 *
 * @throws SkeinError `unserializable_input`, `handle_not_reachable`, `handle_copied` or `handle_of_another_run`, with the path
 */
export function encodeInput(input: object, site: EncodeSite): EncodedInput {
  // The common case: nothing but JSON, and no handle anywhere.
  if (isPlainJson(input, 0)) return { literal: JSON.stringify(input), edges: none };
  const walk = new Walk(site);
  const kind = walk.scan(input, 0);
  if (kind === plain) return { literal: JSON.stringify(input), edges: none };
  const bare = walk.edges.length === 0 ? input : walk.without(input);
  return { literal: kind & odd ? walk.odd(bare) : JSON.stringify(bare), edges: walk.edges };
}

const plain = 0;
const linked = 1;
const odd = 2;
const maxDepth = 200;

class Walk {
  readonly edges: Edge[] = [];
  readonly #site: EncodeSite;
  readonly #path: (string | number)[] = [];

  constructor(site: EncodeSite) {
    this.#site = site;
  }

  /** Finds the handles and tells whether JSON keeps the rest. */
  scan(value: unknown, depth: number): number {
    switch (typeof value) {
      case "string":
      case "boolean":
        return plain;
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0) ? plain : odd;
      case "undefined":
      case "bigint":
        return odd;
      case "object":
        return value === null ? plain : this.#scanObject(value, depth);
      default:
        throw this.#refuse("unserializable_input", `a ${typeof value} is no data`);
    }
  }

  #scanObject(value: object, depth: number): number {
    if (depth > maxDepth) throw this.#refuse("unserializable_input", `it is nested deeper than ${maxDepth} levels, or contains itself`);
    if (Array.isArray(value)) return this.#scanList(value, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#scanRecord(value, prototype === null, depth);
    if (this.#link(value)) return linked;
    return this.#scanOther(value);
  }

  #scanList(list: readonly unknown[], depth: number): number {
    let kind = plain;
    for (let i = 0; i < list.length; i++) {
      this.#path.push(i);
      kind |= i in list ? this.scan(list[i], depth + 1) : odd;
      this.#path.pop();
    }
    return kind;
  }

  #scanRecord(record: object, bare: boolean, depth: number): number {
    let kind = bare ? odd : plain;
    for (const key in record) {
      if (!Object.hasOwn(record, key)) continue;
      const value: unknown = Reflect.get(record, key);
      // JSON drops undefined fields; an absent optional field means the same to every schema.
      if (value === undefined) continue;
      this.#path.push(key);
      if (typeof value === "function") throw this.#refuseFunction(record, key);
      kind |= this.scan(value, depth + 1);
      this.#path.pop();
    }
    return kind;
  }

  #refuseFunction(record: object, key: string): SkeinError {
    if (key === "toJSON" && isHandleJson(record)) {
      this.#path.pop();
      return this.#refuse(
        "handle_copied",
        "it is a copy of a handle (spread or Object.assign), which no longer knows its step: pass the handle itself",
      );
    }
    return this.#refuse(
      "unserializable_input",
      "a function is no data: steps get values and handles, functions belong to the step's module",
    );
  }

  #link(value: object): boolean {
    const pointer = pointerOf(value);
    if (pointer === undefined) return false;
    if (pointer.owner !== this.#site.owner) {
      throw this.#refuse(
        "handle_of_another_run",
        `it is a handle of another run (${pointer.from}): pass its value, or start from this run's own steps`,
      );
    }
    if (pointer.output === undefined) {
      throw this.#refuse(
        "unserializable_input",
        `${pointer.from} has ${pointer.names.length === 0 ? "no output" : `several outputs: pass one of them, such as .${pointer.names[0]}`}`,
      );
    }
    const { from, output, item, partial } = pointer;
    const edge = { path: [...this.#path], from, output, ...(item === undefined ? {} : { item }) };
    this.edges.push(partial === undefined ? edge : { ...edge, partial });
    return true;
  }

  #scanOther(value: object): number {
    if (value instanceof Promise) throw this.#refuse("unserializable_input", "a promise is no value: await it first");
    if (value instanceof Map || value instanceof Set) {
      for (const part of value instanceof Map ? [...value.keys(), ...value.values()] : value) this.#refuseInner(part);
      return odd;
    }
    const known =
      value instanceof Date || value instanceof RegExp || value instanceof URL || ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
    if (!known)
      throw this.#refuse("unserializable_input", `an instance of ${value.constructor.name} is no plain data: pass a plain object`);
    return odd;
  }

  /** Handles are looked for in arrays and plain objects only, as the types say. */
  #refuseInner(part: unknown): void {
    if (typeof part !== "object" || part === null) return;
    if (pointerOf(part) !== undefined)
      throw this.#refuse("handle_not_reachable", "a handle inside a Map or Set is not seen: use a plain object or an array");
    if (Array.isArray(part) || Object.getPrototypeOf(part) === Object.prototype)
      for (const inner of Object.values(part)) this.#refuseInner(inner);
  }

  /** The same value with null where an edge goes. */
  without(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((part) => this.without(part));
    if (pointerOf(value) !== undefined) return null;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.without(part)]));
  }

  odd(value: unknown): string {
    try {
      return `~${stringify(value)}`;
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new SkeinError("unserializable_input", `the input of ${this.#site.step} cannot be stored: ${message}`, { cause });
    }
  }

  #refuse(code: "unserializable_input" | "handle_copied" | "handle_of_another_run" | "handle_not_reachable", why: string): SkeinError {
    const at = formatPath(this.#path);
    return new SkeinError(code, `${at === "" ? "the input" : `"${at}"`} of step ${this.#site.step} cannot be used: ${why}`);
  }
}
