import { SkeinError } from "../model/error.ts";
import type { ErrorCode } from "../model/error-code.ts";
import type { CallSite } from "./call-site.ts";
import type { PipelineDefinition, StepDefinition } from "./definition.ts";
import type { Materializer } from "./materializer.ts";
import { nearest } from "./near-name.ts";

/** Layout of the shared registry; a release that changes it counts up. */
const layout = "1";
const keyPrefix = "skein.catalogue.";
const key = Symbol.for(keyPrefix + layout);

interface Entry<Definition> {
  readonly definition: Definition;
  readonly site: CallSite;
  /** The synchronous stretch of code that it was defined in. */
  readonly stretch: object;
}

interface Registry {
  readonly steps: Map<string, Entry<StepDefinition>>;
  readonly pipelines: Map<string, Entry<PipelineDefinition>>;
  readonly materializers: Map<string, Entry<Materializer>>;
}

/** What the messages about one kind of entry say. */
interface Kind {
  readonly noun: string;
  readonly duplicate: ErrorCode;
  readonly missing: ErrorCode;
}

const step: Kind = { noun: "step", duplicate: "duplicate_step", missing: "step_not_in_catalogue" };
const pipeline: Kind = { noun: "pipeline", duplicate: "duplicate_pipeline", missing: "unknown_pipeline" };
const materializer: Kind = { noun: "materializer", duplicate: "bad_definition", missing: "materializer_missing" };

/** Adds a step under its name. @throws SkeinError `duplicate_step` */
export function registerStep(definition: StepDefinition, site: CallSite): void {
  add(registry().steps, definition, site, step);
}

/** Adds a pipeline under its name. @throws SkeinError `duplicate_pipeline` */
export function registerPipeline(definition: PipelineDefinition, site: CallSite): void {
  add(registry().pipelines, definition, site, pipeline);
}

/** Adds a materializer under its name. @throws SkeinError `bad_definition` */
export function registerMaterializer(definition: Materializer, site: CallSite): void {
  add(registry().materializers, definition, site, materializer);
}

/** The step of that name, among all modules that were loaded. @throws SkeinError `step_not_in_catalogue` */
export function findStep(name: string, catalogue?: string): StepDefinition {
  const { steps } = registry();
  return steps.get(name)?.definition ?? refuse(name, steps, step, catalogue);
}

/** The pipeline of that name, among all modules that were loaded. @throws SkeinError `unknown_pipeline` */
export function findPipeline(name: string, catalogue?: string): PipelineDefinition {
  const { pipelines } = registry();
  return pipelines.get(name)?.definition ?? refuse(name, pipelines, pipeline, catalogue);
}

/** A materializer that `materializer()` made; undefined: none has that name. */
export function findMaterializer(name: string): Materializer | undefined {
  return registry().materializers.get(name)?.definition;
}

/** All steps, in the order in which they were defined. */
export function steps(): readonly StepDefinition[] {
  return [...registry().steps.values()].map(({ definition }) => definition);
}

/** All pipelines, in the order in which they were defined. */
export function pipelines(): readonly PipelineDefinition[] {
  return [...registry().pipelines.values()].map(({ definition }) => definition);
}

/** Several copies of the package in one process share one registry, whatever module loader each came through. */
function registry(): Registry {
  const shared: unknown = Reflect.get(globalThis, key);
  if (isRegistry(shared)) return shared;
  refuseOtherLayouts();
  const made: Registry = { steps: new Map(), pipelines: new Map(), materializers: new Map() };
  Object.defineProperty(globalThis, key, { value: made, configurable: true });
  return made;
}

function isRegistry(value: unknown): value is Registry {
  return typeof value === "object" && value !== null && "steps" in value;
}

function refuseOtherLayouts(): void {
  const other = Object.getOwnPropertySymbols(globalThis).find((symbol) => symbol !== key && symbol.description?.startsWith(keyPrefix));
  if (other === undefined) return;
  const theirs = other.description?.slice(keyPrefix.length);
  throw new SkeinError(
    "catalogue_unreadable",
    `two versions of skein that cannot share steps are loaded in this process (catalogue layouts ${theirs} and ${layout}): install one of them only; "npm ls skein" shows where they come from`,
  );
}

function add<Definition extends { readonly name: string }>(
  entries: Map<string, Entry<Definition>>,
  definition: Definition,
  site: CallSite,
  kind: Kind,
): void {
  const earlier = entries.get(definition.name);
  const now = currentStretch();
  // A module that is evaluated again (a reload, a test's reset) defines the same again; a loop or a factory does so at once.
  if (earlier !== undefined && (earlier.site.exactly !== site.exactly || earlier.stretch === now)) {
    const { noun, duplicate } = kind;
    throw new SkeinError(
      duplicate,
      `two ${noun}s are named "${definition.name}", at ${earlier.site.at} and at ${site.at}: rename one of them, names tell ${noun}s apart in every process`,
    );
  }
  entries.set(definition.name, { definition, site, stretch: now });
}

let stretch: object | undefined;

function currentStretch(): object {
  if (stretch === undefined) {
    stretch = {};
    queueMicrotask(() => (stretch = undefined));
  }
  return stretch;
}

function refuse(name: string, entries: ReadonlyMap<string, unknown>, { noun, missing }: Kind, catalogue: string | undefined): never {
  const near = nearest(name, entries.keys());
  const where = catalogue === undefined ? "of the modules that are loaded" : `after loading ${catalogue}`;
  const hint =
    near.length > 0
      ? `did you mean ${near.map((one) => `"${one}"`).join(" or ")}?`
      : `there ${entries.size === 1 ? "is one" : `are ${entries.size}`} in all.`;
  throw new SkeinError(
    missing,
    `no ${noun} is named "${name}" ${where}: ${hint} A ${noun} is found once its module is imported by the catalogue file and defines it at its top level, under no condition.`,
  );
}
