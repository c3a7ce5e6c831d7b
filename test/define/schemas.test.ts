import { describe, expect, it } from "vitest";
import { z } from "zod";
import { artifact, bytes, file, items, step, text, type Schema } from "../../src/index.ts";
import { artifactOptionsOf } from "../../src/define/artifact-schema.ts";
import { definitionOf } from "../../src/define/definition-of.ts";
import { isUnmapped, unmapped } from "../../src/define/call-input.ts";
import { jsonSchemaOf } from "../../src/define/json-schema.ts";
import { formatIssues, validate } from "../../src/define/validation.ts";

function schemaThat(check: (value: unknown) => unknown): Schema {
  return { "~standard": { version: 1, vendor: "test", validate: check } };
}

describe("validate()", () => {
  const Days = z.object({ days: z.array(z.object({ tempMax: z.number() })), degree: z.number().int().default(1) });

  it("gives the parsed value, at once where the schema can", () => {
    expect(validate(Days, { days: [] })).toEqual({ ok: true, value: { days: [], degree: 1 } });
  });

  it("gives issues with their paths", () => {
    const result = validate(Days, { days: [{ tempMax: 1 }, { tempMax: "warm" }], degree: 1.5 });
    expect(result).toMatchObject({
      ok: false,
      issues: [{ path: "days[1].tempMax", message: "expected number, received string" }, { path: "degree" }],
    });
  });

  it("waits for a schema that is asynchronous", async () => {
    const Slow = z.string().refine(async (word) => word !== "no", "not this word");
    expect(await validate(Slow, "yes")).toEqual({ ok: true, value: "yes" });
    expect(await validate(Slow, "no")).toEqual({ ok: false, issues: [{ path: "", message: "not this word" }] });
  });

  it("takes what a schema throws or rejects with for its answer", async () => {
    const cause = new TypeError("no such day");
    const refusal = { ok: false, issues: [{ path: "", message: "TypeError: no such day" }], cause };
    expect(
      validate(
        schemaThat(() => {
          throw cause;
        }),
        1,
      ),
    ).toEqual(refusal);
    expect(
      await validate(
        schemaThat(() => Promise.reject(cause)),
        1,
      ),
    ).toEqual(refusal);
    expect(
      validate(
        schemaThat(() => undefined),
        1,
      ),
    ).toMatchObject({ ok: false });
  });

  it("reads paths of segments and of symbols", () => {
    const issues = [{ message: "a", path: [{ key: "days" }, { key: 3 }] }, { message: "b", path: [Symbol("tag")] }, { message: "c" }];
    expect(
      validate(
        schemaThat(() => ({ issues })),
        1,
      ),
    ).toEqual({
      ok: false,
      issues: [
        { path: "days[3]", message: "a" },
        { path: "Symbol(tag)", message: "b" },
        { path: "", message: "c" },
      ],
    });
  });

  it("shows ten issues and counts the rest", () => {
    const issues = Array.from({ length: 12 }, (_, i) => ({ path: i === 0 ? "" : `n[${i}]`, message: "odd" }));
    expect(formatIssues(issues)).toMatch(/^odd; n\[1\]: odd; .*n\[9\]: odd; and 2 more$/);
  });
});

describe("jsonSchemaOf()", () => {
  it("tells both sides of a schema whose library can", () => {
    const Param = z.object({ n: z.number().default(2), at: z.date().optional(), word: z.string().transform((word) => word.length) });
    expect(jsonSchemaOf(Param)).toMatchObject({
      type: "object",
      properties: { n: { type: "number", default: 2 }, at: {}, word: { type: "string" } },
      required: ["word"],
    });
    expect(jsonSchemaOf(Param, "output")).toMatchObject({ required: ["n", "word"] });
  });

  it("is undefined for others", () => {
    expect(jsonSchemaOf(schemaThat((value) => ({ value })))).toBeUndefined();
    const Refusing: object = {
      version: 1,
      vendor: "test",
      validate: () => ({}),
      jsonSchema: {
        input: () => {
          throw new Error("cannot");
        },
        output: () => ({}),
      },
    };
    expect(jsonSchemaOf({ "~standard": Refusing as Schema["~standard"] })).toBeUndefined();
  });
});

describe("schemas of outputs", () => {
  it.each<[string, Schema, unknown[], unknown[]]>([
    [
      "items",
      items(z.number()),
      [[1], new Set([1]), (function* () {})(), (async function* () {})()],
      ["ab", 1, undefined, {}, new Uint8Array(2)],
    ],
    ["file", file(), ["/tmp/x", new Uint8Array(1), new Blob(["a"]).stream(), (async function* () {})()], [1, undefined, {}, [1]]],
    ["bytes", bytes(), [new Uint8Array(1), Buffer.from("a")], ["a", new Float64Array(1), undefined]],
    ["text", text(), ["", "a"], [1, undefined, new Uint8Array(1)]],
  ])("%s takes what it can store and refuses the rest", (name, schema, good, bad) => {
    expect(artifactOptionsOf(schema).materializer).toBe(name);
    expect(good.map((value) => validate(schema, value))).toEqual(good.map((value) => ({ ok: true, value })));
    expect(bad.map((value) => validate(schema, value))).toEqual(
      bad.map(() => ({ ok: false, issues: [{ path: "", message: expect.stringMatching(/^expected a/) }] })),
    );
  });

  it("tell what the items are", () => {
    const Row = z.number();
    expect(artifactOptionsOf(items(Row)).item).toBe(Row);
  });

  it("keep what was said when more is said", () => {
    const Row = z.string();
    const tagged = artifact(artifact(items(Row), { name: "rows" }), { tags: ["raw"], name: undefined });
    expect(artifactOptionsOf(tagged)).toEqual({ materializer: "items", item: Row, name: "rows", tags: ["raw"] });
    expect(validate(tagged, 1)).toMatchObject({ ok: false });
  });

  it("say the same of a plain schema, which stays as it was", () => {
    const Row = z.string();
    expect(jsonSchemaOf(artifact(Row, { name: "row" }))).toMatchObject({ type: "string" });
    expect(artifactOptionsOf(Row)).toEqual({});
  });

  it.each(["", "a/b", "-a", "a".repeat(129)])("refuse the name %j", (name) => {
    expect(() => artifact(z.string(), { name })).toThrow(expect.objectContaining({ code: "bad_definition" }));
  });
});

describe("unmapped()", () => {
  it("is known by a brand that copies lose", () => {
    const marked = unmapped([1]);
    expect(isUnmapped(marked)).toBe(true);
    expect(marked.unmapped).toEqual([1]);
    expect([isUnmapped({ ...marked }), isUnmapped({ unmapped: 1 }), isUnmapped(null)]).toEqual([false, false, false]);
  });
});

describe("a step's code digest", () => {
  let count = 0;
  const fn = ({ n }: { n: number }) => n;
  const digestOf = (
    input: z.ZodObject<{ n: z.ZodType<number> }>,
    output: z.ZodType,
    run: (input: { n: number }) => unknown = fn,
  ): string => {
    const options = { name: `digest_${count++}`, input, output };
    return definitionOf(Reflect.apply(step, undefined, [options, run]) as () => void).codeDigest;
  };
  const N = z.object({ n: z.number() });

  it("is the same for the same code", () => {
    expect(digestOf(N, z.number())).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf(z.object({ n: z.number() }), z.number())).toBe(digestOf(N, z.number()));
  });

  it("changes with the function, a default, an output's schema and its materializer", () => {
    const digests = [
      digestOf(N, z.number()),
      digestOf(N, z.number(), ({ n }) => n + 1),
      digestOf(z.object({ n: z.number().default(3) }), z.number()),
      digestOf(z.object({ n: z.number().default(4) }), z.number()),
      digestOf(N, z.number().int()),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    const of = (output: Schema) =>
      definitionOf(Reflect.apply(step, undefined, [{ name: `digest_${count++}`, output }, fn]) as () => void).codeDigest;
    const outputs = [of(items(z.number())), of(items(z.string())), of(text()), of(bytes()), of(schemaThat(() => 1))];
    expect(new Set(outputs).size).toBe(outputs.length);
  });

  it("costs nothing before it is asked for, and is computed once", () => {
    let asked = 0;
    const Counting: object = {
      version: 1,
      vendor: "test",
      validate: () => ({ value: 1 }),
      jsonSchema: { input: () => ({}), output: () => ({ n: asked++ }) },
    };
    const made = definitionOf(step({ name: "counted", output: { "~standard": Counting as Schema["~standard"] } }, () => 1));
    expect(asked).toBe(0);
    expect(made.codeDigest).toBe(made.codeDigest);
    expect(asked).toBe(1);
  });
});
