import { versionedPipelines } from "./versioned.ts";

export * from "./hold.ts";
export * from "./sums.ts";
export const { versioned, tick } = versionedPipelines("2");
