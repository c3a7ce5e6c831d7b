import type { ArtifactRef } from "../model/artifact.ts";
import { SkeinError } from "../model/error.ts";
import type { Metadata } from "../model/failure.ts";
import type { Backing } from "./backing.ts";
import { Handle, memoized, nameOf, pointerTo } from "./handle.ts";
import { pointerKey, type Pointer } from "./pointer.ts";

/** A finished output, by reference. */
export class ArtifactHandle extends Handle {
  readonly #backing: Backing;
  readonly #output: string;
  readonly #ref: ArtifactRef;
  readonly #item: number | undefined;
  readonly id: string;

  constructor(backing: Backing, output: string, ref: ArtifactRef, item: number | undefined) {
    super();
    this.#backing = backing;
    this.#output = output;
    this.#ref = ref;
    this.#item = item;
    this.id = item === undefined ? ref.id : `${ref.id}[${item}]`;
  }

  get itemCount(): number | undefined {
    return this.#item === undefined ? this.#ref.itemCount : undefined;
  }

  // Getters of bound functions, so that `const { load } = artifact` works and an artifact costs no closures.
  get load(): () => Promise<unknown> {
    return () => this.#backing.load(this.#ref, this.#item);
  }
  get metadata(): () => Promise<Metadata> {
    return () => Promise.resolve(this.#ref.metadata ?? {});
  }
  get chunk(): (index: number) => ArtifactHandle {
    return (index) => {
      checkItem(this.describe(), this.itemCount, index);
      return artifactOf(this.#backing, this.#output, this.#ref, index);
    };
  }

  override get [pointerKey](): Pointer {
    const pointer = pointerTo(this.#backing, this.#output, this.#item);
    return this.#backing.delivered?.status === "failed" ? { ...pointer, partial: true } : pointer;
  }

  protected override describe(): string {
    return `Artifact(${nameOf(this.#backing, this.#output, this.#item)})`;
  }
}

export function artifactOf(backing: Backing, output: string, ref: ArtifactRef, item?: number): ArtifactHandle {
  return memoized(
    backing,
    item === undefined ? output : `${output}[${item}]`,
    ArtifactHandle,
    () => new ArtifactHandle(backing, output, ref, item),
  );
}

function checkItem(what: string, count: number | undefined, index: number): void {
  if (count === undefined) throw new SkeinError("artifact_item_out_of_range", `${what} is no list: it has no items to take one of`);
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new SkeinError("artifact_item_out_of_range", `${what} has ${count} items: there is no item ${index}`);
  }
}

/** What `await` gives for a completed step run: nothing, its artifact, or a record of its artifacts. */
export function resultOf(backing: Backing): unknown {
  const outcome = backing.delivered;
  if (outcome?.status !== "completed" && outcome?.status !== "cached") return undefined;
  const { outputs } = outcome;
  if (backing.outputs.kind === "none") return undefined;
  if (backing.outputs.kind === "one") return outputArtifact(backing, outputs, "output");
  return Object.freeze(
    Object.fromEntries(Object.keys(backing.outputs.schemas).map((name) => [name, outputArtifact(backing, outputs, name)])),
  );
}

function outputArtifact(backing: Backing, outputs: Readonly<Record<string, ArtifactRef>>, name: string): ArtifactHandle {
  const ref = outputs[name];
  if (ref === undefined)
    throw new SkeinError(
      "artifact_missing",
      `step run ${backing.id} was recorded without its output "${name}": was the step given another output since?`,
    );
  return artifactOf(backing, name, ref);
}

/** The values behind a result, with the artifacts loaded in the order in which the outputs were declared. */
export async function loadResult(result: unknown): Promise<unknown> {
  if (result instanceof ArtifactHandle) return result.load();
  if (typeof result !== "object" || result === null) return undefined;
  const loads = Object.entries(result).map(
    async ([name, artifact]) => [name, artifact instanceof ArtifactHandle ? await artifact.load() : undefined] as const,
  );
  return Object.fromEntries(await Promise.all(loads));
}
