import { describe, expect, test } from "vitest";
import { each, nothing, plus, slope, usageInLog, usageOfCount, type Usage } from "./usage.ts";

const count = {
  requests: {
    DynamoDB: { PutItem: 2, UpdateItem: 1, BatchExecuteStatement: 1, GetItem: 3, Query: 4 },
    S3: { PutObject: 1, GetObject: 2, HeadObject: 1, DeleteObject: 5 },
    Lambda: { Invoke: 6, ListVersionsByFunction: 1 },
    SQS: { SendMessage: 7 },
  },
  writeUnits: 8,
  readUnits: 9.5,
  failedConditions: 1,
};
const usage = (some: Partial<Usage>): Usage => ({ ...nothing, ...some });
const report = "REPORT RequestId: 1\tDuration: 3.10 ms\tBilled Duration: 4 ms\n";
const told = (of: object) => `{"kind":"requests",${JSON.stringify({ ...count, ...of }).slice(1)}\n`;

describe("what an invocation has counted", () => {
  test("becomes requests by what they cost", () => {
    expect(usageOfCount(count)).toEqual(
      usage({ writes: 4, reads: 7, writeUnits: 8, readUnits: 9.5, failedConditions: 1, puts: 1, gets: 3, invokes: 6, messages: 7 }),
    );
  });

  test("is taken from a log among other lines, which are paid for, and so is each invocation", () => {
    const lines = ["START RequestId: 1 Version: 1\n", told({ writeUnits: 2 }), '{"run":"r","message":"ü"}\n', report];
    const { usage, reported, counted } = usageInLog(lines, "operator");
    expect({ reported, counted }).toEqual({ reported: 1, counted: 1 });
    expect(usage).toMatchObject({ writeUnits: 2, steps: 1, wakes: 0 });
    const bytes = 30 + 27 + report.length;
    expect(usage.logBytes).toBe(bytes + 3 * 26);
  });

  test("of an API is a run's only where it has started one", () => {
    const look = told({ requests: { DynamoDB: { GetItem: 1 } }, readUnits: 100 });
    const { usage } = usageInLog([look, told({ readUnits: 1 }), look], "api");
    expect(usage).toMatchObject({ readUnits: 1, invokes: 6, wakes: 0, steps: 0 });
  });
});

describe("usages", () => {
  test("add up", () => {
    expect(plus(usage({ puts: 1 }), usage({ puts: 2, gets: 3 }), nothing)).toEqual(usage({ puts: 3, gets: 3 }));
  });

  test("of two sizes give what each further unit takes, without what both take", () => {
    const run = { writes: 7, readUnits: 3 };
    const of = (size: number) => ({ size, usage: usage({ writes: run.writes + 2 * size, readUnits: run.readUnits + 0.5 * size }) });
    expect(slope(of(5), of(45))).toEqual(usage({ writes: 2, readUnits: 0.5 }));
  });

  test("of a whole give the part of each", () => {
    expect(each({ size: 4, usage: usage({ puts: 4, turns: 2 }) })).toEqual(usage({ puts: 1, turns: 0.5 }));
  });
});
