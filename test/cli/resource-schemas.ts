import { z } from "zod";
import { artifact, error } from "../../src/api/resource-schemas.ts";

// What the command line prints with --json: the API's resources, and these.
export { logLine, pipelineList, plan, runDetail, runPage, runReport } from "../../src/api/resource-schemas.ts";

export const artifactList = z.strictObject({ artifacts: z.array(artifact) });
export const problem = z.strictObject({ error });
