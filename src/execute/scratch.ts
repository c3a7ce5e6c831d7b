import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

let root: string | undefined;

/** One folder a process (and worker thread), made when it is first wanted and removed at the exit. */
function rootFolder(): string {
  if (root !== undefined) return root;
  const made = mkdtempSync(join(tmpdir(), `skein-${process.pid}-`));
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  return (root = made);
}

/** Where artifacts lie as files while a step, or a pipeline function, works on them. */
export class Scratch {
  readonly #folders: Promise<string>[] = [];

  /** A new, empty folder. */
  folder(): Promise<string> {
    const made = mkdtemp(join(rootFolder(), "artifact-"));
    this.#folders.push(made);
    return made;
  }

  /** Removes the folders that this made. */
  async remove(): Promise<void> {
    if (this.#folders.length === 0) return;
    await Promise.allSettled(this.#folders.splice(0).map(async (folder) => rm(await folder, { recursive: true, force: true })));
  }
}
