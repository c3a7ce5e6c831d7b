import type { ProgressView } from "./progress-view.ts";
import { stepLine } from "./step-line.ts";
import type { Terminal } from "./terminal.ts";
import { waitLine } from "./wait-line.ts";
import type { Progress } from "../observe/progress.ts";

/** How often a map that still runs says how far it is. */
const mapEveryMs = 10_000;

/** A line for each thing that happens, for files and pipes. */
export class PlainView implements ProgressView {
  readonly everyMs = 200;
  readonly #write: (line: string) => void;
  readonly #terminal: Terminal;
  readonly #toldMaps = new Map<string, number>();
  readonly #toldWaits = new Set<string>();

  constructor(terminal: Terminal, write: (line: string) => void) {
    this.#terminal = terminal;
    this.#write = write;
  }

  show({ changed, running, waits = [] }: Progress, now: number): void {
    for (const step of changed) this.#write(stepLine(this.#terminal, step, now));
    for (const step of changed) this.#toldMaps.set(step.id, now);
    for (const map of running.filter((step) => step.kind === "map" && now - (this.#toldMaps.get(step.id) ?? 0) >= mapEveryMs)) {
      this.#toldMaps.set(map.id, now);
      this.#write(stepLine(this.#terminal, map, now));
    }
    for (const wait of waits.filter(({ id }) => !this.#toldWaits.has(id))) {
      this.#toldWaits.add(wait.id);
      this.#write(waitLine(this.#terminal, wait, now));
    }
  }

  say(text: string): void {
    this.#write(text);
  }

  close(): void {}
}
