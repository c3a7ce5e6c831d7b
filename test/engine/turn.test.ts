import { describe, expect, test } from "vitest";
import { pipeline, step } from "../../src/index.ts";
import { minute, Turns } from "./turns.ts";

const killing = step({ name: "killing" }, () => new Promise<void>(() => {}));
const killed = pipeline({ name: "killed" }, async () => {
  await killing();
});

describe("crashes", () => {
  test("a step that kills each turn", async () => {
    const turns = new Turns();
    await turns.start(killed);
    let turn = turns.begin();
    await turns.settle();
    for (let i = 0; i < 6; i++) {
      turn.die();
      turn = turns.begin({ wake: turns.wakeOf("crash", { dead: turn.invocation.id }) });
      await turns.settle();
    }
    console.log(JSON.stringify((await turns.record()).crashes), (await turns.entries()).map((e) => JSON.stringify([e.wait, e.events.map((x) => x.t)])).join("\n"));
    expect((await turns.record()).ended?.error?.code).toBe("turn_crashed");
  });
});
