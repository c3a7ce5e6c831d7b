import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import type { ErrorCode } from "../../src/model/error-code.ts";
import { problem } from "../cli/resource-schemas.ts";
import { skein, skeinJson, type Place } from "../cli/skein.ts";

export const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);

interface Answer {
  readonly exit: number | null;
  readonly code: string | undefined;
  readonly message: string;
  /** Runs, and what there is of artifacts and logs. */
  readonly created: readonly string[];
}

/** What a command that fails answers to programs, and what it leaves. */
export async function answer(place: Place, words: readonly string[]): Promise<Answer> {
  const { code: exit, json } = await skeinJson(place, words);
  const { code, message } = problem.parse(json).error;
  return { exit, code, message, created: await created(place) };
}

/** Refused because of the input: nothing was created. */
export function refusal(code: ErrorCode, message: RegExp): object {
  return { exit: 2, code, message: expect.stringMatching(message), created: [] };
}

/** What it answers to people. */
export async function answerInWords(place: Place, words: readonly string[]): Promise<object> {
  const { code: exit, stdout, stderr } = await skein(place, words);
  return { exit, stdout, stderr, hasStack: /\n\s+at /.test(stderr) };
}

export function refusalInWords(code: ErrorCode): object {
  return { exit: 2, stdout: "", stderr: expect.stringMatching(new RegExp(`^error ${code}: .+\\n$`, "s")), hasStack: false };
}

async function created({ dir }: Place): Promise<readonly string[]> {
  const files = [join(dir, "artifacts"), join(dir, "logs")].flatMap((folder) =>
    existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [],
  );
  if (!existsSync(join(dir, "state.db"))) return files;
  const state = new SqliteStateStore({ path: join(dir, "state.db"), readOnly: true });
  const { items } = await state.listRuns({});
  await state.close();
  return [...files, ...items.map(({ id }) => id)];
}
