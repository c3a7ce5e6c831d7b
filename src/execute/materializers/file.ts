import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { ArtifactReader, Materializer } from "../../define/materializer.ts";
import { isAsyncIterable, isStoredFile, type StoredFile } from "../../define/stored-file.ts";
import { Unserializable } from "../unserializable.ts";

const chunkBytes = 262_144;

/** A file, streamed in and out: from a path, bytes, a stream of bytes or text, or a file that the step was given. */
export const file: Materializer = {
  name: "file",
  mediaType: "application/octet-stream",
  async save(value) {
    if (typeof value === "string") return { content: await openFile(value), metadata: { name: basename(value) } };
    if (value instanceof Uint8Array) return { content: value };
    if (isStoredFile(value))
      return {
        content: value.stream(),
        ...(value instanceof ArtifactFile && value.name !== undefined ? { metadata: { name: value.name } } : {}),
      };
    if (isAsyncIterable(value)) return { content: chunksOf(value) };
    throw new Unserializable("", "it is no path, no Uint8Array, no stream and no file");
  },
  load: (reader) => new ArtifactFile(reader),
};

class ArtifactFile implements StoredFile {
  readonly #reader: ArtifactReader;

  constructor(reader: ArtifactReader) {
    this.#reader = reader;
  }

  get size(): number {
    return this.#reader.ref.bytes;
  }

  /** Of the file that it was saved from. */
  get name(): string | undefined {
    const name = this.#reader.ref.metadata?.["name"];
    return typeof name === "string" ? name : undefined;
  }

  path(): Promise<string> {
    return this.#reader.path();
  }

  bytes(): Promise<Uint8Array> {
    return this.#reader.bytes();
  }

  text(): Promise<string> {
    return this.#reader.text();
  }

  stream(): AsyncIterable<Uint8Array> {
    return this.#reader.stream();
  }
}

async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw new Unserializable("", `there is no file ${path} (a string is taken for a path; for text, declare the output with text())`);
  if (!found.isFile()) throw new Unserializable("", `${path} is no file: pack a folder into one`);
  return readChunks(path);
}

/** Opens the file when somebody reads it. */
async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: chunkBytes });
}

async function* chunksOf(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    if (typeof chunk !== "string" && !(chunk instanceof Uint8Array))
      throw new Unserializable(
        "",
        `its stream gave ${chunk === null ? "null" : `a chunk of type ${typeof chunk}`}: give Uint8Arrays or strings`,
      );
    yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
}
