import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** Files and folders that travel with the code: their places beside the code → where they are here, from the working directory. */
export type BundledFiles = Readonly<Record<string, string>>;

interface Copy {
  readonly place: string;
  readonly source: string;
}

/** What to copy where. @throws Error where a file is missing, or would lie outside the folder */
export function filesOf(files: BundledFiles, folder: string): readonly Copy[] {
  return Object.entries(files).map(([name, path]) => ({ place: placeOf(name, folder), source: sourceOf(name, path) }));
}

function placeOf(name: string, folder: string): string {
  const place = relative(folder, resolve(folder, name));
  if (place === "" || isAbsolute(place) || place.split(sep)[0] === "..")
    throw new Error(`files: "${name}" is no place beside the functions' code: give a relative path below it, such as "data/days.csv".`);
  return join(folder, place);
}

function sourceOf(name: string, path: string): string {
  return existingFile(`files: "${name}"`, path);
}

/** An absolute path. @throws Error where nothing is there */
export function existingFile(what: string, path: string): string {
  const absolute = resolve(path);
  if (!existsSync(absolute)) throw new Error(`${what}: there is no ${absolute}; paths count from the working directory, ${process.cwd()}.`);
  return absolute;
}

/** The folder of the nearest package.json above a path. */
export function packageFolder(path: string): string {
  const folder = dirname(path);
  return folder === path || existsSync(join(folder, "package.json")) ? folder : packageFolder(folder);
}
