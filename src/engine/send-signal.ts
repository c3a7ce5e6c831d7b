import { SkeinError } from "../model/error.ts";
import { maxNameLength, namePattern } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import { keyOfSignal, type Signal } from "../model/signal.ts";
import { encodeValue } from "../model/value.ts";
import { sendSignal } from "../record/run.ts";
import type { Ports } from "./ports.ts";

const maxCharacters = 100_000;
/** Of a signal's id. */
export const signalIdPattern = /^[\w.-]{1,128}$/;

/** What is told to a run. */
export interface SignalRequest {
  readonly name: string;
  /** Default: nothing. */
  readonly value?: unknown;
  /** A second signal of the same name and id does nothing; default: one of its own. */
  readonly id?: string | undefined;
}

/**
 * Tells a run something from outside: written first, then the run is woken. The first wait for that name takes it, now or later.
 *
 * @throws SkeinError `bad_option`, `run_has_ended`
 */
export async function signalRun(
  run: RunRecord,
  request: SignalRequest,
  ports: Pick<Ports, "state" | "clock" | "entropy" | "turns">,
): Promise<void> {
  const { name, value, id = ports.entropy.nonce() } = request;
  if (typeof name !== "string" || !namePattern.test(name) || name.length > maxNameLength)
    throw new SkeinError("bad_option", `"${name}" is no name of a signal: a letter, then letters, digits or _, at most ${maxNameLength}`);
  if (typeof id !== "string" || !signalIdPattern.test(id))
    throw new SkeinError("bad_option", `"${id}" is no id of a signal: 1 to 128 letters, digits, dots, _ or -`);
  const text = encoded(name, value === undefined ? null : value);
  if (run.ended !== undefined) {
    if (request.id !== undefined && (await hasCome(run, { name, id }, ports))) return;
    throw new SkeinError("run_has_ended", `run ${run.id} has ended (${run.ended.status}): nobody waits for a signal`);
  }
  await sendSignal(ports.state, run, { id, name, text, at: ports.clock.now() });
  await ports.turns.wake({ v: 1, run: run.id, reason: "signal" });
}

/** Who did not hear the answer sends it again, and its run may have ended by the first one. */
async function hasCome({ id, ended }: RunRecord, signal: Pick<Signal, "name" | "id">, { state }: Pick<Ports, "state">): Promise<boolean> {
  const { signals = [] } = await state.readTail(id, (ended?.entries ?? 0) - 1);
  return signals.some((other) => keyOfSignal(other) === keyOfSignal(signal));
}

function encoded(name: string, value: unknown): string {
  let text;
  try {
    text = encodeValue(value);
  } catch (cause) {
    throw new SkeinError(
      "bad_option",
      `the value of the signal "${name}" cannot be stored: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  if (text.length <= maxCharacters) return text;
  throw new SkeinError(
    "bad_option",
    `a signal carries at most ${maxCharacters} characters, and "${name}" has ${text.length}: send a reference to the data`,
  );
}
