import type { Items } from "./future.ts";
import type { Given, Parsed, Schema } from "./schema.ts";
import type { ValueMaterializer } from "./custom-materializer.ts";
import { isAsyncIterable, isFileSource, isIterable, type FileSource, type StoredFile } from "./stored-file.ts";
import { SkeinError } from "../model/error.ts";

/** How an output is stored, as its schema says. */
export interface ArtifactOptions {
  /** Name of the materializer that saves it. Default: chosen by the value. */
  readonly materializer?: string;
  /** Of a list that is written and read item by item: what each item is. */
  readonly item?: Schema;
  /** Under which the artifact's versions are found in all runs. */
  readonly name?: string;
  readonly tags?: readonly string[];
  /** Default: the materializer's. */
  readonly mediaType?: string;
}

const artifactKey: unique symbol = Symbol.for("skein.artifact");

/** What `items`, `file`, `bytes`, `text` or `artifact` put on a schema; empty for other schemas. */
export function artifactOptionsOf(schema: Schema): ArtifactOptions {
  const options: unknown = Reflect.get(schema, artifactKey);
  return typeof options === "object" && options !== null ? options : none;
}

const none: ArtifactOptions = Object.freeze({});

/**
 * The output is a list that need not fit in memory: the step returns an iterable or async iterable (an `async function*`, say),
 * each item is checked by `item` and written as it comes, and the list can be mapped over or read item by item.
 */
export function items<S extends Schema>(item: S): Schema<Iterable<Given<S>> | AsyncIterable<Given<S>>, Items<Parsed<S>>> {
  return outputSchema(
    { materializer: "items", item },
    "an iterable or async iterable of items",
    (value) => isAsyncIterable(value) || (isIterable(value) && !ArrayBuffer.isView(value)),
  );
}

/** The output is a file: the step returns its path, its bytes or a stream of them; who loads it gets a `StoredFile`. */
export function file(): Schema<FileSource, StoredFile> {
  return outputSchema({ materializer: "file" }, "a path, a Uint8Array, a stream or a file", isFileSource);
}

/** The output is bytes, stored as they are. */
export function bytes(): Schema<Uint8Array> {
  return outputSchema({ materializer: "bytes" }, "a Uint8Array", (value) => value instanceof Uint8Array);
}

/** The output is text, stored as it is, in UTF-8. */
export function text(): Schema<string> {
  return outputSchema({ materializer: "text" }, "a string", (value) => typeof value === "string");
}

/**
 * The same schema, with a word on the artifact: a name under which its versions are found in all runs, tags, its media type
 * (`text/html`, for instance), or the materializer that saves it.
 *
 * @throws SkeinError `bad_definition`
 */
export function artifact<S extends Schema>(
  schema: S,
  options: {
    readonly name?: string | undefined;
    readonly tags?: readonly string[] | undefined;
    readonly mediaType?: string | undefined;
    readonly materializer?: ValueMaterializer<Parsed<S>> | undefined;
  },
): Schema<Given<S>, Parsed<S>> {
  const { name, tags, mediaType, materializer } = options;
  if (mediaType !== undefined && !mediaTypePattern.test(mediaType)) {
    throw new SkeinError("bad_definition", `an artifact's media type cannot be ${JSON.stringify(mediaType)}: write it like "text/html"`);
  }
  if (name !== undefined && (typeof name !== "string" || !artifactName.test(name))) {
    throw new SkeinError(
      "bad_definition",
      `an artifact cannot be named ${JSON.stringify(name)}: letters, digits, "_", "." and "-", at most 128, with a letter or digit first`,
    );
  }
  const own: ArtifactOptions = {
    ...artifactOptionsOf(schema),
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags: Object.freeze([...tags]) }),
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(materializer === undefined ? {} : { materializer: materializer.name }),
  };
  return brand({ "~standard": schema["~standard"] }, own);
}

const mediaTypePattern = /^[\w.+-]+\/[\w.+-]+(;\s*[\w.+-]+=[\w.+"-]+)*$/;
const artifactName = /^[a-z0-9][a-z0-9_.-]{0,127}$/i;

function outputSchema<I, O>(options: ArtifactOptions, expected: string, fits: (value: unknown) => boolean): Schema<I, O> {
  const validate = (value: unknown) => (fits(value) ? { value } : { issues: [{ message: `expected ${expected}` }] });
  return brand({ "~standard": { version: 1, vendor: "skein", validate } }, options);
}

/** Not enumerable: a copy made by spreading is a plain schema again. */
function brand<S extends Schema>(schema: S, options: ArtifactOptions): S {
  return Object.freeze(Object.defineProperty(schema, artifactKey, { value: Object.freeze(options) }));
}
