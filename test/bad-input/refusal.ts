import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import { errorCodes } from "../../src/model/error-code.ts";
import { problem } from "../cli/resource-schemas.ts";
import { skein, skeinJson, type Place } from "../cli/skein.ts";

export const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);

/** The command is refused: exit code 2, an error with this code and message, and nothing was created. */
export async function expectRefused(place: Place, words: readonly string[], code: string, message: RegExp): Promise<void> {
  const { code: exit, json } = await skeinJson(place, words);
  const { error } = problem.parse(json);
  expect({ exit, ...error }).toMatchObject({ exit: 2, code });
  expect(errorCodes).toContain(code);
  expect(error.message).toMatch(message);
  await expectNothing(place);
}

/** What people see of it. */
export async function expectRefusedInWords(place: Place, words: readonly string[], code: string): Promise<void> {
  const { code: exit, stdout, stderr } = await skein(place, words);
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
  expect(stderr).toMatch(new RegExp(`^error ${code}: .+\\n$`, "s"));
  expect(stderr).not.toMatch(/\n\s+at /);
}

/** No run, and nothing of one. */
async function expectNothing(place: Place): Promise<void> {
  for (const folder of ["artifacts", "logs"]) {
    const path = join(place.dir, folder);
    expect(existsSync(path) && statSync(path).isDirectory() ? readdirSync(path) : []).toEqual([]);
  }
  if (!existsSync(join(place.dir, "state.db"))) return;
  const state = new SqliteStateStore({ path: join(place.dir, "state.db"), readOnly: true });
  expect((await state.listRuns({})).items).toEqual([]);
  await state.close();
}
