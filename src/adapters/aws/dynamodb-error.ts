import { SkeinError } from "../../model/error.ts";
import { helpFor, isBroken } from "./service-error.ts";

/** Requests that were refused for now: too many for a partition, the table or the account, or another transaction holds the item. */
const throttled: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "LimitExceededException",
  "TransactionConflictException",
  "TransactionInProgressException",
]);
/** The same refusals as a statement of a batch bears them. */
const transientCodes: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceeded",
  "ThrottlingError",
  "RequestLimitExceeded",
  "InternalServerError",
  "TransactionConflict",
]);

/** Answers that no repetition changes, and what does. */
const refusals: Readonly<Record<string, string>> = {
  ResourceNotFoundException:
    "there is no such table or index in this account and region; deploy the stack, or correct the name and the region",
  AccessDeniedException: "the role may not do this; grant it the table and its indexes",
};

/** Worth another try: every write is idempotent or knows its own nonce (R6). */
export function isTransient(error: unknown): boolean {
  return isBroken(error) || (error instanceof Error && throttled.has(error.name));
}

export function isTransientCode(code: string | undefined): boolean {
  return code !== undefined && transientCodes.has(code);
}

/** The SDK's error as one of ours that names the table. */
export function dynamoDbError(error: unknown, table: string): unknown {
  if (error instanceof SkeinError || !(error instanceof Error)) return error;
  if (error.name === "ValidationException" && /size has exceeded|exceeds the maximum/i.test(error.message))
    return rowTooLarge(`an item of the table ${table}`, error);
  const help = helpFor(error, refusals) ?? (isTransient(error) ? "it did not recover in time; try again later" : "see the cause");
  return new SkeinError("store_unavailable", `DynamoDB table ${table}: ${error.name}: ${error.message}; ${help}`, {
    cause: error,
    data: { table, ...(isTransient(error) ? {} : { refused: true }) },
  });
}

/** A row above DynamoDB's limit of 400 KB, names of attributes included. */
export function rowTooLarge(what: string, cause?: unknown): SkeinError {
  const advice =
    "DynamoDB holds rows of at most 400 KB; pass large values as outputs of steps, and keep metadata, logs and parameters small";
  return new SkeinError("store_row_too_large", `${what} is too large: ${advice}`, { cause });
}
