import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** A fenced block of a page. */
export interface Block {
  /** What stands behind the fence: `ts`, `console`, … */
  readonly language: string;
  readonly code: string;
  /** Of its first line in the page, from 1. */
  readonly line: number;
}

/** A page of the documentation. */
export class Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;

  constructor(path: string, text = readFileSync(join(root, path), "utf8")) {
    this.path = path;
    this.text = text;
  }

  get blocks(): readonly Block[] {
    const blocks: Block[] = [];
    let open: { readonly fence: string; readonly language: string; readonly line: number; readonly code: string[] } | undefined;
    for (const [index, text] of this.text.split("\n").entries()) {
      const [, fence, language = ""] = /^(```+)(\S*)/.exec(text) ?? [];
      if (open === undefined && fence !== undefined) open = { fence, language, line: index + 2, code: [] };
      else if (open !== undefined && fence === open.fence && language === "") {
        blocks.push({ language: open.language, code: `${open.code.join("\n")}\n`, line: open.line });
        open = undefined;
      } else open?.code.push(text);
    }
    if (open !== undefined) throw new Error(`${this.path}:${open.line - 1}: the block is not closed`);
    return blocks;
  }

  /**
   * The blocks of TypeScript as files, by name, whose lines have the numbers that they have in the page. A block that begins with
   * `// name.ts` is that file; all others are one, `page.ts`.
   */
  get files(): ReadonlyMap<string, string> {
    const files = new Map<string, string[]>();
    for (const { code, line } of this.blocks.filter(({ language }) => language === "ts")) {
      const [, name = "page.ts"] = /^\/\/ ([\w.-]+\.ts)\n/.exec(code) ?? [];
      const lines = files.get(name) ?? [];
      files.set(name, lines);
      while (lines.length < line - 1) lines.push("");
      lines.push(...code.trimEnd().split("\n"));
    }
    return new Map([...files].map(([name, lines]) => [name, `${lines.join("\n")}\nexport {};\n`]));
  }

  /** The page without its blocks and inline code: what is said in words, and links. */
  get prose(): string {
    return this.text.replaceAll(/^(```+)[^]*?^\1$/gm, "").replaceAll(/`[^`\n]+`/g, "");
  }

  /** What `#…` may name. */
  get anchors(): ReadonlySet<string> {
    const headings = this.text.replaceAll(/^(```+)[^]*?^\1$/gm, "").matchAll(/^#+ (.+)$/gm);
    return new Set([...headings].map(([, heading = ""]) => anchorOf(heading)));
  }
}

/** As GitHub makes them: lower case, no punctuation, hyphens for spaces. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
    .replaceAll(" ", "-");
}

function pagesIn(folder: string): readonly Page[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .toSorted()
    .map((name) => new Page(join(folder, name)));
}

export const decisions = pagesIn("docs/decisions");

/** Every page that people read. */
export const pages: readonly Page[] = [new Page("README.md"), new Page("ARCHITECTURE.md"), ...pagesIn("docs"), ...decisions];
