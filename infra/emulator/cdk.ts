import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./command.ts";

const cli = createRequire(import.meta.url).resolve("aws-cdk/bin/cdk");

/** A CDK app, to be deployed to where the environment says that AWS is. */
export interface CdkApp {
  readonly cwd: string;
  /** The command that synthesizes it. Default: what the folder's `cdk.json` says. */
  readonly command?: string;
  readonly context?: Readonly<Record<string, string>>;
  /** Gets what the CDK says, as it comes; default: only an error tells it. */
  readonly onText?: (text: string) => void;
}

export type StackOutputs = Readonly<Record<string, string>>;

/** Makes what the CDK itself needs in an emulator's account; again: nothing. */
export async function bootstrap(region: string, onText?: (text: string) => void): Promise<void> {
  await cdk(["bootstrap", `aws://000000000000/${region}`], { cwd: tmpdir(), onText });
}

/** Deploys stacks (names may have wildcards), side by side, and gives the outputs of each. */
export async function deploy(app: CdkApp, stacks: readonly string[]): Promise<Readonly<Record<string, StackOutputs>>> {
  return inScratchFolder(async (folder) => {
    const outputs = join(folder, "outputs.json");
    const options = ["--require-approval", "never", "--concurrency", "3", "--outputs-file", outputs];
    await cdk(["deploy", ...stacks, ...options, ...appOptions(app, folder)], app);
    return JSON.parse(await readFile(outputs, "utf8")) as Readonly<Record<string, StackOutputs>>;
  });
}

export async function destroy(app: CdkApp, stacks: readonly string[]): Promise<void> {
  await inScratchFolder((folder) => cdk(["destroy", ...stacks, "--force", ...appOptions(app, folder)], app));
}

function appOptions({ command, context = {} }: CdkApp, folder: string): string[] {
  const values = Object.entries(context).flatMap(([name, value]) => ["--context", `${name}=${value}`]);
  return ["--output", join(folder, "cdk.out"), ...(command === undefined ? [] : ["--app", command]), ...values];
}

async function cdk(
  args: readonly string[],
  { cwd, onText }: { readonly cwd: string; readonly onText?: CdkApp["onText"] | undefined },
): Promise<void> {
  await runCommand(process.execPath, [cli, ...args, "--no-notices", "--ci"], { cwd, onText });
}

async function inScratchFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "skein-cdk-"));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
