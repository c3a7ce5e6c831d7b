import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { FileArtifactStore } from "../../../src/adapters/local/file-artifact-store.ts";
import { file } from "../../../src/define/artifact-schema.ts";
import { step } from "../../../src/define/step.ts";
import type { StoredFile } from "../../../src/define/stored-file.ts";
import { loadArtifact } from "../../../src/execute/load-artifact.ts";
import { artifactFrom, completed, flipped, keyOf, outcomeOf, place, tampered, taskOf } from "../attempt.ts";
import { drained, saved } from "./saved.ts";

const asFile = { materializer: "file" } as const;
const content = `${"x".repeat(300_000)}é`;
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "file-test-"));
  path = join(folder, "model.bin");
  await writeFile(path, content);
});
afterAll(() => rm(folder, { recursive: true }));

let workedOn = "not yet";
step({ name: "make_file", output: file() }, () => path);
step(
  { name: "use_file", input: z.object({ model: z.custom<StoredFile>() }), outputs: { size: z.number(), copy: file() } },
  async ({ model }) => {
    workedOn = await model.path();
    return { size: (await readFile(workedOn)).length, copy: model };
  },
);

async function loadFile(source: unknown): Promise<StoredFile> {
  return (await (await saved(source, asFile)).load()) as StoredFile;
}

describe("a file", () => {
  test.each<[string, () => unknown]>([
    ["a path", () => path],
    ["bytes", () => Buffer.from(content)],
    ["a stream of Node", () => Readable.from([content.slice(0, 10), content.slice(10)])],
    ["a stream of the web", () => new Blob([content]).stream()],
    [
      "an async generator",
      async function* () {
        yield Buffer.from(content);
      },
    ],
  ])("may be given as %s", async (_, source) => {
    const made = source();
    const loaded = await loadFile(typeof made === "function" ? made() : made);
    expect(loaded.size).toBe(300_002);
    expect(await loaded.text()).toBe(content);
    expect(Buffer.from(await loaded.bytes()).toString()).toBe(content);
    expect(Buffer.concat((await drained(loaded.stream())) as Uint8Array[]).toString()).toBe(content);
    expect(await readFile(await loaded.path(), "utf8")).toBe(content);
  });

  test("keeps its name", async () => {
    expect(basename(await (await loadFile(path)).path())).toBe("model.bin");
  });

  test("that is not there, a folder, or no file at all is refused", async () => {
    await expect(loadFile(join(folder, "missing"))).rejects.toMatchObject({
      code: "unserializable_output",
      message: expect.stringContaining("missing"),
    });
    await expect(loadFile(folder)).rejects.toMatchObject({ code: "unserializable_output" });
    await expect(loadFile(7)).rejects.toMatchObject({ code: "unserializable_output" });
    await expect(loadFile(Readable.from([{ row: 1 }]))).rejects.toMatchObject({
      code: "unserializable_output",
      message: expect.stringContaining("chunk of type object"),
    });
  });

  test("that was altered is refused however it is read", async () => {
    const { ref, artifacts } = await saved(path, asFile);
    const altered = (await loadArtifact(ref, undefined, {
      artifacts: await tampered(artifacts, keyOf(ref), flipped(299_999)),
    })) as StoredFile;
    for (const read of [() => altered.bytes(), () => altered.text(), () => altered.path(), () => drained(altered.stream())]) {
      await expect(read()).rejects.toMatchObject({ code: "artifact_altered" });
    }
  });

  test("that is missing says so when it is read", async () => {
    const { ref } = await saved(path, asFile);
    const lost = (await loadArtifact(ref, undefined, { artifacts: (await saved(1)).artifacts })) as StoredFile;
    await expect(lost.path()).rejects.toMatchObject({ code: "artifact_missing", message: expect.stringContaining(ref.id) });
  });
});

describe("a step with files", () => {
  test("gets a path, which is gone after the attempt, and may pass the file on", async () => {
    const { workplace } = place();
    const model = await artifactFrom(taskOf("make_file"), workplace);
    const task = taskOf("use_file", { model: null }, { edges: [{ path: ["model"], artifact: model }] });
    const { outputs } = completed(await outcomeOf(task, workplace));
    expect(outputs["copy"]).toMatchObject({ digest: model.digest, metadata: { name: "model.bin" } });
    expect(basename(workedOn)).toBe("model.bin");
    expect(existsSync(workedOn)).toBe(false);
  });

  test("gets the store's own path where the store has one", async () => {
    const { workplace } = place({ artifacts: FileArtifactStore.open(join(folder, "store")) });
    const model = await artifactFrom(taskOf("make_file"), workplace);
    completed(await outcomeOf(taskOf("use_file", { model: null }, { edges: [{ path: ["model"], artifact: model }] }), workplace));
    expect(workedOn).toBe(workplace.artifacts.localPath(keyOf(model)));
  });

  test("gets no path of a file that was altered there", async () => {
    const { workplace } = place({ artifacts: FileArtifactStore.open(join(folder, "altered")) });
    const model = await artifactFrom(taskOf("make_file"), workplace);
    const there = workplace.artifacts.localPath(keyOf(model)) ?? "";
    await chmod(there, 0o644);
    await writeFile(there, `${content.slice(1)}y`);
    const loaded = (await loadArtifact(model, undefined, workplace)) as StoredFile;
    await expect(loaded.path()).rejects.toMatchObject({ code: "artifact_altered", message: expect.stringContaining(model.id) });
  });
});
