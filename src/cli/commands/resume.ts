import type { CommandContext } from "../context.ts";
import type { ExitCode } from "../exit-code.ts";
import { stayWithRun } from "./run.ts";

export interface ResumeOptions {
  readonly acceptCodeChange?: boolean;
  readonly watch?: boolean;
}

/** Of a run that has ended, tells how. */
export async function resumeRun(context: CommandContext, name: string, options: ResumeOptions): Promise<ExitCode> {
  const { desk } = context;
  const id = await desk.findRun(name);
  const begin = () => desk.resume(id, { acceptCodeChange: options.acceptCodeChange === true });
  return stayWithRun(context, begin, options.watch);
}
