import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SkeinError } from "../model/error.ts";
import type { Environment } from "./env.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  /** Default `death`. */
  readonly durable?: "death" | "power-cut";
  readonly catalogue?: string;
  readonly dir?: string;
  readonly url?: string;
  readonly stackOutputs?: string;
  readonly apiKey?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

/** The engine's folder: `--dir`, `SKEIN_DIR`, or `.skein` here. */
export function engineDir(options: GlobalOptions, environment: Environment): string {
  return resolve(options.dir ?? environment.dir ?? ".skein");
}

/**
 * The catalogue file: `--catalogue`, `SKEIN_CATALOGUE`, or what the nearest package.json that says anything about it says:
 * `"skein": { "catalogue": "pipelines.ts" }`.
 *
 * @throws SkeinError `catalogue_unreadable` where none of them names a file that is there
 */
export function catalogueFile(options: GlobalOptions, environment: Environment): string {
  const given = options.catalogue ?? environment.catalogue;
  if (given !== undefined) return existing(resolve(given), options.catalogue === undefined ? "SKEIN_CATALOGUE" : "--catalogue");
  const found = inPackages(process.cwd());
  if (found !== undefined) return found;
  throw new SkeinError(
    "catalogue_unreadable",
    [
      "No catalogue file is named: the file that defines your pipelines, or imports the files that do. Name it in one of these ways:",
      "  skein --catalogue pipelines.ts …",
      '  "skein": { "catalogue": "pipelines.ts" }   in your package.json',
      "  SKEIN_CATALOGUE=pipelines.ts               in the environment",
    ].join("\n"),
  );
}

function inPackages(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    const named = existsSync(file) ? catalogueIn(file) : undefined;
    if (named !== undefined) return existing(resolve(folder, named), file);
    if (dirname(folder) === folder) return undefined;
  }
}

function catalogueIn(file: string): string | undefined {
  const content: unknown = parsePackage(file);
  const skein = isRecord(content) ? content["skein"] : undefined;
  if (skein === undefined) return undefined;
  const named = isRecord(skein) ? skein["catalogue"] : undefined;
  if (typeof named === "string" && named !== "") return named;
  throw new SkeinError("catalogue_unreadable", `${file}: "skein" names no catalogue file; write "skein": { "catalogue": "pipelines.ts" }`);
}

function parsePackage(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new SkeinError("catalogue_unreadable", `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function existing(file: string, namedBy: string): string {
  if (existsSync(file)) return file;
  throw new SkeinError("catalogue_unreadable", `There is no catalogue file ${file} (named by ${namedBy}).`);
}
