import { z } from "zod";

/** A day's weather in Seattle: °C, mm, m/s. */
export const Day = z.object({
  date: z.iso.date(),
  precipitation: z.number().min(0),
  tempMax: z.number(),
  tempMin: z.number(),
  wind: z.number().min(0),
  weather: z.enum(["drizzle", "fog", "rain", "snow", "sun"]),
});
export type Day = z.infer<typeof Day>;
