import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import type esbuild from "esbuild";
import type { Metafile } from "esbuild";
import { catalogueEntry, handlerEntry, optionsOf, output } from "./bundle-options.ts";
import { filesOf } from "./bundled-files.ts";
import type { Bundle, BundledFile } from "./bundle.ts";

/** Builds a bundle into a folder and tells what is in it. @throws Error where the code cannot be bundled or a file is missing */
export function writeBundle(bundle: Bundle, folder: string): Readonly<Record<string, BundledFile>> {
  const files = filesOf(bundle.files ?? {}, folder);
  const { buildSync, transformSync } = loadEsbuild();
  const { metafile, outputFiles } = buildSync(optionsOf(bundle, folder));
  const chunks = new Map(Object.entries(metafile.outputs).map(([path, chunk]) => [basename(path), chunk]));
  const own = reached(chunks, bundle.handlers);
  const written: Record<string, BundledFile> = {};
  mkdirSync(folder, { recursive: true });
  for (const { path, text, contents } of outputFiles) {
    const name = basename(path);
    // The user's code keeps its names: a step's cache key holds its function's text, where short names would change with code that the
    // function does not use, and could stay when it uses other code.
    const content = own.has(name) && name.endsWith(".mjs") ? transformSync(text, { ...output, minify: true }).code : contents;
    writeFileSync(join(folder, name), content);
    const chunk = chunks.get(name);
    if (chunk !== undefined) written[name] = describe(chunk, Buffer.byteLength(content));
  }
  for (const name of bundle.handlers) {
    const before = bundle.catalogue === undefined ? "" : `import "./${catalogueEntry}.mjs";\n`;
    writeFileSync(join(folder, `${name}.mjs`), `${before}export { handler } from "./${handlerEntry(name)}.mjs";\n`);
  }
  for (const { place, source } of files) cpSync(source, place, { recursive: true, dereference: true });
  return written;
}

function loadEsbuild(): Pick<typeof esbuild, "buildSync" | "transformSync"> {
  try {
    return createRequire(import.meta.url)("esbuild") as typeof esbuild;
  } catch (cause) {
    throw new Error('Skein bundles functions with esbuild, which is not installed: "npm install --save-dev esbuild".', { cause });
  }
}

type Chunk = Metafile["outputs"][string];

/** The files that handlers load, at once or later: Skein's own, and what it shares with the user's code. */
function reached(chunks: ReadonlyMap<string, Chunk>, handlers: readonly string[]): ReadonlySet<string> {
  const seen = new Set(handlers.map((name) => `${handlerEntry(name)}.mjs`));
  for (const name of seen) for (const { path } of chunks.get(name)?.imports ?? []) seen.add(basename(path));
  return seen;
}

function describe({ imports }: Chunk, bytes: number): BundledFile {
  const inside = imports.filter((imported) => imported.external !== true);
  const ofKind = (kind: string) => [...new Set(inside.filter((imported) => imported.kind === kind).map(({ path }) => basename(path)))];
  return { bytes, loads: ofKind("import-statement"), loadsLater: ofKind("dynamic-import") };
}
