import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly cwd?: string | undefined;
  /** Gets what the command writes, as it comes; default: only an error tells it. */
  readonly onText?: ((text: string) => void) | undefined;
}

/** Runs a command to its end. @throws Error with all that it wrote, when it fails or cannot be started. */
export async function runCommand(command: string, args: readonly string[], { cwd, onText }: CommandOptions = {}): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said.push(text);
      onText?.(text);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} ended with ${code}${onText === undefined ? `:\n${said.join("")}` : ""}`);
}

/** Whether a command can be run here and ends well. */
export async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return runCommand(command, args).then(
    () => true,
    () => false,
  );
}
