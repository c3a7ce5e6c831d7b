import { fromEnv } from "@aws-sdk/credential-provider-env";

/**
 * What stands in functions for `@aws-sdk/credential-provider-node`: Lambda gives a function its role's credentials in its environment,
 * and all the other places to look for some would only make cold starts longer.
 */
export function defaultProvider(): ReturnType<typeof fromEnv> {
  return fromEnv();
}
