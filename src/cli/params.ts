import { readJson } from "./json-option.ts";

export interface ParamsOptions {
  readonly params?: string;
  readonly paramsFile?: string;
}

/** The parameters as they were given; none are `{}`. */
export function readParams({ params, paramsFile }: ParamsOptions): unknown {
  const given = readJson({
    name: "--params",
    text: params,
    file: paramsFile,
    refusal: (source, why) => `The parameters in ${source} are no JSON: ${why}. Write them like '{"city": "Seattle"}'.`,
  });
  return given === undefined ? {} : given;
}
