import { pages, type DeployedApi } from "../../client/deployed-api.ts";
import type { Progress, StepProgress } from "../../observe/progress.ts";
import type { MapResource, RunResource, StepPage, StepRunResource, StepRunStatus } from "../../observe/resources.ts";

const open: ReadonlySet<StepRunStatus> = new Set(["pending", "running"]);

/** Watches a run: each look reads the list of its steps from the first page on that had something open. */
export class RemoteWatch {
  readonly #api: DeployedApi;
  readonly #run: string;
  /** What the last look said of each step run and map. */
  readonly #known = new Map<string, string>();
  #from: string | undefined;

  constructor(api: DeployedApi, run: string) {
    this.#api = api;
    this.#run = run;
  }

  /** `run`: as it was just read. */
  async look(run: RunResource): Promise<Progress> {
    const seen: StepProgress[] = [];
    let isOver = true;
    for await (const page of pages((cursor) => this.#api.listSteps(this.#run, { items: false, cursor }), this.#from)) {
      const own = progressOf(page);
      isOver &&= own.every((step) => !open.has(step.status));
      // Steps keep their place in the list, and what is over stays so.
      if (isOver && page.cursor !== undefined) this.#from = page.cursor;
      seen.push(...own);
    }
    return {
      status: run.status,
      steps: run.steps,
      running: seen.filter((step) => step.status === "running"),
      changed: seen.filter((step) => this.#isNews(step)),
      ...(run.waits === undefined ? {} : { waits: run.waits }),
    };
  }

  #isNews({ id, status, attempt }: StepProgress): boolean {
    const state = `${status} ${attempt}`;
    const isNew = this.#known.get(id) !== state;
    this.#known.set(id, state);
    return isNew && status !== "pending";
  }
}

/** In the order of the calls. */
function progressOf({ steps, maps }: StepPage): readonly StepProgress[] {
  const calls = [
    ...steps.map((step) => ({ order: step.order, progress: ofStep(step) })),
    ...maps.map((map) => ({ order: map.order, progress: ofMap(map) })),
  ];
  return calls.toSorted((a, b) => a.order - b.order).map(({ progress }) => progress);
}

function ofStep({ id, status, attempts, reason }: StepRunResource): StepProgress {
  const last = attempts.at(-1);
  return { id, kind: "step", status, attempt: last?.attempt ?? 0, ...times(last ?? {}), ...why(status, last?.error, reason) };
}

function ofMap(map: MapResource): StepProgress {
  const { id, status, items, steps } = map;
  const counted = items === undefined ? {} : { items: { total: items, counts: steps } };
  return { id, kind: "map", status, attempt: 0, ...times(map), ...why(status, map.error, map.reason), ...counted };
}

function times({
  startedAt,
  endedAt,
}: {
  readonly startedAt?: string;
  readonly endedAt?: string;
}): Pick<StepProgress, "startedAt" | "endedAt"> {
  return {
    ...(startedAt === undefined ? {} : { startedAt: Date.parse(startedAt) }),
    ...(endedAt === undefined ? {} : { endedAt: Date.parse(endedAt) }),
  };
}

function why(status: StepRunStatus, error: MapResource["error"], reason: string | undefined): Pick<StepProgress, "error" | "reason"> {
  return {
    ...(status === "failed" && error !== undefined ? { error: { name: error.name, message: error.message } } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
}
