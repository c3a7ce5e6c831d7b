import { jsonView } from "../observe/json-view.ts";
import { cut, table } from "./table.ts";

const maxRows = 10;
const maxColumns = 8;
const maxLines = 12;

/** Where the terminal does not say. */
const maxWidth = 200;

/** A short value for people: a list of flat records is a table, text is itself; of a long one nothing. */
export function valueLines(value: unknown, width: number | undefined): readonly string[] {
  const records = recordsOf(value);
  if (records !== undefined) return recordLines(records, width);
  const lines = (typeof value === "string" ? value : JSON.stringify(jsonView(value), null, 2)).split("\n");
  return lines.length > maxLines ? [] : lines.map((line) => cut(line, width ?? maxWidth));
}

type FlatRecord = Readonly<Record<string, string | number | boolean | null>>;

function recordsOf(value: unknown): readonly FlatRecord[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every(isFlat) ? value : undefined;
}

function isFlat(value: unknown): value is FlatRecord {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((cell) => cell === null || typeof cell !== "object")
  );
}

function recordLines(records: readonly FlatRecord[], width: number | undefined): readonly string[] {
  const names = [...new Set(records.slice(0, maxRows).flatMap(Object.keys))].slice(0, maxColumns);
  const columns = names.map((title) => ({
    title,
    ...(records.every((record) => typeof record[title] === "number") ? { align: "right" as const } : {}),
  }));
  const rows = records.slice(0, maxRows).map((record) => names.map((name) => cell(record[name])));
  const more = records.length > maxRows ? [`… ${records.length - maxRows} more rows`] : [];
  return [table(columns, rows, width), ...more];
}

function cell(value: FlatRecord[string] | undefined): string {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  // A line break in a cell would break the table.
  return value === null || value === undefined ? "" : String(value).replaceAll(/\p{Cc}/gu, " ");
}
