import { createReadStream } from "node:fs";
import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SkeinError } from "../model/error.ts";
import { isAsyncIterable, isStoredFile, type FileSource, type StoredFile } from "./stored-file.ts";

/** A file that a bare call returned, read from where the step left it. @throws SkeinError `invalid_output` */
export async function unsavedFile(source: FileSource): Promise<StoredFile> {
  if (typeof source === "string") return fileAt(source);
  if (source instanceof Uint8Array) return fileOf(source);
  return isStoredFile(source) ? source : fileOf(await collect(source));
}

async function fileAt(path: string): Promise<StoredFile> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new SkeinError("invalid_output", `the step returned the path ${path}, where there is no file that can be read`, { cause });
  });
  if (!found.isFile()) throw new SkeinError("invalid_output", `the step returned the path ${path}, which is no file`);
  return {
    size: found.size,
    path: () => Promise.resolve(path),
    bytes: async () => new Uint8Array(await readFile(path)),
    text: () => readFile(path, "utf8"),
    stream: () => createReadStream(path),
  };
}

function fileOf(bytes: Uint8Array): StoredFile {
  return {
    size: bytes.length,
    path: async () => {
      const path = join(await mkdtemp(join(tmpdir(), "skein-")), "file");
      await writeFile(path, bytes);
      return path;
    },
    bytes: () => Promise.resolve(bytes),
    text: () => Promise.resolve(new TextDecoder().decode(bytes)),
    async *stream() {
      yield bytes;
    },
  };
}

async function collect(source: unknown): Promise<Uint8Array> {
  if (!isAsyncIterable(source)) throw new SkeinError("invalid_output", "the step returned no stream that can be read");
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) {
    if (typeof chunk !== "string" && !(chunk instanceof Uint8Array))
      throw new SkeinError("invalid_output", `a file's stream gave a ${typeof chunk}: it gives Uint8Arrays or strings`);
    chunks.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
