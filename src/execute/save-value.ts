import { createHash } from "node:crypto";
import type { Materializer, Savable } from "../define/materializer.ts";
import type { Schema } from "../define/schema.ts";
import { checkedItems } from "../define/checked-items.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import { SkeinError } from "../model/error.ts";
import type { ArtifactStore, Stored } from "../ports/artifact-store.ts";
import { digestOf } from "./digest.ts";
import { missingMaterializer } from "./load-artifact.ts";
import { materializerFor, materializerNamed } from "./materializers/built-in.ts";
import { list } from "./materializers/list.ts";
import { Unserializable } from "./unserializable.ts";

/** Where values are saved. */
export interface ArtifactSink {
  readonly artifacts: ArtifactStore;
  /** Text up to this many bytes stays in the reference; 0: none. */
  readonly inlineValues: number;
  /** Throws when nothing more is to be written. Asked at each chunk of a stream. */
  readonly check?: () => void;
}

/** What is saved. */
export interface SaveTarget {
  readonly id: string;
  readonly key: string;
  /** For messages: `output "rmse" of step fit`. */
  readonly what: string;
}

/** How it is saved, as far as its schema says. */
export interface SaveOptions {
  readonly materializer?: string;
  readonly mediaType?: string;
  readonly item?: Schema;
}

/**
 * Stores a value and answers its reference.
 *
 * @throws SkeinError `unserializable_output`, `materializer_missing`, `store_unwritable`; `invalid_output` for an item of a list
 */
export async function saveValue(value: unknown, options: SaveOptions, target: SaveTarget, sink: ArtifactSink): Promise<ArtifactRef> {
  const materializer = chosen(value, options, target);
  const savable = await savableOf(materializer, options.item === undefined ? value : itemsOf(value, options.item), target);
  const mediaType = options.mediaType ?? savable.mediaType ?? materializer.mediaType;
  const { digest, bytes, at } = await store(savable.content, mediaType, target, sink);
  const itemCount = typeof savable.itemCount === "function" ? savable.itemCount() : savable.itemCount;
  const metadata = typeof savable.metadata === "function" ? savable.metadata() : savable.metadata;
  return {
    id: target.id,
    digest,
    bytes,
    mediaType,
    materializer: materializer.name,
    ...(itemCount === undefined ? {} : { itemCount }),
    at,
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** Stores the result of a map: a list of its items' artifacts by reference. */
export function saveRefs(refs: readonly ArtifactRef[], target: SaveTarget, sink: ArtifactSink): Promise<ArtifactRef> {
  return saveValue(refs, { materializer: list.name }, target, sink);
}

function chosen(value: unknown, options: SaveOptions, target: SaveTarget): Materializer {
  if (options.materializer === undefined) return materializerFor(value);
  const named = materializerNamed(options.materializer);
  if (named === undefined) throw missingMaterializer(options.materializer, `${target.what} names it`);
  return named;
}

function itemsOf(value: unknown, item: Schema): unknown {
  return isListLike(value) ? checkedItems(item, value) : value;
}

function isListLike(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

async function savableOf(materializer: Materializer, value: unknown, target: SaveTarget): Promise<Savable> {
  try {
    return await materializer.save(value);
  } catch (error) {
    throw explained(error, target);
  }
}

type Placed = Pick<ArtifactRef, "digest" | "bytes" | "at">;

async function store(content: Savable["content"], mediaType: string, target: SaveTarget, sink: ArtifactSink): Promise<Placed> {
  if (typeof content === "string") {
    if (!content.isWellFormed())
      throw explained(new Unserializable("", "it holds half of a surrogate pair, which UTF-8 cannot keep"), target);
    const bytes = Buffer.from(content);
    if (sink.inlineValues > 0 && bytes.length <= sink.inlineValues)
      return { digest: digestOf(bytes), bytes: bytes.length, at: { text: content } };
    return put(bytes, mediaType, target, sink);
  }
  if (content instanceof Uint8Array) return put(content, mediaType, target, sink);
  const source = new Source(content, sink.check);
  try {
    return await put(source, mediaType, target, sink);
  } catch (error) {
    throw source.failure === undefined ? error : explained(source.failure.error, target);
  }
}

async function put(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  mediaType: string,
  target: SaveTarget,
  sink: ArtifactSink,
): Promise<Placed> {
  const { stored, digest, bytes } = await taken(content, mediaType, target, sink);
  if (!stored) await checkSame(digest, target, sink);
  return { digest, bytes, at: { key: target.key } };
}

async function taken(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  mediaType: string,
  target: SaveTarget,
  sink: ArtifactSink,
): Promise<Stored> {
  try {
    return await sink.artifacts.put(target.key, content, { mediaType });
  } catch (error) {
    if (error instanceof SkeinError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new SkeinError("store_unwritable", `The artifact store took no ${target.what}: ${why}`, { cause: error });
  }
}

/** A put whose answer was lost is repeated by its client and finds its own bytes; other bytes are another writer's. */
async function checkSame(digest: string, target: SaveTarget, sink: ArtifactSink): Promise<void> {
  const there = createHash("sha256");
  for await (const chunk of sink.artifacts.getStream(target.key)) there.update(chunk);
  if (there.digest("hex") === digest) return;
  throw new SkeinError(
    "store_unwritable",
    `There is something else already where ${target.what} is to be stored (${target.key}): the same attempt was executed twice by one process.`,
  );
}

/** The step's own stream: keeps its failure apart from those of the store. */
class Source implements AsyncIterable<Uint8Array> {
  readonly #chunks: AsyncIterable<Uint8Array>;
  readonly #check: (() => void) | undefined;
  failure: { readonly error: unknown } | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>, check: (() => void) | undefined) {
    this.#chunks = chunks;
    this.#check = check;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of this.#chunks) {
        this.#check?.();
        yield chunk;
      }
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

/** The error with a word on which output it is about. */
function explained(error: unknown, target: SaveTarget): unknown {
  if (error instanceof SkeinError && error.code === "invalid_output")
    return new SkeinError(error.code, `${upper(target.what)}: ${error.message}`, { cause: error });
  if (!(error instanceof Unserializable)) return error;
  const where = error.path === "" ? target.what : `${error.path} in ${target.what}`;
  return new SkeinError("unserializable_output", `${upper(where)} cannot be stored: ${error.message}.`, { data: { path: error.path } });
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
