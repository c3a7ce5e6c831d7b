import type { RunEvent, Waiting } from "../model/event.ts";
import type { WaitResource } from "./resources.ts";
import { isoTime } from "./time.ts";

/** What the pipeline function waits for at the end of the events that were taken in. */
export class OpenWaits {
  readonly #open = new Map<string, Waiting>();

  /** In the order in which they began. */
  get resources(): readonly WaitResource[] {
    return [...this.#open.values()].map(waitResource);
  }

  take(event: RunEvent): void {
    switch (event.t) {
      case "waiting":
        this.#open.set(event.id, event);
        break;
      case "woken":
        if (event.refused === undefined) this.#open.delete(event.id);
        break;
      case "returned":
      case "threw":
      case "halted":
      case "stopping":
      case "ended":
        this.clear();
        break;
      default: // no other event has to do with waits
    }
  }

  clear(): void {
    this.#open.clear();
  }
}

function waitResource({ id, name, question, at, dueAt }: Waiting): WaitResource {
  return {
    id,
    ...(name === undefined ? {} : { name }),
    ...(question === undefined ? {} : { question }),
    since: isoTime(at),
    ...(dueAt === undefined ? {} : { until: isoTime(dueAt) }),
  };
}
