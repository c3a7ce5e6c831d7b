import type { ArtifactRef } from "../model/artifact.ts";
import type { Metadata } from "../model/failure.ts";

/** What `save` hands to the artifact store. Text of a few KB may be kept in the state store instead, if the engine is told so. */
export interface Savable {
  readonly content: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Default: the materializer's. */
  readonly mediaType?: string;
  /** Makes the artifact a list that can be mapped over; a function is asked after the content was consumed. */
  readonly itemCount?: number | (() => number);
  /** Recorded with the artifact; a function is asked after the content was consumed. */
  readonly metadata?: Metadata | (() => Metadata);
}

/** The stored bytes. What `bytes`, `text` and `stream` give is checked against the artifact's digest (`artifact_altered`). */
export interface ArtifactReader {
  readonly ref: ArtifactRef;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
  /** Throws `artifact_altered` at its end if the bytes were not those that were saved. */
  stream(): AsyncIterable<Uint8Array>;
  /** Checked against `digest` where the caller knows that of these bytes; else the caller checks what it reads. */
  range(start: number, end: number, digest?: string): Promise<Uint8Array>;
  /** A path on this machine with the (checked) bytes; fetched into the step's scratch folder where the store has none. */
  path(): Promise<string>;
  /** Loads another artifact: a list's manifest names its items by reference. */
  loadOther(ref: ArtifactRef, item?: number): Promise<unknown>;
}

/**
 * Writes values of one kind to the artifact store and reads them back. `load(save(x))` is what every step and pipeline
 * function sees, also in the process that made `x`.
 */
export interface Materializer {
  /** Recorded with every artifact: renaming it orphans them. */
  readonly name: string;
  readonly mediaType: string;
  save(value: unknown): Savable | Promise<Savable>;
  load(reader: ArtifactReader): unknown;
  /** One item of a list, without loading the others where the format allows it. Default: `load` and index. */
  loadItem?(reader: ArtifactReader, index: number): unknown;
}
