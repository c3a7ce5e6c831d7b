import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openEmbedded } from "../../src/adapters/local/embedded.ts";
import { problem } from "../cli/resource-schemas.ts";
import { Place, skein, skeinJson } from "../cli/skein.ts";
import { answerInWords, fixture, refusalInWords } from "./refusal.ts";

const catalogue = fixture("faulty.ts");

function edit(file: string, sql: string): void {
  using db = new DatabaseSync(file);
  db.exec(sql);
}

const harms = {
  "garbage in its place": ["store_corrupt", (file: string) => writeFileSync(file, Buffer.alloc(20_000, 0x5a))],
  "its second half lost": ["store_corrupt", (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
  "its header only": ["store_corrupt", (file: string) => truncateSync(file, 100)],
  "a version from the future": ["store_version", (file: string) => edit(file, "PRAGMA user_version = 7")],
  "tables of another program": [
    "store_version",
    (file: string) => {
      truncateSync(file, 0);
      edit(file, "CREATE TABLE recipes (name TEXT)");
    },
  ],
} as const;

/** A folder in which a run has ended. */
async function usedPlace(): Promise<{ readonly place: Place; readonly file: string }> {
  const place = new Place();
  const engine = await openEmbedded({ dir: place.dir, catalogue });
  await engine.ended((await engine.start("plain", {})).run.id);
  await engine.close();
  return { place, file: join(place.dir, "state.db") };
}

describe("a state store with", () => {
  it.each(Object.entries(harms))("%s: is refused and left as it is", async (_, [code, harm]) => {
    const { place, file } = await usedPlace();
    using _place = place;
    harm(file);
    const before = readFileSync(file);
    for (const words of [["runs"], ["run", "plain", "--catalogue", catalogue], ["stop", "latest"]]) {
      const answer = await skeinJson(place, words);
      const { error } = problem.parse(answer.json);
      expect({ words, exit: answer.code, ...error }).toMatchObject({ words, exit: 2, code, message: expect.stringContaining(file) });
    }
    await expect(openEmbedded({ dir: place.dir, catalogue })).rejects.toMatchObject({ code });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(await answerInWords(place, ["show", "latest"])).toEqual(refusalInWords(code));
  });

  it("a document that is no JSON: names the file", async () => {
    const { place, file } = await usedPlace();
    using _place = place;
    edit(file, "UPDATE runs SET doc = substr(doc, 1, 30), ended = NULL");
    const { code, json } = await skeinJson(place, ["show", "latest"]);
    expect([code, problem.parse(json).error]).toMatchObject([2, { code: "store_corrupt", message: expect.stringContaining(file) }]);
  });

  it("an entry of its journal lost: the run is not shown as if nothing was", async () => {
    const { place, file } = await usedPlace();
    using _place = place;
    edit(file, "DELETE FROM journal WHERE key = (SELECT min(key) FROM journal)");
    const { code, json } = await skeinJson(place, ["show", "latest"]);
    expect([code, problem.parse(json).error]).toMatchObject([2, { code: "journal_incomplete" }]);
  });

  it("nothing in it, as a process leaves it that is killed while it makes the file: counts as none", async () => {
    const { place, file } = await usedPlace();
    using _place = place;
    truncateSync(file, 0);
    expect(await skein(place, ["runs"])).toMatchObject({ code: 0, stdout: expect.stringContaining("No runs yet") });
    expect((await skeinJson(place, ["show", "latest"])).json).toMatchObject({ error: { code: "unknown_run" } });
    expect((await skein(place, ["run", "plain", "--catalogue", catalogue])).code).toBe(0);
    expect(existsSync(file)).toBe(true);
  });
});
