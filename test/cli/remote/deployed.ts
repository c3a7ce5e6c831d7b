import type { ApiPorts } from "../../../src/api/api-ports.ts";
import { Deployment } from "../../api/deployment.ts";
import { serveApi, type ServedApi } from "../../api/served-api.ts";
import { Place, Skein, skein, skeinJson, type Ended, type SkeinOptions } from "../skein.ts";

/** An API that is served on this machine, and a folder from which commands ask it. */
export class Deployed {
  readonly deployment: Deployment;
  readonly served: ServedApi;
  readonly place = new Place();

  private constructor(deployment: Deployment, served: ServedApi) {
    this.deployment = deployment;
    this.served = served;
  }

  static async open(options: { readonly isAsleep?: boolean; readonly ports?: Partial<ApiPorts> } = {}): Promise<Deployed> {
    const deployment = new Deployment(options);
    return new Deployed(deployment, await serveApi(deployment.ports));
  }

  get env() {
    return { SKEIN_URL: this.served.url, SKEIN_API_KEY: "key" };
  }

  skein(args: readonly string[], options: SkeinOptions = {}): Promise<Ended> {
    return skein(this.place, args, { ...options, env: { ...this.env, ...options.env } });
  }

  json(args: readonly string[], options: SkeinOptions = {}): ReturnType<typeof skeinJson> {
    return skeinJson(this.place, args, { ...options, env: { ...this.env, ...options.env } });
  }

  start(args: readonly string[]): Skein {
    return Skein.start(this.place, args, { env: this.env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.served.close();
    await this.deployment[Symbol.asyncDispose]();
    this.place[Symbol.dispose]();
  }
}
