/** What loading an output of `file()` gives: its bytes stay in the artifact store until they are asked for. */
export interface StoredFile {
  /** In bytes. */
  readonly size: number;
  /** A path on this machine that holds the bytes; don't write to it. */
  path(): Promise<string>;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
  stream(): AsyncIterable<Uint8Array>;
}

/** What a step may return for an output of `file()`: a path, the bytes, a stream of bytes or text, or a file that it was given. */
export type FileSource = string | Uint8Array | AsyncIterable<Uint8Array | string> | ReadableStream<Uint8Array | string> | StoredFile;

export function isStoredFile(value: unknown): value is StoredFile {
  return isObject(value) && "path" in value && typeof value.path === "function" && "stream" in value && typeof value.stream === "function";
}

export function isFileSource(value: unknown): value is FileSource {
  return typeof value === "string" || value instanceof Uint8Array || isStoredFile(value) || isAsyncIterable(value);
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return isObject(value) && Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === "function";
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value && typeof value[Symbol.iterator] === "function";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
