import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { ApiClient, type Send, type SendInit } from "../../src/client/api-client.ts";

const url = "https://api.example/v1";
const good = () => Response.json({ runs: [] });
const refused = () => {
  throw new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") });
};

/** A client whose requests are answered by `answers` in turn, the last one again and again; it waits in no time. */
function clientOf(...answers: readonly (() => Response)[]) {
  const sent: (SendInit & { readonly url: string })[] = [];
  const waits: number[] = [];
  const send: Send = async (url, init) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)];
    sent.push({ url, ...init });
    if (answer === undefined) throw new Error("no answer");
    return answer();
  };
  return { client: new ApiClient({ url, send, wait: async (ms) => waits.push(ms) }), sent, waits };
}

function json(status: number, value: unknown): () => Response {
  return () => Response.json(value, { status });
}

describe("a request", () => {
  it("has the route's method and path, its parts encoded", async () => {
    const { client, sent } = clientOf(good);
    await client.ask("readStepLogs", { path: { id: "run_1", stepId: "fit[3]" }, query: { attempt: 2, cursor: "3:a b&c" } });
    expect(sent[0]).toMatchObject({ method: "GET", url: `${url}/runs/run_1/steps/fit%5B3%5D/logs?attempt=2&cursor=3%3Aa%20b%26c` });
  });

  it("has no query that was not asked for, and its body as JSON", async () => {
    const { client, sent } = clientOf(good);
    await client.ask("listRuns", { query: { pipeline: undefined } });
    await client.ask("stopRun", { path: { id: "run_1" }, body: { reason: "enough" } });
    expect(sent.map((one) => one.url)).toEqual([`${url}/runs`, `${url}/runs/run_1/stop`]);
    expect(sent[1]).toMatchObject({ method: "POST", headers: { "content-type": "application/json" }, body: '{"reason":"enough"}' });
  });
});

describe("an API that is not well", () => {
  it.each([429, 500, 502, 503, 504])("is asked again after %i, the same", async (status) => {
    const { client, sent } = clientOf(json(status, { message: "not now" }), good);
    expect(await client.ask("listRuns")).toEqual({ status: 200, resource: { runs: [] } });
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({ url: sent[0]?.url, method: "GET", headers: sent[0]?.headers });
  });

  it("that has never answered is given up soon, one that has is waited for with growing pauses", async () => {
    const never = clientOf(refused);
    await expect(never.client.ask("listRuns")).rejects.toMatchObject({ code: "api_unreachable" });
    expect(never.waits).toHaveLength(2);
    const { client, waits } = clientOf(good, refused);
    await client.ask("listRuns");
    await expect(client.ask("listRuns")).rejects.toMatchObject({
      code: "api_unreachable",
      message: expect.stringMatching(/https:\/\/api\.example\/v1.*ECONNREFUSED/),
    });
    expect(waits).toHaveLength(7);
    const bounds = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000];
    expect(waits.every((ms, i) => ms >= (bounds[i] ?? 0) / 2 && ms <= (bounds[i] ?? 0))).toBe(true);
  });

  it("is not asked again for what it refuses", async () => {
    const { client, sent } = clientOf(json(404, { code: "unknown_run", detail: "There is no run." }));
    await expect(client.ask("showRun", { path: { id: "run_1" } })).rejects.toMatchObject({ code: "unknown_run" });
    expect(sent).toHaveLength(1);
  });

  it("passes on what is no matter of the connection", async () => {
    const { client, waits } = clientOf(() => {
      throw new Error("no profile of that name");
    });
    await expect(client.ask("listRuns")).rejects.toThrow("no profile of that name");
    expect(waits).toEqual([]);
  });
});

describe("a problem", () => {
  it.each([
    [
      "Skein's own",
      json(409, { code: "idempotency_conflict", detail: "The key began another run." }),
      "idempotency_conflict",
      "The key began another",
    ],
    [
      "API Gateway's, without credentials",
      json(403, { message: "Missing Authentication Token" }),
      "api_denied",
      "Missing Authentication Token",
    ],
    ["of who is not let in", json(401, { message: "Unauthorized" }), "api_denied", "Unauthorized"],
    ["of a wrong address", () => new Response("<html>", { status: 404 }), "api_unreachable", "404"],
    [
      "of API Gateway, whose request validation refuses",
      json(400, { message: "Invalid request body" }),
      "bad_option",
      "Invalid request body",
    ],
    ["of too many requests", json(429, { message: "Limit Exceeded" }), "api_unreachable", "Limit Exceeded"],
    ["of a function that fails", json(502, { message: "Internal server error" }), "api_unreachable", "502: Internal server error"],
    ["with a code that this version does not know", json(400, { code: "new_code", detail: "New." }), "bad_option", "New."],
    ["of what is no API", () => new Response("<html>hello"), "api_unreachable", "<html>hello"],
  ])("that is %s comes back with a code", async (_, answer, code, hint) => {
    const { client } = clientOf(answer);
    await expect(client.ask("listRuns")).rejects.toMatchObject({ code, message: expect.stringContaining(hint) });
  });
});

it("a connection that breaks in the middle of an answer is an answer that did not come", async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{");
    setImmediate(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  let tries = 0;
  const client = new ApiClient({
    url: `http://127.0.0.1:${port}`,
    send: async (url, init) => {
      tries++;
      return fetch(url, init);
    },
    wait: async () => {},
  });
  await expect(client.ask("listRuns")).rejects.toMatchObject({ code: "api_unreachable" });
  expect(tries).toBe(3);
  server.close();
});
