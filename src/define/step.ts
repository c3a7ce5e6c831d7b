import { callSite, type CallSite } from "./call-site.ts";
import type { Args, Fields, MapFields, Nothing } from "./call-input.ts";
import { checkCallInput, checkCallOptions, type CallOptions, type MapOptions } from "./call-options.ts";
import { runBare } from "./bare-run.ts";
import { registerStep } from "./catalogue.ts";
import { codeDigest } from "./code-digest.ts";
import { definitionKey } from "./definition-of.ts";
import { DefinitionCheck } from "./definition-check.ts";
import type { DeclaredOutputs, StepDefinition } from "./definition.ts";
import type { Call, FutureOf, MapOf, ValueOf } from "./future.ts";
import type { Given, Parsed, Schema } from "./schema.ts";
import { callsOf, refuseInRun } from "./scope-check.ts";
import type { StepContext } from "./step-context.ts";
import { outputNameProblem, type Allowed, type Any, type OutputOf, type Returns } from "./step-result.ts";
import { mergeSettings, resolveSettings, settingKeys, type StepSettings } from "./step-settings.ts";

export interface StepOptions<I, O, N> extends StepSettings {
  /** The step's identity in catalogue, journal and cache: a letter, then letters, digits or `_`, at most 64. */
  name: string;
  /** Schema of an object with a field for each input. Default: the step takes none. */
  input?: I;
  /** Schema of the one output, whose value the function returns. Default: the function returns nothing. */
  output?: O;
  /** Schemas of several outputs, which the function returns as an object of theirs. Each becomes an artifact of its own. */
  outputs?: N & Allowed<O, N>;
}

/** A step, to be called in pipeline functions. `I`: its input's fields; `O`: its output, `Outputs<{…}>` or void. */
export interface Step<I, O> {
  readonly name: string;
  /** Starts the step; `await` it for its artifact (or a record of them), or pass it on as an input. */
  (...args: Args<I, Fields<I>, CallOptions>): Call<O>;
  /** Starts the step beside everything else and returns its future at once. */
  submit(...args: Args<I, Fields<I>, CallOptions>): FutureOf<O>;
  /** One step run for each item: all lists have the same length, item i of each goes to step run i. */
  map(input: MapFields<I>, options?: MapOptions): MapOf<O>;
  /** One step run for each combination of the lists' items; the last list turns fastest. */
  product(input: MapFields<I>, options?: MapOptions): MapOf<O>;
  /** The same step with other settings; those left out (or undefined) stay as they are. */
  with(settings: StepSettings): Step<I, O>;
  /** Calls the function: values in, values out, nothing recorded. For unit tests, scripts and other steps. */
  run(...args: Args<I, I, Partial<StepContext<string>>>): Promise<ValueOf<O>>;
}

/**
 * Defines a step and adds it to the catalogue, at the top level of a module. Whoever calls it gives the input schema's input
 * side, `fn` gets its output side; `fn` returns the output schema's input side, the artifact holds its output side.
 *
 * @throws SkeinError `bad_definition`, `duplicate_step`, `step_defined_in_run`
 */
export function step<
  I extends Schema<object, object> = Schema<Nothing>,
  O extends Schema = Schema<void>,
  N extends Readonly<Record<string, Schema>> = {},
  const R extends Any | Promise<Any> = void,
>(
  options: StepOptions<I, O, N>,
  fn: ((input: Parsed<I>, context: StepContext<keyof N>) => R) & Returns<O, NoInfer<N>, R>,
): Step<Given<I>, OutputOf<O, N>> {
  const site = callSite();
  refuseInRun("step", site.at);
  const draft = draftOf(options, fn, site);
  const definition = define(draft, options, new DefinitionCheck(`step ${draft.name}`, site.at));
  registerStep(definition, site);
  return callable(draft, options, definition) as Step<Given<I>, OutputOf<O, N>>;
}

/** What all settings of a step have in common. */
interface Draft extends Pick<StepDefinition, "name" | "input" | "outputs" | "fn" | "definedAt"> {
  readonly digest: () => string;
}

const optionKeys = ["name", "input", "output", "outputs", ...settingKeys];

function draftOf(options: StepOptions<Schema, Schema, object>, fn: StepDefinition["fn"], site: CallSite): Draft {
  const nameless: DefinitionCheck = new DefinitionCheck("a step", site.at);
  nameless.object(options, "its options");
  const name = nameless.name(options.name, "its name");
  const check: DefinitionCheck = new DefinitionCheck(`step ${name}`, site.at);
  check.onlyKeys(options, optionKeys);
  check.fn(fn, "its second argument");
  const input = options.input === undefined ? undefined : check.schema(options.input, "input");
  const outputs = outputsOf(options, check);
  let digest: string | undefined;
  // Computed when somebody asks: JSON Schemas of hundreds of steps would slow down every start.
  return { name, input, outputs, fn, definedAt: site.at, digest: () => (digest ??= codeDigest(fn, input, outputs)) };
}

function outputsOf(options: { readonly output?: unknown; readonly outputs?: unknown }, check: DefinitionCheck): DeclaredOutputs {
  const { output, outputs } = options;
  if (output !== undefined && outputs !== undefined)
    throw check.bad("it has both output and outputs; give either one schema or a record of them");
  if (output !== undefined) return Object.freeze({ kind: "one", schema: check.schema(output, "output") });
  if (outputs === undefined) return Object.freeze({ kind: "none" });
  check.object(outputs, "outputs");
  const names = Object.keys(outputs);
  if (names.length === 0) throw check.bad("outputs is empty; declare one at least, or leave it out");
  const schemas = names.map((name) => {
    const problem = outputNameProblem(name);
    if (problem !== undefined) throw check.bad(problem);
    return [name, check.schema(Reflect.get(outputs, name), `outputs.${name}`)] as const;
  });
  return Object.freeze({ kind: "named", schemas: Object.freeze(Object.fromEntries(schemas)) });
}

function define(draft: Draft, settings: StepSettings, check: DefinitionCheck): StepDefinition {
  const { digest, ...shared } = draft;
  return Object.freeze({
    ...shared,
    ...resolveSettings(settings, check),
    get codeDigest() {
      return digest();
    },
  });
}

/** The function that users call, with its methods; none of them needs `this`. */
function callable(draft: Draft, settings: StepSettings, definition: StepDefinition): object {
  const { name } = definition;
  const call = (input: unknown, options: CallOptions | undefined, kind: "sync" | "submit"): object => {
    const calls = callsOf(name);
    checkCallInput(name, input);
    checkCallOptions(name, options, "call");
    return calls.step(definition, input, options ?? {}, kind);
  };
  const mapped = (input: unknown, options: MapOptions | undefined, combine: "zip" | "product"): object => {
    const calls = callsOf(name);
    checkCallInput(name, input);
    checkCallOptions(name, options, "map");
    return calls.map(definition, input, options ?? {}, combine);
  };
  const withSettings = (changes: StepSettings): object => {
    const check: DefinitionCheck = new DefinitionCheck(`step ${name}, with other settings`, callSite().at);
    check.object(changes, "its settings");
    check.onlyKeys(changes, settingKeys);
    const merged = mergeSettings(settings, changes);
    return callable(draft, merged, define(draft, merged, check));
  };
  const methods = {
    submit: (input: unknown = {}, options?: CallOptions) => call(input, options, "submit"),
    map: (input: unknown, options?: MapOptions) => mapped(input, options, "zip"),
    product: (input: unknown, options?: MapOptions) => mapped(input, options, "product"),
    with: withSettings,
    run: (input: unknown = {}, context: Partial<StepContext<string>> = {}) => runBare(definition, input, context),
  };
  const self = (input: unknown = {}, options?: CallOptions) => call(input, options, "sync");
  Object.defineProperties(self, { name: { value: name }, [definitionKey]: { value: definition } });
  return Object.freeze(Object.assign(self, methods));
}
