import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { root } from "./page.ts";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const doors = { ".": "./src/index.ts", "./testing": "./src/testing.ts", "./cdk": "./infra/cdk.ts" };
const packages = ["zod", "vitest", "@types", "aws-cdk-lib", "constructs"];

/** A user's project outside the repository: `skein` is this working copy (without a build), its command is on the path. */
export class UsersFolder {
  readonly path = mkdtempSync(join(tmpdir(), "skein-docs-"));

  constructor() {
    this.write("package.json", '{ "type": "module" }\n');
    this.write("node_modules/skein/package.json", JSON.stringify({ name: "skein", type: "module", exports: doors }));
    for (const name of ["src", "infra", "handlers"]) symlinkSync(join(root, name), join(this.path, "node_modules/skein", name));
    for (const name of packages) symlinkSync(join(root, "node_modules", name), join(this.path, "node_modules", name));
    mkdirSync(join(this.path, "node_modules/.bin"));
    symlinkSync(join(root, "node_modules/vitest/vitest.mjs"), join(this.path, "node_modules/.bin/vitest"));
    const command = this.write(
      "node_modules/.bin/skein",
      `#!/bin/sh\nexec '${process.execPath}' '${join(root, "src/cli/main.ts")}' "$@"\n`,
    );
    chmodSync(command, 0o755);
  }

  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** A line of a page, as a user types it; `npx` finds the command in the same place, but more slowly. */
  shell(line: string): Promise<Ended> {
    const { CI: _, VITEST: __, NODE_ENV: ___, ...env } = process.env;
    const path = [join(this.path, "node_modules/.bin"), dirname(process.execPath), env["PATH"]].join(delimiter);
    const child = spawn("sh", ["-c", line.replace(/^npx /, "")], {
      cwd: this.path,
      env: { ...env, PATH: path, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    return new Promise((resolve, reject) => child.once("error", reject).once("close", (code) => resolve({ code, stdout, stderr })));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
