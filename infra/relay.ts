import { Duration } from "aws-cdk-lib";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { CloudFunction } from "./cloud-function.ts";
import type { Settings } from "./settings.ts";
import type { Stores } from "./stores.ts";

/** Long enough to close a large map whose last item died. */
export const relayTimeout = Duration.minutes(1);

/** Takes what comes out of the queue: sends on what was delayed, and tells runs of invocations that failed. */
export class Relay extends CloudFunction {
  constructor(scope: Construct, id: string, { code, stores }: { readonly code: Code; readonly stores: Stores }, settings: Settings) {
    const description = "Skein: sends on delayed messages, tells runs of invocations that failed";
    super(scope, id, { code, module: "relay", description, memoryMb: 512, timeout: relayTimeout, isInLoop: true }, settings);
    stores.grantAll(this);
    stores.messages.grantConsume(this.role);
    const source = this.function.addEventSourceMapping("Messages", {
      eventSourceArn: stores.messages.queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
    });
    this.precedes(source);
  }
}
