import { childOf, childrenOf, lineOf, nameOf, type Node, nodesOf, type SourceFile } from "./source-file.ts";

/** What a folder's files may do with the world around them. */
export interface Allowance {
  /** Node's modules that may be imported, each with the names that may be taken from it, or all. */
  readonly modules: Readonly<Record<string, readonly string[] | "all">>;
  /** Globals, or members such as `process.nextTick`, that may be used although the others of their kind may not. */
  readonly globals: readonly string[];
}

const clocks = ["setTimeout", "setInterval", "setImmediate", "performance", "Date.now", "new Date()", "AbortSignal.timeout"];
const chance = ["Math.random", "crypto"];
const outside = [
  "process",
  "console",
  "fetch",
  "navigator",
  "localStorage",
  "WebSocket",
  "EventSource",
  "XMLHttpRequest",
  "Worker",
  "BroadcastChannel",
];
const loopholes = ["eval", "require", "new Function()"];

/** Everything that makes a function depend on when, where or how often it runs. */
const impure: ReadonlySet<string> = new Set([...clocks, ...chance, ...outside, ...loopholes]);

/** One line for each use of the world that the allowance does not cover. */
export function impurities(file: SourceFile, allowance: Allowance): readonly string[] {
  const uses = [...globalUses(file.root)].filter(
    ({ name }) => !allowance.globals.some((allowed) => name === allowed || name.startsWith(`${allowed}.`)),
  );
  return [...foreignModules(file, allowance), ...uses.map(({ name, node }) => `${file.path}:${lineOf(file, node)} uses ${name}`)];
}

function foreignModules(file: SourceFile, { modules }: Allowance): readonly string[] {
  return file.imports
    .filter(({ target, typeOnly }) => target.startsWith("node:") && !typeOnly)
    .flatMap(({ target, names, line }) => {
      const allowed = modules[target] ?? [];
      if (allowed === "all") return [];
      const taken = names.length === 0 ? ["all"] : names;
      return taken.filter((name) => !allowed.includes(name)).map((name) => `${file.path}:${line} imports ${name} of ${target}`);
    });
}

interface Use {
  readonly name: string;
  readonly node: Node;
}

/** The impure globals that a tree's code uses, with the member where one is named: `process.env`, `Date.now`. */
function* globalUses(node: Node): Generator<Use> {
  const use = useAt(node);
  if (use !== undefined) {
    yield { name: use, node };
    return;
  }
  for (const { key, child } of childrenOf(node)) if (isCode(node, key, child)) yield* globalUses(child);
}

function useAt(node: Node): string | undefined {
  switch (node.type) {
    case "MemberExpression":
      return memberUse(node);
    case "Identifier":
      return known(nameOf(node));
    case "NewExpression":
    case "CallExpression":
      return clockReading(node) ?? codeFromText(node);
    default:
      return undefined;
  }
}

/** `globalThis.x` is `x`; `Date.now` is impure although `Date` is not, `process.nextTick` is one use, not two. */
function memberUse(node: Node): string | undefined {
  const object = childOf(node, "object");
  const member = nameOf(childOf(node, "property"));
  const name = nameOf(object);
  if (name === "globalThis" || name === "global") return known(member);
  if (name === undefined || object?.type !== "Identifier") return undefined;
  return known(`${name}.${member ?? "?"}`) ?? (known(name) === undefined ? undefined : `${name}.${member ?? "?"}`);
}

/** `new Date()` and `Date()` read the clock, `new Date(value)` does not. */
function clockReading(node: Node): string | undefined {
  if (nameOf(childOf(node, "callee")) !== "Date") return undefined;
  const bare = Array.isArray(node["arguments"]) && node["arguments"].length === 0;
  return bare || node.type === "CallExpression" ? known("new Date()") : undefined;
}

function codeFromText(node: Node): string | undefined {
  return nameOf(childOf(node, "callee")) === "Function" ? known("new Function()") : undefined;
}

function known(name: string | undefined): string | undefined {
  return name !== undefined && impure.has(name) ? name : undefined;
}

/** Types, names of members and keys of literals mention a global without using it. */
function isCode(node: Node, key: string, child: Node): boolean {
  if (child.type.startsWith("TS") && !["TSAsExpression", "TSNonNullExpression", "TSSatisfiesExpression"].includes(child.type)) return false;
  if (node.type === "ImportDeclaration" || (node.type === "ExportSpecifier" && key === "exported")) return false;
  return !["property", "key"].includes(key) || node["computed"] === true;
}

/** Where a file reads the environment: `process.env`, or `env` taken out of `process`. */
export function environmentReads(file: SourceFile): readonly string[] {
  const imported = file.imports.filter(({ target, names }) => target === "node:process" && (names.length === 0 || names.includes("env")));
  const read = [...nodesOf(file.root)].filter((node) => isEnvMember(node) || isEnvTakenOut(node));
  return [...imported.map(({ line }) => line), ...read.map((node) => lineOf(file, node))].map(
    (line) => `${file.path}:${line} reads the environment`,
  );
}

function isEnvMember(node: Node): boolean {
  if (node.type !== "MemberExpression" || nameOf(childOf(node, "property")) !== "env") return false;
  const object = childOf(node, "object");
  return nameOf(object?.type === "MemberExpression" ? childOf(object, "property") : object) === "process";
}

function isEnvTakenOut(node: Node): boolean {
  if (node.type !== "VariableDeclarator" || nameOf(childOf(node, "init")) !== "process") return false;
  const pattern = childOf(node, "id");
  return pattern?.type === "ObjectPattern" && childrenOf(pattern).some(({ child }) => nameOf(childOf(child, "key")) === "env");
}
