import { SkeinError } from "../../model/error.ts";
import type { ArtifactStore, Stored } from "../../ports/artifact-store.ts";
import { missing, type Content } from "../artifact-content.ts";
import { keyParts } from "../artifact-key.ts";
import { checkRange } from "../artifact-range.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import type { S3ClientOptions } from "./s3-client.ts";
import { isMissing, readError } from "./s3-error.ts";

/** The SDK repeats requests, but not what breaks while a body arrives. */
const maxResumptions = 3;
/** S3's keys have at most 1,024 bytes, ours 800. */
const maxPrefix = 200;
/** A week: S3 signs for no longer. */
const maxExpirySeconds = 604_800;

export interface S3ArtifactStoreOptions extends S3ClientOptions {
  readonly bucket: string;
  /** Goes before every key, with a slash between; itself made as keys are. Default: none. At most 200 characters. */
  readonly prefix?: string | undefined;
}

/**
 * Artifacts as objects of a bucket. Writes are conditional (`If-None-Match: *`), so the first one stays; S3 checks the
 * SHA-256 of what arrives. Requests that fail for a reason that passes are repeated by the SDK, which is loaded with the first
 * request: what never touches S3 does not wait for it.
 */
export class S3ArtifactStore implements ArtifactStore {
  readonly #options: S3ArtifactStoreOptions;
  readonly #prefix: string;
  #bucket: Promise<S3Bucket> | undefined;

  constructor(options: S3ArtifactStoreOptions) {
    this.#options = options;
    this.#prefix = options.prefix === undefined ? "" : prefixOf(options.prefix);
  }

  async put(key: string, content: Content, options: { readonly mediaType?: string } = {}): Promise<Stored> {
    const object = { key: this.#objectKey(key), uri: this.uri(key), mediaType: options.mediaType ?? "application/octet-stream" };
    return (await this.#open()).put(object, content);
  }

  async get(key: string): Promise<Uint8Array> {
    return collect(this.#read(key, 0));
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array> {
    checkRange(key, start, end);
    // HTTP has no way to ask for an empty range; a missing artifact is an error all the same.
    if (start === end && !(await this.has(key))) throw missing(key, this.uri(key));
    return start === end ? new Uint8Array() : collect(this.#read(key, start, end));
  }

  getStream(key: string): AsyncIterable<Uint8Array> {
    return this.#read(key, 0);
  }

  /** Goes on from where it was when the connection breaks while a body arrives. */
  async *#read(key: string, start: number, end?: number): AsyncGenerator<Uint8Array> {
    let at = start;
    for (let broken = 0; at !== end;) {
      const body = await this.#body(key, at, end);
      try {
        for await (const chunk of body) {
          at += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        if (++broken > maxResumptions) throw readError(this.uri(key), error);
      }
    }
  }

  async #body(key: string, start: number, end: number | undefined): Promise<AsyncIterable<Uint8Array>> {
    const objectKey = this.#objectKey(key);
    const bucket = await this.#open();
    try {
      return await bucket.read(objectKey, start, end);
    } catch (error) {
      throw isMissing(error) ? missing(key, this.uri(key)) : readError(this.uri(key), error);
    }
  }

  async has(key: string): Promise<boolean> {
    const objectKey = this.#objectKey(key);
    const bucket = await this.#open();
    try {
      return await bucket.has(objectKey);
    } catch (error) {
      throw readError(this.uri(key), error);
    }
  }

  /**
   * A URL from which anybody who has it can read the artifact without credentials, until it expires. Whether there is anything is not
   * looked at, and it works no longer than the credentials that signed it.
   *
   * @throws SkeinError `bad_option` unless it expires after 1 to 604,800 whole seconds
   */
  async presign(key: string, expiresSeconds: number): Promise<string> {
    const objectKey = this.#objectKey(key);
    if (!Number.isInteger(expiresSeconds) || expiresSeconds < 1 || expiresSeconds > maxExpirySeconds)
      throw new SkeinError("bad_option", `A URL expires after 1 to ${maxExpirySeconds} whole seconds, not ${expiresSeconds}.`);
    const bucket = await this.#open();
    try {
      return await bucket.presign(objectKey, expiresSeconds);
    } catch (error) {
      throw readError(this.uri(key), error);
    }
  }

  localPath(key: string): undefined {
    keyParts(key);
    return undefined;
  }

  uri(key: string): string {
    return `s3://${this.#options.bucket}/${this.#objectKey(key)}`;
  }

  async close(): Promise<void> {
    const bucket = await this.#bucket;
    this.#bucket = undefined;
    bucket?.destroy();
  }

  #objectKey(key: string): string {
    keyParts(key);
    return this.#prefix + key;
  }

  #open(): Promise<S3Bucket> {
    return (this.#bucket ??= import("./s3-bucket.ts").then((module) => new module.S3Bucket(this.#options.bucket, this.#options)));
  }
}

function prefixOf(prefix: string): string {
  const tooLong = `The prefix of artifact keys is longer than ${maxPrefix} characters: ${prefix.slice(0, 60)}…`;
  if (prefix.length > maxPrefix) throw new SkeinError("bad_option", tooLong);
  return `${keyParts(prefix).join("/")}/`;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return new Uint8Array(Buffer.concat(all));
}
