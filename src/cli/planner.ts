import { findPipeline } from "../define/catalogue.ts";
import { parseParams } from "../engine/pipeline-of.ts";
import { localRefusal } from "../adapters/local/process-refusal.ts";
import { compilePlan } from "../plan/compile-plan.ts";
import type { Planner } from "./plan-resource.ts";

/** Plans on what this machine has. */
export const planner: Planner = {
  async plan(name, params) {
    const pipeline = findPipeline(name);
    const parsed = await parseParams(pipeline, params);
    if (pipeline.mode === "dynamic") return { pipeline, params: parsed };
    return { pipeline, params: parsed, calls: compilePlan(pipeline, parsed, { refuses: localRefusal }).calls };
  },
};
