import { createHash, hash } from "node:crypto";
import { checkChunk, missing, type Content } from "../artifact-content.ts";
import { keyParts } from "../artifact-key.ts";
import { checkRange } from "../artifact-range.ts";
import type { ArtifactStore, Stored } from "../../ports/artifact-store.ts";

const chunkBytes = 65_536;

/** Artifacts in this process's memory, for tests: gone with it. Bytes are copied in and out, so that nobody can change them. */
export class MemoryArtifactStore implements ArtifactStore {
  readonly #content = new Map<string, Uint8Array>();

  async put(key: string, content: Content): Promise<Stored> {
    keyParts(key);
    if (content instanceof Uint8Array) return this.#keep(key, new Uint8Array(content), hash("sha256", content));
    const chunks: Uint8Array[] = [];
    const digest = createHash("sha256");
    for await (const chunk of content) {
      chunks.push(new Uint8Array(checkChunk(key, chunk)));
      digest.update(chunk);
    }
    return this.#keep(key, new Uint8Array(Buffer.concat(chunks)), digest.digest("hex"));
  }

  #keep(key: string, bytes: Uint8Array, digest: string): Stored {
    const stored = !this.#content.has(key);
    if (stored) this.#content.set(key, bytes);
    return { stored, digest, bytes: bytes.length };
  }

  async get(key: string): Promise<Uint8Array> {
    return this.#read(key).slice();
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array> {
    checkRange(key, start, end);
    return this.#read(key).slice(start, end);
  }

  async *getStream(key: string): AsyncGenerator<Uint8Array> {
    const bytes = this.#read(key);
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes);
  }

  async has(key: string): Promise<boolean> {
    keyParts(key);
    return this.#content.has(key);
  }

  localPath(key: string): undefined {
    keyParts(key);
    return undefined;
  }

  uri(key: string): string {
    keyParts(key);
    return `memory:${key}`;
  }

  async close(): Promise<void> {}

  #read(key: string): Uint8Array {
    keyParts(key);
    const bytes = this.#content.get(key);
    if (bytes === undefined) throw missing(key, "memory");
    return bytes;
  }
}
