import { relative } from "node:path";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/**
 * Says at the very end, in lines that people and machines find: which files skipped tests, and `N passed, N failed, N skipped`.
 * A file that could not be loaded and an error outside all tests count as failed.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const lines = [...skips(modules), closingLine(modules, unhandled.length)];
    // The other reporters still write after this hook: the last word is had when the process ends.
    process.once("exit", () => process.stdout.write(`\n${lines.join("\n")}\n`));
  }
}

function closingLine(modules: readonly TestModule[], unhandled: number): string {
  const count = { passed: 0, failed: unhandled, skipped: 0, pending: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) count[test.result().state]++;
    const broken = module.errors().length > 0 || [...module.children.allSuites()].some((suite) => suite.errors().length > 0);
    if (broken) count.failed++;
  }
  return `${count.passed} passed, ${count.failed + count.pending} failed, ${count.skipped} skipped`;
}

function skips(modules: readonly TestModule[]): string[] {
  return modules.flatMap((module) => {
    const skipped = [...module.children.allTests("skipped")];
    if (skipped.length === 0) return [];
    const reasons = new Set(
      skipped.map((test) => reasonOf(test.result()) ?? reasonIn(test.fullName)).filter((reason) => reason !== undefined),
    );
    return [`SKIPPED: ${skipped.length} tests of ${relative(process.cwd(), module.moduleId)}${[...reasons].map((r) => `: ${r}`).join("")}`];
  });
}

function reasonOf(result: { readonly note?: string | undefined } | object): string | undefined {
  return "note" in result ? result.note : undefined;
}

/** Suites that are skipped as a whole say why in their name: `… (SKIPPED: reason)`. */
function reasonIn(name: string): string | undefined {
  return /\(SKIPPED: ([^)]+)\)/.exec(name)?.[1];
}
