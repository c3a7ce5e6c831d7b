/** A step that heeds its signal late gets this long. */
const graceMs = 500;

/** Work of steps that goes on although their attempts are over: Lambda would freeze it, and let it loose in the next invocation. */
export class LeftWork {
  readonly #work = new Set<Promise<unknown>>();

  add(work: Promise<unknown>): void {
    const settled: Promise<unknown> = work.then(
      () => this.#work.delete(settled),
      () => this.#work.delete(settled),
    );
    this.#work.add(settled);
  }

  /** Waits a little for it, then ends the whole process: everything that counts has been recorded, and the next invocation gets a new one. */
  async end(exitStatus: number): Promise<void> {
    if (this.#work.size === 0) return;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), graceMs);
    await Promise.race([Promise.all(this.#work), new Promise((resolve) => over.signal.addEventListener("abort", resolve))]);
    clearTimeout(timer);
    if (this.#work.size === 0) return;
    process.stderr.write("A step went on although its attempt was over: its process ends here.\n");
    process.exit(exitStatus);
  }
}
