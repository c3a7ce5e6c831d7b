import type { Args } from "../define/call-input.ts";
import { fileOf } from "../define/call-site.ts";
import { definitionOf } from "../define/definition-of.ts";
import type { PipelineDefinition } from "../define/definition.ts";
import type { Pipeline } from "../define/pipeline.ts";
import { scope } from "../define/scope.ts";
import { SkeinError } from "../model/error.ts";
import { SharedEngine } from "./shared-engine.ts";
import type { Run } from "./started-run.ts";

export interface StartOptions {
  /** A second start with this key and the same parameters gives the first one's run. */
  idempotencyKey?: string | undefined;
  /** For people: to find runs by. */
  tags?: readonly string[] | undefined;
}

/** By the file that defines the pipelines. */
const engines = new Map<string, SharedEngine>();

/**
 * Starts a run on this machine, with the embedded engine in `.skein`, and answers at once; the process lives until the run has
 * ended. The catalogue is the file that defines the pipeline: every process of the run imports it. Parameters are plain
 * values, before the schema's defaults and transforms.
 *
 * @throws SkeinError `invalid_params`, `idempotency_conflict`; `started_while_loading` at the top level of the catalogue file
 */
export async function start<P, R>(pipeline: Pipeline<P, R>, ...args: Args<P, P, StartOptions>): Promise<Run<R>> {
  const definition = definitionOf(pipeline);
  refuseInside(definition);
  const [params = {}, options = {}] = args;
  const catalogue = fileOf(definition.definedAt);
  const shared = engines.get(catalogue) ?? new SharedEngine(() => openEmbedded(catalogue));
  engines.set(catalogue, shared);
  const engine = await shared.use();
  try {
    const { StartedRun } = await import("./started-run.ts");
    const { run } = await engine.start(definition.name, params, options);
    return new StartedRun<R>(engine, run.id, () => shared.release());
  } catch (error) {
    await shared.release();
    throw error;
  }
}

/** Loaded with the first start, so that defining steps costs no engine. */
async function openEmbedded(catalogue: string): ReturnType<SharedEngine["use"]> {
  const embedded = await import("../adapters/local/embedded.ts");
  return embedded.openEmbedded({ catalogue, isLoaded: true });
}

function refuseInside({ name, definedAt }: PipelineDefinition): void {
  if (Reflect.get(globalThis, Symbol.for("skein.loading")) === true) {
    throw new SkeinError(
      "started_while_loading",
      `pipeline ${name} was started while ${fileOf(definedAt)} was loaded by another process of a run: start runs in a file of their own that imports the pipeline, or under if (import.meta.main)`,
    );
  }
  const current = scope.getStore();
  if (current?.kind === "pipeline") {
    throw new SkeinError(
      "bad_call",
      `pipeline ${name} was started in pipeline ${current.pipeline.name}: a replay would start it again; call its steps instead`,
    );
  }
}
