import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { bornOf, isAlive } from "../../../src/adapters/local/process-identity.ts";
import { fixture } from "./deed-task.ts";
import { readRecord } from "./staffed-operator.ts";
import { until } from "./until.ts";

/** Starts a process that launches the deeds, written as `name` or `name=input`, on one child. */
function startParent(...deeds: readonly string[]) {
  const dir = mkdtempSync(join(tmpdir(), "skein-parent-"));
  const gate = join(dir, "gate");
  const words = deeds.map((deed) => deed.replace("GATE", gate));
  const parent = spawn(process.execPath, [fileURLToPath(fixture("process-parent.ts")), dir, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  parent.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  parent.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  return { parent, dir, said, openGate: () => writeFileSync(gate, "") };
}

async function childOf(dir: string): Promise<{ readonly pid: number; readonly born: string | undefined }> {
  const { pid } = await until(() => readRecord(dir).find(({ began }) => began !== undefined), "the first deed to begin");
  return { pid: Number(pid), born: bornOf(Number(pid)) };
}

describe("a child", () => {
  it("whose parent is killed finishes and records its task, begins no other, and ends", async () => {
    const { parent, dir, openGate } = startParent("untilThere=GATE", "greet=me");
    const child = await childOf(dir);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    expect(isAlive(child)).toBe(true);
    openGate();
    await until(() => !isAlive(child), "the child to end");
    expect(readRecord(dir).map(({ pid: _, ...line }) => Object.keys(line)[0])).toEqual(["began", "ended", "closed"]);
  });

  it("does not die of the signal that a terminal sends to it as well as to its parent", async () => {
    const { parent, dir, said, openGate } = startParent("untilThere=GATE");
    const child = await childOf(dir);
    process.kill(child.pid, "SIGINT");
    process.kill(child.pid, "SIGHUP");
    openGate();
    await once(parent, "close");
    expect(said.stdout).toContain('"completed"');
  });

  it("keeps its parent alive while it has a task, and no longer; then it ends with it", async () => {
    const { parent, dir, said } = startParent("spin=50", "greet=me");
    const child = await childOf(dir);
    const [exitCode] = await once(parent, "close");
    expect(exitCode).toBe(0);
    expect(said.stdout.match(/"completed"/g)).toHaveLength(2);
    await until(() => !isAlive(child), "the child to end");
    expect(readRecord(dir).at(-1)).toEqual({ closed: child.pid });
  });

  it("writes past its parent's stdout", async () => {
    const { parent, said } = startParent("print=straight to stdout");
    await once(parent, "close");
    expect(
      said.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([{ id: "print_1", status: "completed" }]);
    expect(said.stderr).toContain("straight to stdout");
  });
});
