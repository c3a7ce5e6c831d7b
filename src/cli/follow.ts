import { setTimeout as pause } from "node:timers/promises";
import { nextCommand, type CommandContext } from "./context.ts";
import { exitCode } from "./exit-code.ts";
import { Interrupts } from "./interrupts.ts";
import { noView, type ProgressView } from "./progress-view.ts";
import type { Engine } from "../engine/engine.ts";
import type { RunRecord } from "../model/run.ts";
import { RunWatch } from "../observe/progress.ts";

/** A look at a run takes at most this part of the time, however large the run. */
const maxShare = 0.05;

/** Shows a run until it has ended. Ctrl-C asks it to stop; a second one leaves this process at once. */
export async function followRun(context: CommandContext, engine: Engine, run: RunRecord, isWatched: boolean): Promise<RunRecord> {
  const view = isWatched ? await openView(context, run) : noView;
  const say = (text: string) => (view === noView ? context.terminal.note(text) : view.say(text));
  const interrupts = new Interrupts(
    () => {
      engine.stop(run.id, "Ctrl-C").then(
        () => say("Stopping: what runs is told to end. Ctrl-C again leaves at once."),
        (error: unknown) => say(`The run could not be asked to stop: ${String(error)}`),
      );
    },
    () => {
      view.close();
      context.terminal.note(`Left while the run was stopping. ${nextCommand(context, `resume ${run.id}`)} brings it to its end.`);
      process.exit(exitCode.interrupted);
    },
  );
  try {
    const ended = engine.ended(run.id);
    if (isWatched) await showUntil(ended, new RunWatch(engine, run), view);
    return await ended;
  } finally {
    interrupts.close();
    view.close();
  }
}

async function showUntil(ended: Promise<unknown>, watch: RunWatch, view: ProgressView): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  ended.then(end, end);
  for (let lastCost = 0; ;) {
    const isLast = over.signal.aborted;
    const began = performance.now();
    const now = Date.now();
    view.show(await watch.look(now), now);
    if (isLast) return;
    // A single slow look (modules are loaded, a step holds the thread) says nothing of the next one.
    const cost = performance.now() - began;
    const steadyCost = Math.min(cost, lastCost);
    lastCost = cost;
    // Ends early with the run; what it rejects with then says nothing more.
    await pause(Math.max(view.everyMs, steadyCost / maxShare), undefined, { signal: over.signal }).catch(() => {});
  }
}

async function openView({ terminal, isJson }: CommandContext, run: RunRecord): Promise<ProgressView> {
  if (terminal.isLive && !isJson) {
    const { LiveView } = await import("./live-view.ts");
    return new LiveView(terminal, run.pipeline, Date.now());
  }
  const { PlainView } = await import("./plain-view.ts");
  return new PlainView(terminal, isJson ? terminal.note : terminal.line);
}
