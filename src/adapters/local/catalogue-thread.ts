import { parentPort } from "node:worker_threads";
import { importWatched } from "./catalogue-loader.ts";

/** Entry of the thread that `loadCatalogue` asks when its own has loaded parts of the catalogue before. */
const { catalogue } = await importWatched(process.argv[2] ?? "");
parentPort?.postMessage(catalogue, []);
