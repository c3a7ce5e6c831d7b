/** What the environment says, in one place. Colours are Node's own affair (`NO_COLOR`, `FORCE_COLOR`). */
export interface Environment {
  /** `SKEIN_DIR`: the engine's folder where `--dir` is not given. */
  readonly dir: string | undefined;
  /** `SKEIN_CATALOGUE`: the catalogue file where `--catalogue` is not given. */
  readonly catalogue: string | undefined;
  /** `CI`: output is kept in a log, so nothing is drawn over. */
  readonly isCi: boolean;
}

export function readEnvironment(): Environment {
  const { SKEIN_DIR: dir, SKEIN_CATALOGUE: catalogue, CI: ci } = process.env;
  return { dir: nonEmpty(dir), catalogue: nonEmpty(catalogue), isCi: nonEmpty(ci) !== undefined && ci !== "false" };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
