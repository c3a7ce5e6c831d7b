import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { maxBodyBytes } from "../../src/api/routes.ts";
import { deployed, type Deployed } from "./deployed.ts";
import { endpoint, skipNote } from "./emulator.ts";
import type { Answer, Request } from "./api.ts";

const start = "/pipelines/idle/runs";
const good = { params: { ms: 0 } };
const nobody = "/runs/run_0mwuje0yapaf0hi0pccsr";

interface Bad {
  readonly what: string;
  readonly send: readonly [method: string, path: string, request?: Request];
  readonly status: number;
  /** Undefined: API Gateway itself answers, whose form for it no emulator has. */
  readonly code?: string;
}

const bads: readonly Bad[] = [
  { what: "malformed JSON", send: ["POST", start, { raw: `{"params": {` }], status: 400 },
  { what: "JSON of the wrong kind", send: ["POST", start, { raw: `[1, 2]` }], status: 400 },
  { what: "a field that nobody knows", send: ["POST", start, { body: { ...good, parms: {} } }], status: 400, code: "bad_request" },
  { what: "tags of the wrong type", send: ["POST", start, { body: { ...good, tags: [5] } }], status: 400 },
  {
    what: "parameters of the wrong type",
    send: ["POST", start, { body: { params: { ms: "soon" } } }],
    status: 400,
    code: "invalid_params",
  },
  { what: "missing parameters", send: ["POST", start, { body: {} }], status: 400, code: "invalid_params" },
  { what: "no JSON", send: ["POST", start, { raw: "ms=5", headers: { "Content-Type": "text/plain" } }], status: 400 },
  {
    what: "an oversize body",
    send: ["POST", start, { body: { params: { ms: 0, text: "x".repeat(maxBodyBytes) } } }],
    status: 413,
    code: "body_too_large",
  },
  {
    what: "an oversize parameter",
    send: ["POST", start, { body: { params: { ms: 0, text: "x".repeat(300_000) } } }],
    status: 400,
    code: "invalid_params",
  },
  {
    what: "an idempotency key that is none",
    send: ["POST", start, { body: good, headers: { "Idempotency-Key": "x".repeat(1_000) } }],
    status: 400,
    code: "bad_request",
  },
  { what: "an unknown pipeline", send: ["POST", "/pipelines/idel/runs", { body: good }], status: 404, code: "unknown_pipeline" },
  {
    what: "a pipeline's name that is none",
    send: ["POST", "/pipelines/..%2F..%2Fetc/runs", { body: good }],
    status: 404,
    code: "unknown_pipeline",
  },
  { what: "an unknown run", send: ["GET", nobody], status: 404, code: "unknown_run" },
  { what: "an id that is none", send: ["GET", "/runs/RUN%23"], status: 404, code: "unknown_run" },
  { what: "steps of an unknown run", send: ["GET", `${nobody}/steps`], status: 404, code: "unknown_run" },
  { what: "logs of an unknown run", send: ["GET", `${nobody}/steps/fit/logs`], status: 404, code: "unknown_run" },
  { what: "an unknown artifact", send: ["GET", "/artifacts/nothing"], status: 404, code: "unknown_artifact" },
  { what: "a stop of an unknown run", send: ["POST", `${nobody}/stop`, { body: {} }], status: 404, code: "unknown_run" },
  { what: "a resume of an unknown run", send: ["POST", `${nobody}/resume`, { body: {} }], status: 404, code: "unknown_run" },
  { what: "an unknown status", send: ["GET", "/runs?status=great"], status: 400, code: "bad_request" },
  { what: "an unknown query parameter", send: ["GET", "/runs?pipline=idle"], status: 400, code: "bad_request" },
  { what: "a limit that is none", send: ["GET", "/runs?limit=many"], status: 400, code: "bad_request" },
  { what: "a limit without end", send: ["GET", "/runs?limit=100000"], status: 400, code: "bad_request" },
  { what: "a cursor that no page gave", send: ["GET", "/runs?pipeline=idle&cursor=nowhere"], status: 400, code: "bad_option" },
];

describe.skipIf(endpoint === undefined)(`bad input, through API Gateway${skipNote}`, () => {
  let main: Deployed;
  beforeAll(() => {
    main = deployed("Main");
  });

  const runsInTable = () => main.state.countRuns();

  function expectProblem({ status, headers, json, text }: Answer, wanted: Pick<Bad, "status" | "code">): void {
    if (wanted.code === undefined) {
      expect({ status, json }).toEqual({ status: wanted.status, json: expect.any(Object) });
      return;
    }
    expect({ status, type: headers.get("content-type"), body: json ?? text }).toMatchObject({
      status: wanted.status,
      type: expect.stringMatching(/^application\/problem\+json/),
      body: { type: "about:blank", status: wanted.status, code: wanted.code, title: expect.any(String), detail: expect.any(String) },
    });
  }

  test.each(bads)("$what: $status, and nothing is created", async ({ send, ...wanted }) => {
    const before = await runsInTable();
    expectProblem(await main.api.send(...send), wanted);
    expect(await runsInTable()).toBe(before);
  });

  test.each([
    ["GET", "/nowhere"],
    ["DELETE", "/runs"],
    ["PUT", start],
  ])("%s %s is no route of the API", async (method, path) => {
    const { status, headers } = await main.api.send(method, path);
    expect([403, 404, 405]).toContain(status);
    expect(headers.get("content-type")).toMatch(/json/);
  });

  test("wrong parameters are named by the schema's own words and by their place", async () => {
    const { json } = await main.api.send("POST", start, { body: { params: { ms: "soon" } } });
    expect(json).toMatchObject({ issues: [{ path: "ms", message: expect.stringContaining("number") }] });
  });

  test("the same idempotency key is the same run, with another body a conflict", async () => {
    const headers = { "Idempotency-Key": randomUUID() };
    const before = await runsInTable();
    const answers = await Promise.all(Array.from({ length: 5 }, () => main.api.send("POST", start, { body: good, headers })));
    const ids = answers.map(({ json }) => (json as { run: { id: string } }).run.id);
    expect(new Set(ids).size).toBe(1);
    expect(answers.every(({ status }) => status >= 200 && status < 300)).toBe(true);
    expectProblem(await main.api.send("POST", start, { body: { params: { ms: 1 } }, headers }), {
      status: 409,
      code: "idempotency_conflict",
    });
    expect(await runsInTable()).toBe(before + 1);
    expect((await main.api.ended(ids[0]!)).status).toBe("completed");
  });

  test("pages end, and beyond the end there is nothing", async () => {
    const { id } = await main.api.completed("idle", { ms: 0 });
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await main.api.runs(`pipeline=idle&limit=1${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
      expect(page.runs.length).toBeLessThanOrEqual(1);
      seen.push(...page.runs.map((run) => run.id));
      if (page.cursor === undefined) break;
      ({ cursor } = page);
    }
    expect(seen).toContain(id);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("a run that has ended cannot be stopped or resumed", async () => {
    const { id } = await main.api.completed("idle", { ms: 0 });
    const answers = await Promise.all(["stop", "resume"].map((what) => main.api.send("POST", `/runs/${id}/${what}`, { body: {} })));
    for (const answer of answers) expectProblem(answer, { status: 409, code: "run_has_ended" });
    expect((await main.api.run(id)).status).toBe("completed");
  });

  test("the API describes itself", async () => {
    const document = await main.api.get<{ openapi: string; paths: Record<string, unknown> }>("/openapi.json");
    expect(document.openapi).toMatch(/^3\.1/);
    expect(Object.keys(document.paths)).toContain("/pipelines/{name}/runs");
    const { pipelines } = await main.api.get<{ pipelines: readonly { name: string }[] }>("/pipelines");
    expect(pipelines.map(({ name }) => name)).toContain("idle");
  });
});
