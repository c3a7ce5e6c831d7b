import type { ErrorCode } from "../src/model/error-code.ts";
import { SkeinError } from "../src/model/error.ts";

/** Of a service that could not be reached: no fault of the code that ran, and nothing that another try could not mend. */
export const unavailable = "Unavailable";

const passingCodes: ReadonlySet<ErrorCode> = new Set(["store_unavailable", "operator_unavailable"]);

/** Does the work; troubles that pass are thrown under a name that the note of the failed invocation keeps. */
export async function passing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SkeinError) || !passingCodes.has(error.code)) throw error;
    const renamed = new Error(`${error.code}: ${error.message}`, { cause: error });
    renamed.name = unavailable;
    throw renamed;
  }
}
