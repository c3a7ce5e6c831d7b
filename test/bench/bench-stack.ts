import { setTimeout as pause } from "node:timers/promises";
import { emulatedUrl } from "../../infra/emulator/address.ts";
import type { StackOutputs } from "../../infra/emulator/cdk.ts";
import { Api } from "../e2e/api.ts";
import { functionLog } from "../e2e/function-log.ts";
import { StoredState } from "../e2e/state.ts";
import { plus, usageInLog, type LogUsage, type Role, type Usage } from "./usage.ts";

const endsWithinMs = 1_800_000;
/** So long after a run's end its last wakes may still be under way. */
const restsWithinMs = 120_000;

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

  /** What the sweeper's invocations take that find nothing to do, on the average. */
  async usageOfSweeps(): Promise<{ readonly times: number; readonly usage: Usage }> {
    const { usage, reported } = await this.#usageIn("sweeper", 0);
    return { times: reported, usage };
  }

  /** By reads that no function makes, and that so are not counted. */
  async #ended(id: string): Promise<void> {
    const deadline = Date.now() + endsWithinMs;
    while ((await this.#state.record(id))?.ended === undefined) {
      if (Date.now() > deadline) throw new Error(`${id} did not end within ${endsWithinMs} ms`);
      await pause(500);
    }
  }

  /** Every invocation that was asked for has ended and told what it asked for. */
  async #atRest(from: number, id: string): Promise<Usage> {
    const deadline = Date.now() + restsWithinMs;
    for (;;) {
      const logs = await Promise.all(ofRuns.map((role) => this.#usageIn(role, from)));
      const [orchestrator, operator] = logs;
      const usage = plus(...logs.map((log) => log.usage));
      const ended = (orchestrator?.counted ?? 0) + (operator?.counted ?? 0);
      if (usage.invokes > 0 && usage.invokes === ended && usage.wakes + usage.steps === ended) return usage;
      if (Date.now() > deadline)
        throw new Error(`${id} is over, but of ${usage.invokes} invocations ${usage.wakes + usage.steps} have ended and ${ended} told their counts`);
      await pause(500);
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
