import type { BundledFiles } from "./bundled-files.ts";

/** What the functions of a deployment share of their code. */
export interface Bundle {
  /** Names of modules of `handlers/`: each becomes `<name>.mjs`; what several of them use is in chunks beside. */
  readonly handlers: readonly string[];
  /** Absolute path of the user's catalogue file; absent: these functions execute none of the user's code. */
  readonly catalogue?: string;
  readonly files?: BundledFiles;
  readonly options?: BundlingOptions;
}

/** What the user's code needs of the bundler, as esbuild understands it. */
export interface BundlingOptions {
  /** Packages that stay outside, such as those with native parts: bring them along as `files` below `node_modules/`. */
  readonly external?: readonly string[];
  /** Expressions to replace → what by. */
  readonly define?: Readonly<Record<string, string>>;
  /** File endings → what an import of such a file gives. */
  readonly loader?: Readonly<Record<string, "base64" | "binary" | "dataurl" | "file" | "json" | "text">>;
  /** Stacks of errors name places in the sources. Costs time at each cold start, and where a stack is first looked at. Default false. */
  readonly sourceMaps?: boolean;
}

/** A file of code in a bundle, and which are loaded with it, or later. */
export interface BundledFile {
  readonly bytes: number;
  readonly loads: readonly string[];
  readonly loadsLater: readonly string[];
}
