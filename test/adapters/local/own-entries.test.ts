import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { engineFolder } from "../../../src/adapters/local/engine-folder.ts";
import { Liveness } from "../../../src/adapters/local/liveness.ts";
import { LogFile } from "../../../src/adapters/local/log-file.ts";
import { isAlive } from "../../../src/adapters/local/process-identity.ts";
import { ProcessOperator } from "../../../src/adapters/local/process-operator.ts";
import { SqliteStateStore } from "../../../src/adapters/local/sqlite-state-store.ts";
import { ThreadRunner } from "../../../src/adapters/local/thread-runner.ts";
import type { Ran, Wake } from "../../../src/model/task.ts";
import { deedTask, fixture, run } from "./deed-task.ts";
import { until } from "./until.ts";

const catalogue = fileURLToPath(fixture("steps.ts"));
const folder = () => mkdtempSync(join(tmpdir(), "skein-own-"));

describe("the engine's own child", () => {
  it("claims, executes and ends the attempt in the stores, and wakes its run with the outcome", async () => {
    const dir = folder();
    const task = deedTask("double", { n: 21 });
    let operator: ProcessOperator | undefined;
    const wake = await new Promise<Wake>((resolve, reject) => {
      operator = new ProcessOperator({
        setup: { catalogue, dir, inlineValues: 4_096 },
        turns: { wake: async (woken) => resolve(woken) },
        onDeath: ({ reason }) => reject(new Error(reason.message)),
      });
      void operator.launch(task);
    });
    await operator?.close();
    const state = new SqliteStateStore({ path: engineFolder(dir).state });
    const [row] = await state.readAttempts([task.key]);
    await state.close();
    const outcome = { status: "completed", outputs: { output: expect.objectContaining({ at: { text: "42" } }) } };
    expect(row).toMatchObject({ status: "ended", outcome, place: { kind: "process", pid: expect.any(Number), born: expect.any(String) } });
    expect(wake).toMatchObject({ run, reason: "outcome", seen: { id: task.key.id, attempt: 1, outcome } });
    const { records } = await new LogFile(engineFolder(dir).logs).read(run);
    expect(records).toMatchObject([{ step: task.key.id, attempt: 1, message: "doubling 21" }]);
  });

  // A child that is busy learns of its parent's death only when it wants to tell of the end.
  it.each(["wait_for_file", "spin_for_file"])(
    "ends its attempt also when its parent has been killed, and tells the heir (%s)",
    async (step) => {
      const dir = folder();
      const gate = join(dir, "gate");
      const state = new SqliteStateStore({ path: engineFolder(dir).state });
      const args = [fileURLToPath(fixture("steps-parent.ts")), dir, step, JSON.stringify({ path: gate })];
      const parent = spawn(process.execPath, args, { stdio: "ignore" });
      const key = { run, id: `${step}_1`, attempt: 1 };
      const claim = await until(async () => {
        const [row] = await state.readAttempts([key]);
        return row?.status === "running" && row;
      }, "the attempt to be claimed");
      parent.kill("SIGKILL");
      await once(parent, "exit");
      const heir = new Liveness(dir);
      const poked = new Promise<Wake>((resolve) => void heir.announce(run, resolve).then(() => writeFileSync(gate, "")));
      expect(await poked).toMatchObject({ run, reason: "outcome", seen: { id: key.id, outcome: { status: "completed" } } });
      const [row] = await state.readAttempts([key]);
      expect(row).toMatchObject({ status: "ended", nonce: claim.nonce, outcome: { status: "completed" } });
      await until(() => !isAlive({ pid: claim.place.pid ?? 0, born: claim.place.born }), "the child to end");
      await heir.close();
      await state.close();
    },
  );
});

describe("the engine's own thread", () => {
  it("executes steps, and leaves recording to the turn", async () => {
    const dir = folder();
    const runner = new ThreadRunner({ setup: { catalogue, dir, inlineValues: 4_096 } });
    const rans: Ran[] = [];
    await runner.run([deedTask("double", { n: 1 }), deedTask("double", { n: "one" })], new AbortController().signal, (_, ran) =>
      rans.push(ran),
    );
    await runner.close();
    expect(rans).toMatchObject([
      {
        outcome: { status: "completed", outputs: { output: { at: { text: "2" } } } },
        span: { place: { kind: "thread", pid: process.pid } },
      },
      { outcome: { status: "failed", error: { code: "invalid_input" } } },
    ]);
    const { records } = await new LogFile(engineFolder(dir).logs).read(run);
    expect(records.map(({ message }) => message)).toEqual(["doubling 1"]);
    const state = new SqliteStateStore({ path: engineFolder(dir).state });
    expect(await state.listAttempts(run)).toEqual([]);
    await state.close();
  });
});
