import { describe, expect, it } from "vitest";
import { parseSource, readText, sourceFiles } from "./source-file.ts";
import { foreignWrites, writeVerbs } from "./state-writer.ts";

const port = "src/ports/state-store.ts";
const verbs = writeVerbs(parseSource(port, readText(port)));
const writesIn = (...texts: readonly string[]) =>
  foreignWrites(
    texts.map((text, i) => parseSource(`src/engine/f${i}.ts`, text)),
    verbs,
  );

describe("state", () => {
  it("is written in record/ alone", () => {
    const mayWrite = ["src/record/", "src/adapters/"];
    const others = sourceFiles("src", "handlers").filter(({ path }) => !mayWrite.some((folder) => path.startsWith(folder)));
    expect(foreignWrites(others, verbs)).toEqual([]);
  });
});

describe("the check of writers", () => {
  it("knows the writing verbs from the port", () => {
    expect(verbs).toEqual(
      expect.arrayContaining(["append", "claim", "end", "settle", "bury", "mark", "createRun", "finishRun", "addVersion"]),
    );
    expect(verbs).not.toEqual(expect.arrayContaining(["readRun"]));
    expect(verbs.filter((verb) => /read|list|due[A-Z]|close/.test(verb))).toEqual([]);
  });

  it.each([
    "await state.append(run, entry);",
    "await this.state.claim(key, row);",
    `await world.stores.state["finishRun"](run, end);`,
    "const { append } = engine.state;",
    "const s = engine.state; await s.setDue(run, 1, 2);",
    "function f(db: StateStore) { return db.end(key, row); }",
    "interface World { readonly db: StateStore } const f = (world: World) => world.db.mark(run, map, 1, 2, nonce);",
    "const f = ({ state: db }: World) => db.bury(key, nonce, row);",
    `function f(db: Pick<StateStore, "append">) { return db.append(run, entry); }`,
  ])("finds %s", (text) => {
    expect(writesIn(text)).toHaveLength(1);
  });

  it("knows a field's type from another file", () => {
    expect(writesIn("interface World { readonly db: StateStore }", "await world.db.requestStop(run, request);")).toHaveLength(1);
  });

  it.each([
    "await state.readRun(run); await state.listAttempts(run);",
    "params.append('a', 'b'); stream.end(); await journal.append(entry); await recorder.finishRun(run);",
    `const text = "state.append()"; // state.append()`,
  ])("lets %s be", (text) => {
    expect(writesIn(text)).toEqual([]);
  });
});
