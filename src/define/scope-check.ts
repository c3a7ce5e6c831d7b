import { SkeinError } from "../model/error.ts";
import { scope, type Calls } from "./scope.ts";

/** Where calls of this step go. @throws SkeinError `step_called_in_step` or `step_called_outside_run` */
export function callsOf(step: string): Calls {
  const current = scope.getStore();
  if (current?.kind === "pipeline") return current.calls;
  if (current?.kind === "step") {
    throw new SkeinError(
      "step_called_in_step",
      `step ${step} was called inside step ${current.step}: a call gives an artifact, and only pipeline functions have those; use ${step}.run(input), which calls its function and gives the value`,
    );
  }
  throw new SkeinError(
    "step_called_outside_run",
    `step ${step} was called outside a run: call it in a pipeline function, and start that with start(pipeline, params); in tests and scripts, ${step}.run(input) calls its function`,
  );
}

/** Other processes load modules, not runs: what is made during a run would exist in this process only. */
export function refuseInRun(what: "step" | "pipeline" | "materializer", at: string): void {
  const current = scope.getStore();
  if (current === undefined) return;
  const where = current.kind === "step" ? `step ${current.step} runs` : `pipeline ${current.pipeline.name} runs`;
  throw new SkeinError(
    "step_defined_in_run",
    `a ${what} is made at ${at} while ${where}: move it to the top level of a module that the catalogue file imports, so that every process has it`,
  );
}
