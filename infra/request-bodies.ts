import { JsonSchemaType } from "aws-cdk-lib/aws-apigateway";
import type { JsonSchema } from "aws-cdk-lib/aws-apigateway";
import type { routes } from "../src/api/routes.ts";

export type BodyName = NonNullable<(typeof routes)[keyof typeof routes]["body"]>;

const { ARRAY, OBJECT, STRING } = JsonSchemaType;

/**
 * What API Gateway lets through to the function: JSON of the right shape. The function looks closer, and says what exactly is wrong, which
 * API Gateway does not.
 */
export const requestBodies: Readonly<Record<BodyName, JsonSchema>> = {
  start: { type: OBJECT, properties: { params: { type: OBJECT }, tags: { type: ARRAY, items: { type: STRING } } } },
  plan: { type: OBJECT, properties: { params: { type: OBJECT } } },
  stop: { type: OBJECT, properties: { reason: { type: STRING, minLength: 1, maxLength: 1_000 } } },
  resume: { type: OBJECT, additionalProperties: false },
  signal: { type: OBJECT, properties: { id: { type: STRING, minLength: 1, maxLength: 128 } } },
};
