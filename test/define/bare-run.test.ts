import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { file, items, step, type StepContext } from "../../src/index.ts";
import { inPipeline, inStep, RecordedCalls } from "./recorded-calls.ts";

const at = step(
  {
    name: "at_hour",
    input: z.object({ hour: z.string().transform(Number), zone: z.string().default("UTC") }),
    output: z.number().transform((n) => `${n}h`),
  },
  ({ hour, zone }) => (zone === "UTC" ? hour : -1),
);
const split = step(
  { name: "split_up", input: z.object({ n: z.number() }), outputs: { half: z.number().default(7), rest: z.number() } },
  ({ n }) => ({ half: n / 2, rest: n % 2 }),
);
const seen: StepContext<string>[] = [];
const look = step({ name: "look" }, (_, context) => void seen.push(context));

/** A step whose function breaks its promise to the types. */
function careless(name: string, options: object, result: unknown): { run(input?: object): Promise<unknown> } {
  return Reflect.apply(step, undefined, [{ name, ...options }, () => result]) as { run(input?: object): Promise<unknown> };
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

describe("run()", () => {
  it("parses input and output as a run does", async () => {
    expect(await at.run({ hour: "5" })).toBe("5h");
    expect(await split.run({ n: 5 })).toEqual({ half: 2.5, rest: 1 });
    await expect(look.run()).resolves.toBeUndefined();
  });

  it("says what is wrong with the input", async () => {
    await expect(Reflect.apply(at.run, undefined, [{ hour: 5 }])).rejects.toThrow(
      expect.objectContaining({
        code: "invalid_input",
        message: "the input of step at_hour does not fit its schema: hour: expected string, received number",
      }),
    );
  });

  it.each<[string, object, unknown, string, RegExp]>([
    ["wrong_one", { output: z.number() }, "x", "invalid_output", /output of step wrong_one does not fit its schema: expected number/],
    ["undeclared", {}, 1, "undeclared_output", /returned a value but declares no output/],
    ["extra", { outputs: { a: z.number() } }, { a: 1, b: 2 }, "undeclared_output", /returned "b", which is none of its outputs \(a\)/],
    [
      "lacking",
      { outputs: { a: z.number(), b: z.number() } },
      { a: 1 },
      "invalid_output",
      /output "b" of step lacking does not fit.*received undefined/,
    ],
    ["no_record", { outputs: { a: z.number() } }, null, "invalid_output", /returned null: it has named outputs/],
  ])("says what is wrong with what %s returned", async (name, options, result, ...[code, message]) => {
    await expect(careless(name, options, result).run()).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it("lets the function's own error through", async () => {
    const error = new RangeError("too far");
    const failing = step({ name: "failing" }, () => {
      throw error;
    });
    await expect(failing.run()).rejects.toBe(error);
  });

  it("gives a context that needs no run, and takes parts of another", async () => {
    const abort = new AbortController();
    await look.run({}, { signal: abort.signal, attempt: 3 });
    const context = seen.at(-1);
    expect(context).toMatchObject({
      signal: abort.signal,
      attempt: 3,
      step: { id: "look", name: "look" },
      run: { id: "none", pipeline: "none" },
    });
    expect(context?.remainingMs()).toBe(Infinity);
    expect(() => context?.metadata({ n: 1 }, { output: "x" })).toThrow(expect.objectContaining({ code: "undeclared_output" }));
  });

  it("logs to the console, inside another step to its log", async () => {
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    const noisy = step({ name: "noisy" }, (_, { log }) => log.warn("careful", { n: 1 }));
    await noisy.run();
    expect(warned.mock.calls).toEqual([["careful", { n: 1 }]]);
    const lines: unknown[] = [];
    await inStep(
      () => noisy.run(),
      (...line) => lines.push(line),
    );
    expect(lines).toEqual([["warn", "careful", { n: 1 }]]);
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });

  it("counts as a step for the calls inside it", async () => {
    const calling = step({ name: "calling" }, () => void look());
    await expect(calling.run()).rejects.toThrow(
      expect.objectContaining({ code: "step_called_in_step", message: expect.stringContaining("inside step calling") }),
    );
    const running = step({ name: "running", output: z.string() }, async () => at.run({ hour: "1" }));
    expect(await running.run()).toBe("1h");
  });

  it("is refused in a pipeline function", async () => {
    await expect(inPipeline(new RecordedCalls(), () => look.run())).rejects.toThrow(
      expect.objectContaining({ code: "bad_call", message: expect.stringContaining("call look(input) instead") }),
    );
  });

  it("gives items that are parsed as they are read, as often as the source can be", async () => {
    const even = z.number().multipleOf(2).transform(String);
    const listed = step({ name: "listed", output: items(even) }, () => [2, 4]);
    const list = await listed.run();
    expect([await collect(list), await collect(list)]).toEqual([
      ["2", "4"],
      ["2", "4"],
    ]);
    const streamed = step({ name: "streamed", output: items(even) }, async function* () {
      yield 2;
      yield 5;
    });
    await expect(collect(await streamed.run())).rejects.toThrow(
      expect.objectContaining({ code: "invalid_output", message: expect.stringMatching(/^item 1 does not fit its schema/) }),
    );
  });

  it("gives files, whatever the step left them as", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "skein-test-")), "notes");
    await writeFile(path, "notes");
    async function* stream() {
      yield "no";
      yield new TextEncoder().encode("tes");
    }
    const sources = [path, new TextEncoder().encode("notes"), stream()];
    for (const [i, source] of sources.entries()) {
      const kept = await step({ name: `kept_${i}`, output: file() }, () => source).run();
      expect([
        kept.size,
        await kept.text(),
        new TextDecoder().decode(await kept.bytes()),
        await readFile(await kept.path(), "utf8"),
        Buffer.concat(await collect(kept.stream())).toString(),
      ]).toEqual([5, "notes", "notes", "notes", "notes"]);
      expect(await step({ name: `kept_again_${i}`, output: file() }, () => kept).run()).toBe(kept);
    }
    await expect(careless("gone", { output: file() }, join(path, "none")).run()).rejects.toThrow(/where there is no file/);
    await expect(careless("folder", { output: file() }, tmpdir()).run()).rejects.toThrow(/which is no file/);
    await expect(
      careless(
        "number_stream",
        { output: file() },
        (async function* () {
          yield 1;
        })(),
      ).run(),
    ).rejects.toThrow(/stream gave a number/);
  });
});
