/** What the environment says, in one place. Colours are Node's own affair (`NO_COLOR`, `FORCE_COLOR`), credentials the AWS SDK's. */
export interface Environment {
  /** `SKEIN_DIR`: the engine's folder where `--dir` is not given. */
  readonly dir: string | undefined;
  /** `SKEIN_CATALOGUE`: the catalogue file where `--catalogue` is not given. */
  readonly catalogue: string | undefined;
  /** `SKEIN_URL`: the API to ask where neither `--url` nor `--stack-outputs` is given. */
  readonly url: string | undefined;
  /** `SKEIN_API_KEY`: the API's key where `--api-key` is not given. */
  readonly apiKey: string | undefined;
  /** `AWS_REGION`, else `AWS_DEFAULT_REGION`: of the API, where its host name does not say. */
  readonly region: string | undefined;
  /** `AWS_ENDPOINT_URL`: an emulator, which answers for all AWS hosts. */
  readonly awsEndpoint: string | undefined;
  /** `CI`: output is kept in a log, so nothing is drawn over. */
  readonly isCi: boolean;
}

export function readEnvironment(): Environment {
  const { SKEIN_DIR: dir, SKEIN_CATALOGUE: catalogue, SKEIN_URL: url, SKEIN_API_KEY: apiKey, CI: ci } = process.env;
  const { AWS_REGION: region, AWS_DEFAULT_REGION: defaultRegion, AWS_ENDPOINT_URL: awsEndpoint } = process.env;
  return {
    dir: nonEmpty(dir),
    catalogue: nonEmpty(catalogue),
    url: nonEmpty(url),
    apiKey: nonEmpty(apiKey),
    region: nonEmpty(region) ?? nonEmpty(defaultRegion),
    awsEndpoint: nonEmpty(awsEndpoint),
    isCi: nonEmpty(ci) !== undefined && ci !== "false",
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
