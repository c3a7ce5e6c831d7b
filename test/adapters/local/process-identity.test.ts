import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { bornOf, isAlive, ownIdentity } from "../../../src/adapters/local/process-identity.ts";

async function sleeper() {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]);
  await once(child, "spawn");
  return { child, pid: child.pid ?? 0 };
}

async function kill({ child }: Awaited<ReturnType<typeof sleeper>>): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

describe("the identity of a process", () => {
  it("stays the same while it lives, and is another's for no other process", async () => {
    const a = await sleeper();
    expect(bornOf(a.pid)).toBe(bornOf(a.pid));
    expect(bornOf(process.pid)).toBe(ownIdentity().born);
    expect(bornOf(a.pid)).not.toBe(ownIdentity().born);
    await kill(a);
  });

  it("ends with it", async () => {
    const a = await sleeper();
    const identity = { pid: a.pid, born: bornOf(a.pid) };
    expect(isAlive(identity)).toBe(true);
    await kill(a);
    expect(isAlive(identity)).toBe(false);
    expect(bornOf(a.pid)).toBeUndefined();
  });

  it("is not inherited with the number", () => {
    expect(isAlive({ pid: process.pid, born: "another time" })).toBe(false);
    expect(isAlive(ownIdentity())).toBe(true);
  });

  it("survives a suspension", async () => {
    const a = await sleeper();
    const identity = { pid: a.pid, born: bornOf(a.pid) };
    a.child.kill("SIGSTOP");
    expect(isAlive(identity)).toBe(true);
    await kill(a);
  });

  it("of an unknown birth counts as alive as long as there is such a process", async () => {
    const a = await sleeper();
    expect(isAlive({ pid: a.pid })).toBe(true);
    await kill(a);
    expect(isAlive({ pid: a.pid })).toBe(false);
  });
});
