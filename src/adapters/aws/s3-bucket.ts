import { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Stored } from "../../ports/artifact-store.ts";
import type { Content } from "../artifact-content.ts";
import { makeS3Client } from "./s3-client.ts";
import type { S3ClientOptions } from "./s3-client.ts";
import { isMissing } from "./s3-error.ts";
import { statusOf } from "./service-error.ts";
import { uploadBytes, uploadStream } from "./s3-upload.ts";

/** An object as it is written. */
export interface S3Object {
  readonly key: string;
  /** For messages. */
  readonly uri: string;
  readonly mediaType: string;
}

/** Objects of one bucket, by their whole keys; what the SDK throws is passed on, but for writes. */
export class S3Bucket {
  readonly #bucket: string;
  readonly #client: S3Client;

  constructor(bucket: string, options: S3ClientOptions) {
    this.#bucket = bucket;
    this.#client = makeS3Client(options);
  }

  put({ key, uri, mediaType }: S3Object, content: Content): Promise<Stored> {
    const target = { client: this.#client, bucket: this.#bucket, objectKey: key, uri, mediaType };
    return content instanceof Uint8Array ? uploadBytes(target, content) : uploadStream(target, content);
  }

  /** Bytes from `start` up to, not including, `end`, or to the last. */
  async read(key: string, start: number, end: number | undefined): Promise<AsyncIterable<Uint8Array>> {
    const range = start === 0 && end === undefined ? {} : { Range: `bytes=${start}-${end === undefined ? "" : end - 1}` };
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key, ...range }));
      if (Body instanceof Readable) return Body;
      throw new TypeError(`the answer's body is no stream: ${typeof Body}`);
    } catch (error) {
      // Nothing of the object lies in the range.
      if (statusOf(error) === 416) return Readable.from([]);
      throw error;
    }
  }

  async has(key: string): Promise<boolean> {
    try {
      await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** A URL that gives the object for a while to who has it, without credentials. */
  async presign(key: string, expiresIn: number): Promise<string> {
    const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
    return getSignedUrl(this.#client, new GetObjectCommand({ Bucket: this.#bucket, Key: key }), { expiresIn });
  }

  destroy(): void {
    this.#client.destroy();
  }
}
