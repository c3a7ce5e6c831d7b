import { describe, expect, it, test } from "vitest";
import { errorOf, failureOf, SkeinError } from "../../src/model/error.ts";
import type { Failure } from "../../src/model/failure.ts";
import { failureWith } from "../../src/model/failure-size.ts";

const limit = 34_000;
const bytes = (failure: Failure) => Buffer.byteLength(JSON.stringify(failure));

function large(message: string, options?: ErrorOptions): Error {
  const error = new RangeError(`${message} ${"x".repeat(20_000)}`, options);
  error.stack = `RangeError: ${message}\n${"    at far away\n".repeat(1_000)}`;
  return error;
}

function chain(length: number): Error {
  return length === 0 ? large("root") : large(`cause ${length}`, { cause: chain(length - 1) });
}

const circular = new AggregateError([], "circular");
circular.errors.push(...Array.from({ length: 20 }, () => circular));

describe("a failure stays within its size", () => {
  test.each<[string, unknown]>([
    ["an AggregateError of 20 large errors", new AggregateError(Array.from({ length: 20 }, (_, i) => large(`error ${i}`)))],
    ["a deep chain of large causes", chain(12)],
    ["an AggregateError of itself", circular],
    ["characters of many bytes", large("語".repeat(5_000), { cause: large("語".repeat(20_000)) })],
    ["large data", new SkeinError("invalid_params", "no", { data: { issues: "x".repeat(1_000_000) } })],
    ["data that is no JSON", Object.assign(new SkeinError("invalid_params", "no"), { data: { n: 1n } })],
    ["a large text", "x".repeat(1_000_000)],
    ["a name and a message that are no text", Object.assign(new Error("no"), { name: 5, message: Symbol("no") })],
    ["a large name", Object.assign(new Error("no"), { name: "x".repeat(1_000_000), step: "x".repeat(1_000_000) })],
  ])("%s", (_, thrown) => {
    const failure = failureOf(thrown);
    expect(bytes(failure)).toBeLessThan(limit);
    expect(failureOf(errorOf(failure)).message).toBe(failure.message);
  });
});

describe("what is too large of a failure", () => {
  it("is cut from the errors within it, each of which is still told", () => {
    const failure = failureOf(
      new AggregateError(
        Array.from({ length: 20 }, (_, i) => large(`error ${i}`)),
        "all of them",
      ),
    );
    expect([failure.message, failure.stack !== undefined]).toEqual(["all of them", true]);
    expect(failure.errors?.map(({ message }) => message.split(" x")[0])).toEqual(Array.from({ length: 20 }, (_, i) => `error ${i}`));
  });

  it("leaves the message and the stack of the outermost one, and its causes some room", () => {
    const failure = failureOf(chain(3));
    expect([failure.message.length, failure.stack?.length]).toEqual([16_000, 8_000]);
    expect(failure.cause?.cause?.message).toMatch(/^cause 1 x/);
  });

  it("is data that does not fit, and never what says how to go on", () => {
    const data = { issues: "x".repeat(40_000) };
    const own = {
      name: "SkeinError",
      message: "m",
      code: "step_lost",
      step: "fit",
      retryable: false,
      retryAfterMs: 5,
      interrupted: true,
    } as const;
    const others = Array.from({ length: 30 }, (_, i) => ({ ...failureOf(large(`item ${i}`)), step: `fit[${i}]` }));
    const failure = failureWith({ ...own, data }, others);
    expect(failure).toMatchObject(own);
    expect(failure.data).toBeUndefined();
    expect(failure.errors?.map((other) => other.step)).toEqual(Array.from({ length: 20 }, (_, i) => `fit[${i}]`));
    expect(bytes(failure)).toBeLessThan(limit);
  });

  it("is nothing of one without others", () => {
    const failure = failureOf(new AggregateError([new Error("one")], "both"));
    expect(failureWith(failure, [])).toEqual(failure);
  });

  it("is nothing of a small one", () => {
    const cause = new SkeinError("invalid_params", "no", { data: { issues: ["far"] } });
    const failure = failureOf(new AggregateError([new Error("one", { cause }), new RangeError("two")], "both", { cause }));
    expect(failure).toMatchObject({
      message: "both",
      cause: { code: "invalid_params", data: { issues: ["far"] }, stack: cause.stack },
      errors: [
        { message: "one", cause: { stack: cause.stack } },
        { name: "RangeError", message: "two" },
      ],
    });
  });
});
