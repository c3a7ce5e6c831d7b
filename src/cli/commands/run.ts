import { setImmediate } from "node:timers/promises";
import type { CommandContext } from "../context.ts";
import type { FollowedRun } from "../desk.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { Interrupts } from "../interrupts.ts";
import { readParams, type ParamsOptions } from "../params.ts";
import { reportProblem } from "../problem.ts";

export interface RunOptions extends ParamsOptions {
  readonly watch?: boolean;
  readonly tag?: readonly string[];
  readonly key?: string;
}

export async function runPipeline(context: CommandContext, pipeline: string, options: RunOptions): Promise<ExitCode> {
  const params = readParams(options);
  const begin = async () => {
    const { run, created } = await context.desk.start(pipeline, params, { tags: options.tag, idempotencyKey: options.key });
    if (!created) context.terminal.note("The key was used before: this is the run that it started.");
    return run;
  };
  return stayWithRun(context, begin, options.watch);
}

/** Begins a run, or goes on with one, and stays until its end. A Ctrl-C that comes while it begins is not lost: the run is stopped then. */
export async function stayWithRun(
  context: CommandContext,
  begin: () => Promise<FollowedRun>,
  watch: boolean | undefined,
): Promise<ExitCode> {
  const interrupts = new Interrupts(context.terminal);
  try {
    return await finishRun(context, await begin(), watch, interrupts);
  } finally {
    interrupts.close();
  }
}

/** Names the run, shows it until its end, and reports. What fails from here on leaves a run behind. */
async function finishRun(context: CommandContext, run: FollowedRun, watch: boolean | undefined, interrupts: Interrupts): Promise<ExitCode> {
  const name = context.isJson ? context.terminal.note : context.terminal.line;
  name(`run ${run.id} (${run.pipeline})`);
  // The run's first steps come before what shows them is loaded.
  await setImmediate();
  try {
    const [{ followRun }, { reportRun }] = await Promise.all([import("../follow.ts"), import("../report.ts")]);
    await followRun(context, run, watch ?? !context.isJson, interrupts);
    return await reportRun(context, run);
  } catch (error) {
    reportProblem(error, context.terminal, context.isJson);
    if (!context.isJson) context.terminal.note(run.wayBack.lost);
    return exitCode.bad;
  }
}
