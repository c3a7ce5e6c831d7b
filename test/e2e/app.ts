import { join } from "node:path";
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Schedule } from "aws-cdk-lib/aws-events";
import { Skein, type SkeinProps } from "../../infra/cdk.ts";

/** What the end-to-end tests deploy, with limits that are met within seconds. */
const app = new App();
const name: string = app.node.getContext("name");
const code: string = app.node.getContext("code");

const operators = {
  small: { memoryMb: 256 },
  /** Where what died is known to be dead soon. */
  brief: { memoryMb: 512, timeout: Duration.seconds(10) },
};

const common = {
  operators,
  removalPolicy: RemovalPolicy.DESTROY,
  alarms: false,
  countRequests: true,
} as const satisfies Partial<SkeinProps>;

deploy("Main", {
  catalogue: catalogue("catalogue"),
  ...common,
  orchestrator: { memoryMb: 512, timeout: Duration.minutes(1) },
  lostAfter: Duration.seconds(5),
  sweepAfter: Duration.seconds(5),
});
deploy("Versions", {
  catalogue: catalogue(`versioned-${code}`),
  ...common,
  /** What new code does not use any more stays for the runs that do. */
  operators: { first: { memoryMb: 256, retired: code === "2" }, second: { memoryMb: 512 } },
  orchestrator: { memoryMb: 512, timeout: Duration.seconds(6) },
  keepVersions: Duration.seconds(1),
  schedules: code === "1" ? [{ pipeline: "tick", params: { from: "schedule" }, schedule: Schedule.rate(Duration.minutes(1)) }] : [],
});

deploy("Baton", {
  catalogue: catalogue("sums"),
  ...common,
  operators: { small: operators.small },
  baton: true,
  auth: "apiKey",
});

function deploy(id: string, props: SkeinProps): void {
  const stack = new Stack(app, name + id);
  const { orchestrator, operators, sweeper, relay, api } = new Skein(stack, "Skein", props);
  const outputs = {
    StepOperators: operators.functions.map(nameOf).join(","),
    Sweeper: nameOf(sweeper),
    Relay: nameOf(relay),
    Api: nameOf(api),
    Orchestrator: nameOf(orchestrator),
  };
  for (const [output, value] of Object.entries(outputs)) new CfnOutput(stack, output, { value });
}

function nameOf(one: { readonly function: { readonly functionName: string } }): string {
  return one.function.functionName;
}

function catalogue(file: string): string {
  return join(import.meta.dirname, "pipelines", `${file}.ts`);
}
