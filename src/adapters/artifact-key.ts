import { SkeinError } from "../model/error.ts";

/** A part becomes a file name (at most 255 bytes on common file systems), with room for a suffix. */
const maxPart = 200;
/** S3 takes 1,024 bytes; the rest is for the store's own prefix. */
const maxKey = 800;
const partPattern = /^[A-Za-z0-9_.\-[\]]+$/;

/** The parts of an artifact's key. Throws `bad_option` for what is no key: no store then ever leaves its own root. */
export function keyParts(key: string): readonly string[] {
  if (key.length > maxKey) throw refused(key, `is longer than ${maxKey} characters`);
  const parts = key.split("/");
  for (const part of parts) {
    if (part === "") throw refused(key, "has an empty part");
    if (part === "." || part === "..") throw refused(key, `has the part "${part}"`);
    if (part.length > maxPart) throw refused(key, `has a part longer than ${maxPart} characters`);
    if (!partPattern.test(part)) throw refused(key, `has the part ${JSON.stringify(part)}`);
  }
  return parts;
}

function refused(key: string, why: string): SkeinError {
  const rule = "Keys are parts of letters, digits, _ . - [ ] joined by single slashes.";
  return new SkeinError("bad_option", `The artifact key ${JSON.stringify(key.slice(0, 120))} ${why}. ${rule}`);
}
