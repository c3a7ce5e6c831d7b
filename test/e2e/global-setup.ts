import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { bootstrap, deploy, destroy } from "../../infra/emulator/cdk.ts";
import { endpoint } from "./emulator.ts";
import { region, testApp } from "./test-app.ts";
import type { StackOutputs } from "../../infra/emulator/cdk.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What all files of end-to-end tests share, or why there is nothing; undefined without an emulator. */
    deployment: Deployment | { readonly failure: string } | undefined;
  }
}

export interface Deployment {
  /** What the names of the stacks begin with. */
  readonly name: string;
  /** By the rest of their names. */
  readonly stacks: Readonly<Record<string, StackOutputs>>;
}

/**
 * Deploys the stacks that the files share, once. Their names are this run's own, so that many runs have room in one emulator;
 * `E2E_STACKS=mine` keeps them under a name instead, where the next run only brings them up to date.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (endpoint === undefined) {
    project.provide("deployment", undefined);
    return undefined;
  }
  const kept = process.env["E2E_STACKS"];
  const name = kept ?? `E2e${randomBytes(3).toString("hex")}`;
  const began = Date.now();
  try {
    await bootstrap(region);
    const outputs = await deploy(testApp(name), [`${name}*`]);
    const stacks = Object.fromEntries(Object.entries(outputs).map(([stack, values]) => [stack.slice(name.length), values]));
    project.provide("deployment", { name, stacks });
    console.log(`Deployed ${Object.keys(outputs).join(", ")} to ${endpoint} in ${((Date.now() - began) / 1_000).toFixed(0)} s.`);
  } catch (error) {
    // The other tests of this run are worth running; the files that need the stacks fail with this.
    project.provide("deployment", { failure: String(error) });
  }
  if (kept !== undefined) return undefined;
  return () => destroy(testApp(name), [`${name}*`]).catch((error: unknown) => console.error("The stacks could not be removed:", error));
}
