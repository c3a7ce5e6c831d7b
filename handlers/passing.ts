import type { ErrorCode } from "../src/model/error-code.ts";
import { SkeinError } from "../src/model/error.ts";

/** Of a service that could not be reached: no fault of the code that ran, and nothing that another try could not mend. */
const unavailable = "Unavailable";
/** Of one that said no, and says so until somebody mends it: a turn may wait for that, a step's attempt has failed. */
export const refused = "Refused";

const passingCodes: ReadonlySet<ErrorCode> = new Set(["store_unavailable", "operator_unavailable"]);

/** Does the work; troubles with services are thrown under a name that the note of the failed invocation keeps. */
export async function passing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SkeinError) || !passingCodes.has(error.code)) throw error;
    const renamed = new Error(`${error.code}: ${error.message}`, { cause: error });
    renamed.name = error.data?.["refused"] === true ? refused : unavailable;
    throw renamed;
  }
}

/** With what a process ends that cannot go on after work that services have failed, so that the note still tells of it; as in sysexits.h. */
const temporaryFailure = 75;

/** How a process ends that cannot go on: with what its work has failed, if it has. */
export function exitStatusAfter(error: unknown): number {
  return error instanceof Error && error.name === unavailable ? temporaryFailure : 1;
}

/** Whether a service was out of reach, by what Lambda tells of how an invocation failed. */
export function tellsOfOutage(errorType: string, errorMessage: string): boolean {
  return (
    errorType === unavailable || (errorType === "Runtime.ExitError" && errorMessage.trimEnd().endsWith(`exit status ${temporaryFailure}`))
  );
}
