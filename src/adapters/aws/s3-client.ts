import { S3Client } from "@aws-sdk/client-s3";
import type { ClientOptions } from "./client-config.ts";

/** With an `endpoint`, bucket names go into paths. */
export interface S3ClientOptions extends ClientOptions {
  /** Tries of one request, the first included, with growing pauses between. Default 5. */
  readonly maxAttempts?: number | undefined;
  /** Told the operation (`PutObject`) of each request that goes out, repetitions included. */
  readonly onRequest?: ((operation: string) => void) | undefined;
}

/** A connection that is not there after this is not coming. */
const connectionTimeoutMs = 3_000;
/** No byte for this long: the other side is gone. */
const socketTimeoutMs = 30_000;

export function makeS3Client(options: S3ClientOptions): S3Client {
  const client = new S3Client({
    retryMode: "standard",
    maxAttempts: options.maxAttempts ?? 5,
    requestHandler: { connectionTimeout: connectionTimeoutMs, socketTimeout: socketTimeoutMs },
    // What is read is checked against its artifact's digest; hashing it twice helps nobody.
    responseChecksumValidation: "WHEN_REQUIRED",
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
  });
  const { onRequest } = options;
  options.onClient?.(client);
  if (onRequest !== undefined) {
    client.middlewareStack.add(
      (next, context) => (request) => {
        onRequest((context["commandName"] ?? "unknown").replace(/Command$/, ""));
        return next(request);
      },
      // The lowest of this step comes after the retry middleware, once for each try.
      { name: "skeinOnRequest", step: "finalizeRequest", priority: "low" },
    );
  }
  return client;
}
