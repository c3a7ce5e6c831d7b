import { describe, expect, it } from "vitest";
import { errorCodes } from "../../src/model/error-code.ts";
import { readText } from "./source-file.ts";

interface Section {
  readonly code: string;
  readonly text: string;
}

/** The sections that begin with a code as their heading, each with its text. */
function sectionsOf(page: string): readonly Section[] {
  const parts = page.split(/^### /m).slice(1);
  return parts.map((part) => ({
    code: /^`([a-z_]+)`$/m.exec(part.split("\n")[0] ?? "")?.[1] ?? "",
    text: part.split("\n").slice(1).join("\n"),
  }));
}

/** A section says what the code means, and after `**Do:**` what the reader can do about it. */
function saysWhatToDo({ text }: Section): boolean {
  const [meaning, remedy] = text.split("**Do:**");
  return [meaning, remedy].every((part) => (part ?? "").trim().length > 20);
}

const sections = sectionsOf(readText("docs/errors.md"));

describe("docs/errors.md", () => {
  it("has one section for every error code, and for nothing else", () => {
    expect(sections.map(({ code }) => code).toSorted()).toEqual([...errorCodes].toSorted());
  });

  it("says in each section what the code means and what to do", () => {
    expect(sections.filter((section) => !saysWhatToDo(section)).map(({ code }) => code)).toEqual([]);
  });
});

describe("the check of the page", () => {
  it("sees the sections, also a wrong heading", () => {
    const page = "# Errors\n\n## Calls\n\n### `bad_call`\n\nText.\n\n### Other\n\nText.\n";
    expect(sectionsOf(page).map(({ code }) => code)).toEqual(["bad_call", ""]);
  });

  it("sees a section without a remedy", () => {
    const meaning = "The call was made with arguments that no call takes.";
    expect(saysWhatToDo({ code: "x", text: `${meaning}\n**Do:** give the step one object as its input.` })).toBe(true);
    expect(saysWhatToDo({ code: "x", text: meaning })).toBe(false);
    expect(saysWhatToDo({ code: "x", text: `${meaning}\n**Do:** fix.` })).toBe(false);
  });
});
