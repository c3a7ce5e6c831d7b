import { SkeinError } from "../model/error.ts";
import { maxNameLength, namePattern } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import { encodeValue } from "../model/value.ts";
import { sendSignal } from "../record/run.ts";
import type { Ports } from "./ports.ts";

const maxCharacters = 100_000;
const idPattern = /^[\w.-]{1,128}$/;

/** What is told to a run. */
export interface SignalRequest {
  readonly name: string;
  /** Default: nothing. */
  readonly value?: unknown;
  /** A second signal of the same id does nothing; default: one of its own. */
  readonly id?: string | undefined;
}

/**
 * Tells a run something from outside: written first, then the run is woken. The first wait for that name takes it, now or later.
 *
 * @throws SkeinError `bad_option`, `run_has_ended`
 */
export async function signalRun(run: RunRecord, request: SignalRequest, ports: Pick<Ports, "state" | "clock" | "entropy" | "turns">): Promise<void> {
  const { name, value, id = ports.entropy.nonce() } = request;
  if (!namePattern.test(name) || name.length > maxNameLength)
    throw new SkeinError("bad_option", `"${name}" is no name of a signal: a letter, then letters, digits or _, at most ${maxNameLength}`);
  if (!idPattern.test(id)) throw new SkeinError("bad_option", `"${id}" is no id of a signal: 1 to 128 letters, digits, dots, _ or -`);
  const text = encodeValue(value === undefined ? null : value);
  if (text.length > maxCharacters)
    throw new SkeinError("bad_option", `a signal carries at most ${maxCharacters} characters, and this one has ${text.length}: send a reference to the data`);
  if (run.ended !== undefined) throw new SkeinError("run_has_ended", `run ${run.id} has ended (${run.ended.status}): nobody waits for a signal`);
  await sendSignal(ports.state, run, { id, name, text, at: ports.clock.now() });
  await ports.turns.wake({ v: 1, run: run.id, reason: "signal" });
}
