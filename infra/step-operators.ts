import { Duration } from "aws-cdk-lib";
import type { Code } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { OperatorTarget } from "../src/adapters/aws/lambda-message.ts";
import { CloudFunction } from "./cloud-function.ts";
import { haveRoom } from "./environment-room.ts";
import { publishVersion } from "./event-settings.ts";
import type { EventSettings } from "./event-settings.ts";
import type { Settings } from "./settings.ts";
import type { Stores } from "./stores.ts";

export interface StepOperatorSize {
  /** A step runs in the smallest that has what it asks for. 1,769 MB is one processor; 10,240, the most, are six. */
  readonly memoryMb: number;
  /** Default 15 minutes, the longest that Lambda has. */
  readonly timeout?: Duration;
  /** Further functions of this size, for bursts: Lambda lets each function grow by 1,000 processes in 10 seconds. Default 0; at most 20. */
  readonly clones?: number;
  /**
   * New runs do not know it, and those that began with it go on using it. A size that leaves takes its functions along with all their
   * versions: retire it first, and take it away when no run needs it any more. Default false.
   */
  readonly retired?: boolean;
}

export interface StepOperatorsProps {
  readonly code: Code;
  readonly sizes?: Readonly<Record<string, StepOperatorSize>>;
  readonly stores: Stores;
  readonly events: EventSettings;
}

/** Up to 3,008 MB, which every account may have. */
const defaultSizes: Readonly<Record<string, StepOperatorSize>> = {
  small: { memoryMb: 512 },
  medium: { memoryMb: 1769 },
  large: { memoryMb: 3008 },
};
const maxClones = 20;

/** The functions that execute isolated steps: one, and its clones, for each size. */
export class StepOperators extends Construct {
  readonly functions: readonly CloudFunction[];
  /** The versions that this deployment publishes, of sizes that new runs may use, the smallest first. */
  readonly targets: readonly OperatorTarget[];

  constructor(scope: Construct, id: string, { code, sizes = defaultSizes, stores, events }: StepOperatorsProps, settings: Settings) {
    super(scope, id);
    checkSizes(sizes);
    const functions: CloudFunction[] = [];
    const make = (name: string, { memoryMb, timeout = Duration.minutes(15) }: StepOperatorSize, suffix: string): string => {
      const description = `Skein: executes isolated steps, ${name}${suffix}`;
      const props = { code, module: "step-operator", description, memoryMb, timeout, isInLoop: true };
      const made = new CloudFunction(this, `${name}${suffix}`, props, settings);
      stores.grantAll(made);
      functions.push(made);
      return publishVersion(made.function, events);
    };
    const targets = Object.entries(sizes).flatMap(([name, size]): readonly OperatorTarget[] => {
      const clones = Array.from({ length: size.clones ?? 0 }, (_, index) => make(name, size, `-${index + 2}`));
      const target: OperatorTarget = { name, memoryMb: size.memoryMb, functions: [make(name, size, ""), ...clones] };
      return size.retired === true ? [] : [target];
    });
    this.functions = functions;
    this.targets = targets.toSorted((a, b) => a.memoryMb - b.memoryMb);
  }
}

function checkSizes(sizes: Readonly<Record<string, StepOperatorSize>>): void {
  for (const [name, { memoryMb, clones = 0 }] of Object.entries(sizes)) {
    if (!/^[a-z][a-z0-9_]{0,63}$/i.test(name))
      throw new Error(`operators: "${name}" is no name: give a letter, then letters, digits and underscores, 64 at most.`);
    if (!Number.isInteger(memoryMb) || memoryMb < 128 || memoryMb > 10_240)
      throw new Error(`operators: "${name}" has ${memoryMb} MB: Lambda has functions of 128 to 10,240 MB.`);
    if (!Number.isInteger(clones) || clones < 0 || clones > maxClones)
      throw new Error(`operators: "${name}" has ${clones} clones: give a whole number up to ${maxClones}.`);
  }
  const counts = Object.entries(sizes).map(([name, { memoryMb, clones = 0, retired = false }]) => {
    return { name, memoryMb, functions: 1 + clones, isOffered: !retired };
  });
  if (!counts.some(({ isOffered }) => isOffered))
    throw new Error("operators: there is none, and isolated steps need one: leave operators away for the default.");
  if (haveRoom(counts)) return;
  const functions = counts.reduce((sum, one) => sum + one.functions, 0);
  throw new Error(
    `operators: ${counts.length} sizes with ${functions} functions are more than functions can be told of, in the 4 KB of their environment: ` +
      "give fewer sizes or clones, or shorter names.",
  );
}
