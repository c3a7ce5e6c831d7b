/**
 * Where an emulator answers for a deployed REST API, made from the address in the stack's outputs. That one resolves nowhere, and
 * `https://id.execute-api.127.0.0.1:4566/v1` is not even a URL.
 */
export function emulatedUrl(url: string, endpoint: string): string {
  const [, id, path] = /^https:\/\/([a-z0-9]+)\.execute-api\.[^/]+(\/.*)?$/.exec(url) ?? [];
  if (id === undefined) throw new Error(`${url} is no address of a REST API`);
  return `${endpoint}/_aws/execute-api/${id}${path ?? ""}`;
}
