import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import { stateStoreContract } from "../contracts/state-store.contract.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-state-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const synchronous of ["NORMAL", "FULL"] as const) {
  stateStoreContract(`SQLite, synchronous = ${synchronous}`, async () => {
    const path = join(folder, synchronous, "state.db");
    return { store: new SqliteStateStore({ path, synchronous }), another: async () => new SqliteStateStore({ path, synchronous }) };
  });
}
