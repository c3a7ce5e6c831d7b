import type { Import, SourceFile } from "./source-file.ts";

const stages = ["plan", "orchestrate", "launch", "execute", "record", "observe"].map((stage) => `src/${stage}/`);
const nouns = ["src/model/", "src/ports/", "src/define/"];

/**
 * What the files of a folder may import inside the repository, besides each other. The first entry that a path begins with
 * counts; what none of them names (tests) is free.
 */
const directions: readonly (readonly [from: string, to: readonly string[]])[] = [
  ["src/model/", []],
  ["src/ports/", ["src/model/"]],
  ["src/define/", ["src/model/"]],
  ["src/plan/", ["src/model/", "src/define/"]],
  ["src/orchestrate/", ["src/model/", "src/define/"]],
  ["src/launch/", nouns],
  ["src/execute/", nouns],
  ["src/record/", nouns],
  ["src/observe/", nouns],
  ["src/engine/", [...nouns, ...stages]],
  ["src/adapters/aws/", ["src/model/", "src/ports/", "src/adapters/*"]],
  ["src/adapters/memory/", ["src/model/", "src/ports/", "src/adapters/*"]],
  // The embedded engine is put together here: the engine on this machine's adapters.
  ["src/adapters/local/embedded.ts", ["src/model/", "src/ports/", "src/adapters/*", "src/adapters/local/", "src/engine/"]],
  ["src/adapters/local/", ["src/model/", "src/ports/", "src/adapters/*", "src/execute/", "src/engine/step.ts"]],
  ["src/adapters/", ["src/model/", "src/ports/"]],
  ["src/api/", [...nouns, "src/plan/", "src/observe/", "src/record/", "src/engine/", "src/adapters/aws/lambda-message.ts"]],
  // Who asks a deployed API knows its routes.
  ["src/client/", [...nouns, ...stages, "src/engine/", "src/adapters/", "src/api/routes.ts"]],
  ["src/cli/", ["src/client/", ...nouns, ...stages, "src/engine/", "src/adapters/", "src/*"]],
  ["src/", ["src/client/", ...nouns, ...stages, "src/engine/", "src/adapters/"]],
  ["handlers/pipelines/", ["src/*"]],
  // The demo finds an emulator and deploys to it, before it is a client.
  ["handlers/demo-aws.ts", ["src/", "handlers/pipelines/", "infra/emulator/"]],
  ["handlers/", ["src/", "handlers/pipelines/"]],
  [
    "infra/",
    ["src/model/", "src/adapters/aws/dynamodb-schema.ts", "src/adapters/aws/lambda-message.ts", "src/api/routes.ts", "handlers/env.ts"],
  ],
];

/** Packages that only these folders may import, by the beginning of their names. */
const homes: readonly (readonly [packages: string, folder: string])[] = [
  ["@aws-sdk/", "src/adapters/aws/"],
  ["@smithy/", "src/adapters/aws/"],
  ["aws-cdk-lib", "infra/"],
  ["constructs", "infra/"],
  ["commander", "src/cli/"],
  ["log-update", "src/cli/"],
  ["esbuild", "infra/"],
  ["cdk-nag", "infra/"],
  ["zod-openapi", "src/api/"],
  ["@aws-crypto/", "src/adapters/aws/"],
];

/** One line for each import that goes against the direction of the layers or brings a package where it does not belong. */
export function importFaults(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) =>
    file.imports.filter((i) => !allowed(file.path, i)).map((i) => `${file.path}:${i.line} imports ${i.target}`),
  );
}

function allowed(path: string, imported: Import): boolean {
  return imported.relative ? pointsDown(path, imported.target) : livesThere(path, imported.target);
}

function pointsDown(path: string, target: string): boolean {
  const rule = directions.find(([from]) => path.startsWith(from));
  if (rule === undefined) return true;
  const [own, below] = rule;
  return (
    (directions.find(([from]) => target.startsWith(from))?.[0] === own && target.startsWith(own)) || below.some((to) => within(target, to))
  );
}

/** `src/*` means the files of a folder, `src/` those of its folders too, a path that file. */
function within(target: string, place: string): boolean {
  if (place.endsWith("/*")) return target.startsWith(place.slice(0, -1)) && !target.slice(place.length - 1).includes("/");
  return place.endsWith("/") ? target.startsWith(place) : target === place;
}

function livesThere(path: string, target: string): boolean {
  return homes.every(([name, folder]) => !target.startsWith(name) || path.startsWith(folder) || path.startsWith("test/"));
}

/** All that is loaded when a file is: the targets of its imports, and of theirs, in the repository and outside. Types count: they end in the declarations. */
export function reached(files: readonly SourceFile[], from: string): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set([from]);
  for (const path of seen) for (const imported of byPath.get(path)?.imports ?? []) seen.add(imported.target);
  return seen;
}

/** Each ring of files that import each other, once, as the path around it. Types count too: a ring of types is a ring of ideas. */
export function cycles(files: readonly SourceFile[]): readonly string[] {
  const targets = new Map(files.map((file) => [file.path, file.imports.filter((i) => i.relative).map((i) => i.target)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(" -> "));
    if (at >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}
