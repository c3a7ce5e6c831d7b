import { relative } from "node:path";
import { deployHere, outputsFile } from "./deploy-here.ts";
import { becomeClient, clientVariables, readEmulatorEnvironment } from "./environment.ts";
import { findEmulator, stopEmulators } from "./ladder.ts";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const commands: Readonly<Record<string, () => Promise<void>>> = {
  /** `npm run emulator`: something that answers like AWS, and what to tell clients of it. */
  async start() {
    const environment = readEmulatorEnvironment();
    const { name, endpoint, isOurs } = await findEmulator(environment, say);
    const end = isOurs ? ' It goes on until "npm run emulator -- stop".' : "";
    say(`${name} answers at ${endpoint}.${end} For tests, the AWS CLI and CDK:\n`);
    sayVariables(endpoint, environment.region);
  },

  async stop() {
    const stopped = await stopEmulators(readEmulatorEnvironment());
    say(stopped.length === 0 ? "No emulator of ours runs." : `Stopped ${stopped.join(", ")}.`);
  },

  /** `npm run deploy:local`: this repository's pipelines, in an emulator. */
  async deploy() {
    const environment = readEmulatorEnvironment();
    const { name, endpoint } = await findEmulator(environment, say);
    say(`Deploying to ${name} at ${endpoint}.`);
    becomeClient(endpoint, environment.region);
    const outputs = await deployHere(environment.region, (text) => void process.stdout.write(text));
    say("\nDeployed:");
    for (const [output, value] of Object.entries(outputs)) say(`  ${output} ${value}`);
    say("\nTo use it, tell the command where it is:\n");
    sayVariables(endpoint, environment.region);
    say(`npm run skein -- run forecast --stack-outputs ${relative(process.cwd(), outputsFile)}`);
  },
};

function sayVariables(endpoint: string, region: string): void {
  for (const [variable, value] of Object.entries(clientVariables(endpoint, region))) say(`export ${variable}=${value}`);
}

async function main([name = "start", ...rest]: readonly string[]): Promise<void> {
  const command = Object.hasOwn(commands, name) && rest.length === 0 ? commands[name] : undefined;
  if (command === undefined) throw new Error(`Usage: npm run emulator [-- ${Object.keys(commands).join(" | ")}]`);
  await command();
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
