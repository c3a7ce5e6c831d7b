import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Page } from "./page.ts";
import { UsersFolder } from "./users-folder.ts";

const page = new Page("docs/cli.md");

/** The page's sections of commands, by name, each with its text. */
const sections = new Map(
  page.text
    .split(/^## /m)
    .map((part) => [/^`skein (\w+)/.exec(part)?.[1] ?? "", part] as const)
    .filter(([name]) => name !== ""),
);

/** The options that a help text or a section lists, as `-f, --follow` or `--limit <count>`. */
function optionsIn(text: string): readonly string[] {
  return [...text.matchAll(/^(?: {2}|\| `)((?:-\w, )?--[a-z-]+(?: <[a-z.]+>)?)/gm)]
    .map(([, option = ""]) => option)
    .filter((option) => !option.endsWith("--help"));
}

function commandsIn(help: string): readonly string[] {
  const [, list = ""] = help.split("Commands:\n");
  return [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
}

describe("docs/cli.md", () => {
  const folder = new UsersFolder();
  let help: string;
  beforeAll(async () => {
    help = (await folder.shell("skein --help")).stdout;
  });
  afterAll(() => folder[Symbol.dispose]());

  it("describes the commands that there are", () => {
    expect(commandsIn(help).length).toBeGreaterThan(5);
    expect([...sections.keys()].toSorted()).toEqual(commandsIn(help).toSorted());
  });

  it("describes the options of all commands", () => {
    const common = page.text.split(/^## /m).find((part) => part.startsWith("For all commands")) ?? "";
    expect(optionsIn(common).toSorted()).toEqual(optionsIn(help).toSorted());
  });

  it.each([...sections])("describes the options of skein %s", async (name, section) => {
    const { stdout } = await folder.shell(`skein ${name} --help`);
    expect(optionsIn(section).toSorted()).toEqual(optionsIn(stdout).toSorted());
  });

  it("describes the exit codes", () => {
    const said = /Exit codes: ([^]*?)\n[A-Z]/.exec(help)?.[1] ?? "";
    const codes = [...said.matchAll(/\b(\d+)\b/g)].map(([code]) => code);
    expect(codes.length).toBeGreaterThan(2);
    expect([...page.text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code)).toEqual(codes);
  });
});
