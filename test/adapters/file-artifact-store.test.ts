import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FileArtifactStore } from "../../src/adapters/local/file-artifact-store.ts";
import { artifactStoreContract } from "../contracts/artifact-store.contract.ts";

const writer = fileURLToPath(new URL("file-artifact-writer.ts", import.meta.url));
const temporaries = (root: string) => (existsSync(join(root, "~tmp")) ? readdirSync(join(root, "~tmp")) : []);
const bytes = new TextEncoder().encode("content");

for (const hardLinks of [true, false]) {
  artifactStoreContract(`files, ${hardLinks ? "hard links" : "renames, flushed"}`, { bounded: true }, async () => {
    const root = mkdtempSync(join(tmpdir(), "skein-artifacts-"));
    return {
      store: FileArtifactStore.open(root, { hardLinks, flush: !hardLinks }),
      other: FileArtifactStore.open(root, { hardLinks, flush: !hardLinks }),
      debris: async () => temporaries(root),
      remove: async () => rmSync(root, { recursive: true }),
    };
  });
}

describe("file artifact store", () => {
  let folder: string;
  let root: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "skein-files-"));
    root = join(folder, "deep", "artifacts");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("makes its folder when something is put, not before", async () => {
    const store = FileArtifactStore.open(root);
    expect(await store.has("run/a")).toBe(false);
    await expect(store.get("run/a")).rejects.toMatchObject({ code: "artifact_missing" });
    expect(existsSync(root)).toBe(false);
    await store.put("run/a", bytes);
    expect(existsSync(root)).toBe(true);
  });

  test("goes on when a run's folder, or all of them, were removed meanwhile", async () => {
    const store = FileArtifactStore.open(root);
    await store.put("run/a", bytes);
    rmSync(join(root, "run"), { recursive: true });
    expect(await store.put("run/a", bytes)).toMatchObject({ stored: true });
    rmSync(root, { recursive: true });
    expect(await store.put("run/a", bytes)).toMatchObject({ stored: true });
  });

  test("puts a run's artifacts into one folder that is the run's alone", async () => {
    const store = FileArtifactStore.open(root);
    await store.put("run_1/fit[3]/1/n/out", bytes);
    await store.put("run_2/fit/1/n/out", bytes);
    expect(readdirSync(root).sort()).toEqual(["run_1", "run_2", "~tmp"]);
    expect(readdirSync(join(root, "run_1"))).toHaveLength(1);
  });

  test("answers paths and file uris that lead to the bytes, brackets and spaces included", async () => {
    const store = FileArtifactStore.open(join(folder, "my artifacts #1"));
    await store.put("run/fit[3]/1/n/out", bytes);
    expect(readFileSync(new URL(store.uri("run/fit[3]/1/n/out")), "utf8")).toBe("content");
    expect(fileURLToPath(store.uri("run/fit[3]/1/n/out"))).toBe(store.localPath("run/fit[3]/1/n/out"));
  });

  test("stores files that nobody may write", async () => {
    const store = FileArtifactStore.open(root);
    await store.put("run/a", bytes);
    await store.put(
      "run/b",
      (async function* () {
        yield bytes;
      })(),
    );
    for (const key of ["run/a", "run/b"]) expect(statSync(store.localPath(key) ?? "").mode & 0o222).toBe(0);
  });

  test("keeps one process's bytes of each key when four put the same keys", async () => {
    const processes = await Promise.all(Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, [writer, root, "race"])));
    const answers = processes.map(({ stdout }): { pid: number; wins: number[] } => JSON.parse(stdout));
    expect(answers.flatMap((a) => a.wins).sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    const store = FileArtifactStore.open(root);
    for (const { pid, wins } of answers) {
      for (const i of wins) expect(Buffer.from(await store.get(`race/fit[${i}]/1/n/out`)).toString()).toBe(`${pid} ${"x".repeat(i)}`);
    }
    expect(temporaries(root)).toEqual([]);
  });

  test("a killed writer leaves a temporary file only, removed by an open a day later", async () => {
    const child = spawn(process.execPath, [writer, root, "stream"], { stdio: "ignore" });
    await vi.waitFor(() => expect(statSync(join(root, "~tmp", temporaries(root)[0] ?? "none")).size).toBeGreaterThan(0), {
      timeout: 20_000,
      interval: 5,
    });
    child.kill("SIGKILL");
    await once(child, "exit");
    const [left = ""] = temporaries(root);
    const early = FileArtifactStore.open(root);
    expect(await early.has("run/fit/1/n/streamed")).toBe(false);
    expect(temporaries(root)).toEqual([left]);

    utimesSync(join(root, "~tmp", left), new Date(), new Date(Date.now() - 25 * 3_600_000));
    FileArtifactStore.open(root);
    expect(temporaries(root)).toEqual([]);
  });

  describe("says store_unwritable with the path, the reason and what to do", () => {
    const stream = async function* () {
      yield bytes;
    };
    const puts = (store: FileArtifactStore) => [
      store.put("run/a", bytes),
      store.put("run/b", stream()),
      store.put("run/c", new Uint8Array(1_000_000)),
    ];

    test("where its folder is a file", async () => {
      mkdirSync(join(folder, "deep"));
      writeFileSync(root, "I am a file");
      const store = FileArtifactStore.open(root);
      for (const put of puts(store))
        await expect(put).rejects.toMatchObject({
          code: "store_unwritable",
          message: expect.stringMatching(/is a file|in the place of a folder/),
        });
      await expect(store.put("run/a", bytes)).rejects.toThrow(root);
      expect(await store.has("run/a")).toBe(false);
      expect(readFileSync(root, "utf8")).toBe("I am a file");
    });

    test("where a run's folder is a file", async () => {
      mkdirSync(root, { recursive: true });
      writeFileSync(join(root, "run"), "I am a file");
      for (const put of puts(FileArtifactStore.open(root)))
        await expect(put).rejects.toMatchObject({ code: "store_unwritable", message: expect.stringContaining(join(root, "run")) });
      expect(temporaries(root)).toEqual([]);
    });

    test("where this user may not write", async () => {
      mkdirSync(root, { recursive: true });
      chmodSync(root, 0o555);
      chmodSync(folder, 0o755);
      const superuser = process.getuid?.() === 0;
      if (superuser) process.seteuid?.(65_534);
      try {
        const store = FileArtifactStore.open(root);
        for (const put of puts(store))
          await expect(put).rejects.toMatchObject({ code: "store_unwritable", message: expect.stringContaining("EACCES") });
        expect(await store.has("run/a")).toBe(false);
      } finally {
        if (superuser) process.seteuid?.(0);
      }
    });

    const mounts = spawnSync("unshare", ["-rm", "true"]).status === 0;
    const reason = mounts ? "" : " (SKIPPED: `unshare -rm` does not work here, so no small file system can be mounted)";
    const inMount = async (options: string, how: string) => {
      mkdirSync(root, { recursive: true });
      const script = `mount -t tmpfs -o ${options} tmpfs "$1" && "$2" "$3" "$1" ${how}; ls -A "$1/~tmp" 2>/dev/null || true`;
      const { stdout } = await promisify(execFile)("unshare", ["-rm", "sh", "-c", script, "sh", root, process.execPath, writer]);
      const [failure = "", ...left] = stdout.trim().split("\n");
      return { failure: JSON.parse(failure), left };
    };

    test.runIf(mounts).each(["small", "stream"])(`on a full file system: %s${reason}`, async (how) => {
      const { failure, left } = await inMount("size=200k", how);
      expect(failure).toMatchObject({
        code: "store_unwritable",
        message: expect.stringContaining("ENOSPC"),
        cause: { data: { code: "ENOSPC" } },
      });
      expect(failure.message).toContain(root);
      expect(left).toEqual([]);
    });

    test.runIf(mounts).each(["small", "stream"])(`on a read-only file system: %s${reason}`, async (how) => {
      expect((await inMount("ro", how)).failure).toMatchObject({ code: "store_unwritable", message: expect.stringContaining("EROFS") });
    });
    if (!mounts) process.stderr.write(`file artifact store: full and read-only file systems are not tested${reason}\n`);
  });
});
