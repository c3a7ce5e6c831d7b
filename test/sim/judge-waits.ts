import type { RunEvent } from "../../src/model/event.ts";
import { keyOfSignal, type Signal } from "../../src/model/signal.ts";
import type { ReckonedWaits } from "./reckoned-waits.ts";
import { wantsNumber } from "./waits.ts";

/** A dead turn's lease, an event that comes late, sweeps whose wakes get lost. */
const soonMs = 2_000_000;

/** The reference waited for the same, was woken as it should be, and nobody waited on for what had come long before. */
export function judgeWaits(
  events: readonly RunEvent[],
  told: readonly Signal[],
  { wrong, missing }: ReckonedWaits,
  hasCrashed: boolean,
): readonly string[] {
  const began = new Map(events.flatMap((event) => (event.t === "waiting" ? [[event.id, event] as const] : [])));
  const over = events.filter((event) => event.t === "woken").filter(({ refused }) => refused === undefined);
  const taken = new Set(over.flatMap(({ signal }) => (signal === undefined ? [] : [keyOfSignal(signal)])));
  const late = over.flatMap(({ id, at, signal }) => {
    const { name, dueAt = Infinity, at: from = 0 } = began.get(id) ?? {};
    const missed = told.filter((other) => other.name === name && isWanted(other) && !taken.has(keyOfSignal(other)));
    const since = Math.max(from, Math.min(dueAt, signal?.at ?? Infinity, ...missed.map((other) => other.at)));
    return at > since + soonMs ? [`${id} was over ${at - since} ms late`] : [];
  });
  return [...wrong, ...(hasCrashed ? [] : missing.map((at) => `${at} did not wait`)), ...late];
}

function isWanted({ name, text }: Signal): boolean {
  return !wantsNumber(name) || typeof JSON.parse(text) === "number";
}
