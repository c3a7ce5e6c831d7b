import { stripVTControlCharacters } from "node:util";

export interface Column {
  readonly title: string;
  readonly align?: "right";
}

/** Compact columns, two spaces apart, with the titles on top. The last column may be cut to keep a line within `width`. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width?: number): string {
  const lines = [columns.map((column) => column.title.toUpperCase()), ...rows];
  const widths = columns.map((_, i) => Math.max(...lines.map((cells) => visible(cells[i] ?? ""))));
  return lines.map((cells) => cut(cells.map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.align)).join("  "), width)).join("\n");
}

function visible(text: string): number {
  return stripVTControlCharacters(text).length;
}

function pad(text: string, width: number, align: Column["align"]): string {
  const space = " ".repeat(Math.max(0, width - visible(text)));
  return align === "right" ? space + text : text + space;
}

/** Lines that are too long lose their colours with their end. */
export function cut(line: string, width: number | undefined): string {
  const trimmed = line.trimEnd();
  return width === undefined || visible(trimmed) <= width
    ? trimmed
    : `${stripVTControlCharacters(trimmed).slice(0, Math.max(1, width - 1))}…`;
}
