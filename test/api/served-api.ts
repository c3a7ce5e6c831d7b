import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answer } from "../../src/api/api.ts";
import type { ApiPorts } from "../../src/api/api-ports.ts";
import type { ApiRequest } from "../../src/api/api-request.ts";
import { routes } from "../../src/api/routes.ts";

export interface ServedApi {
  readonly url: string;
  /** Every request that came, as `POST /runs/…`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** The API on a port of this machine, below a stage as API Gateway has it. */
export async function serveApi(ports: ApiPorts): Promise<ServedApi> {
  const requests: string[] = [];
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method ?? ""} ${(incoming.url ?? "").replace(stage, "")}`);
    void respond(incoming, outgoing, ports);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${stage}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const stage = "/v1";

async function respond(incoming: IncomingMessage, outgoing: ServerResponse, ports: ApiPorts): Promise<void> {
  const { status, headers, body } = await answer(await requestOf(incoming), ports);
  outgoing.writeHead(status, headers).end(body);
}

async function requestOf(incoming: IncomingMessage): Promise<ApiRequest> {
  const url = new URL(incoming.url ?? "/", "http://localhost");
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]);
  return {
    method: incoming.method ?? "",
    ...matchRoute(url.pathname.slice(stage.length)),
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(headers),
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  };
}

/** The template that the path fits, and what stands for its parameters; else the path itself. */
export function matchRoute(path: string): Pick<ApiRequest, "route" | "pathParams"> {
  for (const { path: route } of Object.values(routes)) {
    const found = new RegExp(`^${route.replaceAll(".", "\\.").replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`).exec(path);
    if (found !== null)
      return {
        route,
        pathParams: Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)])),
      };
  }
  return { route: path, pathParams: {} };
}
