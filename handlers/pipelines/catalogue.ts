/** The pipelines that this project deploys: every process that runs their steps loads this file. */
export { flightDelays } from "./flight-delays.ts";
export { forecast } from "./forecast.ts";
export { weatherReport } from "./weather-report.ts";
