import { SkeinError } from "../../model/error.ts";
import type { ErrorCode } from "../../model/error-code.ts";

/** SQLite's primary result codes, https://sqlite.org/rescode.html; the low byte of an extended one. */
const perm = 3,
  busy = 5,
  locked = 6,
  readOnly = 8,
  ioError = 10,
  corrupt = 11,
  full = 13,
  cannotOpen = 14,
  notDatabase = 26;

const codes: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  [perm]: ["store_unwritable", "access is denied: check the file's and its folder's rights"],
  [busy]: ["store_unavailable", "another process has been writing for too long: end it, or try again"],
  [locked]: ["store_unavailable", "another connection has locked it: try again"],
  [readOnly]: [
    "store_unwritable",
    "it cannot be written to: check the file's and its folder's rights, or that it is not opened for reading only",
  ],
  [ioError]: ["store_unwritable", "the disk gives an error: check it and the space left"],
  [corrupt]: ["store_corrupt", "the file is damaged: restore it from a copy, or move it away to begin afresh"],
  [full]: ["store_unwritable", "the disk is full: make space, then resume the run"],
  [cannotOpen]: ["store_unwritable", "it cannot be opened: check that its folder is there and may be written to"],
  [notDatabase]: ["store_corrupt", "this is no SQLite file: move it away, or use another folder"],
};

/** SQLite's error, or Node's about files, as one of ours that names the file. */
export function sqliteError(error: unknown, path: string): unknown {
  if (error instanceof SkeinError || !(error instanceof Error)) return error;
  const [code, advice] = codes[resultCode(error) ?? 0] ??
    (isFileError(error) ? codes[cannotOpen] : undefined) ?? ["store_unavailable", "see the cause"];
  return new SkeinError(code, `${path}: ${error.message}; ${advice}`, { cause: error });
}

export function isBusy(error: unknown): boolean {
  const code = error instanceof Error ? resultCode(error) : undefined;
  return code === busy || code === locked;
}

function resultCode(error: Error): number | undefined {
  return "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

function isFileError(error: Error): boolean {
  return "syscall" in error;
}
