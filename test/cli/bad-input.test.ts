import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { problem } from "./resource-schemas.ts";
import { Place, skein, skeinJson } from "./skein.ts";

describe("a command line that is wrong", () => {
  it.each([
    ["an unknown command", ["runz"], "Did you mean"],
    ["an unknown option", ["runs", "--pipline", "x"], "--pipeline"],
    ["a missing argument", ["show"], "missing required argument 'run'"],
    ["one argument too many", ["show", "a", "b"], "too many arguments"],
    ["a number out of range", ["runs", "--limit", "0"], "from 1 to 1000"],
    ["an unknown status", ["runs", "--status", "done"], "completed"],
    ["nothing at all", [], ""],
  ])("for %s ends with 2", async (_, args, hint) => {
    using place = new Place();
    const { code, json } = await skeinJson(place, args);
    expect(code).toBe(2);
    expect(problem.parse(json).error).toMatchObject({ code: "bad_option", message: expect.stringContaining(hint) });
    const told = await skein(place, args);
    expect([told.code, told.stdout, told.stderr.includes(hint)]).toEqual([2, "", true]);
  });

  it.each([
    ["parameters that are no JSON", ["run", "x", "--params", "{city: 1}"], "bad_option", "no JSON"],
    ["parameters twice", ["run", "x", "--params", "{}", "--params-file", "p.json"], "bad_option", "not both"],
    ["a file of parameters that is not there", ["run", "x", "--params-file", "nope.json"], "bad_option", "nope.json"],
    ["a catalogue that is not there", ["run", "x", "--catalogue", "nope.ts"], "catalogue_unreadable", "--catalogue"],
    ["no catalogue", ["pipelines"], "catalogue_unreadable", "package.json"],
    ["no catalogue for a run", ["run", "x"], "catalogue_unreadable", "--catalogue"],
  ])("for %s says so, and creates nothing", async (_, args, code, hint) => {
    using place = new Place();
    const answer = await skeinJson(place, args);
    expect(answer.code).toBe(2);
    expect(problem.parse(answer.json).error).toMatchObject({ code, message: expect.stringContaining(hint) });
    expect((await skeinJson(place, ["runs"])).json).toEqual({ runs: [] });
  });

  it("names the package.json whose catalogue is not there", async () => {
    using place = new Place();
    writeFileSync(join(place.folder, "package.json"), '{"skein": {"catalogue": "gone.ts"}}');
    const { stderr } = await skein(place, ["pipelines"]);
    expect(stderr).toContain(`${join(place.folder, "gone.ts")} (named by ${join(place.folder, "package.json")})`);
  });

  it("names the file of a store that is no store", async () => {
    using place = new Place();
    mkdirSync(place.dir);
    writeFileSync(join(place.dir, "state.db"), "x".repeat(5_000));
    const { code, json } = await skeinJson(place, ["runs"]);
    expect(code).toBe(2);
    expect(problem.parse(json).error).toMatchObject({ code: "store_corrupt", message: expect.stringContaining("state.db") });
  });
});

describe("help", () => {
  it.each([[["--help"]], [["run", "--help"]], [["help", "logs"]]])("for %j has examples", async (args) => {
    using place = new Place();
    const { code, stdout } = await skein(place, args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\$ skein /);
  });
});
