/** Resolves with the first value that is neither undefined nor false; looks again and again, and gives up loudly. */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  limitMs = 20_000,
): Promise<T> {
  for (const end = Date.now() + limitMs; Date.now() < end;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`waited ${limitMs} ms in vain for ${what}`);
}
