import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunId } from "../../../src/model/id.ts";
import { describeDetail } from "../../../src/observe/detail.ts";
import { describeVersions } from "../../../src/observe/versions.ts";
import "../fixtures/pipelines.ts";
import { artifactList, logLine, problem, runDetail, runPage } from "../resource-schemas.ts";
import { Deployed } from "./deployed.ts";

/** More than the API gives on one page. */
const items = 1_200;

let api: Deployed;
let [greeted, wide]: readonly (RunId | undefined)[] = [];
beforeAll(async () => {
  api = await Deployed.open();
  greeted = (await api.deployment.run("greet", { name: "Ada" })).id;
  await api.deployment.run("greet", { name: "Bob" });
  const numbers = Array.from({ length: items }, (_, n) => (n < 1_100 ? n + 14 : 13));
  wide = (await api.deployment.run("squares", { numbers })).id;
});
afterAll(() => api[Symbol.asyncDispose]());

describe("skein runs", () => {
  it("lists runs of the API, filtered and paged", async () => {
    const first = runPage.parse((await api.json(["runs", "--limit", "1"])).json);
    expect(first.runs.map((run) => run.id)).toEqual([wide]);
    const rest = runPage.parse((await api.json(["runs", "--cursor", first.cursor ?? ""])).json);
    expect(rest.runs.map((run) => run.id)).toContain(greeted);
    const of = async (...filter: string[]) => runPage.parse((await api.json(["runs", ...filter])).json).runs.length;
    expect([await of("--status", "failed"), await of("--pipeline", "greet"), await of("--status", "live")]).toEqual([1, 2, 0]);
    expect((await api.skein(["runs", "--limit", "1", "--url", api.served.url])).stdout).toContain(
      `skein runs --cursor ${first.cursor} --url ${api.served.url}`,
    );
  });

  it("says that there are none", async () => {
    await using empty = await Deployed.open();
    expect((await empty.skein(["runs"])).stdout).toBe("No runs yet. Start one with skein run <pipeline>\n");
  });
});

describe("a run is named", () => {
  it("by its id, by the beginning of it, or as the latest", async () => {
    const of = async (name: string) => runDetail.parse((await api.json(["show", name])).json).run.id;
    expect([await of(greeted ?? ""), await of((greeted ?? "").slice(0, -3)), await of("latest")]).toEqual([greeted, greeted, wide]);
  });

  it.each(["run_9", "run_", "forecast", "../x", "run_0000000001aaaa"])("%s is none, and the answer says what there is", async (name) => {
    const { code, json } = await api.json(["show", name]);
    expect(code).toBe(2);
    expect(problem.parse(json).error).toMatchObject({ code: "unknown_run" });
  });
});

describe("a run of many steps", () => {
  it("is shown whole, from all pages", async () => {
    const { json } = await api.json(["show", "latest"]);
    expect(json).toEqual(await describeDetail(api.deployment.engine, wide ?? "", Date.now()));
    expect(runDetail.parse(json).steps).toHaveLength(items + 1);
    expect(artifactList.parse((await api.json(["artifacts", "latest"])).json).artifacts).toHaveLength(1_100);
  });

  it("is shown in short without its items, and with the first failures", async () => {
    const from = api.served.requests.length;
    const { stdout } = await api.skein(["show", "latest"]);
    expect(stdout).toMatch(/square +failed .* 1200 items: 1,100 completed, 100 failed/);
    expect(stdout).not.toMatch(/square\[0\]/);
    expect([...stdout.matchAll(/^ {2}(square\[\d+\]): RangeError/gm)].map(([, id]) => id)).toEqual(
      [1_100, 1_101, 1_102, 1_103, 1_104].map((n) => `square[${n}]`),
    );
    expect(stdout).toContain("and 95 more: skein show");
    expect(api.served.requests.slice(from).length).toBeLessThan(8);
  });
});

describe("skein logs", () => {
  it("prints lines, of all or of one step or attempt", async () => {
    const { stdout } = await api.skein(["logs", greeted ?? ""]);
    expect(stdout.split("\n").map((line) => line.slice(13))).toEqual([
      "info  pipeline begin",
      'info  greeting greeting {"name":"Ada"}',
      "warn  shout shouting",
      "",
    ]);
    expect((await api.skein(["logs", greeted ?? "", "--step", "shout"])).stdout).toMatch(/^\S+ warn {2}shout shouting\n$/);
    expect((await api.skein(["logs", greeted ?? "", "--attempt", "1"])).stdout.split("\n")).toHaveLength(3);
    expect((await api.skein(["logs", greeted ?? "", "--step", "shout", "--attempt", "2"])).stderr).toContain("Nothing was logged.");
  });

  it("prints a line of JSON each with --json, the same as the API's", async () => {
    const { stdout } = await api.skein(["logs", greeted ?? "", "--json"]);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => logLine.parse(JSON.parse(line)));
    const answer = await fetch(`${api.served.url}/runs/${greeted}/logs`);
    expect(await answer.json()).toMatchObject({ lines });
    expect(lines).toHaveLength(3);
  });

  it("of a step that the run has not: the API's word on near ones", async () => {
    const { code, json } = await api.json(["logs", greeted ?? "", "--step", "shuot"]);
    expect(code).toBe(2);
    expect(problem.parse(json).error).toMatchObject({ code: "unknown_step", message: expect.stringContaining("shout") });
  });
});

describe("skein artifacts", () => {
  it("lists the versions of a name", async () => {
    const { json } = await api.json(["artifacts", "--name", "shouted"]);
    expect(json).toEqual({ versions: await describeVersions(api.deployment.engine, "shouted") });
    expect((await api.skein(["artifacts", "--name", "shouted"])).stdout).toMatch(new RegExp(`\n +1 .* ${greeted} +shout `));
    expect((await api.json(["artifacts", "--name", "none"])).json).toEqual({ versions: [] });
  });
});
