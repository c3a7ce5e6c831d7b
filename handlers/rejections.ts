import { watchStrayRejections } from "../src/engine/stray-rejections.ts";

/**
 * From now on the engine accounts for rejections that nobody handles. Lambda's own listener, which is there before a handler is
 * loaded, would end the process for a future that a pipeline function did not await (R18); other people's rejections still do.
 */
export function ownRejections(): void {
  process.removeAllListeners("unhandledRejection");
  watchStrayRejections();
}
