import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bootstrap, deploy, type StackOutputs } from "./cdk.ts";

const repository = join(import.meta.dirname, "../..");
/** What `--stack-outputs` of the command line reads. */
export const outputsFile = join(repository, "cdk.out", "outputs.json");

/** Deploys this repository's own app to where the environment says that AWS is, and keeps what its stack tells. */
export async function deployHere(region: string, onText?: (text: string) => void): Promise<StackOutputs> {
  await bootstrap(region, onText);
  const stacks = await deploy({ cwd: repository, ...(onText === undefined ? {} : { onText }) }, ["--all"]);
  const [outputs, ...others] = Object.values(stacks);
  if (outputs === undefined || others.length > 0)
    throw new Error(`One stack was to be deployed, and not ${Object.keys(stacks).join(", ")}`);
  await mkdir(join(repository, "cdk.out"), { recursive: true });
  await writeFile(outputsFile, JSON.stringify(stacks, undefined, 2));
  return outputs;
}
