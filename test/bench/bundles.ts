import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handlerEntry } from "../../infra/bundle-options.ts";
import type { BundledFile } from "../../infra/bundle.ts";
import { writeBundle } from "../../infra/write-bundle.ts";
import { measured, type Measure } from "./measure.ts";

/** The code of a function without the user's own, minified. */
interface FunctionSize {
  readonly handler: string;
  /** Loaded before the first event is looked at: part of each cold start. */
  readonly startBytes: number;
  /** Loaded where it is first needed, such as the clients of S3, SQS and CloudWatch Logs. */
  readonly laterBytes: number;
}

/** What is loaded at a cold start, and what only where it is needed, in KB of 1,024 bytes. */
export async function bundleMeasures(): Promise<readonly Measure[]> {
  return (await functionSizes()).flatMap(({ handler, startBytes, laterBytes }) => [
    measured(`bundle.${handler}.start`, "KB", [startBytes / 1_024]),
    measured(`bundle.${handler}.later`, "KB", [laterBytes / 1_024]),
  ]);
}

/** The bundles as the construct makes them. */
const bundles = [["orchestrator", "step-operator"], ["api"], ["relay", "sweeper"]] as const;

async function functionSizes(): Promise<readonly FunctionSize[]> {
  const folder = await mkdtemp(join(tmpdir(), "skein-bundles-"));
  try {
    return bundles.flatMap((handlers, index) => {
      const files = writeBundle({ handlers }, join(folder, String(index)));
      return handlers.map((handler) => sizeOf(handler, files));
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function sizeOf(handler: string, files: Readonly<Record<string, BundledFile>>): FunctionSize {
  const entry = `${handlerEntry(handler)}.mjs`;
  const bytesOf = (next: (file: BundledFile) => readonly string[]) => {
    const seen = new Set([entry]);
    let bytes = 0;
    for (const name of seen) {
      const file = files[name];
      if (file === undefined) continue;
      bytes += file.bytes;
      for (const one of next(file)) seen.add(one);
    }
    return bytes;
  };
  const startBytes = bytesOf(({ loads }) => loads);
  return { handler, startBytes, laterBytes: bytesOf(({ loads, loadsLater }) => [...loads, ...loadsLater]) - startBytes };
}
