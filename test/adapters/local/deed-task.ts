import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRunId } from "../../../src/model/id.ts";
import type { CallPolicy } from "../../../src/model/policy.ts";
import type { StepTask } from "../../../src/model/task.ts";

export const run = parseRunId("run_0abcdefgh1234567890")!;

export function fixture(name: string): URL {
  return new URL(`./fixtures/${name}`, import.meta.url);
}

let made = 0;

/** A task for the fixtures' benches: does the deed of that name. */
export function deedTask(deed: string, input: unknown = null, policy: CallPolicy = {}): StepTask {
  made += 1;
  return {
    v: 1,
    key: { run, id: `${deed}_${made}`, attempt: 1 },
    pipeline: "deeds",
    step: deed,
    input: { literal: JSON.stringify(input) },
    edges: [],
    policy,
  };
}

/** Of a file that is not there yet: a sign between a deed and its test. */
export function freshPath(): string {
  return join(mkdtempSync(join(tmpdir(), "skein-deed-")), "sign");
}
