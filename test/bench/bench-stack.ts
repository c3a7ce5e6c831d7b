import { setTimeout as pause } from "node:timers/promises";
import { emulatedUrl } from "../../infra/emulator/address.ts";
import type { StackOutputs } from "../../infra/emulator/cdk.ts";
import { Api } from "../e2e/api.ts";
import { functionLog } from "../e2e/function-log.ts";
import { StoredState } from "../e2e/state.ts";
import { rowSizes, type RowSizes } from "./row-sizes.ts";
import { each, plus, usageInLog, type LogUsage, type Role, type Usage } from "./usage.ts";

const endsWithinMs = 1_800_000;
/** So long after a run's end its last wakes may still be under way. */
const restsWithinMs = 120_000;
const quietMs = 3_000;

const outputOf: Readonly<Record<Role, string>> = {
  orchestrator: "Orchestrator",
  operator: "Operator",
  relay: "Relay",
  sweeper: "Sweeper",
  api: "Api",
};
const ofRuns: readonly Role[] = ["orchestrator", "operator", "relay", "api"];

/** A deployed stack of `fixtures/requests-app.ts`. */
export class BenchStack {
  readonly #api: Api;
  readonly #state: StoredState;
  readonly #outputs: StackOutputs;
  #isWarm = false;

  constructor(outputs: StackOutputs, endpoint: string) {
    this.#outputs = outputs;
    this.#api = new Api(emulatedUrl(this.#output("ApiUrl"), endpoint));
    this.#state = new StoredState({ table: this.#output("StateTable"), bucket: this.#output("ArtifactBucket") });
  }

  /** What a run took, its start included. Nothing else may run meanwhile: functions' logs are read by their time. */
  async usageOfRun(pipeline: string, params: object): Promise<Usage> {
    const from = Date.now();
    const { id } = await this.#api.start(pipeline, params);
    await this.#ended(id);
    const usage = await this.#atRest(from, id);
    const { status, error, turns, journalEntries } = await this.#api.run(id);
    if (status !== "completed") throw new Error(`${pipeline} ${JSON.stringify(params)} ${status}: ${JSON.stringify(error)}`);
    return { ...usage, turns, journalEntries };
  }

  /** So that no first time is measured: of a function's process, or of a pipeline's name, which is written once an hour. */
  async warmUp(): Promise<void> {
    if (this.#isWarm) return;
    for (const pipeline of ["inline", "isolated", "handed", "chains", "mapped"]) await this.usageOfRun(pipeline, { count: 4 });
    await this.usageOfRun("cacheable", { count: 4, from: 0 });
    this.#isWarm = true;
  }

  /** What an invocation of the sweeper takes that finds nothing to do, on the average; undefined: there has been none. */
  async usageOfSweeps(): Promise<Usage | undefined> {
    const { usage, reported } = await this.#usageIn("sweeper", 0);
    return reported === 0 ? undefined : each({ size: reported, usage });
  }

  async rowSizes(): Promise<readonly RowSizes[]> {
    return rowSizes(this.#output("StateTable"));
  }

  /** By reads that no function makes, and that so are not counted. */
  async #ended(id: string): Promise<void> {
    const deadline = Date.now() + endsWithinMs;
    while ((await this.#state.record(id))?.ended === undefined) {
      if (Date.now() > deadline) throw new Error(`${id} did not end within ${endsWithinMs} ms`);
      await pause(250);
    }
  }

  /**
   * Every invocation that was asked for has ended and told what it asked for: so many were asked for, and it stays like that. (Who has not
   * told yet may have asked for as many as are still under way.)
   */
  async #atRest(from: number, id: string): Promise<Usage> {
    const deadline = Date.now() + restsWithinMs;
    let before = "";
    for (;;) {
      const logs = await Promise.all(ofRuns.map((role) => this.#usageIn(role, from)));
      const usage = plus(...logs.map((log) => log.usage));
      const told = logs.slice(0, 2).reduce((sum, { counted }) => sum + counted, 0);
      const ended = usage.wakes + usage.steps;
      const now = JSON.stringify(usage);
      if (told > 0 && usage.invokes === told && ended === told && now === before) return usage;
      if (Date.now() > deadline)
        throw new Error(`${id} is over, but of ${usage.invokes} invocations ${ended} have ended and ${told} told what they asked for`);
      before = now;
      await pause(quietMs);
    }
  }

  async #usageIn(role: Role, from: number): Promise<LogUsage> {
    const lines = await functionLog(this.#output(outputOf[role]), from);
    return usageInLog(
      lines.map(({ text }) => text),
      role,
    );
  }

  #output(name: string): string {
    const value = this.#outputs[name];
    if (value === undefined) throw new Error(`the stack has no output ${name}, only ${Object.keys(this.#outputs).join(", ")}`);
    return value;
  }
}
