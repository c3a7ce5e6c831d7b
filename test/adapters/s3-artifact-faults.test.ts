import { hash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { S3ArtifactStore } from "../../src/adapters/aws/s3-artifact-store.ts";

/** What a server, standing in for S3, does with one request; the last one also with all that follow. */
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const fails =
  (status: number, code: string): Answer =>
  (_, response) => {
    response
      .writeHead(status, { "content-type": "application/xml" })
      .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>as asked</Message></Error>`);
  };
const succeeds: Answer = (_, response) => void response.writeHead(200, { etag: '"e"' }).end();
const drops: Answer = (request) => void request.socket.destroy();
/** From where the request's range begins. */
const gives =
  (body: Buffer): Answer =>
  (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(from === 0 ? 200 : 206, { "content-length": body.length - from }).end(body.subarray(from));
  };
/** Promises all of the body, sends it up to `end`, and breaks the connection when it is told to. */
const givesUpTo =
  (end: number, body: Buffer, breaks: (() => void)[]): Answer =>
  (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(from === 0 ? 200 : 206, { "content-length": body.length - from }).write(body.subarray(from, end));
    breaks.push(() => request.socket.destroy());
  };

describe("S3 artifact store when S3 is in trouble", () => {
  let server: Server;
  let answers: Answer[];
  let seen: IncomingMessage[];
  let store: S3ArtifactStore;
  let requests: string[];
  beforeEach(async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    [answers, seen, requests] = [[], [], []];
    server = createServer((request, response) => {
      request.resume().once("end", () => {
        seen.push(request);
        (answers.length > 1 ? answers.shift() : answers[0])?.(request, response);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    store = new S3ArtifactStore({
      bucket: "bucket",
      region: "us-east-1",
      endpoint: `http://localhost:${port}`,
      maxAttempts: 3,
      onRequest: (operation) => requests.push(operation),
    });
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await store.close();
    server.closeAllConnections();
    server.close();
  });
  const content = Buffer.from("content");
  const digest = hash("sha256", content);
  const long = async function* () {
    for (let i = 0; i < 18; i++) yield Buffer.alloc(1 << 20, i);
  };

  test("a put is conditional, carries its checksum, and puts the bucket into the path", async () => {
    answers = [succeeds];
    await store.put("run/fit[3]/a", content);
    expect(seen[0]).toMatchObject({
      method: "PUT",
      headers: { "if-none-match": "*", "x-amz-checksum-sha256": Buffer.from(digest, "hex").toString("base64") },
    });
    expect(decodeURIComponent(seen[0]?.url?.split("?")[0] ?? "")).toBe("/bucket/run/fit[3]/a");
  });

  test.each([
    ["throttling", fails(503, "SlowDown")],
    ["an inner error", fails(500, "InternalError")],
    ["a broken connection", drops],
  ])("a put is repeated after %s", async (_, trouble) => {
    answers = [trouble, trouble, succeeds];
    expect(await store.put("run/a", content)).toEqual({ stored: true, digest, bytes: 7 });
    expect(requests).toEqual(["PutObject", "PutObject", "PutObject"]);
  });

  test("a put whose answer was lost finds its own bytes: not stored now, the same digest", async () => {
    answers = [drops, fails(412, "PreconditionFailed")];
    expect(await store.put("run/a", content)).toEqual({ stored: false, digest, bytes: 7 });
  });

  test("a put that meets another one under way is sent again, and then finds who won", async () => {
    answers = [fails(409, "ConditionalRequestConflict"), fails(409, "ConditionalRequestConflict"), fails(412, "PreconditionFailed")];
    expect(await store.put("run/a", content)).toMatchObject({ stored: false });
    answers = [fails(409, "ConditionalRequestConflict"), succeeds];
    expect(await store.put("run/a", content)).toMatchObject({ stored: true });
  });

  test("gives up in the end, and says what S3 said and how often it was asked", async () => {
    answers = [fails(503, "SlowDown")];
    const failure = {
      code: "store_unavailable",
      message: expect.stringMatching(/s3:\/\/bucket\/run\/a.*SlowDown \(503\).*after 3 attempts/),
    };
    await expect(store.put("run/a", content)).rejects.toMatchObject(failure);
    answers = [fails(500, "InternalError")];
    const unreadable = { code: "store_unavailable", message: expect.stringMatching(/s3:\/\/bucket\/run\/a.*500.*after 3 attempts/) };
    await expect(store.get("run/a")).rejects.toMatchObject(unreadable);
    await expect(store.has("run/a")).rejects.toMatchObject(unreadable);
  });

  test("says what to do about what no repetition changes, at once", async () => {
    answers = [fails(403, "AccessDenied")];
    await expect(store.put("run/a", content)).rejects.toMatchObject({
      code: "store_unwritable",
      message: expect.stringContaining("grant it s3:GetObject"),
    });
    await expect(store.get("run/a")).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("grant it s3:GetObject"),
    });
    await expect(store.has("run/a")).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("grant it s3:GetObject"),
    });
    expect(requests).toEqual(["PutObject", "GetObject", "HeadObject"]);
  });

  test("reading goes on where a broken body ended", async () => {
    const body = Buffer.from("0123456789".repeat(10_000));
    const breaks: (() => void)[] = [];
    answers = [givesUpTo(30_000, body, breaks), givesUpTo(70_001, body, breaks), gives(body)];
    const got: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of store.getStream("run/a")) {
      got.push(chunk);
      bytes += chunk.length;
      if (bytes === 30_000 || bytes === 70_001) breaks.shift()?.();
    }
    expect(Buffer.concat(got).equals(body)).toBe(true);
    expect(seen.map((request) => request.headers.range)).toEqual([undefined, "bytes=30000-", "bytes=70001-"]);
  });

  test("reading gives up when bodies keep breaking", async () => {
    answers = [
      (request, response) => void response.writeHead(200, { "content-length": 100_000 }).write("x", () => request.socket.destroy()),
    ];
    await expect(store.get("run/a")).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("s3://bucket/run/a"),
    });
    expect(requests).toEqual(["GetObject", "GetObject", "GetObject", "GetObject"]);
  });

  const multipart =
    (complete: Answer, head: Answer = fails(404, "NoSuchKey")): Answer =>
    (request, response) => {
      const { method, url = "" } = request;
      if (method === "POST" && url.includes("uploads"))
        response
          .writeHead(200, { "content-type": "application/xml" })
          .end("<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>");
      else if (method === "POST") complete(request, response);
      else if (method === "HEAD") head(request, response);
      else succeeds(request, response);
    };

  test("the completion of a long stream is conditional; whoever comes second takes its parts away", async () => {
    answers = [multipart(fails(412, "PreconditionFailed"))];
    expect(await store.put("run/a", long())).toMatchObject({ stored: false, bytes: 18 << 20 });
    expect(seen.find((r) => r.method === "POST" && r.url?.includes("uploadId"))?.headers["if-none-match"]).toBe("*");
    expect(requests).toContain("AbortMultipartUpload");
  });

  test("a completion whose answer was lost finds its own bytes", async () => {
    let completions = 0;
    answers = [multipart((request, response) => (completions++ === 0 ? drops : fails(404, "NoSuchUpload"))(request, response), succeeds)];
    expect(await store.put("run/a", long())).toMatchObject({ stored: false, bytes: 18 << 20 });
    expect(completions).toBe(2);
  });

  test("a completion that conflicts where nothing is then, fails and leaves no parts", async () => {
    answers = [multipart(fails(409, "ConditionalRequestConflict"))];
    await expect(store.put("run/a", long())).rejects.toMatchObject({ code: "store_unavailable", message: expect.stringContaining("409") });
    expect(requests).toContain("AbortMultipartUpload");
  });

  test("a part that cannot be stored ends the stream early and leaves no parts", async () => {
    let ended = false;
    let chunks = 0;
    const endless = async function* () {
      try {
        for (;;) yield Buffer.alloc(1 << 20, chunks++);
      } finally {
        ended = true;
      }
    };
    answers = [(request, response) => (request.method === "PUT" ? fails(503, "SlowDown") : multipart(succeeds))(request, response)];
    await expect(store.put("run/a", endless())).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("SlowDown"),
    });
    expect(ended).toBe(true);
    expect(chunks).toBeLessThan(60);
    expect(requests.at(-1)).toBe("AbortMultipartUpload");
  });

  test("refuses a prefix that is no key, or leaves keys no room", () => {
    expect(() => new S3ArtifactStore({ bucket: "b", prefix: "../x" })).toThrow(expect.objectContaining({ code: "bad_option" }));
    expect(() => new S3ArtifactStore({ bucket: "b", prefix: `${"x/".repeat(120)}x` })).toThrow(
      expect.objectContaining({ code: "bad_option" }),
    );
  });
});
