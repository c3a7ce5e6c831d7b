import type { Faults } from "./faults.ts";

/** Seeds that a fault of the engine was found with, and what it was. `waits`: its program waits for time and signals. */
export const regressions: readonly {
  readonly world: Faults["name"];
  readonly seed: number;
  readonly waits?: true;
  readonly found: string;
}[] = [
  { world: "calm", seed: 16, found: "a timer that came early by another clock was not set again" },
  { world: "calm", seed: 105, found: "an item that waited for its retry kept a stopped map open" },
  {
    world: "calm",
    seed: 1108,
    found: "an inline outcome that nobody had written down yet did not keep the head from saying that the run waits",
  },
  { world: "calm", seed: 119, found: "outcomes were taken in after a stop had ended the run" },
  {
    world: "calm",
    seed: 10973,
    waits: true,
    found: "a timer that a live turn had turned away, and whose clock was behind, was not set again",
  },
  { world: "calm", seed: 1669, waits: true, found: "items of an inline map that was cut short before it came to them never ended" },
  { world: "calm", seed: 1245, found: "a stop or timer that came while inline work ran was not looked for at the end of it" },
  { world: "calm", seed: 6102, found: "doubled events walked a map's lane again and again, and were doubled on the way" },
  {
    world: "calm",
    seed: 8_001_839,
    waits: true,
    found: "an outcome that came with its wake kept a turn from reading the items that the function waited for as well",
  },
  { world: "brief", seed: 1851, found: "a map whose time ran out while an entry was on its way left a head that held the next turn off" },
  { world: "storm", seed: 105, found: "lanes had no pages to go on by, as their turn had died before it wrote them" },
  { world: "storm", seed: 118, found: "items of an inline map ran twice although they may at most once" },
  { world: "storm", seed: 126, found: "an empty map whose turn died before it closed it stayed open" },
  { world: "storm", seed: 1207, found: "an inline map that was taken over wrote its items' retries as first attempts" },
  { world: "storm", seed: 2306, found: "a failure was taken for handled by a step run that had been skipped long before it" },
  { world: "storm", seed: 4209, found: "a map's failure was nobody's although each of its items was waited for" },
  { world: "storm", seed: 4252, found: "the failure destination told an outcome that was in no row" },
];
