import { describe, expect, it } from "vitest";
import { answer } from "../../src/api/api.ts";
import { SkeinError } from "../../src/model/error.ts";
import { Deployment, type Asking } from "./deployment.ts";
import "./fixtures/pipelines.ts";

const start = "/pipelines/greet/runs";
const good = JSON.stringify({ params: { name: "Ada" } });

/** What is answered, and what is left behind. */
async function refusal(method: string, path: string, asking: Asking = {}) {
  await using api = new Deployment({ isAsleep: true });
  const { body } = await api.ask(method, path, asking);
  return { body, runs: await api.runs(), wakes: api.wakes, reported: api.reported };
}

const refused = (problem: object) => ({ body: { type: "about:blank", ...problem }, runs: [], wakes: [], reported: [] });

const bad = { status: 400, title: "Bad Request", code: "bad_request" };
const issue = (path: string, message: RegExp) => ({ ...bad, issues: [{ path, message: expect.stringMatching(message) }] });

describe("the body of a start", () => {
  it.each<[string, Asking, object]>([
    ["no JSON", { body: '{"params":' }, { ...bad, detail: expect.stringContaining("The body is no JSON") }],
    ["no JSON but text", { body: "name=Ada" }, bad],
    ["no UTF-8", { body: new Uint8Array([0x22, 0xff, 0x22]) }, bad],
    ["a list", { json: [good] }, issue("", /object/)],
    ["null", { json: null }, issue("", /object/)],
    ["a field that nobody knows", { json: { parms: { name: "Ada" } } }, issue("", /"parms"/)],
    ["parameters that are a list", { json: { params: ["Ada"] } }, issue("params", /object/)],
    ["parameters that are null", { json: { params: null } }, issue("params", /object/)],
    ["parameters that are text", { json: { params: "Ada" } }, issue("params", /object/)],
    ["tags that are text", { json: { tags: "nightly" } }, issue("tags", /array/)],
    ["a tag that is a number", { json: { tags: ["a", 7] } }, issue("tags[1]", /string/)],
    ["an empty tag", { json: { tags: [""] } }, issue("tags[0]", /small/)],
    ["too many tags", { json: { tags: Array.from({ length: 51 }, String) } }, issue("tags", /big/)],
    ["parameters of a wrong type", { json: { params: { name: 7 } } }, { ...issue("name", /string/), code: "invalid_params" }],
    ["no parameters", { json: {} }, { ...issue("name", /string/), code: "invalid_params" }],
    ["a prototype for a parameter", { body: '{"params":{"name":{"__proto__":{"x":1}}}}' }, { status: 400, code: "invalid_params" }],
    ["parameters too deep to store", { body: `{"params":{"name":${"[".repeat(100_000)}${"]".repeat(100_000)}}}` }, { status: 400 }],
    ["parameters too long to store", { json: { params: { name: "x".repeat(200_001) } } }, { status: 400, code: "invalid_params" }],
    ["too large", { body: `{"params":{"name":"${"x".repeat(1_000_000)}"}}` }, { status: 413, code: "body_too_large" }],
    ["too large in bytes only", { body: JSON.stringify({ params: { name: "é".repeat(500_001) } }) }, { status: 413 }],
    [
      "of a form",
      { body: "name=Ada", headers: { "content-type": "application/x-www-form-urlencoded" } },
      { status: 415, code: "unsupported_body" },
    ],
    ["in another encoding", { body: good, headers: { "content-type": "application/json; charset=utf-16" } }, { status: 415 }],
  ])("is refused where it is %s", async (_, asking, problem) => {
    expect(await refusal("POST", start, asking)).toMatchObject(refused(problem));
  });

  it.each(["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"', "application/vnd.api+json"])(
    "is taken as %s",
    async (type) => {
      await using api = new Deployment({ isAsleep: true });
      expect(await api.ask("POST", start, { body: good, headers: { "content-type": type } })).toMatchObject({ status: 202 });
    },
  );
});

describe("an idempotency key", () => {
  it.each(["", "x".repeat(201), "key\u0000", "schlüssel", "tab\tkey", " "])("is refused where it is %j", async (key) => {
    const answered = await refusal("POST", start, { body: good, headers: { "idempotency-key": key } });
    expect(answered).toMatchObject(refused(issue("", /ASCII|big/)));
  });
});

describe("names", () => {
  it.each<[string, string, string, object]>([
    ["a pipeline", "POST", "/pipelines/gret/runs", { code: "unknown_pipeline", detail: expect.stringContaining('did you mean "greet"') }],
    ["a pipeline to show", "GET", "/pipelines/gret", { code: "unknown_pipeline" }],
    ["a pipeline to plan", "POST", "/pipelines/gret/plan", { code: "unknown_pipeline" }],
    ["a pipeline named by Object", "GET", "/pipelines/constructor", { code: "unknown_pipeline" }],
    ["a run", "GET", "/runs/run_000000000000", { code: "unknown_run" }],
    ["a run that has no id's form", "GET", "/runs/latest", { code: "unknown_run" }],
    ["a run whose steps are asked for", "GET", "/runs/run_000000000000/steps", { code: "unknown_run" }],
    ["a run whose graph is asked for", "GET", "/runs/run_000000000000/graph", { code: "unknown_run" }],
    ["a run whose logs are asked for", "GET", "/runs/run_000000000000/logs", { code: "unknown_run" }],
    ["a run to stop", "POST", "/runs/run_000000000000/stop", { code: "unknown_run" }],
    ["a run to resume", "POST", "/runs/run_000000000000/resume", { code: "unknown_run" }],
    ["an artifact", "GET", "/artifacts/run_000000000000.fit.1.output", { code: "unknown_artifact" }],
    ["an artifact that has no id's form", "GET", "/artifacts/..%2F..%2Fetc", { code: "unknown_artifact" }],
    ["a route", "GET", "/pipeline", { code: "unknown_route" }],
    ["a route by Object", "GET", "/toString", { code: "unknown_route" }],
  ])("that are of no such thing are answered with 404: %s", async (_, method, path, problem) => {
    expect(await refusal(method, path)).toMatchObject(refused({ status: 404, title: "Not Found", ...problem }));
  });

  it("of no route name the path, not what API Gateway's catch-all is called", async () => {
    await using api = new Deployment();
    const request = { method: "GET", route: "/{proxy+}", pathParams: { proxy: "run/7" }, query: {}, headers: {} };
    const { status, body } = await answer(request, api.ports);
    expect([status, body]).toEqual([404, expect.stringContaining("There is nothing at /run/7:")]);
  });

  it("of steps that the run does not have", async () => {
    await using api = new Deployment();
    const run = await api.run("greet", { name: "Ada" });
    const answer = await api.ask("GET", `/runs/${run.id}/steps/greting/logs`);
    expect(answer).toMatchObject({ status: 404, body: { code: "unknown_step", detail: expect.stringContaining("Did you mean greeting") } });
  });

  it("of artifacts that the run does not have", async () => {
    await using api = new Deployment();
    const run = await api.run("greet", { name: "Ada" });
    for (const rest of ["shout.2.output", "shout.1.other", "other.1.output", "shout[0].1.output"])
      expect(await api.ask("GET", `/artifacts/${run.id}.${rest}`)).toMatchObject({ status: 404, body: { code: "unknown_artifact" } });
  });
});

describe("methods", () => {
  it.each([
    ["PUT", start, "POST"],
    ["DELETE", "/runs/run_000000000000", "GET"],
    ["HEAD", "/runs", "GET"],
    ["GET", "/runs/run_000000000000/stop", "POST"],
    ["post", start, "POST"],
  ])("that a path does not take are refused with those that it does: %s %s", async (method, path, allow) => {
    await using api = new Deployment({ isAsleep: true });
    const { status, headers, body } = await api.ask(method, path, { body: good });
    expect({ status, allow: headers["Allow"], body }).toMatchObject({ status: 405, allow, body: { code: "method_not_allowed" } });
    expect(await api.runs()).toEqual([]);
  });
});

describe("query parameters", () => {
  it.each<[string, object]>([
    ["/runs?limit=0", issue("limit", /small/)],
    ["/runs?limit=1001", issue("limit", /big/)],
    ["/runs?limit=ten", issue("limit", /number/)],
    ["/runs?limit=", issue("limit", /small/)],
    ["/runs?limit=1.5", issue("limit", /int/)],
    ["/runs?limit=1e999", { ...bad, issues: [{ path: "limit" }] }],
    ["/runs?status=broken", issue("status", /"stopped"/)],
    ["/runs?statsu=failed", issue("", /"statsu"/)],
    ["/runs?cursor=garbage", { ...bad, code: "bad_option" }],
    ["/runs?cursor=5-run_1", { ...bad, code: "bad_option" }],
    ["/runs?cursor=", issue("cursor", /small/)],
    ["/artifacts", issue("name", /string/)],
    ["/artifacts?name=shouted&cursor=x", { ...bad, code: "bad_option" }],
    ["/pipelines?limit=1", issue("", /"limit"/)],
  ])("are refused: %s", async (path, problem) => {
    expect(await refusal("GET", path)).toMatchObject(refused(problem));
  });

  it.each([
    "?values=yes",
    "/steps?cursor=x",
    "/steps?cursor=1.5.2",
    "/steps?limit=0",
    "/steps?status=live",
    "/steps?items=2",
    "/logs?cursor=x",
    "/logs?cursor=0:x",
    "/logs?cursor=x:0",
    "/logs?attempt=1",
    "/steps/shout/logs?attempt=0",
    "/steps/shout/logs?attempt=one",
  ])("are refused of a run: %s", async (rest) => {
    await using api = new Deployment();
    const run = await api.run("greet", { name: "Ada" });
    expect(await api.ask("GET", `/runs/${run.id}${rest}`)).toMatchObject({ status: 400 });
  });

  it("that a signature in the address needs are passed over", async () => {
    await using api = new Deployment();
    expect(await api.ask("GET", "/runs?X-Amz-Signature=abc&X-Amz-Date=20260101T000000Z")).toMatchObject({ status: 200 });
  });
});

describe("what is no fault of the request", () => {
  const failing = (error: Error) => {
    const { state } = new Deployment().engine;
    return new Deployment({ ports: { state: Object.assign(Object.create(state), { listRuns: () => Promise.reject(error) }) } });
  };

  it("is answered without its internals, under an id that the log has", async () => {
    const error = new Error("password of the store is 12345");
    await using api = failing(error);
    const { status, body } = await api.ask("GET", "/runs");
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: "internal_error", title: "Internal Server Error" });
    expect(JSON.stringify(body)).not.toContain("12345");
    expect(api.reported).toEqual([{ id: (body as { id: string }).id, error }]);
  });

  it("is answered so also where Skein has a code for it", async () => {
    await using api = failing(new SkeinError("store_corrupt", "row 7 of table secret"));
    const { status, body } = await api.ask("GET", "/runs");
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  it("may be asked again where a store does not answer", async () => {
    await using api = failing(new SkeinError("store_unavailable", "ProvisionedThroughputExceeded on table secret"));
    const { status, headers, body } = await api.ask("GET", "/runs");
    expect({ status, retry: Number(headers["Retry-After"]) }).toEqual({ status: 503, retry: expect.any(Number) });
    expect(body).toMatchObject({ code: "store_unavailable" });
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  it("is the mistake of a static pipeline's function", async () => {
    await using api = new Deployment({ isAsleep: true });
    const { status, body } = await api.ask("POST", "/pipelines/mistaken/runs");
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain("secret");
    expect(api.reported).toMatchObject([{ error: { message: "secret of the function" } }]);
    expect(await api.runs()).toEqual([]);
  });
});
