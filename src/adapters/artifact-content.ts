import { SkeinError } from "../model/error.ts";

/** What `put` takes. */
export type Content = Uint8Array | AsyncIterable<Uint8Array>;

/** The chunk itself, if it is one: streams come from users' code, which types do not bind. */
export function checkChunk(key: string, chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  const kind = chunk === null ? "null" : typeof chunk;
  const help = "give Uint8Arrays (of text: new TextEncoder().encode(…))";
  throw new SkeinError("bad_option", `The stream for the artifact ${key} gave a chunk of type ${kind}: ${help}.`);
}

/** The error of a read that found nothing. */
export function missing(key: string, where: string): SkeinError {
  const message = `There is no artifact ${key} in ${where}: it was deleted, has expired, or was never stored.`;
  return new SkeinError("artifact_missing", message, { data: { key } });
}
