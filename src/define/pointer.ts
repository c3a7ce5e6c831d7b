import type { StepRunId } from "../model/id.ts";

/** What a handle stands for: an output of a step run, one item of it, or (`output` undefined) the step run itself. */
export interface Pointer {
  /** The run or plan that the handle belongs to. */
  readonly owner: object;
  readonly from: StepRunId;
  readonly output: string | undefined;
  readonly item?: number;
  /** An artifact of a failed map: what its other items gave. */
  readonly partial?: true;
  /** All outputs of the step run. */
  readonly names: readonly string[];
}

/** On the prototypes of handles, so that copies (spread, structuredClone) lose it; `Symbol.for`, so that two copies of the package agree. */
export const pointerKey: unique symbol = Symbol.for("skein.pointer.1");

export interface Pointing {
  readonly [pointerKey]: Pointer;
}

export function pointerOf(value: object): Pointer | undefined {
  return pointerKey in value ? (value as Pointing)[pointerKey] : undefined;
}
