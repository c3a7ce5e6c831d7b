import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { catalogueFiles } from "./generated-catalogue.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "skein-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

const options = {
  extends: join(root, "tsconfig.json"),
  compilerOptions: {
    typeRoots: [join(root, "node_modules/@types")],
    paths: { zod: [join(root, "node_modules/zod/index.d.ts")], "skein/*": [join(root, "src/define/*")] },
  },
  include: ["*.ts"],
};

/** What the type checker says of the work it had. */
function diagnose(): { readonly instantiations: number; readonly errors: string } {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    const report = execFileSync(process.execPath, [tsc, "-p", folder, "--extendedDiagnostics", "--singleThreaded"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { instantiations: Number(/^Instantiations:\s+(\d+)/m.exec(report)?.[1]), errors: "" };
  } catch (error) {
    return {
      instantiations: Number.NaN,
      errors: error instanceof Error && "stdout" in error ? String(error.stdout).slice(0, 2_000) : String(error),
    };
  }
}

describe("a catalogue of 300 steps and 60 pipelines", () => {
  it("is checked with at most 1,000,000 instantiations", { timeout: 120_000 }, () => {
    for (const [name, source] of catalogueFiles(300, 60)) writeFileSync(join(folder, name), source);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
    const { instantiations, errors } = diagnose();
    expect(errors).toBe("");
    expect(instantiations).toBeGreaterThan(300_000);
    expect(instantiations).toBeLessThanOrEqual(1_000_000);
  });
});
