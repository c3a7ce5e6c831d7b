import { z } from "zod";
import { step } from "../../src/index.ts";
import { Day } from "./weather-day.ts";

/** The days of 2012 to 2015, one after the other. */
export const loadWeather = step({ name: "load_weather", output: z.array(Day) }, async () => {
  const { readDays } = await import("./weather-file.ts");
  return readDays();
});
