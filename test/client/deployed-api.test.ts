import { describe, expect, it } from "vitest";
import { ApiClient, type SendInit } from "../../src/client/api-client.ts";
import { DeployedApi } from "../../src/client/deployed-api.ts";

const run = { id: "run_0000000001aaaa", pipeline: "p", status: "running", steps: {}, outputs: {}, tags: [] };

function apiOf(...answers: readonly Response[]) {
  const sent: (SendInit & { readonly url: string })[] = [];
  const rest = [...answers];
  const client = new ApiClient({
    url: "https://api.example",
    send: async (url, init) => {
      sent.push({ url, ...init });
      return rest.shift() ?? Response.error();
    },
    wait: async () => {},
  });
  return { api: new DeployedApi(client), sent };
}

describe("a start", () => {
  it("has a key of its own, kept when it is sent again", async () => {
    const { api, sent } = apiOf(
      new Response("", { status: 503 }),
      Response.json({ run }, { status: 200 }),
      Response.json({ run }, { status: 202 }),
    );
    expect(await api.start("p", {}, {})).toMatchObject({ created: true });
    await api.start("p", {}, {});
    const [first, again, other] = sent.map((one) => one.headers["Idempotency-Key"]);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it("with a key of the caller's says whether that was new", async () => {
    const { api, sent } = apiOf(Response.json({ run }, { status: 202 }), Response.json({ run }, { status: 200 }));
    expect(await api.start("p", { a: 1 }, { idempotencyKey: "k", tags: ["t"] })).toMatchObject({ created: true });
    expect(await api.start("p", { a: 1 }, { idempotencyKey: "k" })).toMatchObject({ created: false });
    expect(sent[0]).toMatchObject({ headers: { "Idempotency-Key": "k" }, body: '{"params":{"a":1},"tags":["t"]}' });
  });
});

it("a signal has an id of its own, kept when it is sent again; or that of the caller", async () => {
  const { api, sent } = apiOf(new Response("", { status: 503 }), ...[1, 2, 3].map(() => Response.json({ run }, { status: 202 })));
  expect(await api.signal(run.id, { name: "go", value: null })).toMatchObject({ id: run.id });
  await api.signal(run.id, { name: "go" });
  await api.signal(run.id, { name: "go", id: "mine" });
  const bodies = sent.map(({ body = "" }) => JSON.parse(body) as { readonly id: string });
  expect(bodies).toEqual([
    { id: expect.stringMatching(/^[0-9a-f-]{36}$/), value: null },
    bodies[0],
    { id: expect.any(String) },
    { id: "mine" },
  ]);
  expect(bodies[2]?.id).not.toBe(bodies[0]?.id);
  expect(sent[0]?.url).toBe(`https://api.example/runs/${run.id}/signals/go`);
});

it("versions come from all pages", async () => {
  const { api, sent } = apiOf(Response.json({ versions: [{ version: 2 }], cursor: "2" }), Response.json({ versions: [{ version: 1 }] }));
  expect(await api.listVersions("model")).toEqual([{ version: 2 }, { version: 1 }]);
  expect(sent.map((one) => one.url)).toEqual([
    "https://api.example/artifacts?name=model",
    "https://api.example/artifacts?name=model&cursor=2",
  ]);
});

describe("an answer of another shape", () => {
  it.each([
    ["no object", [], "run"],
    ["no run", {}, "run"],
    ["a run without an id", { run: { ...run, id: undefined } }, "id"],
    ["outputs that are a list", { run: { ...run, outputs: [] } }, "outputs"],
  ])("(%s) is refused, and what is missing is named", async (_, answer, member) => {
    const { api } = apiOf(Response.json(answer));
    await expect(api.showRun(run.id)).rejects.toMatchObject({ code: "api_unreachable", message: expect.stringContaining(`"${member}"`) });
  });

  it.each([
    ["lists of other things", { runs: ["run_1"] }],
    ["a cursor that is a number", { runs: [], cursor: 3 }],
    ["null", null],
  ])("(%s) is no page of runs", async (_, answer) => {
    const { api } = apiOf(Response.json(answer));
    await expect(api.listRuns({})).rejects.toMatchObject({ code: "api_unreachable" });
  });

  it("that only has more than is known is taken", async () => {
    const { api } = apiOf(Response.json({ run: { ...run, colour: "red" }, links: [] }));
    expect((await api.showRun(run.id)).run).toMatchObject({ id: run.id, colour: "red" });
  });
});
