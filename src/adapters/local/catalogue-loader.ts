import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { SkeinError } from "../../model/error.ts";
import { siblingModule } from "./process-setup.ts";

export interface LoadedCatalogue {
  /** SHA-256 over the user's sources: the version of a run's code. */
  readonly digest: string;
  /** The modules that it covers, as paths relative to the catalogue file's folder, sorted. */
  readonly files: readonly string[];
}

/**
 * Imports the catalogue file, so that its steps and pipelines register, and tells which sources that took: all modules that
 * it loads except those in `node_modules` and Skein's own.
 * @throws SkeinError `catalogue_unreadable`; the definitions' own errors (`duplicate_step`, …) as they are
 */
export async function loadCatalogue(file: string, isLoaded = false): Promise<LoadedCatalogue> {
  if (isLoaded) return loadInThread(resolve(file));
  const watched = await importWatched(file);
  return watched.complete ? watched.catalogue : loadInThread(resolve(file));
}

/** As `loadCatalogue`, and refuses code other than that of `digest`. @throws SkeinError `code_changed` */
export async function loadPinnedCatalogue(file: string, digest: string | undefined): Promise<void> {
  const { catalogue } = await importWatched(file);
  if (digest === undefined || catalogue.digest === digest) return;
  throw new SkeinError(
    "code_changed",
    `the code of ${file} was changed while a run of it goes on: stop the run and resume it, or undo the change`,
  );
}

/** `complete`: nothing of the catalogue had been loaded in this thread before, so that all of it was seen. */
export async function importWatched(file: string): Promise<{ readonly catalogue: LoadedCatalogue; readonly complete: boolean }> {
  const path = resolve(file);
  if (!existsSync(path)) throw new SkeinError("catalogue_unreadable", `there is no catalogue file ${path}`);
  const digests = new Map<string, string>();
  const wanted = new Set([pathToFileURL(path).href]);
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      if (isProjectModule(resolved.url)) wanted.add(resolved.url);
      return resolved;
    },
    load(url, context, next) {
      const loaded = next(url, context);
      if (isProjectModule(url)) digests.set(url, sha256(bytesOf(loaded.source) ?? readFileSync(fileURLToPath(url))));
      return loaded;
    },
  });
  try {
    setLoading(true);
    await import(pathToFileURL(path).href);
  } catch (error) {
    throw error instanceof SkeinError ? error : unreadable(path, error);
  } finally {
    setLoading(false);
    hooks.deregister();
  }
  return { catalogue: summarize(path, digests), complete: [...wanted].every((url) => digests.has(url)) };
}

/** A program that runs its own pipelines has loaded them before it asks: then a fresh thread sees what there is to load. */
function loadInThread(path: string): Promise<LoadedCatalogue> {
  return new Promise((settle, fail) => {
    const thread = new Worker(siblingModule("catalogue-thread"), { argv: [path] });
    thread.once("message", (catalogue: LoadedCatalogue) => settle(catalogue));
    thread.once("error", (error) => fail(unreadable(path, error)));
    thread.once("exit", () => fail(unreadable(path, new Error("it ended the thread that loaded it"))));
  });
}

/** Skein's own `src` or `dist`. */
const ownRoot = new URL("../../", import.meta.url).href;

function isProjectModule(url: string): boolean {
  return url.startsWith("file:") && !url.includes("/node_modules/") && !url.startsWith(ownRoot);
}

function summarize(catalogue: string, digests: ReadonlyMap<string, string>): LoadedCatalogue {
  const folder = dirname(catalogue);
  const lines = [...digests].map(([url, digest]) => ({ file: relative(folder, fileURLToPath(url)).split(sep).join("/"), digest }));
  lines.sort((a, b) => (a.file < b.file ? -1 : 1));
  return { digest: sha256(lines.map(({ file, digest }) => `${digest} ${file}\n`).join("")), files: lines.map(({ file }) => file) };
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** None for CommonJS, which its own loader reads. */
function bytesOf(source: unknown): string | Uint8Array | undefined {
  if (typeof source === "string" || source instanceof Uint8Array) return source;
  return source instanceof ArrayBuffer ? new Uint8Array(source) : undefined;
}

/** Runs are not started by modules that are being loaded: this says that they are. */
function setLoading(loading: boolean): void {
  Object.assign(globalThis, { [Symbol.for("skein.loading")]: loading });
}

function unreadable(path: string, cause: unknown): SkeinError {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const hint = error.message.includes("strip-only mode")
    ? ": Node runs TypeScript by stripping its types, so write only what can be stripped"
    : "";
  return new SkeinError(
    "catalogue_unreadable",
    `the catalogue ${path} cannot be loaded${placeOf(error)}: ${error.name}: ${error.message}${hint}`,
    { cause },
  );
}

/** Syntax errors carry their place in front of their stack, others in its first frame outside Node and Skein. */
function placeOf(error: Error): string {
  const [first = "", ...frames] = (error.stack ?? "").split("\n");
  const frame = frames.find((line) => /^\s+at /.test(line) && !line.includes("node:") && !line.includes(ownRoot));
  const place = /^(?:file:\/\/)?(\/.+:\d+)$/.exec(first)?.[1] ?? /(?:file:\/\/)?(\/[^()]+:\d+):\d+\)?$/.exec(frame ?? "")?.[1];
  return place === undefined ? "" : ` (at ${place})`;
}
