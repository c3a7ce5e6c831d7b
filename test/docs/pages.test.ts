import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { decisions, Page, pages, root } from "./page.ts";

/** Links that lead nowhere: to files that are not there, or to headings that their page does not have. */
function deadLinks(page: Page): readonly string[] {
  const links = [...page.prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return links.filter((target) => !/^https?:/.test(target) && !leadsSomewhere(page, target)).map((target) => `${page.path}: ${target}`);
}

function leadsSomewhere(page: Page, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page.path : normalize(join(dirname(page.path), file));
  if (path === page.path) return anchor === undefined || page.anchors.has(anchor);
  return existsSync(join(root, path)) && (anchor === undefined || new Page(path).anchors.has(anchor));
}

describe("links", () => {
  it.each(pages.map((page) => [page.path, page] as const))("of %s lead somewhere", (_, page) => {
    expect(deadLinks(page)).toEqual([]);
  });

  it("are seen where they do not", () => {
    const page = new Page("docs/made-up.md", "# A\n\n[a](#a) [b](#b) [c](errors.md) [d](none.md) [e](../README.md#none) `[f](g)`\n");
    expect(deadLinks(page)).toEqual(["docs/made-up.md: #b", "docs/made-up.md: none.md", "docs/made-up.md: ../README.md#none"]);
  });
});

/** Commands that set variables for a test file: the file is there, and reads them. */
function strayCommands(page: Page): readonly string[] {
  const commands = [...page.text.matchAll(/((?:[A-Z_]+=\S+ )+)npx vitest run (test\/\S+?\.ts)/g)];
  return commands.flatMap(([command, settings = "", file = ""]) => {
    const text = existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "";
    const names = settings.matchAll(/([A-Z_]+)=/g);
    return [...names].every(([, name = ""]) => text.includes(name)) ? [] : [command];
  });
}

describe("commands of docs/testing.md", () => {
  it("name files that are there and variables that they read", () => {
    const page = new Page("docs/testing.md");
    expect([...page.text.matchAll(/npx vitest run/g)].length).toBeGreaterThan(2);
    expect(strayCommands(page)).toEqual([]);
  });

  it("are seen where they do not", () => {
    const page = new Page(
      "docs/made-up.md",
      "`SIM_SEED=1 npx vitest run test/none.ts` `NO_SUCH=1 npx vitest run test/sim/engine.sim.test.ts`",
    );
    expect(strayCommands(page)).toHaveLength(2);
  });
});

describe("decisions", () => {
  it("are numbered without gaps", () => {
    expect(decisions.map(({ path }) => Number(/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1]))).toEqual(decisions.map((_, index) => index + 1));
  });

  it.each(decisions.map((page) => [page.path, page] as const))(
    "%s has its date and its three parts, in at most 25 lines",
    (_, { text }) => {
      expect(text).toMatch(
        /^# .+\n\n\d{4}-\d\d-\d\d\n\n\*\*Context\.\*\* [^]+\n\n\*\*Decision\.\*\* [^]+\n\n\*\*Consequences\.\*\* [^]+\n$/,
      );
      expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(25);
    },
  );
});
