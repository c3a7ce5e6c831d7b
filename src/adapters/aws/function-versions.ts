import { DeleteFunctionCommand, DeleteFunctionEventInvokeConfigCommand, ListVersionsByFunctionCommand } from "@aws-sdk/client-lambda";
import type { EnvironmentResponse, LambdaClient } from "@aws-sdk/client-lambda";
import { SkeinError } from "../../model/error.ts";
import { isNotFound, passes } from "./lambda-error.ts";
import { Patience, patiently } from "./patience.ts";
import { helpFor } from "./service-error.ts";

const patienceMs = 20_000;

const refusals: Readonly<Record<string, string>> = {
  AccessDeniedException:
    "the role may not do this; grant it lambda:ListVersionsByFunction, DeleteFunction and DeleteFunctionEventInvokeConfig",
};

/** A published version of a function: it never changes. */
export interface FunctionVersion {
  readonly version: string;
  /** Qualified. */
  readonly arn: string;
  /** When the function got this code and configuration, epoch milliseconds. */
  readonly lastModified: number;
  /** Undefined where Lambda cannot read it. */
  readonly environment: Readonly<Record<string, string>> | undefined;
  /** Why the environment is unknown: mostly its key is disabled, or is not for the role that asks. */
  readonly unreadable?: string;
}

/** The published versions of functions, and their removal. */
export class FunctionVersions {
  readonly #lambda: LambdaClient;

  constructor(lambda: LambdaClient) {
    this.#lambda = lambda;
  }

  /** All published versions, the oldest first; none where there is no such function. `functionName`: a name or an unqualified ARN. */
  async list(functionName: string): Promise<readonly FunctionVersion[]> {
    const versions: FunctionVersion[] = [];
    let marker: string | undefined;
    do {
      const page = await this.#send(functionName, () =>
        this.#lambda.send(
          new ListVersionsByFunctionCommand({ FunctionName: functionName, ...(marker === undefined ? {} : { Marker: marker }) }),
        ),
      );
      for (const { Version: version = "", FunctionArn: arn = "", LastModified, Environment } of page?.Versions ?? []) {
        if (version === "$LATEST") continue;
        versions.push({ version, arn, lastModified: Date.parse(LastModified ?? ""), ...environmentIn(Environment) });
      }
      marker = page?.NextMarker;
    } while (marker !== undefined && marker !== "");
    return versions.toSorted((a, b) => Number(a.version) - Number(b.version));
  }

  /** Removes a version, with what is configured for its asynchronous invocations. Nothing happens where it is gone already. */
  async remove(functionName: string, version: string): Promise<void> {
    const place = { FunctionName: functionName, Qualifier: version };
    await this.#send(functionName, () => this.#lambda.send(new DeleteFunctionEventInvokeConfigCommand(place)));
    await this.#send(functionName, () => this.#lambda.send(new DeleteFunctionCommand(place)));
  }

  /** Undefined where what is asked for is not there. */
  async #send<T>(functionName: string, request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await patiently(new Patience(patienceMs), passes, request);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!(error instanceof Error)) throw error;
      const help = helpFor(error, refusals) ?? "trying again later may help";
      const message = `The versions of the function ${functionName} cannot be managed: ${error.name}: ${error.message}; ${help}`;
      throw new SkeinError("operator_unavailable", message, { cause: error, data: { function: functionName } });
    }
  }
}

function environmentIn({ Variables, Error }: EnvironmentResponse = {}): Pick<FunctionVersion, "environment" | "unreadable"> {
  if (Error === undefined) return { environment: Variables ?? {} };
  return { environment: undefined, unreadable: `${Error.ErrorCode ?? "unknown"}: ${Error.Message ?? "no reason is given"}` };
}
