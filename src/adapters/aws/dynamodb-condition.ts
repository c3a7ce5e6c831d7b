import { number, text } from "./dynamodb-item.ts";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** A clause with the values that it names. Attributes stand as `#name`. */
export interface Clause {
  readonly text: string;
  readonly values?: Readonly<Record<string, AttributeValue>>;
}

/** Nothing has this key. */
export const absent: Clause = { text: "attribute_not_exists(#PK)" };
export const present: Clause = { text: "attribute_exists(#PK)" };
export const running: Clause = { text: "#status = :running", values: { ":running": text("running") } };
/** absent → running → ended, and never on from there: this is the only way out of running. */
export function runningWith(nonce: string): Clause {
  return all(running, is("nonce", text(nonce), "holder"));
}

export const notEnded: Clause = { text: "attribute_not_exists(#ended)" };

/** `name` has this value; undefined: is not there. */
export function is(name: string, value: AttributeValue | undefined, as: string): Clause {
  return value === undefined ? { text: `attribute_not_exists(#${name})` } : { text: `#${name} = :${as}`, values: { [`:${as}`]: value } };
}

/** The list `name` does not have this value. */
export function lacks(name: string, value: AttributeValue, as: string): Clause {
  return { text: `(NOT contains(#${name}, :${as}))`, values: { [`:${as}`]: value } };
}

export function absentOrBelow(name: string, value: number, as: string): Clause {
  return { text: `(attribute_not_exists(#${name}) OR #${name} < :${as})`, values: { [`:${as}`]: number(value) } };
}

export function all(...clauses: readonly Clause[]): Clause {
  return join(clauses, " AND ");
}

export function any(...clauses: readonly Clause[]): Clause {
  return join(clauses, " OR ");
}

function join(clauses: readonly Clause[], by: string): Clause {
  return { text: `(${clauses.map((c) => c.text).join(by)})`, values: together(clauses.map((c) => c.values)) };
}

function together(values: readonly Clause["values"][]): Record<string, AttributeValue> {
  return Object.fromEntries(values.flatMap((some) => Object.entries(some ?? {})));
}

/** The names that these expressions use, as a request wants them. */
export function namesIn(...expressions: readonly (string | undefined)[]): { readonly ExpressionAttributeNames?: Record<string, string> } {
  const names = expressions.flatMap((e) => [...(e ?? "").matchAll(/#(\w+)/g)].map((m): [string, string] => [m[0], m[1] ?? ""]));
  return names.length === 0 ? {} : { ExpressionAttributeNames: Object.fromEntries(names) };
}

export function valuesOf(...values: readonly (Readonly<Record<string, AttributeValue>> | undefined)[]): {
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
} {
  const all = together(values);
  return Object.keys(all).length === 0 ? {} : { ExpressionAttributeValues: all };
}
