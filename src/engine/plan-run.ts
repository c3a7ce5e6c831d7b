import { findPipeline } from "../define/catalogue.ts";
import type { Plan } from "../observe/plan-resource.ts";
import { compilePlan } from "../plan/compile-plan.ts";
import type { StepOperator } from "../ports/step-operator.ts";
import { parseParams } from "./pipeline-of.ts";

/** Validates parameters and definitions as a start would, and compiles static pipelines; nothing runs and nothing is stored. */
export async function planRun(name: string, params: unknown, operator: Pick<StepOperator, "refuses">): Promise<Plan> {
  const pipeline = findPipeline(name);
  const parsed = await parseParams(pipeline, params);
  if (pipeline.mode === "dynamic") return { pipeline, params: parsed };
  return { pipeline, params: parsed, calls: compilePlan(pipeline, parsed, { refuses: (needs) => operator.refuses(needs) }).calls };
}
