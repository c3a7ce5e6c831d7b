import { SkeinError } from "../model/error.ts";
import type { Schema } from "./schema.ts";
import { formatIssues, validate } from "./validation.ts";

/** The items of a list, each parsed as it passes. Reading it throws `invalid_output` at the first that does not fit, with its index. */
export function checkedItems(item: Schema, source: Iterable<unknown> | AsyncIterable<unknown>): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => parseEach(item, source) };
}

async function* parseEach(item: Schema, source: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<unknown, void, undefined> {
  let index = 0;
  for await (const value of source) {
    const answer = validate(item, value);
    const result = answer instanceof Promise ? await answer : answer;
    if (!result.ok)
      throw new SkeinError(
        "invalid_output",
        `item ${index} does not fit its schema: ${formatIssues(result.issues)}`,
        result.cause === undefined ? {} : { cause: result.cause },
      );
    yield result.value;
    index++;
  }
}
