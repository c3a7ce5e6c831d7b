import { fits } from "./api-response.ts";

/** The page with `limit` entries, or with fewer where they are too long for an answer. */
export async function fittingPage<T>(limit: number, read: (limit: number) => Promise<T>): Promise<T> {
  for (let size = limit; ; size = Math.ceil(size / 2)) {
    const page = await read(size);
    if (size === 1 || fits(JSON.stringify(page))) return page;
  }
}
