import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import type { AttemptResource, RunDetail, StepRunResource } from "../../src/observe/resources.ts";
import { detailOf } from "./picture.ts";

/** What a step run has come to: it will not change any more. */
type Finished = Pick<StepRunResource, "attempts" | "outputs">;

/** The step runs whose outcome is durable, by id. */
export async function finishedSteps(dir: string): Promise<ReadonlyMap<string, Finished>> {
  const { steps } = await detailOf(dir);
  return new Map(
    steps.filter(({ attempts }) => attempts.some(isCompleted)).map(({ id, attempts, outputs }) => [id, { attempts, outputs }]),
  );
}

/** Every step run has been completed once, by its last attempt; those that were finished before are what they were. */
export async function expectOnce(dir: string, before: ReadonlyMap<string, Finished>, failed: readonly string[] = []): Promise<RunDetail> {
  const detail = await detailOf(dir);
  const { steps } = detail;
  for (const { id, attempts, status } of steps) {
    const expected = failed.includes(id)
      ? { status: "failed", last: "failed", completed: 0 }
      : { status: "completed", last: "completed", completed: 1 };
    expect({ id, status, last: attempts.at(-1)?.status, completed: attempts.filter(isCompleted).length }).toEqual({ id, ...expected });
  }
  const now = new Map(steps.map(({ id, attempts, outputs }) => [id, { attempts, outputs }]));
  for (const [id, finished] of before) expect({ id, ...now.get(id) }).toEqual({ id, ...finished });
  return detail;
}

export function isCompleted({ status }: AttemptResource): boolean {
  return status === "completed";
}

/** How often steps have executed, by the names that they note in a file. */
export function executions(file: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  for (const name of lines) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
