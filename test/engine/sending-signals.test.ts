import { describe, expect, it, test } from "vitest";
import { pipeline } from "../../src/index.ts";
import { Patience } from "./waiting.ts";

describe("sending", () => {
  const waiting = pipeline({ name: "waiting_to_be_told" }, async (_, run) => run.waitFor("go"));
  const wrongs: readonly (readonly [string, object, RegExp])[] = [
    ["no name", {}, /is no name of a signal/],
    ["an empty name", { name: "" }, /is no name of a signal/],
    ["a name with a slash", { name: "a/b" }, /"a\/b" is no name of a signal/],
    ["an empty id", { name: "go", id: "" }, /is no id of a signal/],
    ["an id with a hash", { name: "go", id: "a#b" }, /"a#b" is no id of a signal/],
    ["a long id", { name: "go", id: "a".repeat(129) }, /is no id of a signal/],
    ["a function", { name: "go", value: () => 1 }, /the value of the signal "go" cannot be stored/],
    ["too much", { name: "go", value: "x".repeat(100_000) }, /at most 100000 characters, and "go" has 100002/],
  ];

  test.each(wrongs)("%s is refused, and changes nothing", async (_, request, message) => {
    const patience = new Patience();
    const run = await patience.start(waiting);
    await expect(patience.engine.signal(run, request as { name: string })).rejects.toMatchObject({
      code: "bad_option",
      message: expect.stringMatching(message),
    });
    expect(await patience.stores.state.readTail(run, -1)).not.toHaveProperty("signals");
  });

  it("to a run that has ended is refused, and to one that is not there", async () => {
    const patience = new Patience();
    const run = await patience.start(waiting);
    await patience.signal(run, "go");
    await expect(patience.engine.signal(run, { name: "go" })).rejects.toMatchObject({
      code: "run_has_ended",
      message: expect.stringContaining("completed"),
    });
    await expect(patience.engine.signal("run_0000000009zzzz" as typeof run, { name: "go" })).rejects.toMatchObject({ code: "unknown_run" });
  });
});
