import { formatDuration } from "../model/duration.ts";
import type { StepRunId } from "../model/id.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import { runsNothing, type Beginning } from "./inline-beginning.ts";
import type { TurnLauncher } from "./turn-launcher.ts";
import type { TurnPlace } from "./turn-place.ts";
import type { TurnTime } from "./turn-time.ts";
import { ownWidth } from "./own-thread.ts";

/**
 * Says which launched inline attempts begin now, and which wait for others to end. Those that there is no time for are launched in
 * the journal, and begun by the next turn (R17).
 */
export class InlineGate {
  readonly #leavesInline: boolean;
  readonly #orchestration: Orchestration;
  readonly #launcher: TurnLauncher;
  readonly #time: TurnTime;
  /** Attempts at once: more would take each other's time. Where time has no end, whoever runs them may keep them waiting. */
  readonly #width: number;
  /** How those begin of which there is more to say than that they are new. */
  readonly #beginnings = new Map<StepRunId, Beginning>();
  #waiting: readonly Node[] = [];
  #hasBegun = false;
  #handsOver = false;

  constructor({ ports, host }: TurnPlace, orchestration: Orchestration, launcher: TurnLauncher, time: TurnTime) {
    this.#leavesInline = host.leavesInline === true;
    this.#orchestration = orchestration;
    this.#launcher = launcher;
    this.#time = time;
    this.#width = time.isBounded ? (ports.inline?.width ?? ownWidth) : Infinity;
  }

  /** Something is left to the next turn. */
  get handsOver(): boolean {
    return this.#handsOver;
  }

  /** Is this attempt of an earlier turn this one's now? */
  takesOver(node: Node, how: Beginning): boolean {
    if (this.#leavesInline && !runsNothing(node, how)) return this.#handOver();
    this.#beginnings.set(node.id, how);
    return true;
  }

  howBegins(node: Node): Beginning {
    const { mustAbort, closed } = this.#orchestration;
    const over = node.cancelReason ?? (mustAbort ? closed : undefined);
    return { before: "new", ...(over === undefined ? {} : { over }), ...this.#beginnings.get(node.id) };
  }

  /** Those that begin now, of these and of those that have waited; so many are `running`. */
  next(nodes: readonly Node[], running: number): readonly Node[] {
    const all = [...this.#waiting, ...nodes].filter(({ state }) => state === "launched");
    const waiting: Node[] = [];
    const begun: Node[] = [];
    for (const node of all) {
      const how = this.howBegins(node);
      if (runsNothing(node, how)) begun.push(node);
      else if (!this.#leavesInline && running + begun.length >= this.#width) waiting.push(node);
      else if (this.#begins(node, how)) begun.push(node);
    }
    this.#waiting = waiting;
    return begun;
  }

  #begins(node: Node, how: Beginning): boolean {
    const timeoutMs = node.called.policy?.timeoutMs;
    // Another place may have more time for it.
    if (this.#leavesInline) return this.#handOver();
    if (timeoutMs !== undefined && timeoutMs > this.#time.longestMs) return this.#refuse(node, how, timeoutMs);
    // The next turn has no more time than this one, if replay has taken it: better cut off than handed on for ever.
    const isLeftOver = how.before !== "new" && !this.#hasBegun && !this.#time.isShort;
    if (!isLeftOver && !this.#time.hasRoomFor(timeoutMs, !this.#hasBegun)) return this.#handOver();
    return (this.#hasBegun = true);
  }

  #handOver(): false {
    this.#handsOver = true;
    return false;
  }

  /** No turn has time for it. A map says so of each of its items. */
  #refuse(node: Node, how: Beginning, timeoutMs: number): boolean {
    const { longestMs } = this.#time;
    const why = `its timeout of ${formatDuration(timeoutMs)} is longer than the ${formatDuration(longestMs)} that a turn has for it: make it isolated, or give it less`;
    if (node instanceof MapNode) this.#beginnings.set(node.id, { ...how, refused: why });
    else this.#launcher.refuse(node, "inline_timeout_too_long", why);
    return node instanceof MapNode;
  }
}
