import { CfnOutput, RemovalPolicy, Stack, Tags } from "aws-cdk-lib";
import { Construct } from "constructs";
import { variables } from "../handlers/env.ts";
import { Alarms } from "./alarms.ts";
import { ApiFunction } from "./api-function.ts";
import type { CloudFunction } from "./cloud-function.ts";
import { existingFile } from "./bundled-files.ts";
import { sizesOf } from "./environment-room.ts";
import { functionCode } from "./function-code.ts";
import { sweeperEnvironment } from "./function-environment.ts";
import { HttpApi } from "./http-api.ts";
import { Orchestrator } from "./orchestrator.ts";
import { Relay, relayTimeout } from "./relay.ts";
import { byName, ScheduledStart } from "./scheduled-start.ts";
import type { SkeinProps } from "./skein-props.ts";
import { artifactsLast, eventAgeOf, settingsOf } from "./skein-settings.ts";
import { StepOperators } from "./step-operators.ts";
import { Stores } from "./stores.ts";
import { Sweeper } from "./sweeper.ts";

/**
 * All that the pipelines of a catalogue need to run on AWS: state, artifacts, functions, and an HTTP API to start runs and look at them.
 *
 *     new Skein(this, "Skein", { catalogue: "pipelines.ts" });
 */
export class Skein extends Construct {
  readonly stores: Stores;
  readonly operators: StepOperators;
  readonly orchestrator: Orchestrator;
  readonly relay: Relay;
  readonly sweeper: Sweeper;
  readonly api: ApiFunction;
  readonly http: HttpApi;

  constructor(scope: Construct, id: string, props: SkeinProps) {
    super(scope, id);
    // Versions change with what Lambda keeps in them alone, and log groups are made here, whatever the app around it has set.
    this.node.setContext("@aws-cdk/aws-lambda:recognizeVersionProps", true);
    this.node.setContext("@aws-cdk/aws-lambda:useCdkManagedLogGroup", false);
    const { encryptionKey, removalPolicy = RemovalPolicy.RETAIN, files = {}, bundling = {} } = props;
    const catalogue = existingFile("catalogue", props.catalogue);
    const keyed = encryptionKey === undefined ? {} : { encryptionKey };
    this.stores = new Stores(this, "Stores", { ...keyed, removalPolicy, relayTimeout, artifactsExpireAfter: artifactsLast(props) });
    const { stores } = this;
    const settings = settingsOf(this, props, stores);

    // Orchestrator and operators have one bundle: a step's cache key holds its function's text, and must be the same in both.
    const runCode = functionCode({ handlers: ["orchestrator", "step-operator"], catalogue, files, options: bundling });
    const apiCode = functionCode({ handlers: ["api"], catalogue, options: bundling });
    const ownCode = functionCode({ handlers: ["relay", "sweeper"] });

    const events = { maxAge: eventAgeOf(props), retries: 0, onFailure: stores.messages.queue };
    const sizes = props.operators === undefined ? {} : { sizes: props.operators };
    this.operators = new StepOperators(this, "Operators", { code: runCode, stores, events, ...sizes }, settings);
    const { operators } = this;
    const orchestrating = { code: runCode, size: props.orchestrator ?? {}, stores, operators, events };
    this.orchestrator = new Orchestrator(this, "Orchestrator", orchestrating, settings);
    const pinned = [this.orchestrator, ...operators.functions];
    const environment = this.#pins(pinned);
    this.relay = new Relay(this, "Relay", { code: ownCode, stores }, settings);
    const sweeping = { ...environment, ...sweeperEnvironment(props) };
    this.sweeper = new Sweeper(this, "Sweeper", { code: ownCode, stores, environment: sweeping, pinned }, settings);
    const knowing = { ...environment, [variables.operators]: Stack.of(this).toJsonString(sizesOf(operators.targets)) };
    this.api = new ApiFunction(this, "Api", { code: apiCode, stores, environment: knowing, loggers: pinned }, settings);
    for (const one of [...pinned, this.relay]) one.allowOnVersions(["lambda:InvokeFunction"], pinned);
    for (const one of [this.sweeper, this.api]) one.allowOnVersions(["lambda:InvokeFunction"], [this.orchestrator]);

    const { auth = "iam", throttle = { rate: 50, burst: 100 }, apiLogRole: logRole = true, schedules = [], alarms = {} } = props;
    this.http = new HttpApi(this, "Http", { answering: this.api, auth, throttle, logRole }, settings);
    for (const [name, schedule] of byName(schedules)) new ScheduledStart(this, `Schedule-${name}`, schedule, this.api);
    if (alarms !== false) new Alarms(this, "Alarms", this, alarms);
    this.#tell(props.outputPrefix ?? "");
    for (const [name, value] of Object.entries(props.tags ?? {})) Tags.of(this).add(name, value);
  }

  /** What is not pinned knows the versions of this deployment. */
  #pins(pinned: readonly CloudFunction[]): Readonly<Record<string, string>> {
    return {
      [variables.orchestrator]: this.orchestrator.version,
      [variables.loggers]: Stack.of(this).toJsonString(pinned.map((one) => one.function.functionName)),
    };
  }

  #tell(prefix: string): void {
    const outputs = {
      ApiUrl: this.http.url,
      ApiId: this.http.api.restApiId,
      ...(this.http.key === undefined ? {} : { ApiKeyId: this.http.key.keyId }),
      StateTable: this.stores.table.table.tableName,
      ArtifactBucket: this.stores.bucket.bucket.bucketName,
      QueueUrl: this.stores.messages.queue.queueUrl,
      OrchestratorFunction: this.orchestrator.function.functionName,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value }).overrideLogicalId(`${prefix}${name}`);
  }
}
