import { SkeinError } from "../../model/error.ts";

/** What a refusal of the file system to write means, and what helps. */
const refusals: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there; give it the right, or choose another folder",
  EPERM: "the file system does not permit it; look at the folder's owner and attributes, or choose another folder",
  EROFS: "the file system is mounted read-only; choose a folder on another one",
  ENOSPC: "no space is left on the device; free some, or choose a folder on another one",
  EDQUOT: "this user's disk quota is used up; free some space, or choose a folder on another file system",
  ENOTDIR: "a part of the path is a file, not a folder; move it away, or choose another folder",
  EEXIST: "a file is in the place of a folder; move it away, or choose another folder",
  ENOENT: "the folder was removed meanwhile; nothing else may delete files in there while runs use it",
  EXDEV: "the folder spans several file systems; keep it on one",
  ENAMETOOLONG: "the path is too long for the file system; choose a folder with a shorter path",
};

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** A failed write as Skein's error: `store_unwritable` where somebody must do something, else `store_unavailable`. */
export function unwritable(path: string, error: unknown): SkeinError {
  const code = codeOf(error);
  const refusal = refusals[code];
  const about = { cause: error, data: { path } };
  if (refusal !== undefined) return new SkeinError("store_unwritable", `Cannot write ${path}: ${refusal} (${code}).`, about);
  return new SkeinError("store_unavailable", `Writing ${path} failed: ${reason(error)}. Trying again may help.`, about);
}

/** A failed read, other than of what is not there, as `store_unavailable`. */
export function unreadable(path: string, error: unknown): SkeinError {
  const help = codeOf(error) === "EACCES" ? "this user may not read it; give it the right" : "trying again may help";
  return new SkeinError("store_unavailable", `Cannot read ${path}: ${reason(error)}; ${help}.`, { cause: error, data: { path } });
}

/** Does the error say that nothing has this path? */
export function isAbsent(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
