import { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { SkeinError } from "../../model/error.ts";
import type { ArtifactStore, Stored } from "../../ports/artifact-store.ts";
import { missing, type Content } from "../artifact-content.ts";
import { keyParts } from "../artifact-key.ts";
import { checkRange } from "../artifact-range.ts";
import { makeS3Client, type S3ClientOptions } from "./s3-client.ts";
import { isMissing, readError, statusOf } from "./s3-error.ts";
import { uploadBytes, uploadStream } from "./s3-upload.ts";

/** The SDK repeats requests, but not what breaks while a body arrives. */
const maxResumptions = 3;
/** S3's keys have at most 1,024 bytes, ours 800. */
const maxPrefix = 200;

export interface S3ArtifactStoreOptions extends S3ClientOptions {
  readonly bucket: string;
  /** Goes before every key, with a slash between; itself made as keys are. Default: none. At most 200 characters. */
  readonly prefix?: string | undefined;
}

/**
 * Artifacts as objects of a bucket. Writes are conditional (`If-None-Match: *`), so the first one stays; S3 checks the
 * SHA-256 of what arrives. Requests that fail for a reason that passes are repeated by the SDK.
 */
export class S3ArtifactStore implements ArtifactStore {
  readonly #options: S3ArtifactStoreOptions;
  readonly #prefix: string;
  #client: S3Client | undefined;

  constructor(options: S3ArtifactStoreOptions) {
    this.#options = options;
    this.#prefix = options.prefix === undefined ? "" : prefixOf(options.prefix);
  }

  async put(key: string, content: Content, options: { readonly mediaType?: string } = {}): Promise<Stored> {
    const target = {
      client: this.#open(),
      bucket: this.#options.bucket,
      objectKey: this.#objectKey(key),
      uri: this.uri(key),
      mediaType: options.mediaType ?? "application/octet-stream",
    };
    return content instanceof Uint8Array ? uploadBytes(target, content) : uploadStream(target, content);
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
    const range = start === 0 && end === undefined ? {} : { Range: `bytes=${start}-${end === undefined ? "" : end - 1}` };
    const command = new GetObjectCommand({ Bucket: this.#options.bucket, Key: this.#objectKey(key), ...range });
    try {
      const { Body } = await this.#open().send(command);
      if (Body instanceof Readable) return Body;
      throw new TypeError(`the answer's body is no stream: ${typeof Body}`);
    } catch (error) {
      if (isMissing(error)) throw missing(key, this.uri(key));
      // Nothing of the object lies in the range.
      if (statusOf(error) === 416) return Readable.from([]);
      throw readError(this.uri(key), error);
    }
  }

  async has(key: string): Promise<boolean> {
    try {
      await this.#open().send(new HeadObjectCommand({ Bucket: this.#options.bucket, Key: this.#objectKey(key) }));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
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
    this.#client?.destroy();
    this.#client = undefined;
  }

  #objectKey(key: string): string {
    keyParts(key);
    return this.#prefix + key;
  }

  /** Made with the first request: what never touches S3 needs no SDK client. */
  #open(): S3Client {
    return (this.#client ??= makeS3Client(this.#options));
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
