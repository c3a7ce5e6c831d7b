import type { AttemptRow } from "../../src/model/attempt.ts";
import type { StateStore, StoredAttempt } from "../../src/ports/state-store.ts";
import type { Sabotage } from "./cloud.ts";
import type { Faults } from "./faults.ts";
import { instead } from "./hanging.ts";
import type { Process, World } from "./world.ts";

/** Each rule of the protocol, switched off in the world around the engine: the simulation must notice. */
export const saboteurs: Readonly<Record<string, { readonly sabotage: Sabotage; readonly world: Faults["name"]; readonly why: string }>> = {
  R1: { world: "calm", why: "an append that another turn was faster at counts as done", sabotage: { state: neverConflicting } },
  R2: { world: "storm", why: "an append is acknowledged before it is durable", sabotage: { state: acknowledgingEarly } },
  R3: { world: "calm", why: "the lease of a live turn is not seen", sabotage: { state: hidingLeases } },
  R4: { world: "calm", why: "rows read after the waiting entry are those from before it", sabotage: { state: readingStaleRows } },
  R5: { world: "calm", why: "who finishes a step wakes nobody", sabotage: { wakes: ({ kind }) => kind !== "step" } },
  R6: { world: "calm", why: "the own nonce is not known again after a lost response", sabotage: { repeated: forgettingNonces } },
  R7: { world: "calm", why: "who ends a map's item sees its group as it was before", sabotage: { state: readingStaleGroups } },
  R14: { world: "calm", why: "what was not claimed is said to be ended, and is not", sabotage: { state: endingNothing } },
  R15: { world: "storm", why: "a turn of the sweeper's takes the run off its list", sabotage: { state: lookingOnce } },
  R17: { world: "brief", why: "a turn does not know of its deadline", sabotage: { until: (until) => until + 900_000 } },
};

function neverConflicting(state: StateStore): StateStore {
  return instead(state, {
    append: async (run, entry) => {
      await state.append(run, entry);
      return "appended";
    },
  });
}

function acknowledgingEarly(state: StateStore, process: Process, world: World): StateStore {
  return instead(state, {
    append: async (run, entry) => {
      if (((await state.readHead(run))?.seq ?? -1) >= entry.seq) return "lost";
      void world.pause(process, "appends at last").then(() => state.append(run, entry));
      return "appended";
    },
  });
}

function hidingLeases(state: StateStore): StateStore {
  return instead(state, {
    readTail: async (run, after) => {
      const tail = await state.readTail(run, after);
      return { ...tail, entries: tail.entries.map((entry) => ({ ...entry, wait: true })) };
    },
  });
}

function readingStaleRows(state: StateStore): StateStore {
  let before = new Map<string, AttemptRow>();
  let hasAppended = false;
  return instead(state, {
    readTail: async (run, after) => {
      before = new Map((await state.listAttempts(run)).map(({ id, attempt, row }) => [`${id}#${attempt}`, row]));
      hasAppended = false;
      return state.readTail(run, after);
    },
    append: (run, entry) => {
      hasAppended = true;
      return state.append(run, entry);
    },
    readAttempts: async (keys) => (hasAppended ? keys.map(({ id, attempt }) => before.get(`${id}#${attempt}`)) : state.readAttempts(keys)),
  });
}

/** As if each repetition were another writer's. */
function forgettingNonces(state: StateStore): StateStore {
  const other = <T extends { readonly nonce: string }>(row: T): T => ({ ...row, nonce: `${row.nonce}x` });
  return instead(state, {
    append: (run, entry) => state.append(run, other(entry)),
    claim: (key, row) => state.claim(key, other(row)),
    end: (key, row) => state.end(key, other(row)),
    settle: (key, row) => state.settle(key, other(row)),
  });
}

function readingStaleGroups(state: StateStore): StateStore {
  let before: readonly StoredAttempt[] | undefined;
  return instead(state, {
    claim: async (key, row) => {
      const won = await state.claim(key, row);
      if (key.item !== undefined) before = await state.readItems(key.run, { id: key.item.map, items: 1_000_000, width: 1_000_000 });
      return won;
    },
    readItems: async (run, map, group) => (before === undefined || group === undefined ? state.readItems(run, map, group) : before),
  });
}

function lookingOnce(state: StateStore): StateStore {
  return instead(state, { setDue: (run, expected) => state.setDue(run, expected, undefined) });
}

function endingNothing(state: StateStore): StateStore {
  return instead(state, { settle: async (key, row) => (row.outcome.status === "cancelled" ? { won: true } : state.settle(key, row)) });
}
