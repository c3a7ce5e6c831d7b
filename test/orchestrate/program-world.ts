import { hash } from "node:crypto";
import { failureOf, RetryAfter, PermanentError } from "../../src/model/error.ts";
import type { OutcomeSeen, RunEvent, Seen } from "../../src/model/event.ts";
import { itemId, parseItemId } from "../../src/model/id.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import type { FailureMode } from "../../src/model/run.ts";
import type { Signal } from "../../src/model/signal.ts";
import type { Graph } from "../../src/orchestrate/graph.ts";
import { MapNode, type Node } from "../../src/orchestrate/node.ts";
import { signalNames } from "./interpreter.ts";
import { artifactOf, completed, failed } from "./rehearsal.ts";

/** What comes from outside in a run, in its order: what a turn would tell its orchestration. */
export type Action =
  | { readonly tell: "see"; readonly news: readonly Seen[] }
  | { readonly tell: "stop" }
  | { readonly tell: "relaunch"; readonly id: string };

/** Decides how every attempt ends and in which order: all of it follows from the seed. */
export class World {
  readonly #seed: number;
  readonly mode: FailureMode;
  readonly maxConcurrency: number | undefined;
  readonly #stopAfter: number;
  /** Of so many attempts four fail. */
  readonly #calm: number;
  /** What was told so far. */
  readonly #signals: Signal[] = [];
  #drawn = 0;
  #acted = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.mode = (["stop_on_failure", "fail_fast", "continue_on_failure"] as const)[this.of("mode", 3)] ?? "stop_on_failure";
    this.maxConcurrency = this.of("width", 4) === 0 ? 2 : undefined;
    this.#calm = [8, 40, 1_000][this.of("calm", 3)] ?? 8;
    this.#stopAfter = this.of("stop", 12) === 0 ? this.of("when", 8) : Number.POSITIVE_INFINITY;
  }

  of(what: string, below: number): number {
    return Number.parseInt(hash("sha256", `${this.#seed}:${what}`).slice(0, 8), 16) % below;
  }

  #draw(below: number): number {
    return this.of(`draw ${this.#drawn++}`, below);
  }

  cachedOutcome(node: Node): Outcome | undefined {
    return this.of(`cache ${node.id}`, 2) === 0
      ? ({ ...this.#good(node), status: "cached", origin: { run: node.id as never, step: "many" } } as Outcome)
      : undefined;
  }

  /** Loads of these artifacts fail. */
  breaks(artifact: string): boolean {
    return this.of(`load ${artifact}`, 15) === 0;
  }

  /** What happens next; undefined when nothing is under way. */
  next(graph: Graph, at: number): Action | undefined {
    if (this.#acted++ === this.#stopAfter) return { tell: "stop" };
    const due = [...graph.launched].find((node) => node.dueAt !== undefined && this.#draw(2) === 0);
    if (due !== undefined) return { tell: "relaunch", id: due.id };
    const open: Seen[] = [];
    for (const node of graph.launched) open.push(...this.#seen(node, at));
    for (const { map, item } of graph.outstandingItems()) {
      if (map.size !== undefined)
        open.push({ t: "outcome", id: item.id, attempt: 1, outcome: this.#item(map, parseItemId(item.id)?.index ?? 0), at });
    }
    if (!graph.waits.isEmpty) this.#signal(open.length === 0, at);
    open.push(...graph.waits.over(this.#signals, at));
    if (open.length === 0) return graph.waits.isEmpty ? undefined : { tell: "see", news: [] };
    const told: Seen[] = [];
    for (let count = 1 + this.#draw(3); count > 0 && open.length > 0; count--) told.push(...open.splice(this.#draw(open.length), 1));
    // Now and then one of them comes twice.
    if (this.#draw(6) === 0 && told[0] !== undefined) told.push(told[0]);
    return { tell: "see", news: told };
  }

  /** Now and then a signal comes, and one of each name where nothing else will. */
  #signal(must: boolean, at: number): void {
    for (const name of signalNames) {
      if (this.#draw(6) > 0 && !must) continue;
      const value = this.#draw(4) === 0 && !must ? "nothing" : this.#draw(100);
      this.#signals.push({ id: `${this.#signals.length}`, name, text: JSON.stringify(value), at });
    }
  }

  #seen(node: Node, at: number): OutcomeSeen[] {
    const outcome = node instanceof MapNode ? this.#map(node) : this.#outcome(node);
    return [
      {
        t: "outcome",
        id: node.id,
        attempt: node.attempt,
        outcome:
          node.cancelReason !== undefined && this.of(`stopped ${node.id}`, 2) === 0 ? { status: "stopped", reason: "told to" } : outcome,
        at,
      },
    ];
  }

  #outcome(node: Node): Outcome {
    const fate = this.of(`${node.id} ${node.attempt}`, this.#calm);
    if (fate > 3) return this.#good(node);
    if (fate === 3) return failed(new PermanentError(`${node.id} is hopeless`));
    if (fate === 2) return failed(new RetryAfter(`${node.id} is busy`, 2_000));
    if (fate === 1)
      return failed({ ...failureOf(new Error(`${node.id} was lost`)), interrupted: this.of(`again ${node.id} ${node.attempt}`, 2) === 0 });
    return failed(new RangeError(`${node.id} went too far`, { cause: new Error("deep") }));
  }

  #good({ id, called }: Node): Outcome {
    switch (called.step) {
      case "two":
        return completed(id, { left: this.of(`left ${id}`, 100), right: this.#list(id) });
      case "none":
        return completed(id, {});
      case "many":
        return completed(id, { output: this.#list(id) });
      default:
        return completed(id, { output: this.of(`value ${id}`, 100) });
    }
  }

  #list(id: string): number[] {
    return Array.from({ length: this.of(`length ${id}`, 5) }, (_, i) => this.of(`item ${id} ${i}`, 9));
  }

  #item(map: MapNode, index: number): Outcome {
    const id = itemId(map.id, index);
    if (map.delivered !== undefined && map.delivered.status !== "completed" && map.delivered.status !== "failed")
      return { status: "cancelled", reason: "its map was" };
    return this.of(`fails ${id}`, 5) === 0 ? failed(new Error(`item ${id}`)) : completed(id, { output: this.of(`value ${id}`, 100) });
  }

  #map(map: MapNode): Outcome {
    const items = Array.from({ length: map.size ?? 0 }, (_, index) => this.#item(map, index));
    const values = items.flatMap((item) => ("outputs" in item ? [0] : []));
    const outputs = { output: artifactOf(`a.${map.id}.1.output`, values) };
    const failures = items.flatMap((item, index) =>
      item.status === "failed" ? [{ index, id: itemId(map.id, index), error: item.error }] : [],
    );
    const [first] = failures;
    if (first === undefined) return { status: "completed", outputs };
    return {
      status: "failed",
      error: { ...first.error, step: first.id },
      partial: { outputs, failures: artifactOf(`a.${map.id}.1.failures`, failures) },
    };
  }
}

/** Stacks say how the code was run, not what it decided. */
export function withoutStacks(events: readonly RunEvent[]): string[] {
  return events.map((event) => JSON.stringify(event, (key, value: unknown) => (key === "stack" ? undefined : value)));
}
