/** What most end-to-end tests run: each pipeline lets one promise be seen. */
export * from "./hold.ts";
export * from "./squares.ts";
export * from "./faulty.ts";
export * from "./crashes.ts";
export * from "./stoppable.ts";
export * from "./cached.ts";
export * from "./delayed.ts";
export * from "./signalled.ts";
