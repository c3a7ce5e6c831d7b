import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/closing-line.ts";

const reporters = ["default", new ClosingLine()];

export default defineConfig({
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000, pool: "forks", maxWorkers: 2, reporters },
});
