import { createHash, hash } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { Stored } from "../../ports/artifact-store.ts";
import { checkChunk } from "../artifact-content.ts";
import { isConflict, nameOf, writeError } from "./s3-error.ts";
import { statusOf } from "./service-error.ts";

/** Streams up to here are one PUT. S3 takes at most 10,000 parts, so a stream may have 80 GB. */
const partBytes = 8 << 20;
/** With the part that fills meanwhile, a stream holds about 32 MB. */
const partsAtOnce = 2;
/** A PUT takes 5 GB; from here on parts are worth their requests, because each can be sent again by itself. */
const maxPutBytes = 64 << 20;
const conflictPausesMs = [50, 100, 200, 400, 800] as const;

export interface S3Target {
  readonly client: S3Client;
  readonly bucket: string;
  readonly objectKey: string;
  readonly uri: string;
  readonly mediaType: string;
}

/** Writes bytes under the key, unless it is taken. */
export async function uploadBytes(target: S3Target, content: Uint8Array): Promise<Stored> {
  if (content.length > maxPutBytes) return uploadStream(target, pieces(content));
  const digest = hash("sha256", content);
  return { stored: await putObject(target, content, digest), digest, bytes: content.length };
}

async function* pieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += 1 << 20) yield content.subarray(at, at + (1 << 20));
}

/** Writes a stream under the key, unless it is taken: one PUT if it is short, else in parts. */
export async function uploadStream(target: S3Target, content: AsyncIterable<Uint8Array>): Promise<Stored> {
  const source = new Source();
  const chunks = source.chunks(target.uri, content);
  const first: Uint8Array[] = [];
  let ended = false;
  while (!ended && source.bytes <= partBytes) {
    const next = await chunks.next();
    if (next.done === true) ended = true;
    else first.push(next.value);
  }
  if (!ended) {
    const stored = await putParts(target, source, joined(first, chunks));
    return { stored, digest: source.digest.digest("hex"), bytes: source.bytes };
  }
  const digest = source.digest.digest("hex");
  return { stored: await putObject(target, Buffer.concat(first), digest), digest, bytes: source.bytes };
}

/** Hands over what was read already, and forgets it on the way. */
async function* joined(first: Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.concat(first.splice(0));
  yield* rest;
}

/** A stream that is counted and digested on its way. Its chunks are copied, because parts outlive the next chunk. */
class Source {
  readonly digest = createHash("sha256");
  bytes = 0;
  /** What the stream itself threw: the caller's, not S3's. */
  failure: { readonly error: unknown } | undefined;

  async *chunks(uri: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
    // An upload that fails throws into this generator where it waits: that is no failure of the stream's.
    let handedOver = false;
    try {
      for await (const chunk of content) {
        const copy = new Uint8Array(checkChunk(uri, chunk));
        this.digest.update(copy);
        this.bytes += copy.length;
        handedOver = true;
        yield copy;
        handedOver = false;
      }
    } catch (error) {
      if (!handedOver) this.failure = { error };
      throw error;
    }
  }
}

/** False where the key is taken. */
async function putObject(target: S3Target, content: Uint8Array, digest: string): Promise<boolean> {
  const command = () =>
    new PutObjectCommand({
      Bucket: target.bucket,
      Key: target.objectKey,
      Body: content,
      ContentType: target.mediaType,
      IfNoneMatch: "*",
      ChecksumSHA256: Buffer.from(digest, "hex").toString("base64"),
    });
  for (let tries = 0; ; tries++) {
    try {
      await target.client.send(command());
      return true;
    } catch (error) {
      if (statusOf(error) === 412) return false;
      const pause = isConflict(error) ? conflictPausesMs[tries] : undefined;
      if (pause === undefined) throw writeError(target.uri, error);
      await sleep(pause);
    }
  }
}

async function putParts(target: S3Target, source: Source, chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
  const upload = new Upload({
    client: target.client,
    params: {
      Bucket: target.bucket,
      Key: target.objectKey,
      Body: Readable.from(chunks),
      ContentType: target.mediaType,
      IfNoneMatch: "*",
      ChecksumAlgorithm: "SHA256",
    },
    partSize: partBytes,
    queueSize: partsAtOnce,
  });
  try {
    await upload.done();
    return true;
  } catch (error) {
    if (source.failure !== undefined) throw source.failure.error;
    if (statusOf(error) === 412) return false;
    // Another writer won while this one completed, or this one had won and only the answer was lost: the key is taken.
    if ((isConflict(error) || nameOf(error) === "NoSuchUpload") && (await isTaken(target))) return false;
    throw writeError(target.uri, error);
  }
}

async function isTaken(target: S3Target): Promise<boolean> {
  try {
    await target.client.send(new HeadObjectCommand({ Bucket: target.bucket, Key: target.objectKey }));
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw writeError(target.uri, error);
  }
}
