/* oxlint-disable typescript/no-floating-promises -- these programs are here for their types, most of them because they are wrong */
import { z } from "zod";
import { pipeline, unmapped, type Artifact, type Pipeline } from "../../src/index.ts";
import { publish, readRows, shape, today } from "./steps.test-d.ts";

const River = z.object({ river: z.string() });

export const refused = [
  // @ts-expect-error a name is needed
  () => pipeline({ params: River }, async () => {}),
  // @ts-expect-error an unknown option
  () => pipeline({ name: "p", retries: 1 }, async () => {}),
  // @ts-expect-error no such mode
  () => pipeline({ name: "p", mode: "eager" }, () => {}),
  // @ts-expect-error no such failure mode
  () => pipeline({ name: "p", onFailure: "ignore" }, () => {}),
  // @ts-expect-error parameters are an object
  () => pipeline({ name: "p", params: z.string() }, () => {}),
  // @ts-expect-error no such parameter
  () => pipeline({ name: "p", params: River }, ({ lake }) => readRows({ river: lake })),
  () =>
    // @ts-expect-error a static function is synchronous
    pipeline({ name: "p", mode: "static" }, async () => {
      await today();
    }),
  // @ts-expect-error also when it returns a handle
  () => pipeline({ name: "p", mode: "static" }, async () => today.submit()),
  () =>
    pipeline({ name: "p", mode: "static" }, () => {
      // @ts-expect-error a static function cannot get at a value
      today().load();
    }),
  () =>
    pipeline({ name: "p", mode: "static" }, () => {
      // @ts-expect-error nor branch on one
      if (shape({ rows: [], order: 1 }).error > 1) today();
    }),
  // @ts-expect-error a value is no handle
  () => pipeline({ name: "p" }, async () => "2026"),
  // @ts-expect-error nor is a loaded one
  () => pipeline({ name: "p" }, async () => (await today()).load()),
  // @ts-expect-error nor a value in a record
  () => pipeline({ name: "p" }, async () => ({ day: await today(), count: 1 })),
  // @ts-expect-error records are flat
  () => pipeline({ name: "p" }, async () => ({ deep: { day: await today() } })),
  // @ts-expect-error a list of values
  () => pipeline({ name: "p" }, async () => [1, 2]),
  () =>
    pipeline({ name: "p" }, async (_, run) => {
      // @ts-expect-error a signal without a schema brings no value
      const answer: { ok: boolean } = await run.waitFor("approval");
      // @ts-expect-error durations have a unit
      await run.sleep(`${answer.ok} days`);
    }),
  // @ts-expect-error a pipeline is started, not called
  () => accepted.forecast({ river: "Ill" }),
];

export const accepted = {
  forecast: pipeline({ name: "p", params: River }, async ({ river }) => {
    const { curve, error } = await shape({ rows: readRows({ river }), order: 2 });
    if ((await error.load()) > 1) await publish({ curve });
    return curve;
  }),
  fixed: pipeline({ name: "p", mode: "static", params: River }, ({ river }) => shape({ rows: readRows({ river }), order: 2 })),
  fixedRecord: pipeline({ name: "p", mode: "static" }, () => ({ day: today(), later: [today.submit()] })),
  futures: pipeline({ name: "p" }, async () => [today.submit(), today.submit()]),
  mapped: pipeline({ name: "p" }, async () => shape.map({ rows: unmapped([]), order: [1, 2] })),
  nothing: pipeline({ name: "p" }, async (_, run) => {
    run.log("at", { at: run.now().toISOString(), n: run.random(), id: run.uuid() });
  }),
};

export const assigned: Pipeline<{ river: string }, Artifact<z.infer<typeof River>> | Artifact<unknown>> = accepted.forecast;
// @ts-expect-error it takes other parameters
export const otherParams: Pipeline<{ lake: string }, unknown> = accepted.forecast;
// @ts-expect-error it ends with another artifact
export const otherResult: Pipeline<{ river: string }, Artifact<number>> = accepted.forecast;
