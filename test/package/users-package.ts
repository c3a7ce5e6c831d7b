import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const repository = join(import.meta.dirname, "../..");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder outside the repository, with a package of its own into which nothing but the packed library is installed. */
export class UsersPackage {
  readonly folder: string;
  /** What `npm pack` put into the tarball. */
  readonly packed: readonly string[];

  private constructor(folder: string, packed: readonly string[]) {
    this.folder = folder;
    this.packed = packed;
  }

  static async create(): Promise<UsersPackage> {
    const root = await mkdtemp(join(tmpdir(), "skein-users-package-"));
    const folder = join(root, "app");
    await mkdir(folder);
    const [tarball] = readPackReport((await succeed("npm", ["pack", "--json", "--pack-destination", root], repository)).stdout);
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
    await succeed("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", join(root, tarball.filename)], folder);
    return new UsersPackage(
      folder,
      tarball.files.map((file) => file.path),
    );
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  async read(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }

  /** Installs packages as the repository has them, by links: they bring what they need themselves. */
  async link(...packages: readonly string[]): Promise<void> {
    for (const name of packages) {
      const target = join(this.folder, "node_modules", name);
      await mkdir(dirname(target), { recursive: true });
      await symlink(join(repository, "node_modules", name), target);
    }
  }

  /** `env` is added to what somebody has who knows nothing of this repository. */
  run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return run(command, args, this.folder, env);
  }

  /** Checks the types of the package's files with the compiler of the repository, as strictly as it can. */
  check(): Promise<Ended> {
    return this.run(process.execPath, [join(repository, "node_modules/typescript/bin/tsc"), "-p", "."]);
  }

  async remove(): Promise<void> {
    await rm(dirname(this.folder), { recursive: true, force: true });
  }
}

interface PackReport {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** The scripts that npm runs for `pack` write before its JSON. */
function readPackReport(output: string): readonly [PackReport] {
  return JSON.parse(output.slice(output.indexOf("[\n")));
}

async function succeed(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  const ended = await run(command, args, cwd);
  if (ended.code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`);
  return ended;
}

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...usersEnvironment(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** A shell of somebody who has this Node.js, and knows nothing of the npm script and the test runner around us. */
function usersEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|NODE_|VITEST|TEST$|AWS_)/i;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return { ...Object.fromEntries(own), PATH: [dirname(process.execPath), ...path].join(delimiter) };
}
