import { z } from "zod";

/**
 * The day's highest temperature: a wave that repeats every year, and a memory of how far yesterday was off it,
 * `wave(t) + persistence · (actual(t - 1) - wave(t - 1))`.
 */
export const SeasonModel = z.object({
  /** How many sine waves a year the season is made of: 1 is a plain summer and winter. */
  harmonics: z.int().min(0),
  /** The mean, then a cosine and a sine for each harmonic. */
  coefficients: z.array(z.number()),
  /** 0: yesterday says nothing. */
  persistence: z.number(),
});
export type SeasonModel = z.infer<typeof SeasonModel>;

export const Prediction = z.object({ date: z.iso.date(), tempMax: z.number() });
export type Prediction = z.infer<typeof Prediction>;
