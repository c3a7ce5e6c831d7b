import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
}

/** Something that answers HTTP, and is no API of Skein's: all requests alike. */
export class AnsweringServer {
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];
  readonly #server: Server;

  private constructor({ status = 200, type = "application/json", body }: Answer) {
    this.#server = createServer(({ url = "", headers }, response) => {
      this.requests.push({ url, headers });
      response.writeHead(status, { "content-type": type }).end(body);
    });
  }

  static async open(answer: Answer): Promise<AnsweringServer> {
    const made = new AnsweringServer(answer);
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
