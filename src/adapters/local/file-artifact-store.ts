import { createHash, hash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  write,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { checkChunk, missing, type Content } from "../artifact-content.ts";
import { checkRange } from "../artifact-range.ts";
import type { ArtifactStore, Stored } from "../../ports/artifact-store.ts";
import { pathOf, temporaryFolder } from "./file-artifact-path.ts";
import { codeOf, isAbsent, unreadable, unwritable } from "./file-error.ts";
import { flushFolder, inFolder } from "./file-folder.ts";

/** Up to here a blocking call costs less than the way through the thread pool. */
const smallBytes = 262_144;
const chunkBytes = 262_144;
/** A file untouched for a day belongs to nobody who still writes it. */
const staleMs = 86_400_000;
/** Stored files are hard to change by accident: steps get their paths. */
const readOnly = 0o444;
const linkless: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

export interface FileArtifactStoreOptions {
  /** Publish by hard link. Default: yes, until the file system says that it has none. */
  readonly hardLinks?: boolean;
  /** Force every file and its name to the disk before `put` answers: a power cut then loses nothing. Default false. */
  readonly flush?: boolean;
}

/**
 * Artifacts as files below a folder. A file is written whole under a temporary name in the same file system, then linked to
 * its own: readers and the survivors of a crash see all of it or nothing. A crash leaves temporary files, which the next
 * `open` removes when they are a day old. Unless `flush` says so, a file is not forced to the disk: a power cut can lose or cut off
 * the last ones; their digests tell. Where there are no hard links (exFAT), looking and renaming are one step only within a process.
 */
export class FileArtifactStore implements ArtifactStore {
  readonly #root: string;
  readonly #names = `${process.pid}-${randomBytes(6).toString("hex")}`;
  #made = 0;
  #hardLinks: boolean;
  readonly #flush: boolean;

  private constructor(root: string, options: FileArtifactStoreOptions) {
    this.#root = resolve(root);
    this.#hardLinks = options.hardLinks ?? true;
    this.#flush = options.flush ?? false;
  }

  /** The folder is made when the first artifact is put: reading needs no right to write. */
  static open(root: string, options: FileArtifactStoreOptions = {}): FileArtifactStore {
    const store = new FileArtifactStore(root, options);
    sweep(join(store.#root, temporaryFolder));
    return store;
  }

  async put(key: string, content: Content): Promise<Stored> {
    const path = pathOf(this.#root, key);
    if (!(content instanceof Uint8Array)) return this.#putStream(key, path, content);
    if (content.length > smallBytes) return this.#putStream(key, path, pieces(content));
    return { stored: this.#putSmall(path, content), digest: hash("sha256", content), bytes: content.length };
  }

  #putSmall(path: string, content: Uint8Array): boolean {
    const temporary = this.#temporaryPath();
    try {
      return writing(path, () => {
        const file = create(temporary);
        try {
          for (let at = 0; at < content.length;) at += writeSync(file, content, at);
          if (this.#flush) fsyncSync(file);
        } finally {
          closeSync(file);
        }
        return this.#publish(temporary, path);
      });
    } finally {
      remove(temporary);
    }
  }

  /** Only our own calls are translated: an error of the source goes to the caller as it is. */
  async #putStream(key: string, path: string, content: AsyncIterable<Uint8Array>): Promise<Stored> {
    const digest = createHash("sha256");
    let bytes = 0;
    const temporary = this.#temporaryPath();
    try {
      const file = writing(path, () => create(temporary));
      try {
        for await (const chunk of content) {
          digest.update(checkChunk(key, chunk));
          bytes += chunk.length;
          await this.#writeAll(path, file, chunk);
        }
        if (this.#flush) writing(path, () => fsyncSync(file));
      } finally {
        writing(path, () => closeSync(file));
      }
      return { stored: writing(path, () => this.#publish(temporary, path)), digest: digest.digest("hex"), bytes };
    } finally {
      remove(temporary);
    }
  }

  async #writeAll(path: string, file: number, chunk: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < chunk.length;) at += (await writeAsync(file, chunk, at)).bytesWritten;
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** Gives a finished file its name, unless there is one: true if it did. */
  #publish(temporary: string, path: string): boolean {
    const stored = this.#name(temporary, path);
    if (this.#flush && stored) flushFolder(dirname(path));
    return stored;
  }

  #name(temporary: string, path: string): boolean {
    try {
      return inFolder(path, () => (this.#hardLinks ? link(temporary, path) : renameIfAbsent(temporary, path)));
    } catch (error) {
      if (!this.#hardLinks || !linkless.has(codeOf(error))) throw error;
      const stored = renameIfAbsent(temporary, path);
      this.#hardLinks = false;
      return stored;
    }
  }

  async get(key: string): Promise<Uint8Array> {
    return this.#read(key, 0, Infinity);
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array> {
    checkRange(key, start, end);
    return this.#read(key, start, end);
  }

  async #read(key: string, start: number, end: number): Promise<Uint8Array> {
    const path = pathOf(this.#root, key);
    try {
      const small = readSmall(path, start, end);
      return small ?? (await readLarge(path, start, end));
    } catch (error) {
      throw this.#readError(key, path, error);
    }
  }

  async *getStream(key: string): AsyncGenerator<Uint8Array> {
    const path = pathOf(this.#root, key);
    try {
      await using file = await open(path);
      for (;;) {
        const { bytesRead, buffer } = await file.read(new Uint8Array(chunkBytes));
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      throw this.#readError(key, path, error);
    }
  }

  async has(key: string): Promise<boolean> {
    return this.#present(key, pathOf(this.#root, key));
  }

  localPath(key: string): string | undefined {
    const path = pathOf(this.#root, key);
    return this.#present(key, path) ? path : undefined;
  }

  uri(key: string): string {
    return pathToFileURL(pathOf(this.#root, key)).href;
  }

  async close(): Promise<void> {}

  #present(key: string, path: string): boolean {
    try {
      return statSync(path, { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      const failure = this.#readError(key, path, error);
      if (failure.code === "artifact_missing") return false;
      throw failure;
    }
  }

  #readError(key: string, path: string, error: unknown) {
    return isAbsent(error) ? missing(key, this.#root) : unreadable(path, error);
  }

  #temporaryPath(): string {
    return join(this.#root, temporaryFolder, `${this.#names}-${this.#made++}`);
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function renameIfAbsent(from: string, to: string): boolean {
  if (existsSync(to)) return false;
  renameSync(from, to);
  return true;
}

function writing<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unwritable(path, error);
  }
}

function create(temporary: string): number {
  return inFolder(temporary, () => openSync(temporary, "wx", readOnly));
}

const writeAsync = promisify(write);

async function* pieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += chunkBytes * 4) yield content.subarray(at, at + chunkBytes * 4);
}

/** Reads in one go, unless there is so much to read that it should not block the process: undefined then. */
function readSmall(path: string, start: number, end: number): Uint8Array | undefined {
  const file = openSync(path, "r");
  try {
    const length = Math.min(end, fstatSync(file).size) - start;
    if (length > smallBytes) return undefined;
    const bytes = new Uint8Array(Math.max(0, length));
    for (let at = 0; at < bytes.length;) {
      const read = readSync(file, bytes, at, bytes.length - at, start + at);
      if (read === 0) return bytes.subarray(0, at);
      at += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

async function readLarge(path: string, start: number, end: number): Promise<Uint8Array> {
  await using file = await open(path);
  const bytes = new Uint8Array(Math.min(end, (await file.stat()).size) - start);
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at);
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}

function remove(temporary: string): void {
  try {
    unlinkSync(temporary);
  } catch {
    // Renamed, never made, or left for the sweep: none of it is the caller's concern.
  }
}

/** Removes what crashed writers left; a folder that cannot be read or changed is as good as a clean one here. */
function sweep(folder: string): void {
  const before = Date.now() - staleMs;
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (statSync(path).mtimeMs < before) remove(path);
    }
  } catch {
    // Nothing was ever put here, or somebody else sweeps at the same time.
  }
}
