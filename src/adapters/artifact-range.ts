import { SkeinError } from "../model/error.ts";

/** Throws `bad_option` unless `0 ≤ start ≤ end`, both whole numbers. */
export function checkRange(key: string, start: number, end: number): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end) return;
  const rule = "give whole numbers with 0 ≤ start ≤ end";
  throw new SkeinError("bad_option", `No range of the artifact ${key} goes from byte ${start} to byte ${end}: ${rule}.`);
}
