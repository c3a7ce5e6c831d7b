import type { Metadata } from "../model/failure.ts";

/** A copy, as it is now, of what somebody gave as metadata, or why it is none. */
export function copyMetadata(given: unknown): { readonly metadata: Metadata; readonly characters: number } | { readonly problem: string } {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return { problem: "give an object of values by name" };
  try {
    const text = JSON.stringify(given);
    const copy: unknown = JSON.parse(text);
    return isMetadata(copy) ? { metadata: copy, characters: text.length } : { problem: "give an object of values by name" };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Of what was parsed from JSON. */
function isMetadata(json: unknown): json is Metadata {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
