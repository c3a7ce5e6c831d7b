import type { CommandContext } from "../context.ts";
import { openEngine } from "../engine-door.ts";
import type { ExitCode } from "../exit-code.ts";
import { findRun } from "../run-name.ts";
import { finishRun } from "./run.ts";
import { readRecord } from "../../observe/run-view.ts";

export interface ResumeOptions {
  readonly acceptCodeChange?: boolean;
  readonly watch?: boolean;
}

/** Of a run that has ended, tells how. */
export async function resumeRun(context: CommandContext, name: string, options: ResumeOptions): Promise<ExitCode> {
  const engine = await openEngine(context);
  try {
    const run = await findRun(engine.state, name);
    await engine.resume(run, { acceptCodeChange: options.acceptCodeChange === true });
    return await finishRun(context, engine, await readRecord(engine, run), options.watch);
  } finally {
    await engine.close();
  }
}
