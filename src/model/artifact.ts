import type { Metadata } from "./failure.ts";

/**
 * A stored value by reference: everything that journal, rows and messages carry of it. `at` says where the bytes are: under a
 * key of the artifact store, or, where the engine's `inlineValues` option allows it, right here.
 */
export interface ArtifactRef {
  /** `artifactId(…)` of the step run that produced it; a cached outcome keeps its origin's. */
  readonly id: string;
  /** SHA-256 of the stored bytes, lower-case hex. */
  readonly digest: string;
  readonly bytes: number;
  readonly mediaType: string;
  /** Name of the materializer that wrote it and can read it. */
  readonly materializer: string;
  /** Number of items of a list; undefined: not a list. */
  readonly itemCount?: number;
  readonly at: { readonly key: string } | { readonly text: string };
  readonly metadata?: Metadata;
  /** Under which its versions are found in all runs. */
  readonly name?: string;
  readonly tags?: readonly string[];
}
