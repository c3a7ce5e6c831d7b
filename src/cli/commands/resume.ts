import type { CommandContext } from "../context.ts";
import type { ExitCode } from "../exit-code.ts";
import { finishRun } from "./run.ts";

export interface ResumeOptions {
  readonly acceptCodeChange?: boolean;
  readonly watch?: boolean;
}

/** Of a run that has ended, tells how. */
export async function resumeRun(context: CommandContext, name: string, options: ResumeOptions): Promise<ExitCode> {
  const { desk } = context;
  const run = await desk.resume(await desk.findRun(name), { acceptCodeChange: options.acceptCodeChange === true });
  return finishRun(context, run, options.watch);
}
