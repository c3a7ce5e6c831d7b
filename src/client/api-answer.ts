import { SkeinError } from "../model/error.ts";

/** What a client relies on in an answer: its members of these names, each of its kind. Others may be added. */
export type Shape = Readonly<Record<string, "text" | "list" | "record" | "cursor">>;

/** The answer, if it has that shape. @throws SkeinError `api_unreachable` for what Skein's API would not say */
export function checked<T>(answer: unknown, shape: Shape, url: string): T {
  const members: Readonly<Record<string, unknown>> = isRecord(answer) ? answer : {};
  const fault = Object.entries(shape).find(([name, kind]) => !isOf(kind, members[name]));
  if (fault === undefined) return answer as T;
  throw new SkeinError(
    "api_unreachable",
    `What answers at ${url} is not Skein's API, or one of another version: its answer has no ${kindNames[fault[1]]} "${fault[0]}".`,
  );
}

const kindNames = { text: "text", list: "list", record: "resource", cursor: "proper" } as const;

function isOf(kind: Shape[string], value: unknown): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "list":
      return Array.isArray(value) && value.every(isRecord);
    case "record":
      return isRecord(value);
    case "cursor":
      return value === undefined || typeof value === "string";
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
