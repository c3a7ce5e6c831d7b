import * as fc from "fast-check";

/** Programs for the property tests: data, which one pipeline function interprets. */
export type Statement =
  | {
      readonly do: "call" | "submit";
      readonly step: number;
      readonly inputs: readonly number[];
      readonly after: readonly number[];
      readonly caught: boolean;
    }
  | { readonly do: "await" | "load" | "cancel" | "status" | "chunk" | "settled"; readonly of: number; readonly caught: boolean }
  | { readonly do: "all" | "race" | "any" | "allSettled"; readonly of: readonly number[]; readonly caught: boolean }
  | { readonly do: "map" | "product"; readonly over: readonly number[]; readonly shared: number; readonly lists: readonly number[] }
  | { readonly do: "items"; readonly of: number; readonly take: number; readonly how: "race" | "each" | "all" }
  | { readonly do: "loop"; readonly of: number; readonly body: readonly Statement[] }
  | { readonly do: "chains"; readonly chains: readonly (readonly Statement[])[]; readonly how: "all" | "race" | "allSettled" }
  | { readonly do: "helper"; readonly body: readonly Statement[] }
  | {
      readonly do: "sleep" | "waitFor";
      readonly n: number;
      readonly ms: number | undefined;
      readonly how: "await" | "leave" | "race";
      readonly caught: boolean;
    }
  | { readonly do: "join" | "context" | "throw" | "microtasks"; readonly n: number }
  | { readonly do: "try"; readonly body: readonly Statement[] };

export interface Program {
  readonly body: readonly Statement[];
  readonly returns: "nothing" | "one" | "list" | "record" | "future";
}

const index = fc.nat({ max: 7 });
const few = fc.array(index, { maxLength: 3 });
const some = fc.array(index, { minLength: 1, maxLength: 3 });
const caught = fc.boolean();

const simple: fc.Arbitrary<Statement> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("call", "submit", "submit"),
      step: fc.nat({ max: 5 }),
      inputs: few,
      after: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, few),
      caught,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("await", "load", "load", "cancel", "status", "chunk", "settled"), of: index, caught }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("all", "race", "any", "allSettled"), of: some, caught }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("map", "product"), over: some, shared: index, lists: few }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("items"), of: index, take: index, how: fc.constantFrom("race", "each", "all") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("join", "context", "context", "microtasks"), n: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("join", "throw"), n: index }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("sleep", "waitFor"),
      n: index,
      ms: fc.constantFrom(undefined, 0, 500, 2_000, 4_500),
      how: fc.constantFrom("await", "leave", "race"),
      caught,
    }),
  },
);

const { block } = fc.letrec<{ block: readonly Statement[]; statement: Statement }>((tie) => ({
  block: fc.array(tie("statement"), { minLength: 1, maxLength: 4 }),
  statement: fc.oneof(
    { maxDepth: 3, depthSize: 0.5, withCrossShrink: true },
    { weight: 6, arbitrary: simple },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("loop"), of: index, body: tie("block") }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("chains"),
        chains: fc.array(tie("block"), { minLength: 2, maxLength: 3 }),
        how: fc.constantFrom("all", "race", "allSettled"),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("helper"), body: tie("block") }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("try"), body: tie("block") }) },
  ),
}));

export const programs: fc.Arbitrary<Program> = fc.record({
  body: fc.array(block, { minLength: 1, maxLength: 3 }).map((blocks) => blocks.flat()),
  returns: fc.constantFrom("nothing", "one", "list", "record", "future"),
});
