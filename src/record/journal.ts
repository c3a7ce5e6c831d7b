import type { JournalEntry } from "../model/entry.ts";
import type { Totals } from "../model/totals.ts";
import type { RunEvent } from "../model/event.ts";
import type { RunId } from "../model/id.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { StateStore } from "../ports/state-store.ts";

/** Who writes, and where the journal stands. */
export interface Writing {
  readonly run: RunId;
  /** Of the entry to write. */
  readonly seq: number;
  readonly turn: string;
  readonly invocation: string;
  readonly until: number;
  readonly at: number;
  readonly wait: boolean;
  readonly totals: Totals;
}

/** DynamoDB's limit for an item is 400 KB; the rest is for names, escapes and the entry's own fields. */
const maxEntryBytes = 350_000;

/**
 * Appends events as one entry, or as several where they are too large: `wait` then stands on the last part, so that the run
 * counts as suspended only when all of it is durable. Answers the entries; undefined: another turn was faster, all is to be dropped.
 */
export async function appendEvents(
  state: StateStore,
  events: readonly RunEvent[],
  writing: Writing,
  entropy: Entropy,
): Promise<readonly JournalEntry[] | undefined> {
  const parts = split(events);
  const written: JournalEntry[] = [];
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1;
    const entry = entryOf(part, { ...writing, seq: writing.seq + i, wait: isLast && writing.wait }, entropy.nonce());
    if ((await state.append(writing.run, entry)) === "lost") return undefined;
    written.push(entry);
  }
  return written;
}

function entryOf(events: readonly RunEvent[], { seq, turn, invocation, until, at, wait, totals }: Writing, nonce: string): JournalEntry {
  return { v: 1, seq, nonce, turn, invocation, until, at, wait, totals, events };
}

/** Few events never come near the limit: literals, loaded values and failures are bounded one by one. */
const fewEvents = 8;

function split(events: readonly RunEvent[]): readonly (readonly RunEvent[])[] {
  if (events.length <= fewEvents) return [events];
  const parts: RunEvent[][] = [[]];
  let size = 0;
  for (const event of events) {
    const bytes = Buffer.byteLength(JSON.stringify(event)) + 1;
    if (size + bytes > maxEntryBytes && size > 0) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(event);
    size += bytes;
  }
  return parts;
}
