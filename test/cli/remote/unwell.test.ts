import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import "../fixtures/pipelines.ts";
import { problem } from "../resource-schemas.ts";
import { Place, skein, skeinJson } from "../skein.ts";
import { AnsweringServer, type Answer } from "./answering-server.ts";
import { Deployed } from "./deployed.ts";

const run = { id: "run_0000000001aaaa", pipeline: "greet", status: "running", steps: {}, outputs: {}, tags: [] };

describe("an address that is wrong", () => {
  it.each([
    ["no address", ["--url", "skein"], "bad_option", "is no address"],
    ["one of a host that is not there", ["--url", "http://no-such-host.invalid"], "api_unreachable", "no-such-host.invalid"],
    ["two addresses", ["--url", "http://x", "--stack-outputs", "out.json"], "bad_option", "give one of them"],
    ["outputs that are not there", ["--stack-outputs", "out.json"], "bad_option", "out.json cannot be read"],
    ["an address and a folder", ["--url", "http://x", "--dir", "."], "bad_option", "--dir is about this machine"],
    ["an address and a catalogue", ["--url", "http://x", "--catalogue", "p.ts"], "bad_option", "--catalogue is about this machine"],
  ])("(%s) ends with 2, and says so", async (_, args, code, hint) => {
    using place = new Place();
    const answer = await skeinJson(place, ["runs", ...args], { env: { SKEIN_API_KEY: "key" } });
    expect(answer.code).toBe(2);
    expect(problem.parse(answer.json).error).toMatchObject({ code, message: expect.stringContaining(hint) });
  });

  it("where nothing answers ends with 2, and says so", async () => {
    using place = new Place();
    const gone = await AnsweringServer.open({ body: "" });
    const { url } = gone;
    await gone[Symbol.asyncDispose]();
    const { code, stderr } = await skein(place, ["runs", "--url", url], { env: { SKEIN_API_KEY: "key" } });
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`error api_unreachable: The API at ${url} does not answer (connect ECONNREFUSED`),
    ]);
  });

  it("in the environment is named so, also beside an option of this machine", async () => {
    using place = new Place();
    const bad = await skein(place, ["runs"], { env: { SKEIN_URL: "skein", SKEIN_API_KEY: "key" } });
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining("SKEIN_URL names no API") });
    const both = await skein(place, ["runs", "--dir", "."], { env: { SKEIN_URL: "http://x" } });
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("SKEIN_URL names a deployed API") });
  });

  it("is missing where a key is given", async () => {
    using place = new Place();
    const { code, stderr } = await skein(place, ["runs", "--api-key", "key"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("name that with --url")]);
  });
});

it("the file of cdk deploy --outputs-file leads to the API, and commands to type next name it", async () => {
  await using api = await Deployed.open();
  writeFileSync(join(api.place.folder, "out.json"), JSON.stringify({ Skein: { SkeinApiUrl1A2B3C4D: `${api.served.url}/` } }));
  const env = { SKEIN_API_KEY: "key" };
  const { code, stdout } = await skein(api.place, ["runs", "--stack-outputs", "out.json"], { env });
  expect([code, stdout]).toEqual([0, "No runs yet. Start one with skein run <pipeline> --stack-outputs out.json\n"]);
});

describe("a server that is not well or not Skein's", () => {
  it.each<readonly [string, readonly string[], Answer, string, string]>([
    ["refuses who asks", ["runs"], { status: 403, body: '{"message":"Forbidden"}' }, "api_denied", "Forbidden"],
    ["has no such stage", ["show", "latest"], { status: 403, body: '{"message":"Missing Authentication Token"}' }, "api_denied", "stage"],
    ["knows nothing there", ["pipelines"], { status: 404, type: "text/html", body: "<html>" }, "api_unreachable", "404"],
    ["answers a page", ["pipelines"], { type: "text/html", body: "<!doctype html>" }, "api_unreachable", "doctype"],
    ["breaks off", ["runs"], { body: '{"runs": [' }, "api_unreachable", "no JSON"],
    ["answers nothing", ["stop", run.id], { status: 204, body: "" }, "api_unreachable", "no JSON"],
    ["answers other JSON", ["pipelines"], { body: '{"pipelines": {}}' }, "api_unreachable", '"pipelines"'],
    ["answers another plan", ["plan", "greet"], { body: "[]" }, "api_unreachable", '"pipeline"'],
    ["answers no lines", ["logs", run.id], { body: JSON.stringify({ run, lines: null }) }, "api_unreachable", '"lines"'],
    ["answers no steps", ["show", run.id], { body: JSON.stringify({ run }) }, "api_unreachable", '"steps"'],
    ["answers no run", ["run", "greet"], { body: '{"run": "run_1"}' }, "api_unreachable", '"run"'],
    ["fails", ["artifacts", "--name", "x"], { status: 502, body: '{"message":"Internal server error"}' }, "api_unreachable", "502"],
    ["has a code", ["run", "x"], { status: 404, body: '{"code":"unknown_pipeline","detail":"No x."}' }, "unknown_pipeline", "No x."],
  ])("that %s: a clear word, and 2", async (_, args, answer, code, hint) => {
    await using server = await AnsweringServer.open(answer);
    using place = new Place();
    const told = await skeinJson(place, args, { env: { SKEIN_URL: server.url, SKEIN_API_KEY: "key" } });
    expect(told.code).toBe(2);
    const { error } = problem.parse(told.json);
    expect(error).toMatchObject({ code, message: expect.stringContaining(hint) });
    if (code.startsWith("api_")) expect(error.message).toContain(server.url);
    expect(server.requests[0]?.headers["x-api-key"]).toBe("key");
  });
});

it("a server that dies while a run is followed: 1, and how to get back to the run", async () => {
  await using api = await Deployed.open();
  const file = join(api.place.folder, "go");
  const running = api.start(["run", "gated", "--params", JSON.stringify({ file, isolated: true })]);
  const [, id = ""] = await running.output(/^run (\S+) .*(?:\n.*)*running {3}waiting_2/);
  const logs = api.start(["logs", id, "-f"]);
  await logs.output(/waiting for second/);
  await api.served.close();
  const { code, stderr } = await running.ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error api_unreachable: The API at http:\S+ does not answer \(.*\)/);
  expect(stderr).toContain(
    `The run goes on without this command: skein resume ${id} follows it again, skein show ${id} tells how far it is.`,
  );
  expect(await logs.ended).toMatchObject({ code: 2, stderr: expect.stringContaining("error api_unreachable: ") });
  writeFileSync(file, "");
});
