import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emulatedUrl } from "../../infra/emulator/address.ts";

const main = join(import.meta.dirname, "../../infra/emulator/main.ts");

describe("npm run emulator", () => {
  let folder: string;
  let server: Server;
  let running: string;
  let nothing: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "skein-emulator-"));
    server = createServer((_, response) => response.end("{}"));
    const closed = createServer();
    running = `http://127.0.0.1:${await listen(server)}`;
    nothing = String(await listen(closed));
    await new Promise((resolve) => closed.close(resolve));
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  /** On a machine with nothing but what the folder holds. */
  const emulator = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    run(args, { PATH: folder, HOME: folder, EMULATOR_PORT: nothing, ...env });

  test("uses what answers at AWS_ENDPOINT_URL, and says what to tell clients", async () => {
    const { code, text } = await emulator([], { AWS_ENDPOINT_URL: running, AWS_REGION: "eu-central-1" });
    expect(code).toBe(0);
    expect(text).toContain(`export AWS_ENDPOINT_URL=${running}\nexport AWS_REGION=eu-central-1\n`);
    // It is somebody else's, and `stop` would not end it.
    expect(text).not.toContain("-- stop");
  });

  test("uses what answers at its own port", async () => {
    const { code, text } = await emulator(["start"], { EMULATOR_PORT: new URL(running).port });
    expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining(`runs already answers at ${running}.`) });
  });

  test("takes AWS_ENDPOINT_URL at its word", async () => {
    const { code, text } = await emulator(["deploy"], { AWS_ENDPOINT_URL: `http://127.0.0.1:${nothing}` });
    expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining("nothing answers there") });
  });

  test("says what is missing where there is neither Docker nor Python", async () => {
    const { code, text } = await emulator([], {});
    expect(code).toBe(1);
    expect(text).toMatch(
      /^error: There is no emulator, and nothing to run one with:\n- Docker .*\n- there is no Python .*\n.*AWS_ENDPOINT_URL/,
    );
  });

  test("starts LocalStack where there is Docker, and stops it", async () => {
    const calls = join(folder, "calls");
    await writeFile(join(folder, "docker"), `#!/bin/sh\necho "$@" >> '${calls}'\n`);
    await chmod(join(folder, "docker"), 0o755);
    const started = await emulator([], {});
    expect({ code: started.code, text: started.text }).toEqual({
      code: 0,
      text: expect.stringContaining("LocalStack in Docker answers at"),
    });
    const stopped = await emulator(["stop"], {});
    expect({ code: stopped.code, text: stopped.text }).toEqual({ code: 0, text: "Stopped LocalStack in Docker.\n" });
    const file = join(import.meta.dirname, "../../docker-compose.yml");
    const compose = (await readFile(calls, "utf8")).split("\n").filter((line) => line.startsWith("compose --file"));
    expect(compose).toEqual([`compose --file ${file} up --detach --wait localstack`, `compose --file ${file} down`]);
    await rm(join(folder, "docker"));
  });

  test("says how it is used", async () => {
    const { code, text } = await emulator(["begin"], {});
    expect({ code, text }).toEqual({ code: 1, text: "error: Usage: npm run emulator [-- start | stop | deploy]\n" });
  });
});

describe("the address of an API in an emulator", () => {
  test.each([
    ["https://abc123.execute-api.127.0.0.1:4566/v1", "http://127.0.0.1:4566/_aws/execute-api/abc123/v1"],
    ["https://abc123.execute-api.us-east-1.amazonaws.com/v1/", "http://127.0.0.1:4566/_aws/execute-api/abc123/v1/"],
  ])("of %s is %s", (url, emulated) => {
    expect(emulatedUrl(url, "http://127.0.0.1:4566")).toBe(emulated);
  });

  test("is none for what is no API's", () => {
    expect(() => emulatedUrl("http://example.org/v1", "http://127.0.0.1:4566")).toThrow(
      "http://example.org/v1 is no address of a REST API",
    );
  });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, text };
}
