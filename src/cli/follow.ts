import type { CommandContext } from "./context.ts";
import type { FollowedRun } from "./desk.ts";
import { exitCode } from "./exit-code.ts";
import type { Interrupts } from "./interrupts.ts";
import type { ProgressView } from "./progress-view.ts";

/** Shows a run until it has ended. Ctrl-C asks it to stop; a second one leaves this process at once. */
export async function followRun(context: CommandContext, run: FollowedRun, isWatched: boolean, interrupts: Interrupts): Promise<void> {
  const view = isWatched ? await openView(context, run) : undefined;
  const say = (text: string) => (view === undefined ? context.terminal.note(text) : view.say(text));
  interrupts.become(
    () => {
      run.stop("Ctrl-C").then(
        () => say("Stopping: what runs is told to end. Ctrl-C again leaves at once."),
        (error: unknown) => say(`The run could not be asked to stop: ${String(error)}`),
      );
    },
    () => {
      view?.close();
      context.terminal.note(run.wayBack.left);
      process.exit(exitCode.interrupted);
    },
  );
  try {
    await run.follow(view);
  } finally {
    interrupts.close();
    view?.close();
  }
}

async function openView({ terminal, isJson }: CommandContext, run: FollowedRun): Promise<ProgressView> {
  if (terminal.isLive && !isJson) {
    const { LiveView } = await import("./live-view.ts");
    return new LiveView(terminal, run.pipeline, Date.now());
  }
  const { PlainView } = await import("./plain-view.ts");
  return new PlainView(terminal, isJson ? terminal.note : terminal.line);
}
