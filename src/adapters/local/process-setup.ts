/** What a child process or worker thread is started with: where the user's code is, and where this engine keeps its things. */
export interface LocalSetup {
  /** Absolute path of the catalogue file. */
  readonly catalogue: string;
  /** `loadCatalogue`'s digest in the process that runs the run: whoever loads other code than that runs nothing (I10). */
  readonly digest?: string | undefined;
  /** The engine's folder, usually `.skein`. */
  readonly dir: string;
  /** Text outputs up to this many bytes stay in the outcome; 0: none. */
  readonly inlineValues: number;
  /** Of the state store; default `NORMAL`. */
  readonly synchronous?: "NORMAL" | "FULL" | undefined;
}

/** A child has no deadline of its own, it is dead when its process is: the last date that JavaScript knows, as rows keep no infinity. */
export const noDeadline = 8_640_000_000_000_000;

/** A sibling module as this one is: `.ts` in the repository, `.js` in the package. */
export function siblingModule(name: string): URL {
  return new URL(`./${name}${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`, import.meta.url);
}
