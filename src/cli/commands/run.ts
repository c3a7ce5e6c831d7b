import { setImmediate } from "node:timers/promises";
import { nextCommand, type CommandContext } from "../context.ts";
import { openEngine } from "../engine-door.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { readParams, type ParamsOptions } from "../params.ts";
import { reportProblem } from "../problem.ts";
import type { Engine } from "../../engine/engine.ts";
import { SkeinError } from "../../model/error.ts";
import type { RunRecord } from "../../model/run.ts";

export interface RunOptions extends ParamsOptions {
  readonly watch?: boolean;
  readonly tag?: readonly string[];
  readonly key?: string;
}

export async function runPipeline(context: CommandContext, pipeline: string, options: RunOptions): Promise<ExitCode> {
  const params = readParams(options);
  const engine = await openEngine(context);
  try {
    const { run, created } = await engine.start(pipeline, params, { tags: options.tag, idempotencyKey: options.key });
    if (!created) await joinEarlier(context, engine, run);
    return await finishRun(context, engine, run, options.watch);
  } finally {
    await engine.close();
  }
}

/** The run that the key started before: one that was interrupted goes on here, one that lives elsewhere is watched. */
async function joinEarlier({ terminal }: CommandContext, engine: Engine, run: RunRecord): Promise<void> {
  terminal.note("The key was used before: this is the run that it started.");
  try {
    await engine.resume(run.id);
  } catch (error) {
    if (!(error instanceof SkeinError && error.code === "run_is_live")) throw error;
  }
}

/** Names the run, shows it until its end, and reports. What fails from here on leaves a run behind. */
export async function finishRun(context: CommandContext, engine: Engine, run: RunRecord, watch: boolean | undefined): Promise<ExitCode> {
  const name = context.isJson ? context.terminal.note : context.terminal.line;
  name(`run ${run.id} (${run.pipeline})`);
  // The run's first steps come before what shows them is loaded.
  await setImmediate();
  try {
    const [{ followRun }, { reportRun }] = await Promise.all([import("../follow.ts"), import("../report.ts")]);
    return await reportRun(context, engine, await followRun(context, engine, run, watch ?? !context.isJson));
  } catch (error) {
    reportProblem(error, context.terminal, context.isJson);
    if (!context.isJson) context.terminal.note(`The run is not lost: ${nextCommand(context, `resume ${run.id}`)} goes on with it.`);
    return exitCode.bad;
  }
}
