import { inject } from "vitest";
import { emulatedUrl } from "../../infra/emulator/address.ts";
import { Api } from "./api.ts";
import { endpoint } from "./emulator.ts";
import { StoredState } from "./state.ts";
import type { StackOutputs } from "../../infra/emulator/cdk.ts";

/** A deployed stack, as its tests use it. */
export interface Deployed {
  readonly api: Api;
  /** Of an API that asks for a key: which one. */
  readonly apiKeyId?: string;
  readonly state: StoredState;
  readonly functions: DeployedFunctions;
}

/** Names. */
export interface DeployedFunctions {
  readonly orchestrator: string;
  readonly operators: readonly string[];
  readonly sweeper: string;
  readonly relay: string;
  readonly api: string;
}

export function deploymentName(): string {
  return deployment().name;
}

/** One of the stacks that `global-setup.ts` has deployed. */
export function deployed(stack: "Main" | "Versions" | "Baton"): Deployed {
  const { name, stacks } = deployment();
  const outputs = stacks[stack];
  if (outputs === undefined) throw new Error(`${name} has no stack ${stack}`);
  return deployedAs(outputs);
}

/** A stack by its outputs, those of `app.ts`. */
function deployedAs(outputs: StackOutputs): Deployed {
  const output = (name: string): string => {
    const value = outputs[name];
    if (value === undefined) throw new Error(`the stack has no output ${name}, only ${Object.keys(outputs).join(", ")}`);
    return value;
  };
  const { ApiKeyId: apiKeyId } = outputs;
  return {
    ...(apiKeyId === undefined ? {} : { apiKeyId }),
    api: new Api(emulatedUrl(output("ApiUrl"), endpoint ?? "")),
    state: new StoredState({ table: output("StateTable"), bucket: output("ArtifactBucket") }),
    functions: {
      orchestrator: output("Orchestrator"),
      operators: output("StepOperators").split(","),
      sweeper: output("Sweeper"),
      relay: output("Relay"),
      api: output("Api"),
    },
  };
}

function deployment() {
  const found = inject("deployment");
  if (found === undefined) throw new Error("nothing is deployed without AWS_ENDPOINT_URL");
  if ("failure" in found) throw new Error(`the stacks could not be deployed: ${found.failure}`);
  return found;
}
