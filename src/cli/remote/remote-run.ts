import { setTimeout as pause } from "node:timers/promises";
import type { DeployedApi } from "../../client/deployed-api.ts";
import type { RunReport, RunResource } from "../../observe/resources.ts";
import { nextCommand } from "../context.ts";
import type { FollowedRun } from "../desk.ts";
import type { GlobalOptions } from "../place.ts";
import type { ProgressView } from "../progress-view.ts";
import { RemoteWatch } from "./remote-watch.ts";

const [shortestPauseMs, longestPauseMs] = [1_000, 5_000];

/** A run that a deployed API tells of. It goes on whether anybody follows it or not. */
export class RemoteRun implements FollowedRun {
  readonly id: string;
  readonly pipeline: string;
  readonly wayBack: FollowedRun["wayBack"];
  readonly #api: DeployedApi;
  /** Since when what happens to the run is waited for. */
  #since = Date.now();

  constructor(api: DeployedApi, { id, pipeline }: RunResource, options: GlobalOptions) {
    this.#api = api;
    this.id = id;
    this.pipeline = pipeline;
    const [resume, show] = [`resume ${id}`, `show ${id}`].map((words) => nextCommand({ options }, words));
    this.wayBack = {
      left: `Left while the run was stopping. It ends without this command: ${show} tells how.`,
      lost: `The run goes on without this command: ${resume} follows it again, ${show} tells how far it is.`,
    };
  }

  async follow(view: ProgressView | undefined): Promise<void> {
    const watch = view === undefined ? undefined : new RemoteWatch(this.#api, this.id);
    for (;;) {
      const { run } = await this.#api.showRun(this.id);
      const progress = await watch?.look(run);
      if (progress !== undefined) view?.show(progress, Date.now());
      if (run.endedAt !== undefined) return;
      const stale = progress === undefined ? () => {} : () => view?.show({ ...progress, changed: [] }, Date.now());
      await this.#wait(view?.everyMs ?? longestPauseMs, stale);
    }
  }

  async stop(reason: string): Promise<void> {
    await this.#api.stop(this.id, reason);
    this.#since = Date.now();
  }

  async report(): Promise<RunReport> {
    return this.#api.showRun(this.id, { values: true });
  }

  /** Until the next look: the longer nothing is known to happen, the longer. What is seen is drawn meanwhile, since its clocks run on. */
  async #wait(everyMs: number, draw: () => void): Promise<void> {
    const began = Date.now();
    for (;;) {
      const left = began + this.#pauseMs(began) - Date.now();
      await pause(Math.max(0, Math.min(left, everyMs)));
      if (left <= everyMs) return;
      draw();
    }
  }

  /** A tenth of the time that the run is followed. */
  #pauseMs(now: number): number {
    return Math.min(longestPauseMs, Math.max(shortestPauseMs, (now - this.#since) / 10));
  }
}
