import { createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ArtifactReader } from "../define/materializer.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import { SkeinError } from "../model/error.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import { altered, checkedStream, digestOf } from "./digest.ts";
import { Scratch } from "./scratch.ts";
import { verifiedBytesOf } from "./verified-bytes.ts";

/** Where artifacts are read from. */
export interface ArtifactSource {
  readonly artifacts: ArtifactStore;
  /** For those that are wanted as files; default: the process's own, which lasts until its end. */
  readonly scratch?: Scratch;
}

const processScratch = new Scratch();

/** Reads one artifact, checks what it gives, and says which artifact it is that is missing or altered. */
export class StoredArtifact implements ArtifactReader {
  readonly ref: ArtifactRef;
  readonly loadOther: (ref: ArtifactRef, item?: number) => Promise<unknown>;
  readonly #source: ArtifactSource;

  constructor(ref: ArtifactRef, source: ArtifactSource, loadOther: (ref: ArtifactRef, item?: number) => Promise<unknown>) {
    this.ref = ref;
    this.#source = source;
    this.loadOther = loadOther;
  }

  /** The caller's own: a copy, where the bytes are kept for others. */
  async bytes(): Promise<Uint8Array> {
    const bytes = await this.#whole();
    return "key" in this.ref.at && verifiedBytesOf(this.#source.artifacts).keeps(bytes) ? bytes.slice() : bytes;
  }

  async text(): Promise<string> {
    const { at } = this.ref;
    if ("key" in at) return textOf(await this.#whole());
    if (digestOf(at.text) !== this.ref.digest) throw altered(this.ref, "the outcome that holds it");
    return at.text;
  }

  async *stream(): AsyncGenerator<Uint8Array, void, undefined> {
    const { at } = this.ref;
    if ("text" in at) {
      yield await this.#whole();
      return;
    }
    try {
      yield* checkedStream(this.#source.artifacts.getStream(at.key), this.ref.digest, () => this.#altered());
    } catch (error) {
      throw this.#named(error);
    }
  }

  async range(start: number, end: number, digest?: string): Promise<Uint8Array> {
    const kept = verifiedBytesOf(this.#source.artifacts);
    const known = digest === undefined ? undefined : kept.get(digest);
    if (known !== undefined) return known.slice();
    const bytes = plain(await this.#range(start, end));
    if (digest === undefined) return bytes;
    if (digestOf(bytes) !== digest) throw this.#altered();
    kept.keep(digest, bytes);
    return kept.keeps(bytes) ? bytes.slice() : bytes;
  }

  async path(): Promise<string> {
    const { at } = this.ref;
    const local = "key" in at ? this.#source.artifacts.localPath(at.key) : undefined;
    if (local === undefined) return this.#fetched();
    for await (const chunk of this.stream()) void chunk;
    return local;
  }

  async #fetched(): Promise<string> {
    const name = this.ref.metadata?.["name"];
    const file = join(
      await (this.#source.scratch ?? processScratch).folder(),
      (typeof name === "string" ? basename(name) : "") || "artifact",
    );
    await pipeline(this.stream(), createWriteStream(file, { flags: "wx" }));
    return file;
  }

  async #range(start: number, end: number): Promise<Uint8Array> {
    const { at } = this.ref;
    if ("text" in at) return Buffer.from(at.text).subarray(start, end);
    try {
      return await this.#source.artifacts.getRange(at.key, start, end);
    } catch (error) {
      throw this.#named(error);
    }
  }

  /** All bytes, checked; they may be kept for others, so nobody changes them. */
  async #whole(): Promise<Uint8Array> {
    const { at, digest } = this.ref;
    if ("text" in at) return plain(Buffer.from(await this.text()));
    const kept = verifiedBytesOf(this.#source.artifacts);
    const known = kept.get(digest);
    if (known !== undefined) return known;
    const bytes = plain(await this.#get(at.key));
    if (digestOf(bytes) !== digest) throw this.#altered();
    kept.keep(digest, bytes);
    return bytes;
  }

  async #get(key: string): Promise<Uint8Array> {
    try {
      return await this.#source.artifacts.get(key);
    } catch (error) {
      throw this.#named(error);
    }
  }

  #altered(): SkeinError {
    const { at } = this.ref;
    return altered(this.ref, "key" in at ? this.#source.artifacts.uri(at.key) : "the outcome that holds it");
  }

  #named(error: unknown): unknown {
    if (!(error instanceof SkeinError) || error.code !== "artifact_missing") return error;
    return new SkeinError("artifact_missing", `Artifact ${this.ref.id} is missing. ${error.message}`, {
      cause: error,
      data: { artifact: this.ref.id },
    });
  }
}

/** Buffers slice and print in a way of their own: what a step sees does not depend on the store. */
function plain(bytes: Uint8Array): Uint8Array {
  return Buffer.isBuffer(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
}

/** UTF-8 as it is: a decoder would swallow a leading byte order mark. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
