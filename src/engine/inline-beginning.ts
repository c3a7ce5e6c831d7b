import type { Node } from "../orchestrate/node.ts";

/** What earlier turns may have done of an inline attempt. */
export type Before = "new" | "handed over" | "perhaps begun";

/** How an inline attempt begins, or goes on after an earlier turn. */
export interface Beginning {
  readonly before: Before;
  /** Why it does not start any more, nor any of a map's items. */
  readonly over?: string;
  /** Why none of a map's items can be run. */
  readonly refused?: string;
}

/** It begins with its end: that takes no time, and any place may do it. */
export function runsNothing(node: Node, { before, over }: Beginning): boolean {
  return over !== undefined || (before === "perhaps begun" && isOnce(node));
}

/** Whoever finds it perhaps begun does not run it again. */
export function isOnce(node: Node): boolean {
  return node.called.policy?.delivery === "at_most_once";
}
