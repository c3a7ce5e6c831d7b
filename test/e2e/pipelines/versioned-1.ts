import { versionedPipelines } from "./versioned.ts";

export const { versioned, tick } = versionedPipelines("1");
