import type { ArtifactReader, Materializer, Savable } from "../../define/materializer.ts";
import { isAsyncIterable } from "../../define/stored-file.ts";
import { decodeValue } from "../../model/value.ts";
import { encodeOutput, Unserializable } from "../unserializable.ts";
import { LineReader } from "./line-reader.ts";
import { LineWriter } from "./line-writer.ts";

/** Characters that are written at once; a list that is smaller is written whole. */
const chunkCharacters = 65_536;

/** A list that is written as it comes, from an iterable or async iterable, and read item by item. */
export const items: Materializer = {
  name: "items",
  mediaType: "application/vnd.skein.items",
  save(value) {
    if (!isAsyncIterable(value) && !isIterable(value)) throw new Unserializable("", "it is no iterable");
    return saveLines(encodeEach(value));
  },
  load: (reader) => new StoredItems(reader),
  async loadItem(reader, index) {
    return decodeValue(await new LineReader(reader).item(index));
  },
};

/** What loading a list gives: nothing is read before it is iterated, and it can be iterated again. */
class StoredItems implements AsyncIterable<unknown> {
  readonly #lines: LineReader;

  constructor(reader: ArtifactReader) {
    this.#lines = new LineReader(reader);
  }

  /** Number of items. */
  get count(): number {
    return this.#lines.count;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    for await (const line of this.#lines.items()) yield decodeValue(line);
  }
}

/** Encodings, one a line, as content to save. */
export async function saveLines(encodings: AsyncIterable<string> | Iterable<string>): Promise<Savable> {
  const writer = new LineWriter();
  const chunks = chunksOf(encodings, writer);
  const first = await chunks.next();
  const second = await chunks.next();
  const described = { itemCount: () => writer.count, metadata: () => writer.metadata() };
  if (second.done === true) return { content: first.value ?? "", ...described };
  return { content: bytesOf([first.value ?? "", second.value], chunks), ...described };
}

async function* encodeEach(values: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<string> {
  let index = 0;
  for await (const value of values) yield encodeOutput(value, `[${index++}]`);
}

async function* chunksOf(encodings: AsyncIterable<string> | Iterable<string>, writer: LineWriter): AsyncGenerator<string, undefined> {
  let text = "";
  for await (const encoded of encodings) {
    text += writer.add(encoded);
    if (text.length < chunkCharacters) continue;
    yield text;
    text = "";
  }
  yield text + writer.end();
  return undefined;
}

async function* bytesOf(begun: readonly string[], rest: AsyncGenerator<string, undefined>): AsyncGenerator<Uint8Array> {
  try {
    for (const text of begun) yield Buffer.from(text);
    for await (const text of rest) yield Buffer.from(text);
  } finally {
    await rest.return(undefined);
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value && typeof value[Symbol.iterator] === "function";
}
