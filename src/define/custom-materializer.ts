import { callSite } from "./call-site.ts";
import { registerMaterializer } from "./catalogue.ts";
import { DefinitionCheck } from "./definition-check.ts";
import type { ArtifactReader, Materializer, Savable } from "./materializer.ts";
import { refuseInRun } from "./scope-check.ts";

declare const holds: unique symbol;

/** A materializer for values of type `T`, to be named in `artifact(schema, { materializer })`. */
export interface ValueMaterializer<out T> extends Materializer {
  readonly [holds]?: T;
}

export interface MaterializerOptions<T> {
  /** Recorded with every artifact; renaming it orphans them. Unique in the catalogue. */
  readonly name: string;
  /** As in `application/x-ndjson`. */
  readonly mediaType: string;
  save(value: T): Savable | Promise<Savable>;
  load(reader: ArtifactReader): T | Promise<T>;
  /** One item of a list, without loading the others. Default: `load` and index. */
  loadItem?(reader: ArtifactReader, index: number): unknown;
}

/** Materializers that are there already. */
const builtInMaterializers: ReadonlySet<string> = new Set(["json", "bytes", "text", "file", "items", "list", "typed_array"]);

const keys = ["name", "mediaType", "save", "load", "loadItem"];

/**
 * Makes a materializer and adds it to the catalogue. Every process that saves or loads such values must import the module.
 *
 * @throws SkeinError `bad_definition`
 */
export function materializer<T>(options: MaterializerOptions<T>): ValueMaterializer<T> {
  const site = callSite();
  refuseInRun("materializer", site.at);
  const check: DefinitionCheck = new DefinitionCheck("a materializer", site.at);
  check.object(options, "its options");
  check.onlyKeys(options, keys);
  const name = check.name(options.name, "its name");
  if (builtInMaterializers.has(name)) throw check.bad(`its name is "${name}", which is a built-in one's; choose another`);
  if (!/^[\w.+-]+\/[\w.+-]+(;.*)?$/.test(check.text(options.mediaType, "mediaType")))
    throw check.bad(`mediaType is "${options.mediaType}"; it reads like "application/json"`);
  for (const method of ["save", "load", "loadItem"] as const)
    if (method !== "loadItem" || method in options) check.fn(Reflect.get(options, method), method);
  const made: ValueMaterializer<T> = Object.freeze({
    name,
    mediaType: options.mediaType,
    save: (value: T) => options.save(value),
    load: (reader: ArtifactReader) => options.load(reader),
    ...(options.loadItem === undefined ? {} : { loadItem: (reader: ArtifactReader, index: number) => options.loadItem?.(reader, index) }),
  });
  registerMaterializer(made, site);
  return made;
}
