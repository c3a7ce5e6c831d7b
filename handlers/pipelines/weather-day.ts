import { z } from "zod";
import { step } from "../../src/index.ts";

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

/** The days of 2012 to 2015, one after the other. */
export const loadWeather = step({ name: "load_weather", output: z.array(Day) }, async () => {
  const { readDays } = await import("./weather-file.ts");
  return readDays();
});
