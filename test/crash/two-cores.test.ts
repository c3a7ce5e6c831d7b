import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openEmbedded } from "../../src/adapters/local/embedded.ts";
import type { OutcomeSeen } from "../../src/model/event.ts";

interface Span {
  readonly startedAt: number;
  readonly endedAt: number;
}

const spinMs = 2_000;

/** Of one run: its inline steps' outcomes in the order in which the pipeline function saw them. */
async function outcomes(): Promise<readonly OutcomeSeen[]> {
  const folder = mkdtempSync(join(tmpdir(), "skein-cores-"));
  const engine = await openEmbedded({ dir: folder, catalogue: join(import.meta.dirname, "fixtures/spinning.ts"), width: 2 });
  try {
    const { run } = await engine.start("spinning", { ms: spinMs });
    const { ended } = await engine.ended(run.id);
    expect(ended).toMatchObject({ status: "completed" });
    const { entries } = await engine.state.readTail(run.id, -1);
    return entries.flatMap(({ events }) => events.filter((event) => event.t === "outcome"));
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true });
  }
}

function spanOf({ id, span }: OutcomeSeen): Span {
  if (span === undefined) throw new Error(`${id} has no span`);
  return span;
}

const lengthOf = ({ startedAt, endedAt }: Span) => endedAt - startedAt;
const overlapOf = (one: Span, other: Span) => Math.min(one.endedAt, other.endedAt) - Math.max(one.startedAt, other.startedAt);
const isWithin = (inner: Span, outer: Span) => inner.startedAt >= outer.startedAt && inner.endedAt <= outer.endedAt;

const cores = availableParallelism();
if (cores < 2) process.stderr.write("two-cores: SKIPPED, this machine has one core only\n");

test.runIf(cores >= 2)(
  "two CPU-bound inline steps of two seconds run at the same time, and the pipeline function keeps answering",
  { timeout: 120_000 },
  async () => {
    const seen = await outcomes();
    const spins = seen.filter(({ id }) => id.startsWith("spin"));
    const [one, other] = spins.map(spanOf);
    if (one === undefined || other === undefined) throw new Error(`${spins.length} steps spun`);

    const places = spins.map(({ span }) => span?.place);
    expect(places.map((place) => place?.kind)).toEqual(["thread", "thread"]);
    expect(new Set(places.map((place) => place?.threadId)).size).toBe(2);

    // Each had its two seconds of a core, and while one computed the other did. For how long is up to whoever else wants the cores.
    for (const span of [one, other]) expect(lengthOf(span)).toBeGreaterThanOrEqual(spinMs * 0.95);
    expect(overlapOf(one, other)).toBeGreaterThan(0);

    // What the function awaited meanwhile began and ended while both computed, and it saw those outcomes before theirs.
    const firstSpin = seen.findIndex(({ id }) => id.startsWith("spin"));
    const ticksBefore = seen.slice(0, firstSpin).filter(({ id }) => id.startsWith("tick"));
    const during = ticksBefore.filter((tick) => isWithin(spanOf(tick), one) && isWithin(spanOf(tick), other));
    expect(during.length).toBeGreaterThan(1);
  },
);
