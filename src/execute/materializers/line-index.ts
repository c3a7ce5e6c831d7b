/** Where a line lies in its text, and what it must be. */
export interface Line {
  /** Byte offset of the line, and its length with the line feed at its end. */
  readonly start: number;
  readonly bytes: number;
  /** SHA-256 of the line with its line feed, lower-case hex. */
  readonly digest: string;
}

/** Lines that one index page covers, and pages that a page of pages covers. */
export const fanOut = 512;

const startBytes = 6;
const lengthBytes = 4;
const digestBytes = 32;
const entryBytes = startBytes + lengthBytes + digestBytes;

/** A page as text: the lines' entries, each of 42 bytes, in base64. */
export function encodePage(lines: readonly Line[]): string {
  const page = Buffer.allocUnsafe(lines.length * entryBytes);
  lines.forEach((line, i) => {
    const at = page.writeUIntBE(line.start, i * entryBytes, startBytes);
    page.write(line.digest, page.writeUIntBE(line.bytes, at, lengthBytes), "hex");
  });
  return page.toString("base64");
}

export function decodePage(text: string): readonly Line[] {
  const page = Buffer.from(text, "base64");
  return Array.from({ length: Math.floor(page.length / entryBytes) }, (_, i) => {
    const at = i * entryBytes;
    return {
      start: page.readUIntBE(at, startBytes),
      bytes: page.readUIntBE(at + startBytes, lengthBytes),
      digest: page.toString("hex", at + startBytes + lengthBytes, at + entryBytes),
    };
  });
}

/** Levels of pages above `count` lines: 1 is the pages of lines, the last is the root alone. */
export function pageLevels(count: number): number {
  let levels = 1;
  for (let pages = Math.ceil(count / fanOut); pages > 1; pages = Math.ceil(pages / fanOut)) levels++;
  return levels;
}
