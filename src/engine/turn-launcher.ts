import type { OutcomeSeen, RunEvent } from "../model/event.ts";
import { parseItemId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";
import type { RunRecord } from "../model/run.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import { flagMap } from "../record/latch.ts";
import { endItemOf } from "./end-map.ts";
import { launchMap } from "./launch-map.ts";
import { launchOrRefusal } from "./launch-refusal.ts";
import { MapRange } from "./map-range.ts";
import { nodeTask, shapeOf } from "./node-task.ts";
import type { TurnPorts } from "./ports.ts";
import { refusal, refusalOf, refuseMap, type RefusalCode } from "./refusal.ts";

/** Starts elsewhere what an entry has launched: isolated steps and maps. */
export class TurnLauncher {
  readonly #run: RunRecord;
  readonly #ports: TurnPorts;
  /** Launched, but no place takes them. */
  readonly #refused: OutcomeSeen[] = [];

  readonly #passesBaton: boolean;

  constructor(run: RunRecord, ports: TurnPorts, passesBaton: boolean) {
    this.#run = run;
    this.#ports = ports;
    this.#passesBaton = passesBaton;
  }

  takeRefused(): readonly OutcomeSeen[] {
    return this.#refused.splice(0);
  }

  async launch(nodes: readonly Node[], orchestration: Orchestration): Promise<void> {
    const isAlone = this.#passesBaton && nodes.length === 1 && orchestration.graph.launched.size === 1;
    if (nodes.length > 0) await Promise.all(nodes.map((node) => this.#launchOne(node, orchestration, isAlone)));
  }

  async #launchOne(node: Node, { graph }: Orchestration, isAlone: boolean): Promise<void> {
    const { operator } = this.#ports;
    const why = refusalOf(node, operator);
    if (node instanceof MapNode) {
      const range = await MapRange.open(node, this.#run, graph, this.#ports);
      await (why === undefined ? launchMap(range, this.#ports) : refuseMap(range, why, this.#ports));
    } else if (why !== undefined) this.refuse(node, "missing_operator", why);
    else {
      const refused = await launchOrRefusal({ ...nodeTask(node, graph, this.#run), ...(isAlone ? { isAlone } : {}) }, this.#ports);
      if (refused !== undefined) this.#noteRefused(node, refused);
    }
  }

  /** It is launched, but no place takes it. */
  refuse({ id, attempt }: Node, code: RefusalCode, why: string): void {
    this.#noteRefused({ id, attempt }, { status: "failed", error: refusal(id, code, why) });
  }

  #noteRefused({ id, attempt }: Pick<Node, "id" | "attempt">, outcome: Outcome): void {
    this.#refused.push({ t: "outcome", id, attempt, outcome, at: this.#ports.clock.now() });
  }

  /** Single items that the function gave up; whole step runs and maps are wound down. */
  async endItems(events: readonly RunEvent[], { graph }: Orchestration): Promise<void> {
    for (const event of events) {
      const item = event.t === "cancel" ? parseItemId(event.id) : undefined;
      const map = item === undefined ? undefined : graph.find(item.map);
      if (
        event.t !== "cancel" ||
        item === undefined ||
        !(map instanceof MapNode) ||
        map.size === undefined ||
        map.called.runtime !== "isolated"
      )
        continue;
      await endItemOf(map, this.#run, { index: item.index, reason: event.reason }, this.#ports);
    }
  }

  /** Maps that the function looks into tell of every item. Flags first; the items' rows are read again after (R10). */
  async flagWatched(events: readonly RunEvent[], { graph }: Orchestration): Promise<void> {
    for (const event of events) {
      const map = event.t === "watched" || event.t === "launched" ? graph.find(event.id) : undefined;
      if (!(map instanceof MapNode) || !map.watched || map.size === undefined || map.called.runtime !== "isolated") continue;
      await flagMap(this.#ports.state, this.#run.id, shapeOf(map, this.#run), { watch: true });
    }
  }
}
