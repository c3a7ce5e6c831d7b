import type { OperatorTarget } from "../src/adapters/aws/lambda-message.ts";

/** What a function's environment has room for, as Lambda measures it: as JSON. */
const roomBytes = 4_096;
/** Names of table, bucket and queue, and all settings: what does not grow with the operators. */
const restBytes = 800;
const longestName = "f".repeat(64);
const longestArn = `arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:${longestName}:99999`;

/** Step operators, before they have any names. */
export interface OperatorCount {
  readonly name: string;
  readonly memoryMb: number;
  /** Its functions. */
  readonly functions: number;
  /** Whether new runs know of it. */
  readonly isOffered: boolean;
}

/**
 * Whether functions can be told of so many operators, in whatever region and however long CloudFormation makes their names: the orchestrator
 * of all versions, the API of one version of each size and of the names of all functions.
 */
export function haveRoom(operators: readonly OperatorCount[]): boolean {
  const offered = operators
    .filter(({ isOffered }) => isOffered)
    .map(({ name, memoryMb, functions }) => ({ name, memoryMb, functions: Array.from({ length: functions }, () => longestArn) }));
  const sizes = offered.map((size) => ({ ...size, functions: [longestArn] }));
  const functions = operators.reduce((sum, one) => sum + one.functions, 1);
  const names = Array.from({ length: functions }, () => longestName);
  return restBytes + Math.max(bytes(offered), bytes(sizes) + bytes(longestArn) + bytes(names)) <= roomBytes;
}

/** As a text of JSON, in a text of JSON. */
function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(value)));
}

/** What it takes to know which sizes there are, without all of their functions. */
export function sizesOf(targets: readonly OperatorTarget[]): readonly OperatorTarget[] {
  return targets.map(({ functions: [first], ...size }) => ({ ...size, functions: [first] }));
}
