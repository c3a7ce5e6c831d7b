import { describe, expect, test } from "vitest";
import { figuresOf, judged } from "./figures.ts";
import { idleMonth } from "./idle.ts";
import { priceOf } from "./prices.ts";
import { nothing, type Usage } from "./usage.ts";

const usage = (some: Partial<Usage>): Usage => ({ ...nothing, ...some });
/** The table of costs that the protocol was designed by. */
const isolated = usage({ writeUnits: 3, readUnits: 1, invokes: 2, wakes: 1, turns: 1, steps: 1, puts: 1 });
const withBaton = usage({ writeUnits: 3, readUnits: 1, invokes: 1, turns: 1, steps: 1 });
const item = usage({ writeUnits: 2.04, readUnits: 2, invokes: 1, steps: 1 });

describe("the price of a million", () => {
  test.each([
    ["isolated steps", isolated, 2.4, 2.93],
    ["isolated steps with the baton, whose turns operators take", withBaton, 2.2, 2.73],
    ["items of maps", item, 1.725, 1.925],
    ["inline steps", usage({ writeUnits: 1 }), 0.625, 0.625],
  ])("%s", (_what, of, requests, withCompute) => {
    const price = priceOf(of);
    expect(price.requests).toBeCloseTo(requests, 6);
    expect(price.requests + price.compute).toBeCloseTo(withCompute, 2);
  });

  test("has S3 and logs beside it", () => {
    expect(priceOf(usage({ puts: 1, gets: 2, logBytes: 1_000 }))).toEqual({ requests: 0, compute: 0, s3: 5.8, logs: 0.5 });
  });

  test("of a delayed message is that of three requests", () => {
    expect(priceOf(usage({ messages: 1 })).requests).toBeCloseTo(1.2, 6);
  });
});

describe("figures", () => {
  test("are medians of the trials, and those of a map its items' or its own", () => {
    const trials = [2.05, 2.3, 2.06].map((writeUnits) => usage({ writeUnits, turns: 0.002 }));
    const figures = new Map(figuresOf("map1000", trials, 1_000).map(({ measure, value }) => [measure, value]));
    expect(figures.get("map1000.writeUnitsPerItem")).toBe(2.06);
    expect(figures.get("map1000.turns")).toBe(2);
    expect(figures.get("usdPerMillion.map")).toBeCloseTo(2.06 * 0.625, 2);
  });

  test("are over their budgets or not", () => {
    expect(judged(figuresOf("isolated", [isolated], undefined)).missed).toEqual([]);
    expect(judged(figuresOf("isolated", [usage({ writeUnits: 3.1 })], undefined)).missed).toEqual(["isolated.writeUnits"]);
  });
});

test("a deployment that does nothing costs what its queue's pollers, its sweeper and its alarms cost", () => {
  const usd = new Map(idleMonth(usage({ readUnits: 0.5, logBytes: 400 })).map((standing) => [standing.what.split(":")[0], standing.usd]));
  expect(usd.get("receives from the empty queue, by 5 pollers")).toBeCloseTo(0.26, 2);
  expect(usd.get("alarms")).toBeCloseTo(0.7, 6);
  // 43,200 × ($0.2 and half a read unit a million, 50 ms of 256 MB, 400 bytes of logs)
  expect(usd.get("sweeps")).toBeCloseTo(43_200 * (0.2625e-6 + 0.0125 * 13.3334e-6 + 400e-9 * 0.5), 6);
});
