import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { describeDetail } from "../../../src/observe/detail.ts";
import "../fixtures/pipelines.ts";
import { pipelineList, plan, problem, runDetail, runPage, runReport } from "../resource-schemas.ts";
import { hasScript, Place, Skein, skeinJson } from "../skein.ts";
import { Deployed } from "./deployed.ts";

const catalogue = fileURLToPath(new URL("../fixtures/pipelines.ts", import.meta.url));
const greetAda = ["run", "greet", "--params", '{"name": "Ada"}'];

let api: Deployed;
beforeAll(async () => {
  api = await Deployed.open();
});
afterAll(() => api[Symbol.asyncDispose]());

/** What the engine behind the API says of a run. */
function detailOf(run: string) {
  return describeDetail(api.deployment.engine, run, Date.now());
}

/** Lines of definitions differ, since the test's own code is transformed. */
function placeless(resource: unknown): unknown {
  return JSON.parse(JSON.stringify(resource).replaceAll(/(pipelines\.ts):\d+/g, "$1"));
}

describe("the catalogue of a deployed API", () => {
  it("is listed as one of this machine", async () => {
    using place = new Place();
    const { code, json } = await api.json(["pipelines"]);
    expect(code).toBe(0);
    expect(placeless(pipelineList.parse(json))).toEqual(placeless((await skeinJson(place, ["pipelines", "--catalogue", catalogue])).json));
    const { stdout } = await api.skein(["pipelines"]);
    expect(stdout).toMatch(/\nsquares +dynamic +numbers: number\[\], plus\?: number *\n/);
    // All of a bundle lies in one line of one file.
    expect(stdout).not.toContain("DEFINED AT");
    expect((await api.skein(["plan", "squares", "--params", '{"numbers": [1]}'])).stdout).not.toContain("DEFINED AT");
  });

  it.each([
    ["static", ["plan", "planned", "--params", '{"numbers": [3]}']],
    ["dynamic", ["plan", "squares", "--params", '{"numbers": [1]}']],
  ])("plans %s pipelines as one of this machine does", async (_, args) => {
    using place = new Place();
    const { code, json } = await api.json(args);
    expect(code).toBe(0);
    expect(placeless(plan.parse(json))).toEqual(placeless((await skeinJson(place, [...args, "--catalogue", catalogue])).json));
  });
});

describe("a run at a deployed API", () => {
  it("is shown step by step to its end, with its outputs and their values", async () => {
    const { code, stdout, stderr } = await api.skein(greetAda);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^run run_[0-9a-z]+ \(greet\)\n/);
    expect(stdout).toMatch(/\ncompleted greeting .*\ncompleted shout /);
    expect(stdout).toMatch(/\ncompleted in .*: 2 completed\n/);
    expect(stdout).toMatch(/output +application\/json +11 B +with the run's state\n/);
    expect(stdout).toContain("HELLO ADA");
  });

  it("is reported with --json, and told of by the other commands, as the engine does", async () => {
    const { code, json } = await api.json([...greetAda, "--tag", "nightly", "test"]);
    expect(code).toBe(0);
    expect(existsSync(api.place.dir)).toBe(false);
    const { run, values } = runReport.parse(json);
    const detail = await detailOf(run.id);
    expect({ run, values }).toEqual({ run: detail.run, values: { output: "HELLO ADA" } });
    expect(run).toMatchObject({ status: "completed", tags: ["nightly", "test"] });
    expect((await api.json(["show", run.id])).json).toEqual(detail);
    expect((await api.json(["artifacts", run.id])).json).toEqual({
      artifacts: detail.steps.flatMap((step) => Object.values(step.outputs)),
    });
    expect(runPage.parse((await api.json(["runs", "--limit", "1"])).json).runs).toEqual([run]);
  });

  it("that failed ends with 1, and says which steps and why, and how to ask the same API", async () => {
    const args = ["run", "squares", "--params", '{"numbers": [1, 13, 2]}', "--url", api.served.url];
    const { code, stdout } = await api.skein(args);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nfailed {4}square 3\/3 items, 1 failed/);
    expect(stdout).toMatch(/square\[1\]: RangeError: 13 brings bad luck\n +skein logs run_[0-9a-z]+ --step 'square\[1\]' --url http/);
    const report = await api.json(args);
    expect(report.code).toBe(1);
    expect(runReport.parse(report.json).run).toMatchObject({ status: "failed", error: { cause: { name: "RangeError" } } });
  });

  it.each([
    ["an unknown pipeline", ["run", "greeet"], "unknown_pipeline", "greet"],
    ["parameters that are wrong", ["run", "greet", "--params", '{"name": 7}'], "invalid_params", "name"],
    ["a tag that is too long", [...greetAda, "--tag", "x".repeat(200)], "bad_request", "tags"],
    ["a plan of an unknown pipeline", ["plan", "greeet"], "unknown_pipeline", "greet"],
  ])("is refused with 2 for %s, and nothing is created", async (_, args, code, hint) => {
    const before = await api.deployment.runs();
    const answer = await api.json(args);
    expect(answer.code).toBe(2);
    expect(problem.parse(answer.json).error).toMatchObject({ code, message: expect.stringContaining(hint) });
    expect((await api.skein(args)).stderr).toMatch(new RegExp(`^error ${code}: `));
    expect(await api.deployment.runs()).toHaveLength(before.length);
  });

  it("of a key is started once", async () => {
    const first = runReport.parse((await api.json([...greetAda, "--key", "k1"])).json);
    const again = await api.skein([...greetAda, "--key", "k1"]);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining("The key was used before") });
    expect(again.stdout).toContain(first.run.id);
    const other = await api.json(["run", "greet", "--params", '{"name": "Bob"}', "--key", "k1"]);
    expect(other.code).toBe(2);
    expect(problem.parse(other.json).error.code).toBe("idempotency_conflict");
  });

  it("that has ended is told of by resume; its code stays as it is", async () => {
    const { run } = runReport.parse((await api.json(greetAda)).json);
    const { code, json } = await api.json(["resume", run.id]);
    expect(code).toBe(0);
    expect(runReport.parse(json)).toEqual({ run, values: { output: "HELLO ADA" } });
    const refused = await api.json(["resume", run.id, "--accept-code-change"]);
    expect(refused.code).toBe(2);
    expect(problem.parse(refused.json).error.code).toBe("bad_option");
  });
});

describe("a run that goes on at a deployed API", () => {
  async function gatedRun(...more: string[]) {
    const file = join(api.place.folder, `go-${Math.random()}`);
    const running = api.start(["run", "gated", "--params", JSON.stringify({ file, isolated: true }), ...more]);
    const [, id = ""] = await running.output(/^run (\S+) .*(?:\n.*)*running {3}waiting_2/);
    return { id, running, open: () => writeFileSync(file, "") };
  }

  it("is read and followed by others", async () => {
    const { id, running, open } = await gatedRun();
    expect((await api.skein(["runs"])).stdout).toMatch(new RegExp(`${id} +gated +running +1/2`));
    expect((await api.skein(["show", id])).stdout).toMatch(/waiting_2 +running +/);
    const following = api.start(["logs", id, "-f"]);
    await following.output(/waiting for second/);
    const resumed = api.start(["resume", id]);
    await resumed.output(/running {3}waiting_2/);
    open();
    expect((await following.ended).code).toBe(0);
    expect((await running.ended).code).toBe(0);
    expect(await resumed.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/completed in .*: 2 completed\n$/) });
  });

  it("is stopped by another command, and ends with 1", async () => {
    const { id, running } = await gatedRun();
    const stopped = await api.skein(["stop", id, "--reason", "enough", "--url", api.served.url]);
    expect(stopped).toMatchObject({
      code: 0,
      stdout: `Run ${id} was asked to stop. skein show ${id} --url ${api.served.url} tells when it has.\n`,
    });
    const { code, stdout } = await running.ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nstopped in /);
    const again = await api.json(["stop", id]);
    expect(again.code).toBe(2);
    expect(problem.parse(again.json).error.code).toBe("run_has_ended");
  });

  it("stops after Ctrl-C", async () => {
    const { id, running } = await gatedRun();
    running.child.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/Ctrl-C again leaves/);
    expect((await detailOf(id)).run.status).toBe("stopped");
  });

  it("goes on without a command that leaves it at a second Ctrl-C", async () => {
    const file = join(api.place.folder, "stubborn");
    const running = api.start(["run", "stubborn", "--params", JSON.stringify({ file })]);
    const [, id = ""] = await running.output(/^run (\S+) .*(?:\n.*)*running {3}deaf/);
    await expect.poll(() => existsSync(`${file}.begun`), { timeout: 10_000 }).toBe(true);
    running.child.kill("SIGINT");
    await running.output(/Ctrl-C again leaves/);
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toContain(`It ends without this command: skein show ${id} tells how.`);
    writeFileSync(file, "");
    await vi.waitFor(async () => expect((await detailOf(id)).run.status).toBe("stopped"), { timeout: 10_000 });
  });

  it.skipIf(!hasScript)("is drawn on a terminal, also between two looks (needs script of util-linux)", async () => {
    const file = join(api.place.folder, "drawn");
    const running = Skein.onTerminal(api.place, ["run", "gated", "--params", JSON.stringify({ file, isolated: true })], api.env);
    await running.output(/1 of 2 steps/);
    const requests = () => api.served.requests.filter((one) => one.includes("/steps")).length;
    const before = requests();
    await running.output(/(?:waiting_2[^]*){8}/);
    expect(requests() - before).toBeLessThanOrEqual(1);
    writeFileSync(file, "");
    expect((await running.ended).code).toBe(0);
  });

  it("of which only the end is asked for is looked at without its steps", async () => {
    const from = api.served.requests.length;
    const { code, stdout } = await api.skein([...greetAda, "--no-watch"]);
    expect(code).toBe(0);
    expect(stdout).not.toContain("completed greeting");
    expect(api.served.requests.slice(from).filter((one) => one.includes("/steps"))).toEqual([]);
  });

  it("is detailed as its own schema says while it runs", async () => {
    const { id, running, open } = await gatedRun();
    expect(runDetail.parse((await api.json(["show", id])).json)).toMatchObject({ run: { status: "running" } });
    open();
    await running.ended;
  });
});
