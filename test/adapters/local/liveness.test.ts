import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { Liveness } from "../../../src/adapters/local/liveness.ts";
import { parseRunId } from "../../../src/model/id.ts";
import { fixture, run } from "./deed-task.ts";
import { until } from "./until.ts";

const other = parseRunId("run_0abcdefgh0000000000")!;
const endings: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

const folder = () => mkdtempSync(join(tmpdir(), "skein-live-"));

function liveness(dir: string): Liveness {
  const made = new Liveness(dir);
  endings.push(() => made.close());
  return made;
}

/** Another process that announces the runs; resolves when it has tried all. */
async function announcer(dir: string, ...runs: readonly string[]) {
  const child = spawn(process.execPath, [fileURLToPath(fixture("live-process.ts")), dir, ...runs]);
  endings.push(() => void child.kill("SIGKILL"));
  const said: Record<string, unknown>[] = [];
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    said.push(...lines.map((line) => JSON.parse(line)));
  });
  await until(() => said.length >= runs.length, "the other process to announce its runs");
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await once(child, "exit");
  };
  return { child, said, pid: child.pid, kill };
}

describe("Liveness", () => {
  it("knows of no run that was never announced, and makes nothing to find that out", async () => {
    const dir = join(folder(), "none");
    expect(await liveness(dir).probe(run)).toBe("dead");
    expect(await liveness(dir).poke({ v: 1, run, reason: "stop" })).toBe(false);
    expect(existsSync(dir)).toBe(false);
  });

  it("names the process that a run lives in", async () => {
    const dir = folder();
    const { pid } = await announcer(dir, run);
    expect(await liveness(dir).probe(run)).toEqual({
      alive: { pid, born: expect.any(String), startedAt: expect.any(Number), command: expect.stringContaining("live-process.ts") },
    });
    expect(await liveness(dir).probe(other)).toBe("dead");
  });

  it("refuses a run that lives elsewhere or here, and leaves it alone", async () => {
    const dir = folder();
    const { pid } = await announcer(dir, run);
    const here = liveness(dir);
    await expect(here.announce(run, () => {})).rejects.toMatchObject({
      code: "run_is_live",
      message: expect.stringContaining(`process ${pid}`),
    });
    await here.announce(other, () => {});
    await expect(here.announce(other, () => {})).rejects.toMatchObject({ code: "run_is_live" });
    expect(await here.probe(run)).toMatchObject({ alive: { pid } });
  });

  it("calls a run dead when its process was killed, and lets another one have it", async () => {
    const dir = folder();
    const { kill } = await announcer(dir, run);
    const sockets = () => readdirSync(join(dir, "live")).filter((name) => name.endsWith(".sock"));
    await kill("SIGKILL");
    expect(sockets()).toHaveLength(1);
    const here = liveness(dir);
    expect(await here.probe(run)).toBe("dead");
    await here.announce(run, () => {});
    expect(await liveness(dir).probe(run)).toMatchObject({ alive: { pid: process.pid } });
    expect(sockets()).toHaveLength(1);
  });

  it("calls a run alive whose process is suspended and cannot answer", async () => {
    const dir = folder();
    const { child, pid } = await announcer(dir, run);
    child.kill("SIGSTOP");
    const here = liveness(dir);
    expect(await here.probe(run)).toMatchObject({ alive: { pid } });
    await expect(here.announce(run, () => {})).rejects.toMatchObject({ code: "run_is_live" });
    expect(await here.poke({ v: 1, run, reason: "stop" })).toBe(false);
    child.kill("SIGCONT");
    await until(() => here.poke({ v: 1, run, reason: "stop" }), "the process to take the poke");
  });

  it("calls a run alive whose process lives but has lost its socket", async () => {
    const dir = folder();
    const { pid } = await announcer(dir, run);
    for (const name of readdirSync(join(dir, "live"))) if (name.endsWith(".sock")) rmSync(join(dir, "live", name));
    expect(await liveness(dir).probe(run)).toMatchObject({ alive: { pid } });
  });

  it("brings a poke to the process that the run lives in", async () => {
    const dir = folder();
    const { said } = await announcer(dir, other, run);
    expect(await liveness(dir).poke({ v: 1, run, reason: "stop" })).toBe(true);
    expect(await until(() => said.find(({ poked }) => poked !== undefined), "the poke")).toEqual({ poked: "stop", run });
  });

  it("calls a run dead that its process has given back", async () => {
    const dir = folder();
    const [here, there] = [liveness(dir), liveness(dir)];
    const mark = await here.announce(run, () => {});
    await here.announce(other, () => {});
    await mark.withdraw();
    expect([await there.probe(run), await there.probe(other)]).toEqual(["dead", { alive: expect.anything() }]);
    await there.announce(run, () => {});
    await mark.withdraw();
    expect(await here.probe(run)).toMatchObject({ alive: { pid: process.pid } });
  });

  it("gives a dead process's run to one of several that want it", async () => {
    const dir = folder();
    const { kill } = await announcer(dir, run);
    await kill("SIGKILL");
    const rivals = await Promise.all(Array.from({ length: 5 }, () => announcer(dir, run)));
    const said = rivals.map((rival) => Object.keys(rival.said[0] ?? {})[0]);
    expect(said.filter((word) => word === "announced")).toHaveLength(1);
    expect(said.filter((word) => word === "refused")).toHaveLength(4);
  });

  it("takes away what dead processes have left, and nothing of living ones", async () => {
    const dir = folder();
    const dead = await announcer(dir, other);
    const third = parseRunId("run_0abcdefgh1111111111")!;
    const alive = await announcer(dir, third);
    await dead.kill("SIGKILL");
    const here = liveness(dir);
    await here.announce(run, () => {});
    expect(readdirSync(join(dir, "live")).filter((name) => name.endsWith(".sock"))).toHaveLength(2);
    expect(await here.probe(third)).toMatchObject({ alive: { pid: alive.pid } });
  });

  it("keeps no process alive", async () => {
    const dir = folder();
    const { child } = await announcer(dir, run);
    child.stdin.end();
    const [exitCode] = await once(child, "exit");
    expect(exitCode).toBe(0);
    expect(readdirSync(join(dir, "live"))).toEqual(["live.db"]);
  });

  it("finds room for its socket where the folder's path is too long for one", async () => {
    const dir = join(folder(), "d".repeat(90));
    mkdirSync(dir);
    const { pid } = await announcer(dir, run);
    expect(await liveness(dir).probe(run)).toMatchObject({ alive: { pid } });
    expect(readdirSync(join(dir, "live"))).toEqual(["live.db"]);
  });

  it("bears with callers that talk nonsense or say nothing", async () => {
    const dir = folder();
    const here = liveness(dir);
    await here.announce(run, () => {});
    const socket = readdirSync(join(dir, "live")).find((name) => name.endsWith(".sock"))!;
    const caller = connect(join(dir, "live", socket));
    caller.end("nonsense\n");
    await once(caller.resume(), "close");
    const silent = connect(join(dir, "live", socket));
    await once(silent, "connect");
    expect(await liveness(dir).probe(run)).toMatchObject({ alive: { pid: process.pid } });
    silent.destroy();
  });

  it("bears with a process that was killed in the middle of a change", async () => {
    const dir = folder();
    const { pid } = await announcer(dir, run);
    const change = `
      const { DatabaseSync } = require("node:sqlite");
      const db = new DatabaseSync(process.argv[1]);
      db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = 1; BEGIN IMMEDIATE; DELETE FROM live");
      const insert = db.prepare("INSERT INTO live (run, doc) VALUES (?, ?)");
      for (let i = 0; i < 2000; i++) insert.run("run_" + i, "x".repeat(500));
      process.kill(process.pid, "SIGKILL");`;
    await once(spawn(process.execPath, ["-e", change, join(dir, "live", "live.db")]), "exit");
    expect(readdirSync(join(dir, "live"))).toContain("live.db-journal");
    expect(await liveness(dir).probe(run)).toMatchObject({ alive: { pid } });
  });

  it("bears with a process that was killed before its first change", async () => {
    const dir = folder();
    mkdirSync(join(dir, "live"));
    writeFileSync(join(dir, "live", "live.db"), "");
    expect(await liveness(dir).probe(run)).toBe("dead");
  });

  it("names the file when what it finds is no table of its own", async () => {
    const dir = folder();
    mkdirSync(join(dir, "live"));
    writeFileSync(join(dir, "live", "live.db"), "not a database, but long enough to be taken for one".repeat(40));
    await expect(liveness(dir).probe(run)).rejects.toMatchObject({ code: "store_corrupt", message: expect.stringContaining("live.db") });
  });
});
