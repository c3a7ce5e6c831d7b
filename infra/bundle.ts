import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import type { BuildOptions, Metafile } from "esbuild";
import { filesOf, packageFolder } from "./bundled-files.ts";
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
}

/** One file of a bundle and the files that are loaded with it, or by it later. */
export interface BundledFile {
  readonly bytes: number;
  readonly loads: readonly string[];
  readonly loadsLater: readonly string[];
  /** The sources in it. */
  readonly sources: readonly string[];
}

const ending = import.meta.filename.slice(import.meta.filename.lastIndexOf("."));
/** Skein as it is here: the repository's sources or the package's `dist`. */
const root = join(import.meta.dirname, "..");
const catalogueEntry = "catalogue";
const output = { format: "esm", platform: "node", target: "node24", legalComments: "none" } as const;

/** Builds a bundle into a folder and tells what is in it. @throws Error where the code cannot be bundled or a file is missing */
export function writeBundle(bundle: Bundle, folder: string): Readonly<Record<string, BundledFile>> {
  const files = filesOf(bundle.files ?? {}, folder);
  const esbuild = loadEsbuild();
  const built = esbuild.buildSync(buildOptions(bundle, folder));
  const chunks = new Map(Object.entries(built.metafile.outputs).map(([path, chunk]) => [basename(path), chunk]));
  const own = reached(
    chunks,
    bundle.handlers.map((name) => `${handlerEntry(name)}.mjs`),
  );
  const written: Record<string, BundledFile> = {};
  mkdirSync(folder, { recursive: true });
  for (const { path, text, contents } of built.outputFiles) {
    const name = basename(path);
    // The user's code keeps its names: a step's cache key holds its function's text, where short names would change with code that the
    // function does not use, and could stay when it uses other code.
    const content = own.has(name) ? esbuild.transformSync(text, { ...output, minify: true }).code : contents;
    writeFileSync(join(folder, name), content);
    const chunk = chunks.get(name);
    if (chunk !== undefined) written[name] = describe(chunk, content);
  }
  for (const name of bundle.handlers) {
    const before = bundle.catalogue === undefined ? "" : `import "./${catalogueEntry}.mjs";\n`;
    writeFileSync(join(folder, `${name}.mjs`), `${before}export { handler } from "./${handlerEntry(name)}.mjs";\n`);
  }
  for (const { place, source } of files) cpSync(source, place, { recursive: true, dereference: true });
  return written;
}

/** Where a handler's own code begins; `<name>.mjs` loads the catalogue before it. */
export function handlerEntry(name: string): string {
  return `skein-${name}`;
}

function buildOptions({ handlers, catalogue, options = {} }: Bundle, folder: string) {
  const { external = [], define = {}, loader = {} } = options;
  return {
    ...output,
    entryPoints: {
      ...Object.fromEntries(handlers.map((name) => [handlerEntry(name), join(root, "handlers", `${name}${ending}`)])),
      // An entry of its own, so that nothing of it is dropped, whatever its package says of side effects.
      ...(catalogue === undefined ? {} : { [catalogueEntry]: resolve(catalogue) }),
    },
    outdir: folder,
    // Names of chunks come from paths as they are seen from here: the same sources give the same bundle wherever they lie.
    absWorkingDir: packageFolder(catalogue ?? import.meta.filename),
    // One Skein in a bundle, whichever copy the catalogue would find.
    alias: Object.fromEntries(doors.map(([name, file]) => [name, join(root, "src", `${file}${ending}`)])),
    external: [...external],
    define: { ...define },
    loader: { ...loader },
    bundle: true,
    splitting: true,
    mainFields: ["module", "main"],
    outExtension: { ".js": ".mjs" },
    // For packages in CommonJS, which ask for Node's modules by it.
    banner: { js: 'import{createRequire as skeinRequire}from"node:module";const require=skeinRequire(import.meta.url);' },
    minifyWhitespace: true,
    minifySyntax: true,
    metafile: true,
    write: false,
    logLevel: "error",
  } satisfies BuildOptions;
}

const doors = [
  ["skein/testing", "testing"],
  ["skein/aws", "aws"],
  ["skein", "index"],
] as const;

function loadEsbuild(): typeof import("esbuild") {
  try {
    return createRequire(import.meta.url)("esbuild");
  } catch (cause) {
    throw new Error('Skein\'s construct bundles functions with esbuild, which is not installed: "npm install --save-dev esbuild".', { cause });
  }
}

type Chunk = Metafile["outputs"][string];

/** The chunks that are loaded with these, or later. */
function reached(chunks: ReadonlyMap<string, Chunk>, from: readonly string[]): ReadonlySet<string> {
  const seen = new Set(from);
  for (const name of seen) for (const { path } of chunks.get(name)?.imports ?? []) seen.add(basename(path));
  return seen;
}

function describe(chunk: Chunk, content: string | Uint8Array): BundledFile {
  const inside = chunk.imports.filter((imported) => imported.external !== true);
  const byKind = (kind: string) => [...new Set(inside.filter((imported) => imported.kind === kind).map(({ path }) => basename(path)))];
  return {
    bytes: Buffer.byteLength(content),
    loads: byKind("import-statement"),
    loadsLater: byKind("dynamic-import"),
    sources: Object.keys(chunk.inputs),
  };
}
