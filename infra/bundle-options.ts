import { join, resolve } from "node:path";
import type { BuildOptions } from "esbuild";
import type { Bundle } from "./bundle.ts";
import { packageFolder } from "./bundled-files.ts";

export const output = { format: "esm", platform: "node", target: "node24", legalComments: "none" } as const;

/** Where the user's code begins. */
export const catalogueEntry = "catalogue";

/** Where a handler's own code begins; `<name>.mjs` loads the catalogue before it. */
export function handlerEntry(name: string): string {
  return `skein-${name}`;
}

/** Skein as it is here: the repository's sources, or the package's `dist`. */
const root = join(import.meta.dirname, "..");
const ending = import.meta.filename.slice(import.meta.filename.lastIndexOf("."));

const doors: Readonly<Record<string, string>> = { skein: "index", "skein/aws": "aws", "skein/testing": "testing" };

export function optionsOf({ handlers, catalogue, options = {} }: Bundle, folder: string) {
  const { external = [], define = {}, loader = {}, sourceMaps = false } = options;
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
    alias: {
      ...Object.fromEntries(Object.entries(doors).map(([name, file]) => [name, join(root, "src", `${file}${ending}`)])),
      "@aws-sdk/credential-provider-node": join(root, "src/adapters/aws", `function-credentials${ending}`),
    },
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
    sourcemap: sourceMaps ? "linked" : false,
    sourcesContent: false,
    metafile: true,
    write: false,
    logLevel: "error",
  } satisfies BuildOptions;
}
