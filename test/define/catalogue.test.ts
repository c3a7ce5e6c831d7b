import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { artifact, materializer, pipeline, step } from "../../src/index.ts";
import { findMaterializer, findPipeline, findStep, pipelines, steps } from "../../src/define/catalogue.ts";
import { artifactOptionsOf } from "../../src/define/artifact-schema.ts";
import { definitionOf } from "../../src/define/definition-of.ts";
import { inStep } from "./recorded-calls.ts";

const ebb = step({ name: "ebb_tide" }, () => {});
const flood = step({ name: "flood_tide" }, () => {});
const tides = pipeline({ name: "tides" }, () => {});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("the catalogue", () => {
  it("finds steps and pipelines by name, in the order of their definition", () => {
    expect(findStep("flood_tide")).toBe(definitionOf(flood));
    expect(findPipeline("tides")).toBe(definitionOf(tides));
    expect(steps().map(({ name }) => name)).toEqual(expect.arrayContaining(["ebb_tide", "flood_tide"]));
    expect(pipelines()).toContain(definitionOf(tides));
  });

  it("keeps the step's own settings when with() has made others", () => {
    ebb.with({ timeout: 1 });
    expect(findStep("ebb_tide")).toBe(definitionOf(ebb));
  });

  it("names near names and the file for a step that is not there", () => {
    expect(() => findStep("floodtide", "/app/catalogue.ts")).toThrow(
      expect.objectContaining({
        code: "step_not_in_catalogue",
        message: expect.stringMatching(/"floodtide" after loading \/app\/catalogue\.ts: did you mean "flood_tide"/),
      }),
    );
    expect(() => findStep("zzz")).toThrow(/there are \d+ in all/);
    expect(() => findPipeline("tide")).toThrow(
      expect.objectContaining({ code: "unknown_pipeline", message: expect.stringContaining('did you mean "tides"') }),
    );
  });

  it("refuses a second step of a name and says where both are", () => {
    step({ name: "twin" }, () => {});
    expect(() => step({ name: "twin" }, () => {})).toThrow(
      expect.objectContaining({
        code: "duplicate_step",
        message: expect.stringMatching(/"twin", at \S+catalogue\.test\.ts:(\d+) and at \S+catalogue\.test\.ts:(\d+)/),
      }),
    );
  });

  it("refuses a second pipeline of a name", () => {
    expect(() => pipeline({ name: "tides" }, () => {})).toThrow(expect.objectContaining({ code: "duplicate_pipeline" }));
  });

  it("lets a step and a pipeline have the same name", () => {
    expect(() => step({ name: "tides" }, () => {})).not.toThrow();
  });

  it("refuses a factory that gives one name twice", () => {
    const make = () => step({ name: "from_factory" }, () => {});
    make();
    expect(make).toThrow(expect.objectContaining({ code: "duplicate_step" }));
  });

  it("takes the new definition of a module that is evaluated again", async () => {
    const first = await import("./fixtures/harbour.ts");
    const evaluateAgain = "./fixtures/harbour.ts?again";
    const second: typeof first = await import(/* @vite-ignore */ evaluateAgain);
    expect(second.berth).not.toBe(first.berth);
    expect(findStep("berth")).toBe(definitionOf(second.berth));
    expect(findPipeline("harbour")).toBe(definitionOf(second.harbour));
  });

  it("refuses the same name from another module", async () => {
    await import("./fixtures/harbour.ts");
    await nextTurn();
    await expect(import("./fixtures/second-harbour.ts")).rejects.toThrow(/\/harbour\.ts:\d+ and at .*\/second-harbour\.ts:\d+/);
  });

  it("is shared by two copies of the package", async () => {
    const copy = "../../src/define/step.ts?copy";
    const { step: theirs }: { step: typeof step } = await import(/* @vite-ignore */ copy);
    expect(theirs).not.toBe(step);
    const made = theirs({ name: "from_copy" }, () => {});
    expect(findStep("from_copy")).toBe(definitionOf(made));
    expect(() => theirs({ name: "ebb_tide" }, () => {})).toThrow(expect.objectContaining({ code: "duplicate_step" }));
  });
});

describe("a process with another catalogue layout", () => {
  const ours = Symbol.for("skein.catalogue.1");
  const theirs = Symbol.for("skein.catalogue.0");
  const registry: unknown = Reflect.get(globalThis, ours);
  afterEach(() => {
    Reflect.deleteProperty(globalThis, theirs);
    Object.defineProperty(globalThis, ours, { value: registry, configurable: true });
  });

  it("is refused with a word on how it comes", () => {
    Reflect.deleteProperty(globalThis, ours);
    Object.defineProperty(globalThis, theirs, { value: {}, configurable: true });
    expect(() => findStep("ebb_tide")).toThrow(
      expect.objectContaining({ code: "catalogue_unreadable", message: expect.stringMatching(/layouts 0 and 1.*npm ls skein/) }),
    );
  });
});

describe("definitions", () => {
  it("know the file and line of the call that made them, in source as Node runs it", () => {
    const fixture = new URL("fixtures/places.ts", pathToFileURL(import.meta.filename));
    const lines = execFileSync(process.execPath, [fixture.pathname], { encoding: "utf8" }).trim().split("\n");
    expect(lines.map((line) => line.replaceAll(fixture.pathname, "@"))).toEqual([
      expect.stringMatching(/a materializer \(@:18\)/),
      "plain @:6",
      "spread @:7",
      "made @:12",
      "plain @:6",
      "flow @:16",
    ]);
  });
});

describe("materializer()", () => {
  const rope = materializer<string[]>({
    name: "rope",
    mediaType: "text/plain",
    save: (value) => ({ content: value.join("\n") }),
    load: async (reader) => (await reader.text()).split("\n"),
  });

  it("adds one under its name, which a schema can ask for", () => {
    expect(findMaterializer("rope")).toBe(rope);
    expect(findMaterializer("json")).toBeUndefined();
    expect(artifactOptionsOf(artifact(z.array(z.string()), { materializer: rope })).materializer).toBe("rope");
    expect(rope.save(["a", "b"])).toEqual({ content: "a\nb" });
  });

  const good = { name: "net", mediaType: "a/b", save: () => ({ content: "" }), load: () => 1 };
  it.each<[object, RegExp]>([
    [{ ...good, name: "json" }, /its name is "json", which is a built-in one's/],
    [{ ...good, name: "a b" }, /its name is "a b"/],
    [{ ...good, mediaType: "text" }, /mediaType is "text"/],
    [{ ...good, save: undefined }, /save is undefined; give a function/],
    [{ ...good, load: 1 }, /load is 1/],
    [{ ...good, loadItem: 1 }, /loadItem is 1/],
    [{ ...good, loaditem: () => 1 }, /no option "loaditem" \(did you mean "loadItem"\?\)/],
    [{ ...good, name: "rope" }, /two materializers are named "rope"/],
  ])("refuses %o", (options, message) => {
    expect(() => Reflect.apply(materializer, undefined, [options])).toThrow(
      expect.objectContaining({ code: "bad_definition", message: expect.stringMatching(message) }),
    );
  });

  it("is refused in a run", () => {
    expect(() => inStep(() => materializer(good))).toThrow(expect.objectContaining({ code: "step_defined_in_run" }));
  });
});
