import type { EmulatorEnvironment } from "./environment.ts";
import { localStack } from "./local-stack.ts";
import { MiniStack } from "./mini-stack.ts";

export interface Emulator {
  readonly name: string;
  readonly endpoint: string;
  /** Whether it was started here, by this command or an earlier one, so that `stopEmulators` ends it. */
  readonly isOurs: boolean;
}

/** What may be there to run an emulator. */
interface Rung {
  readonly name: string;
  /** What has to be there. */
  readonly missing: string;
  isPossible(): Promise<boolean>;
  start(say: (text: string) => void): Promise<void>;
}

/**
 * The emulator to use: whatever answers at `AWS_ENDPOINT_URL`, else one that is started here, LocalStack where there is Docker,
 * MiniStack where there is Python. It is left running.
 *
 * @throws Error that says what is missing, or what went wrong with what is there.
 */
export async function findEmulator(environment: EmulatorEnvironment, say: (text: string) => void): Promise<Emulator> {
  const { endpoint } = environment;
  if (endpoint !== undefined) {
    if (!(await answers(endpoint)))
      throw new Error(`AWS_ENDPOINT_URL is ${endpoint}, and nothing answers there: start it, or unset the variable.`);
    return { name: "the emulator of AWS_ENDPOINT_URL", endpoint, isOurs: false };
  }
  const own = `http://127.0.0.1:${environment.port}`;
  if (await answers(own)) return { name: "an emulator that runs already", endpoint: own, isOurs: true };
  const rungs: readonly Rung[] = [localStack, new MiniStack(environment)];
  for (const rung of rungs) {
    if (!(await rung.isPossible())) continue;
    say(`Starting ${rung.name} …`);
    await rung.start(say);
    return { name: rung.name, endpoint: own, isOurs: true };
  }
  throw new Error(
    `There is no emulator, and nothing to run one with:\n${rungs.map(({ missing }) => `- ${missing}`).join("\n")}\n` +
      "Install one of them, or set AWS_ENDPOINT_URL to where an emulator answers.",
  );
}

/** Stops what `findEmulator` started; gives their names. */
export async function stopEmulators(environment: EmulatorEnvironment): Promise<readonly string[]> {
  const stopped: string[] = [];
  if (await localStack.isPossible()) {
    await localStack.stop();
    stopped.push(localStack.name);
  }
  const miniStack = new MiniStack(environment);
  if (await miniStack.stop()) stopped.push(miniStack.name);
  return stopped;
}

/** Any answer will do: an emulator's, whatever it thinks of the request. */
async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/_localstack/health`, { signal: AbortSignal.timeout(3_000) }).then(
    () => true,
    () => false,
  );
}
