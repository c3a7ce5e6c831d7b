import { join } from "node:path";
import { keyParts } from "../artifact-key.ts";

/** Common file systems take names of 255 bytes. */
const maxName = 240;
/** `~` is in no key, so what carries it meets no key's own name. */
const rootless = "~";
/** Where unfinished files lie: in the same file system as the finished ones. */
export const temporaryFolder = "~tmp";

/**
 * Where a key's bytes lie below the root: `run/fit[3]/1/nonce/model` in `run/fit[3]~1~nonce~model`. One folder a run instead of
 * three an artifact, which doubles the speed of small puts; and no key's file is in the way of another key's folder.
 */
export function pathOf(root: string, key: string): string {
  const [first = "", ...rest] = keyParts(key);
  return rest.length === 0 ? join(root, rootless, first) : join(root, first, ...names(rest));
}

/** Joins parts with `~` into names; a folder, where one name would be too long, ends with `~`, as no file does. */
function names(parts: readonly string[]): readonly string[] {
  const all: string[] = [];
  let name = "";
  for (const part of parts) {
    if (name !== "" && name.length + 1 + part.length > maxName) {
      all.push(`${name}~`);
      name = part;
    } else name = name === "" ? part : `${name}~${part}`;
  }
  return [...all, name];
}
