import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/closing-line.ts";

const reporters = ["default", new ClosingLine()];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    reporters,
    projects: [
      {
        extends: true,
        test: { name: "here", include: ["test/*.test.ts", "test/!(e2e)/**/*.test.ts"], maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        // One file after the other, when the rest is done: they share an emulator, which has this machine's processors too.
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/global-setup.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
