import { createHash, hash } from "node:crypto";
import type { ArtifactRef } from "../model/artifact.ts";
import { SkeinError } from "../model/error.ts";

/** SHA-256 in lower-case hex; of a text's UTF-8 bytes. */
export function digestOf(content: string | Uint8Array): string {
  return hash("sha256", content);
}

/** Passes a stream on and fails at its end if its bytes have another digest. */
export async function* checkedStream(
  chunks: AsyncIterable<Uint8Array>,
  digest: string,
  altered: () => SkeinError,
): AsyncGenerator<Uint8Array> {
  const seen = createHash("sha256");
  for await (const chunk of chunks) {
    seen.update(chunk);
    yield chunk;
  }
  if (seen.digest("hex") !== digest) throw altered();
}

/** The error of bytes that are not those that were saved. */
export function altered(ref: ArtifactRef, where: string): SkeinError {
  return new SkeinError(
    "artifact_altered",
    `Artifact ${ref.id} is not what was saved: the bytes at ${where} have another digest. Something other than its step wrote there; run the step again.`,
    { data: { artifact: ref.id, where } },
  );
}
