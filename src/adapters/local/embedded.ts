import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Engine } from "../../engine/engine.ts";
import { InProcessEngine, type Liveness as EngineLiveness } from "../../engine/in-process-engine.ts";
import { noteStepDeath } from "../../engine/step-death.ts";
import type { RunId } from "../../model/id.ts";
import type { Wake } from "../../model/task.ts";
import { loadCatalogue } from "./catalogue-loader.ts";
import { engineFolder } from "./engine-folder.ts";
import { FileArtifactStore } from "./file-artifact-store.ts";
import { unwritable } from "./file-error.ts";
import { inFolder } from "./file-folder.ts";
import { Liveness, type LiveMark } from "./liveness.ts";
import { LogFile } from "./log-file.ts";
import { ownIdentity } from "./process-identity.ts";
import { ProcessOperator } from "./process-operator.ts";
import { noDeadline, type LocalSetup } from "./process-setup.ts";
import { SqliteStateStore } from "./sqlite-state-store.ts";
import { SystemClock } from "./system-clock.ts";
import { CryptoEntropy } from "./system-entropy.ts";
import { ThreadRunner } from "./thread-runner.ts";

export interface EmbeddedOptions {
  /** Where everything is kept; default `.skein` in the working directory. */
  readonly dir?: string | undefined;
  /** The module that makes the pipelines and steps; every process of a run imports it. */
  readonly catalogue: string;
  /** This process has the catalogue's modules already, or is just loading them: only their digest is still asked for. Default false. */
  readonly isLoaded?: boolean | undefined;
  /** Child processes for isolated steps at once, and threads for concurrent inline ones; default: one a core. */
  readonly width?: number | undefined;
  /** Text outputs up to this many bytes stay in the state store instead of a file each; default 4,096; 0: none. */
  readonly inlineValues?: number | undefined;
  /** `NORMAL` survives the death of every process, `FULL` a power cut too; default `NORMAL`. */
  readonly synchronous?: "NORMAL" | "FULL" | undefined;
}

const defaultInlineValues = 4_096;

/**
 * Opens the engine that needs nothing but Node: SQLite and files under one folder, child processes as the step operator, worker
 * threads for concurrent inline steps.
 *
 * @throws SkeinError `catalogue_unreadable`, `store_unwritable`, `store_corrupt`, `store_version`
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Engine> {
  const { dir = ".skein", catalogue, synchronous = "NORMAL", inlineValues = defaultInlineValues } = options;
  const { digest } = await loadCatalogue(catalogue, options.isLoaded);
  const folder = openFolder(dir);
  const state = new SqliteStateStore({ path: folder.state, synchronous });
  const artifacts = FileArtifactStore.open(folder.artifacts, { flush: synchronous === "FULL" });
  const logs = new LogFile(folder.logs);
  const clock = new SystemClock();
  const entropy = new CryptoEntropy();
  const setup: LocalSetup = { catalogue, digest, dir, inlineValues, synchronous };
  const threads = new ThreadRunner({ setup, width: options.width });
  const operator: ProcessOperator = new ProcessOperator({
    setup,
    width: options.width,
    turns: { wake: (wake) => engine.turns.wake(wake) },
    onDeath: ({ task, reason, aborted }) => {
      noteStepDeath(task, { reason, aborted }, { ...ports, turns: engine.turns }).catch((error: unknown) =>
        engine.turns.fail(task.key.run, error),
      );
    },
  });
  const ports = { state, artifacts, logs, clock, entropy, operator, inline: threads, inlineValues };
  const liveness = new Liveness(dir);
  const self = ownIdentity();
  const engine: InProcessEngine = new InProcessEngine({
    ports,
    invocation: {
      id: entropy.nonce(),
      began: clock.now(),
      until: noDeadline,
      place: { kind: "orchestrator", pid: self.pid, ...(self.born === undefined ? {} : { born: self.born }) },
    },
    codeVersion: digest,
    liveness: new LocalLiveness(liveness, (run) => engine.look(run)),
    async onClose() {
      await Promise.all([operator.close(), threads.close()]);
      // Lost lines are no reason to leave the rest open.
      await logs.flush().catch((error: unknown) => process.stderr.write(`Lines of the logs were lost: ${String(error)}\n`));
      await liveness.close();
      await artifacts.close();
      await state.close();
    },
  });
  return engine;
}

function openFolder(dir: string): ReturnType<typeof engineFolder> {
  const folder = engineFolder(dir);
  try {
    inFolder(folder.state, () => mkdirSync(dirname(folder.state), { recursive: true }));
  } catch (error) {
    throw unwritable(folder.state, error);
  }
  return folder;
}

/** The engine's view on liveness: one mark a run, kept until the run ends or the engine closes. */
class LocalLiveness implements EngineLiveness {
  readonly #liveness: Liveness;
  readonly #look: (run: RunId) => Promise<void>;
  readonly #marks = new Map<RunId, LiveMark>();

  constructor(liveness: Liveness, look: (run: RunId) => Promise<void>) {
    this.#liveness = liveness;
    this.#look = look;
  }

  async announce(run: RunId): Promise<void> {
    this.#marks.set(run, await this.#liveness.announce(run, (wake: Wake) => void this.#look(wake.run)));
  }

  async prepare(): Promise<void> {
    await this.#liveness.prepare();
  }

  async withdraw(run: RunId): Promise<void> {
    const mark = this.#marks.get(run);
    this.#marks.delete(run);
    // A row that cannot be taken away is one of a process that no longer says that it has the run.
    await mark?.withdraw().catch(() => {});
  }

  async poke(run: RunId): Promise<void> {
    await this.#liveness.poke({ v: 1, run, reason: "stop" });
  }
}
