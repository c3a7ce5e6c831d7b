import type { Backing } from "../../src/define/backing.ts";
import type { DeclaredOutputs } from "../../src/define/definition.ts";
import type { ArtifactRef } from "../../src/model/artifact.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { text } from "../../src/index.ts";
import { resultOf } from "../../src/define/artifact-handle.ts";
import { errorOf } from "../../src/model/error.ts";

export function artifactRef(id: string, more: Partial<ArtifactRef> = {}): ArtifactRef {
  return { id, digest: "0".repeat(64), bytes: 1, mediaType: "application/json", materializer: "json", at: { key: id }, ...more };
}

/** A step run of which the pipeline function has seen what the test says; loading an artifact gives its id. */
export class SeenStep implements Backing {
  readonly owner: object;
  readonly id: string;
  readonly outputs: DeclaredOutputs;
  readonly #handles = new Map<string, object>();
  readonly cancelled: (string | undefined)[] = [];
  observed = 0;
  delivered: Outcome | undefined;
  readonly #settled = Promise.withResolvers<unknown>();

  constructor(owner: object, id: string, outputs: "none" | "one" | readonly string[]) {
    this.owner = owner;
    this.id = id;
    this.outputs =
      typeof outputs === "string"
        ? outputs === "none"
          ? { kind: "none" }
          : { kind: "one", schema: text() }
        : { kind: "named", schemas: Object.fromEntries(outputs.map((name) => [name, text()])) };
    this.#settled.promise.catch(() => {});
  }

  deliver(outcome: Outcome): this {
    this.delivered = outcome;
    if (outcome.status === "failed") this.#settled.reject(errorOf(outcome.error));
    else this.#settled.resolve(resultOf(this));
    return this;
  }

  complete(outputs: Readonly<Record<string, ArtifactRef>>): this {
    return this.deliver({ status: "completed", outputs });
  }

  settlement(): Promise<unknown> {
    return this.#settled.promise;
  }

  observe(): void {
    this.observed++;
  }

  cancel(reason: string | undefined): void {
    this.cancelled.push(reason);
  }

  recall(key: string): object | undefined {
    return this.#handles.get(key);
  }

  keep(key: string, handle: object): void {
    this.#handles.set(key, handle);
  }

  load(ref: ArtifactRef, item: number | undefined): Promise<unknown> {
    return Promise.resolve(item === undefined ? ref.id : `${ref.id}[${item}]`);
  }
}
