import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { problem, runDetail, runPage, runReport } from "../cli/resource-schemas.ts";
import { Place, skein, skeinJson } from "../cli/skein.ts";
import { answer, fixture, refusal } from "./refusal.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const catalogue = fixture("faulty.ts");
const mounts = spawnSync("unshare", ["-rm", "true"]).status === 0;
const reason = mounts ? "" : " (SKIPPED: `unshare -rm` does not work here, so no small file system can be mounted)";
if (!mounts) process.stderr.write(`bad input: full and read-only disks are not tested${reason}\n`);

interface Answer {
  readonly code: number;
  readonly json: unknown;
  readonly stderr: string;
}

/** Runs commands of the shell in a place whose folder is a file system of its own; `skein …` is one whose answer is kept. */
async function onDisk(place: Place, options: string, lines: readonly string[]): Promise<readonly Answer[]> {
  const script = [
    "set -eu",
    `mount -t tmpfs -o ${options} tmpfs "$PLACE"`,
    'cd "$PLACE"',
    'skein() { code=0; "$NODE" "$MAIN" "$@" --json >/dev/shm/out.$$ 2>/dev/shm/err.$$ || code=$?; echo "$code"; base64 -w0 /dev/shm/out.$$; echo; base64 -w0 /dev/shm/err.$$; echo; }',
    "fill() { \"$NODE\" -e \"const fs = require('node:fs'), left = $1 * 1024, { bavail, bsize } = fs.statfsSync('.'); fs.writeFileSync('filler', Buffer.alloc(bavail * bsize - left))\"; }",
    "mount -t tmpfs tmpfs /dev/shm",
    ...lines,
  ].join("\n");
  const env = { ...process.env, PLACE: place.folder, NODE: process.execPath, MAIN: main, CATALOGUE: catalogue, NO_COLOR: "1" };
  const { stdout } = await promisify(execFile)("unshare", ["-rm", "sh", "-c", script], { env, maxBuffer: 1 << 26 });
  const said = stdout.split("\n").slice(0, -1);
  const decode = (text = "") => Buffer.from(text, "base64").toString();
  return Array.from({ length: said.length / 3 }, (_, i) => {
    const [out, err] = [decode(said[3 * i + 1]), decode(said[3 * i + 2])];
    return { code: Number(said[3 * i]), json: out === "" ? undefined : JSON.parse(out), stderr: err };
  });
}

const hungry = (params: object) => `skein run hungry --catalogue "$CATALOGUE" --params '${JSON.stringify(params)}'`;
const plain = 'skein run plain --catalogue "$CATALOGUE"';

describe(`a full disk${reason}`, () => {
  test.runIf(mounts).each([false, true])(
    "fails the step whose artifact does not fit (isolated: %s); the run says why",
    async (isolated) => {
      using place = new Place();
      const [ran, shown] = await onDisk(place, "size=3m", [
        hungry({ bytes: 300_000, times: 20, isolated }),
        "rm -r .skein/artifacts",
        "skein show latest",
      ]);
      expect(ran?.code).toBe(1);
      expect(runReport.parse(ran?.json).run).toMatchObject({
        status: "failed",
        error: { code: "store_unwritable", message: expect.stringContaining("no space is left") },
      });
      const { run, steps } = runDetail.parse(shown?.json);
      expect(run.status).toBe("failed");
      expect(steps.filter(({ status }) => status === "failed")).toHaveLength(1);
      expect(steps.slice(0, -1).every(({ status }) => status === "completed")).toBe(true);
    },
  );

  test.runIf(mounts).each([
    ["inline", { bytes: 4, times: 500 }],
    ["isolated", { bytes: 4, times: 200, isolated: true }],
  ] as const)("that takes no more entries leaves the run (%s steps) to be resumed when there is space", async (_, params) => {
    using place = new Place();
    const [before, ran, resumed, shown] = await onDisk(place, "size=16m", [
      plain,
      "fill 250",
      hungry(params),
      "rm filler",
      'skein resume latest --catalogue "$CATALOGUE"',
      "skein show latest",
    ]);
    expect(before?.code).toBe(0);
    expect(ran).toMatchObject({ code: 1 });
    expect(problem.parse(ran?.json).error).toMatchObject({
      code: "store_unwritable",
      message: expect.stringContaining("make space, then resume the run"),
    });
    expect(ran?.stderr).not.toMatch(/\n\s+at /);
    expect(resumed?.code).toBe(0);
    expect(runReport.parse(resumed?.json).run).toMatchObject({ status: "completed", steps: { completed: params.times } });
    for (const { attempts } of runDetail.parse(shown?.json).steps)
      expect(attempts.filter(({ status }) => status === "completed")).toHaveLength(1);
  });

  test.runIf(mounts)("from the start is expectRefused, or leaves a run that can be resumed", async () => {
    for (const left of [4, 24, 60, 100]) {
      using place = new Place();
      const [, ran, , listed] = await onDisk(place, "size=16m", [plain, `fill ${left}`, plain, "rm filler", plain, "skein runs"]);
      const { runs } = runPage.parse(listed?.json);
      if (ran?.code === 0) continue;
      expect(problem.parse(ran?.json).error.code).toBe("store_unwritable");
      // Two others ran well; the third is there only if the command did not say that nothing was created.
      expect({ left, code: ran?.code, runs: runs.length }).toEqual({ left, code: ran?.code, runs: ran?.code === 2 ? 2 : 3 });
    }
  });
});

describe(`a disk that is read-only${reason}`, () => {
  test.runIf(mounts)("is expectRefused, and named", async () => {
    using place = new Place();
    const [ran, listed] = await onDisk(place, "ro", [plain, "skein runs"]);
    expect(ran?.code).toBe(2);
    expect(problem.parse(ran?.json).error).toMatchObject({
      code: "store_unwritable",
      message: expect.stringContaining("read-only"),
    });
    expect(listed).toMatchObject({ code: 0, json: { runs: [] } });
  });

  test.runIf(mounts)("under an engine's folder: what was there stays, and nothing is started", async () => {
    using place = new Place();
    const [before, ran, resumed, stopped, after] = await onDisk(place, "size=16m", [
      plain,
      'mount -o remount,ro "$PLACE"',
      plain,
      'skein resume latest --catalogue "$CATALOGUE"',
      "skein stop latest",
      'mount -o remount,rw "$PLACE"',
      "skein runs",
    ]);
    expect(before?.code).toBe(0);
    for (const answer of [ran, resumed, stopped]) {
      expect(answer?.code).toBe(2);
      expect(problem.parse(answer?.json).error.code).toBe("store_unwritable");
    }
    expect(runPage.parse(after?.json).runs).toHaveLength(1);
  });
});

describe("a file in the place of", () => {
  test("the engine's folder: refuses the run", async () => {
    using place = new Place();
    writeFileSync(place.dir, "a file");
    expect(await answer(place, ["run", "plain", "--catalogue", catalogue])).toMatchObject(
      refusal("store_unwritable", /a file is in the place of a folder/),
    );
    rmSync(place.dir);
  });

  test("the folder where live runs are noted: refuses the run, and creates none", async () => {
    using place = new Place();
    mkdirSync(place.dir);
    writeFileSync(join(place.dir, "live"), "a file");
    expect(await answer(place, ["run", "plain", "--catalogue", catalogue])).toMatchObject(
      refusal("store_unwritable", /live.*a file is in the place of a folder/),
    );
  });

  test("the artifacts' folder: fails the step that wants to store something", async () => {
    using place = new Place();
    mkdirSync(place.dir);
    writeFileSync(join(place.dir, "artifacts"), "a file");
    const { code, json } = await skeinJson(place, ["run", "hungry", "--catalogue", catalogue, "--params", '{"bytes": 8000, "times": 1}']);
    expect(code).toBe(1);
    expect(runReport.parse(json).run).toMatchObject({ status: "failed", error: { code: "store_unwritable", step: "write" } });
  });

  test("the logs' folder: costs the lines, not the run", async () => {
    using place = new Place();
    mkdirSync(place.dir);
    writeFileSync(join(place.dir, "logs"), "a file");
    const { code, stderr } = await skein(place, ["run", "chatty", "--catalogue", catalogue]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/lost.*store|lost.*a file/i);
  });
});
