import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { artifactList, logLine, pipelineList, plan, problem, runDetail, runPage, runReport } from "./resource-schemas.ts";
import { hasScript, Place, Skein, skein, skeinJson, skeinOnTerminal } from "./skein.ts";

const catalogue = fileURLToPath(new URL("./fixtures/pipelines.ts", import.meta.url));
const env = { SKEIN_CATALOGUE: catalogue };
const greetAda = ["run", "greet", "--params", '{"name": "Ada"}'];

describe("skein pipelines", () => {
  it("lists what the catalogue defines", async () => {
    using place = new Place();
    const { code, stdout } = await skein(place, ["pipelines"], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nsquares +dynamic +numbers: number\[\], plus\?: number +.*pipelines\.ts:\d+\n/);
    const { json } = await skeinJson(place, ["pipelines", "--catalogue", catalogue]);
    expect(pipelineList.parse(json).pipelines.map((one) => one.name)).toEqual([
      "greet",
      "squares",
      "gated",
      "hasty",
      "stubborn",
      "stuck",
      "mistaken",
      "planned",
      "pay",
      "exact",
    ]);
    expect(existsSync(place.dir)).toBe(false);
  });

  it("finds the catalogue through the nearest package.json", async () => {
    using place = new Place();
    writeFileSync(join(place.folder, "package.json"), JSON.stringify({ skein: { catalogue } }));
    expect((await skein(place, ["pipelines"])).stdout).toContain("greet");
  });
});

describe("skein plan", () => {
  it("shows the graph of a static pipeline, and runs nothing", async () => {
    using place = new Place();
    const { code, json } = await skeinJson(place, ["plan", "planned"], { env });
    expect(code).toBe(0);
    expect(plan.parse(json)).toMatchObject({
      mode: "static",
      params: { numbers: [1, 2] },
      nodes: [
        { id: "square", kind: "map", level: 0 },
        { id: "total", kind: "step", level: 1 },
      ],
      edges: [{ from: "square", to: "total", kind: "data", output: "output", path: "parts" }],
    });
    expect((await skein(place, ["plan", "planned"], { env })).stdout).toMatch(/1 {2}total +total +inline +parts = square/);
    expect(existsSync(place.dir)).toBe(false);
  });

  it("shows what is known of a dynamic one", async () => {
    using place = new Place();
    const { json } = await skeinJson(place, ["plan", "squares", "--params", '{"numbers": [1]}'], { env });
    expect(plan.parse(json)).toMatchObject({ mode: "dynamic", params: { numbers: [1], plus: 0 } });
  });
});

describe("skein run", () => {
  it("runs a pipeline and tells its outputs, line by line where nobody watches", async () => {
    using place = new Place();
    const { code, stdout } = await skein(place, greetAda, { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^run run_[0-9a-z]+ \(greet\)\n/);
    expect(stdout).toMatch(/\ncompleted greeting /);
    expect(stdout).toMatch(/\ncompleted in .*: 2 completed\n/);
    expect(stdout).toMatch(/output +application\/json +11 B +with the run's state\n/);
    expect(stdout).toContain("HELLO ADA");
    expect(stdout).not.toContain("\u001B");
  });

  it("answers a report with --json, and all other commands tell of the same run", async () => {
    using place = new Place();
    const { code, json } = await skeinJson(place, [...greetAda, "--tag", "nightly", "test"], { env });
    expect(code).toBe(0);
    const { run, values } = runReport.parse(json);
    expect(run).toMatchObject({
      pipeline: "greet",
      status: "completed",
      params: { name: "Ada" },
      steps: { completed: 2 },
      tags: ["nightly", "test"],
    });
    expect(values).toEqual({ output: "HELLO ADA" });
    const detail = runDetail.parse((await skeinJson(place, ["show", run.id])).json);
    expect(detail.run).toEqual(run);
    expect(detail.steps).toMatchObject([
      {
        id: "greeting",
        runtime: "inline",
        call: "sync",
        inputs: [{ path: "name", value: "Ada" }],
        metadata: { length: 3 },
        attempts: [{ ranIn: { kind: "orchestrator" } }],
      },
      {
        id: "shout",
        runtime: "isolated",
        upstream: ["greeting"],
        inputs: [{ path: "text", artifact: `${run.id}.greeting.1.output` }],
        attempts: [{ ranIn: { kind: "process" } }],
      },
    ]);
    expect(runPage.parse((await skeinJson(place, ["runs"])).json).runs).toEqual([run]);
    expect(artifactList.parse((await skeinJson(place, ["artifacts", "latest"])).json).artifacts).toHaveLength(2);
    const logs = (await skein(place, ["logs", "latest", "--json"])).stdout
      .trim()
      .split("\n")
      .map((line) => logLine.parse(JSON.parse(line)));
    expect(logs.map(({ step, level, message }) => [step, level, message])).toEqual([
      [undefined, "info", "begin"],
      ["greeting", "info", "greeting"],
      ["shout", "warn", "shouting"],
    ]);
  });

  it("shows maps by their items, and values that are tables", async () => {
    using place = new Place();
    const { code, stdout } = await skein(place, ["run", "squares", "--params", '{"numbers": [1, 2, 3]}'], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/completed square 3\/3 items/);
    expect(stdout).toMatch(/rows\n *N +SQUARE\n *0 +1\n *1 +4\n *2 +9\n/);
    const { json } = await skeinJson(place, ["show", "latest"]);
    expect(runDetail.parse(json).steps.map((one) => one.id)).toEqual(["square[0]", "square[1]", "square[2]", "total"]);
  });

  it("shows parameters and values that JSON has no word for in others", async () => {
    using place = new Place();
    const params = ["exact", "--params", '{"n": "12345678901234567890"}'];
    expect((await skein(place, ["plan", ...params], { env })).stdout).toContain('params {"n":"12345678901234567890"}');
    const { code, json } = await skeinJson(place, ["run", ...params], { env });
    expect(code).toBe(0);
    expect(runReport.parse(json).values).toEqual({ output: [["n", "12345678901234567890"]] });
  });

  it("ends with 1 when the run failed, and says which steps and why", async () => {
    using place = new Place();
    const args = ["run", "squares", "--params", '{"numbers": [1, 13]}'];
    const { code, stdout } = await skein(place, args, { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nfailed in /);
    expect(stdout).toMatch(/square\[1\]: RangeError: 13 brings bad luck\n +skein logs run_[0-9a-z]+ --step 'square\[1\]'/);
    const report = await skeinJson(place, args, { env });
    expect(report.code).toBe(1);
    expect(runReport.parse(report.json).run).toMatchObject({
      status: "failed",
      error: { code: "upstream_failed", cause: { name: "RangeError", message: "13 brings bad luck" } },
      steps: { completed: 1, failed: 1, skipped: 1 },
    });
  });

  it("reports a step whose output is not what it declares", async () => {
    using place = new Place();
    const { code, json } = await skeinJson(place, ["run", "mistaken"], { env });
    expect(code).toBe(1);
    expect(runReport.parse(json).run.error).toMatchObject({ code: "invalid_output" });
  });

  it.each([
    ["an unknown pipeline", ["run", "greeet"], "unknown_pipeline", "greet"],
    ["parameters that are wrong", ["run", "greet", "--params", '{"name": 7}'], "invalid_params", "name"],
    ["parameters that are missing", ["run", "greet"], "invalid_params", "name"],
  ])("refuses %s with 2, and creates nothing", async (_, args, code, hint) => {
    using place = new Place();
    const answer = await skeinJson(place, args, { env });
    expect(answer.code).toBe(2);
    expect(problem.parse(answer.json).error).toMatchObject({ code, message: expect.stringContaining(hint) });
    expect((await skeinJson(place, ["runs"])).json).toEqual({ runs: [] });
  });

  it("refuses a catalogue that cannot be loaded", async () => {
    using place = new Place();
    writeFileSync(join(place.folder, "broken.ts"), "export const x = ;\n");
    const { code, json } = await skeinJson(place, ["run", "greet", "--catalogue", "broken.ts"]);
    expect(code).toBe(2);
    expect(problem.parse(json).error).toMatchObject({ code: "catalogue_unreadable", message: expect.stringContaining("broken.ts") });
  });

  it("starts a key's run once", async () => {
    using place = new Place();
    const first = runReport.parse((await skeinJson(place, [...greetAda, "--key", "k1"], { env })).json);
    const second = runReport.parse((await skeinJson(place, [...greetAda, "--key", "k1"], { env })).json);
    expect(second.run.id).toBe(first.run.id);
    expect((await skeinJson(place, ["run", "greet", "--params", '{"name": "Bob"}', "--key", "k1"], { env })).code).toBe(2);
  });

  it("reads parameters from a file and from the standard input", async () => {
    using place = new Place();
    writeFileSync(join(place.folder, "p.json"), '{"name": "Eve"}');
    expect(runReport.parse((await skeinJson(place, ["run", "greet", "--params-file", "p.json"], { env })).json).values).toEqual({
      output: "HELLO EVE",
    });
    expect(
      runReport.parse((await skeinJson(place, ["run", "greet", "--params-file", "-"], { env, input: '{"name": "Bo"}' })).json).values,
    ).toEqual({ output: "HELLO BO" });
  });
});

describe.skipIf(!hasScript)("on a terminal (needs script of util-linux)", () => {
  it("draws what runs, and leaves what has ended", async () => {
    using place = new Place();
    const { code, stdout } = await skeinOnTerminal(place, greetAda, env);
    expect(code).toBe(0);
    expect(stdout).toContain("\u001B[?25l");
    expect(stdout).toMatch(/of \d steps/);
    expect(stdout).toMatch(/completed\u001B\[39m.*greeting/);
    expect(stdout).toContain("HELLO ADA");
  });

  it("draws nothing over in CI, and no colours with NO_COLOR or --no-color", async () => {
    using place = new Place();
    expect((await skeinOnTerminal(place, greetAda, { ...env, CI: "true" })).stdout).not.toContain("\u001B[?25l");
    expect((await skeinOnTerminal(place, ["runs"], { NO_COLOR: "1" })).stdout).not.toContain("\u001B[");
    expect((await skeinOnTerminal(place, ["runs", "--no-color"])).stdout).not.toContain("\u001B[");
    expect((await skeinOnTerminal(place, ["runs"])).stdout).toContain("\u001B[32mcompleted");
  });

  it("asks a run to stop at Ctrl-C, and leaves it at a second one", async () => {
    using place = new Place();
    const file = join(place.folder, "go");
    const running = Skein.onTerminal(place, ["run", "stuck", "--params", JSON.stringify({ file })], env);
    // A stop that comes before the step has begun ends the run at once.
    await expect.poll(() => existsSync(`${file}.begun`), { timeout: 10_000 }).toBe(true);
    running.type("\u0003");
    await running.output(/stopping[^]*Ctrl-C again leaves/);
    running.type("\u0003");
    await running.dead;
    expect(running.child.exitCode).toBe(130);
    writeFileSync(file, "");
    expect((await running.ended).stdout).toMatch(/skein resume run_.* brings it to its end/);
    const { code, json } = await skeinJson(place, ["resume", "latest"], { env });
    expect(code).toBe(1);
    expect(runReport.parse(json).run.status).toBe("stopped");
  });
});
