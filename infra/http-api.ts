import { Stack } from "aws-cdk-lib";
import * as gateway from "aws-cdk-lib/aws-apigateway";
import { CfnPermission } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { idempotencyHeader, keyedBodies, routes } from "../src/api/routes.ts";
import { acknowledge } from "./acknowledged.ts";
import type { CloudFunction } from "./cloud-function.ts";
import { answerInProblems } from "./gateway-problems.ts";
import { requestBodies } from "./request-bodies.ts";
import type { BodyName } from "./request-bodies.ts";
import type { Settings } from "./settings.ts";

export type HttpApiAuth = "iam" | "apiKey";

export interface Throttle {
  /** Requests a second, over time. */
  readonly rate: number;
  /** Requests at once. */
  readonly burst: number;
}

export interface HttpApiProps {
  /** Answers all requests. */
  readonly answering: CloudFunction;
  readonly auth: HttpApiAuth;
  readonly throttle: Throttle;
  /** Whether API Gateway is given a role to write logs with. */
  readonly logRole: boolean;
}

type Route = (typeof routes)[keyof typeof routes];

const stage = "v1";

/** The REST API, made from the table of routes: each is a method of a resource, and checked as far as API Gateway can. */
export class HttpApi extends Construct {
  readonly api: gateway.RestApi;
  /** Without a slash at its end. */
  readonly url: string;
  readonly key?: gateway.IApiKey;

  constructor(scope: Construct, id: string, { answering, auth, throttle, logRole }: HttpApiProps, settings: Settings) {
    super(scope, id);
    const accessLogs = new LogGroup(this, "AccessLogs", {
      retention: settings.logRetention,
      removalPolicy: settings.logRemoval,
      ...(settings.encryptionKey === undefined ? {} : { encryptionKey: settings.encryptionKey }),
    });
    this.api = new gateway.RestApi(this, "Api", {
      restApiName: this.#name(),
      description: "Skein: pipelines and their runs",
      endpointTypes: [gateway.EndpointType.REGIONAL],
      cloudWatchRole: logRole,
      deployOptions: {
        stageName: stage,
        throttlingRateLimit: throttle.rate,
        throttlingBurstLimit: throttle.burst,
        metricsEnabled: true,
        loggingLevel: gateway.MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        tracingEnabled: false,
        accessLogDestination: new gateway.LogGroupLogDestination(accessLogs),
        accessLogFormat: gateway.AccessLogFormat.jsonWithStandardFields(),
      },
    });
    this.api.node.tryRemoveChild("Endpoint"); // an output that the name of a construct is part of
    this.url = this.api.urlForPath("/").replace(/\/$/, "");
    answerInProblems(this.api);
    this.#addRoutes(answering, auth);
    if (auth === "apiKey") this.key = this.#addKey(throttle);
    this.#acknowledge(auth);
  }

  /** CloudWatch tells APIs apart by their names alone, all of an account's: with the same one, an alarm would be that of others, too. */
  #name(): string {
    const stack = Stack.of(this);
    const inside = this.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id);
    return [stack.stackName, ...inside].join("-");
  }

  #addRoutes(answering: CloudFunction, auth: HttpApiAuth): void {
    const permission = new CfnPermission(this, "Permission", {
      action: "lambda:InvokeFunction",
      functionName: answering.function.functionArn,
      principal: "apigateway.amazonaws.com",
      sourceArn: this.api.arnForExecuteApi("*", "/*", stage),
    });
    answering.precedes(permission);
    const path = `2015-03-31/functions/${answering.function.functionArn}/invocations`;
    const integration = new gateway.AwsIntegration({ service: "lambda", path, proxy: true });
    const parameters = this.api.addRequestValidator("Parameters", { validateRequestParameters: true });
    const everything = this.api.addRequestValidator("Everything", { validateRequestParameters: true, validateRequestBody: true });
    const access = {
      authorizationType: auth === "iam" ? gateway.AuthorizationType.IAM : gateway.AuthorizationType.NONE,
      apiKeyRequired: auth === "apiKey",
    };
    for (const [operationName, route] of Object.entries<Route>(routes)) {
      this.api.root.resourceForPath(route.path).addMethod(route.method, integration, {
        ...access,
        operationName,
        requestParameters: parametersOf(route),
        ...(route.body === undefined
          ? { requestValidator: parameters }
          : { requestValidator: everything, requestModels: { "application/json": this.#model(route.body) } }),
      });
    }
    // What is at no route: the function says so, where API Gateway would ask for credentials that the request has.
    this.api.root.addResource("{proxy+}");
    for (const child of this.api.root.node.findAll())
      if (child instanceof gateway.Resource) child.addMethod("ANY", integration, { ...access, requestValidator: parameters });
  }

  #model(name: BodyName): gateway.IModel {
    const schema = { ...requestBodies[name], schema: gateway.JsonSchemaVersion.DRAFT4 };
    return this.api.addModel(`${name}-body`, { contentType: "application/json", schema });
  }

  /** The limits hold for the key by itself, besides those of the stage. */
  #addKey({ rate, burst }: Throttle): gateway.IApiKey {
    const key = this.api.addApiKey("Key", { description: `Skein, ${Stack.of(this).stackName}` });
    const plan = this.api.addUsagePlan("Plan", { throttle: { rateLimit: rate, burstLimit: burst } });
    plan.addApiStage({ stage: this.api.deploymentStage });
    plan.addApiKey(key);
    return key;
  }

  #acknowledge(auth: HttpApiAuth): void {
    acknowledge(this, "COG4", "Callers are programs and engineers with AWS identities, or with a key; there are no accounts of its own.");
    acknowledge(this, "APIG3", "A firewall rates anonymous callers; here each has an identity, and requests are throttled.");
    if (auth === "apiKey")
      acknowledge(this, "APIG4", "Chosen for who has no AWS identities: each request needs the key, which can be rotated.");
    acknowledge(
      this,
      "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
      "The role is the account's, for the logs of all its APIs: AWS names and keeps the policy that it needs.",
    );
  }
}

/** What the function looks at. Only a path cannot do without its parameters; the rest is the function's to judge. */
function parametersOf({ path, query, body }: Route): Record<string, boolean> {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [`path.${name}`, true] as const);
  const inQuery = query.map((name) => [`querystring.${name}`, false] as const);
  const headers = keyedBodies.has(body) ? [[`header.${idempotencyHeader}`, false] as const] : [];
  return Object.fromEntries([...inPath, ...inQuery, ...headers].map(([name, needed]) => [`method.request.${name}`, needed]));
}
