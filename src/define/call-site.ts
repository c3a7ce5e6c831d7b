import { fileURLToPath } from "node:url";
import { getCallSites } from "node:util";

/** Where in the user's code something was defined. */
export interface CallSite {
  /** A path; what Node says of code that is in no file. */
  readonly file: string;
  /** `file:line`. */
  readonly at: string;
  /** `file:line:column`. */
  readonly exactly: string;
}

/** Frames above the user's: this function and the one that asks. */
const own = 2;

/**
 * The place that called the function which calls this. Frames are counted, not recognised by their file: in a bundle the
 * library and its user share one.
 */
export function callSite(): CallSite {
  const frame = getCallSites(own + 1)[own];
  if (frame === undefined) return { file: "unknown", at: "unknown", exactly: "unknown" };
  const file = pathOf(frame.scriptName);
  const at = `${file}:${frame.lineNumber}`;
  return { file, at, exactly: `${at}:${frame.columnNumber}` };
}

/** Without the query by which loaders tell two evaluations of one file apart. */
function pathOf(script: string): string {
  return script.startsWith("file:") ? fileURLToPath(script) : script.replace(/\?.*$/, "");
}

/** The file of a definition's `file:line`. */
export function fileOf(definedAt: string): string {
  return definedAt.replace(/:\d+$/, "");
}
