import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { loadWeather } from "./load-weather.ts";
import { Prediction, SeasonModel } from "./season-model.ts";
import { Day } from "./weather-day.ts";

const days = z.array(Day);
const folds = z.int().min(2);

export const fitSeasonModel = step(
  {
    name: "fit_season",
    input: z.object({ days, harmonics: z.int().min(0), folds }),
    outputs: { model: SeasonModel, rmse: z.number() },
    runtime: "isolated",
    resources: { memoryMb: 512 },
    timeout: "1m",
  },
  async ({ days, harmonics, folds }, { log }) => {
    const { crossValidate, fitSeason } = await import("./season-fit.ts");
    const rmse = crossValidate(days, folds, (training) => fitSeason(training, harmonics));
    log("cross-validated", { harmonics, rmse });
    return { model: fitSeason(days, harmonics), rmse };
  },
);

export const addPersistence = step(
  {
    name: "add_persistence",
    input: z.object({ days, model: SeasonModel, folds }),
    outputs: { model: SeasonModel, rmse: z.number() },
    runtime: "isolated",
    resources: { memoryMb: 512 },
    timeout: "1m",
  },
  async ({ days, model, folds }, { log }) => {
    const { crossValidate, fitPersistence, fitSeason } = await import("./season-fit.ts");
    const rmse = crossValidate(days, folds, (training) => fitPersistence(training, fitSeason(training, model.harmonics)));
    log("refined", { rmse });
    return { model: fitPersistence(days, model), rmse };
  },
);

export const predictDays = step(
  { name: "predict", input: z.object({ days, model: SeasonModel, horizon: z.int().min(1) }), output: z.array(Prediction) },
  async ({ days, model, horizon }) => {
    const { predict } = await import("./season-fit.ts");
    return predict(days, model, horizon);
  },
);

const Params = z.strictObject({
  /** The candidates. */
  harmonics: z
    .array(z.int().min(0).max(20))
    .min(1)
    .refine((list) => new Set(list).size === list.length, "each candidate once")
    .default([1, 2, 3, 4]),
  folds: folds.default(5),
  /** The root mean square error, in °C, that is good enough to leave the model alone. */
  goal: z.number().min(0).default(3),
  /** How many days to forecast. */
  horizon: z.int().min(1).max(365).default(14),
});

/** Seattle's highest temperature of the next days, by the best of several models, refined only if the best is not good enough. */
export const forecast = pipeline({ name: "forecast", params: Params }, async ({ harmonics, folds, goal, horizon }) => {
  const days = await loadWeather();
  const fits = harmonics.map((count) => fitSeasonModel.submit({ days, harmonics: count, folds }, { id: `fit_season_${count}` }));
  const errors = await Promise.all(fits.map((fit) => fit.rmse.load()));
  const least = Math.min(...errors);
  const best = await fits[errors.indexOf(least)]!;
  const { model, rmse } = least > goal ? await addPersistence({ days, model: best.model, folds }) : best;
  return { model, rmse, forecast: await predictDays({ days, model, horizon }) };
});
