import type { RunId, StepRunId } from "./id.ts";

/** Steps down into an input object: keys of objects, indexes of arrays. */
export type Path = readonly (string | number)[];

/** An input that is the output of another step run, whole or one item of it. */
export interface Edge {
  readonly path: Path;
  readonly from: StepRunId;
  readonly output: string;
  /** One item of a list output. */
  readonly item?: number;
  /** The output of a failed map as `settled()` gave it: what its other items made. */
  readonly partial?: true;
}

/** The input of a call as data: its literals, with `null` where an edge goes, and its edges. */
export interface EncodedInput {
  /** `encodeValue` of the literals; empty when `spilled` says where they are instead. */
  readonly literal: string;
  /** Literals above `maxLiteral` lie in the artifact store under `inputKey(run, digest)`. */
  readonly spilled?: { readonly digest: string; readonly bytes: number };
  readonly edges: readonly Edge[];
}

/** Characters of literals that a journal entry holds itself: far below an entry's limit of 350 KB. */
export const maxLiteral = 8_192;

/** In the manner of `config.layers[0]`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) text += typeof part === "number" ? `[${part}]` : text === "" ? part : `.${part}`;
  return text;
}

export function sameInput(a: EncodedInput, b: EncodedInput): boolean {
  if (a.literal !== b.literal || a.spilled?.digest !== b.spilled?.digest || a.edges.length !== b.edges.length) return false;
  return (
    a.edges.length === 0 ||
    a.edges.every((edge, i) => {
      const other = b.edges[i];
      return (
        other !== undefined &&
        edge.from === other.from &&
        edge.output === other.output &&
        edge.item === other.item &&
        edge.partial === other.partial &&
        formatPath(edge.path) === formatPath(other.path)
      );
    })
  );
}

/** Where literals above `maxLiteral` lie in the artifact store; equal ones of a run are stored once. */
export function inputKey(run: RunId, digest: string): string {
  return `${run}/inputs/${digest}`;
}
