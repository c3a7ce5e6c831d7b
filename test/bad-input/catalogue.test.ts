import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { openEmbedded } from "../../src/adapters/local/embedded.ts";
import { Place } from "../cli/skein.ts";
import { answer, answerInWords, refusal, refusalInWords } from "./refusal.ts";

const skeinModule = pathToFileURL(join(import.meta.dirname, "../../src/index.ts")).href;
const head = `import { pipeline, start, step } from ${JSON.stringify(skeinModule)};\n`;

const broken = {
  "does not parse": ["catalogue_unreadable", "const n: number = ;\n", /catalogue\.ts:2.*SyntaxError/s],
  "holds what cannot be stripped": ["catalogue_unreadable", "enum Tide { high, low }\n", /strip/],
  throws: ["catalogue_unreadable", 'throw new RangeError("out of range");\n', /catalogue\.ts:2.*RangeError: out of range/s],
  "throws no error": ["catalogue_unreadable", 'throw "tide";\n', /tide/],
  "imports what is not there": ["catalogue_unreadable", 'import "./gone.ts";\n', /gone\.ts/],
  "imports a package that is not installed": ["catalogue_unreadable", 'import "package-that-is-nowhere";\n', /package-that-is-nowhere/],
  "has two steps of one name": [
    "duplicate_step",
    'export const one = step({ name: "tide" }, () => {});\nexport const other = step({ name: "tide" }, () => {});\n',
    /"tide", at .*catalogue\.ts:2.* and at .*catalogue\.ts:3/,
  ],
  "has two pipelines of one name": [
    "duplicate_pipeline",
    'export const one = pipeline({ name: "tide" }, async () => {});\nexport const other = pipeline({ name: "tide" }, async () => {});\n',
    /"tide"/,
  ],
  "defines a step wrongly": [
    "bad_definition",
    'export const one = step({ name: "high tide" }, () => {});\n',
    /"high tide".*catalogue\.ts:2|catalogue\.ts:2.*"high tide"/s,
  ],
  "makes an async function static": [
    "async_static_pipeline",
    'export const one = pipeline({ name: "tide", mode: "static" }, async () => {});\n',
    /tide/,
  ],
  "starts a run while it is loaded": [
    "started_while_loading",
    'export const one = pipeline({ name: "tide" }, async () => {});\nawait start(one);\n',
    /import\.meta\.main/,
  ],
} as const;

function placeOf(source: string): { readonly place: Place; readonly catalogue: string } {
  const place = new Place();
  const catalogue = join(place.folder, "catalogue.ts");
  writeFileSync(catalogue, head + source);
  return { place, catalogue };
}

describe("a catalogue that", () => {
  it.each(Object.entries(broken))("%s: is refused", async (_, [code, source, message]) => {
    const { place, catalogue } = placeOf(source);
    using _place = place;
    expect(await answer(place, ["run", "tide", "--catalogue", catalogue])).toMatchObject(refusal(code, message));
    expect(existsSync(place.dir)).toBe(false);
  });

  it("does not parse: is refused by skein pipelines and skein plan, and by an engine", async () => {
    const { place, catalogue } = placeOf(broken["does not parse"][1]);
    using _place = place;
    expect(await answer(place, ["pipelines", "--catalogue", catalogue])).toMatchObject(refusal("catalogue_unreadable", /SyntaxError/));
    expect(await answer(place, ["plan", "tide", "--catalogue", catalogue])).toMatchObject(refusal("catalogue_unreadable", /SyntaxError/));
    expect(await answerInWords(place, ["run", "tide", "--catalogue", catalogue])).toEqual(refusalInWords("catalogue_unreadable"));
    await expect(openEmbedded({ dir: place.dir, catalogue })).rejects.toMatchObject({ code: "catalogue_unreadable" });
    expect(existsSync(place.dir)).toBe(false);
  });

  it("is a folder, or no module: is refused", async () => {
    using place = new Place();
    expect(await answer(place, ["pipelines", "--catalogue", place.folder])).toMatchObject(refusal("catalogue_unreadable", /.+/));
    writeFileSync(join(place.folder, "notes.txt"), "notes");
    expect(await answer(place, ["pipelines", "--catalogue", "notes.txt"])).toMatchObject(refusal("catalogue_unreadable", /notes\.txt/));
  });

  it("defines nothing: says so where a pipeline is asked for", async () => {
    const { place, catalogue } = placeOf("");
    using _place = place;
    expect(await answer(place, ["run", "tide", "--catalogue", catalogue])).toMatchObject(refusal("unknown_pipeline", /catalogue file/));
  });
});
