import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseSync, visitorKeys } from "oxc-parser";

/** A TypeScript file of the repository as the laws see it: its imports and its syntax tree. */
export interface SourceFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly root: Node;
  readonly imports: readonly Import[];
}

export interface Import {
  /** A path of the repository for a relative specifier, else the specifier itself. */
  readonly target: string;
  readonly relative: boolean;
  readonly typeOnly: boolean;
  /** What is imported by name; empty for namespaces, side effects, dynamic imports and re-exports of everything. */
  readonly names: readonly string[];
  readonly line: number;
}

/** A node of the syntax tree (TS-ESTree), loosely typed: the laws look at a few kinds of it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

const repository = normalize(join(import.meta.dirname, "../.."));

/** The file's text, its path taken from the repository's root. */
export function readText(path: string): string {
  return readFileSync(join(repository, path), "utf8");
}

export function sourceFiles(...folders: readonly string[]): readonly SourceFile[] {
  const paths = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: repository }));
  return paths.toSorted().map((path) => parseSource(path, readText(path)));
}

export function parseSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const problem = parsed.errors[0];
  if (problem !== undefined) throw new Error(`${path} does not parse: ${problem.message}`);
  const root: unknown = parsed.program;
  if (!isNode(root)) throw new Error(`${path} has no syntax tree`);
  return { path, text, root, imports: importsOf(path, text, root) };
}

export function lineOf(file: { readonly text: string }, node: { readonly start: number }): number {
  return file.text.slice(0, node.start).split("\n").length;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** The child of a node under a key, if it has one there. */
export function childOf(node: Node | undefined, key: string): Node | undefined {
  const child = node?.[key];
  return isNode(child) ? child : undefined;
}

export function childrenOf(node: Node): readonly { readonly key: string; readonly child: Node }[] {
  return (visitorKeys[node.type] ?? []).flatMap((key) => {
    const value = node[key];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.filter(isNode).map((child) => ({ key, child }));
  });
}

/** Every node of a tree, parents before their children. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const { child } of childrenOf(node)) yield* nodesOf(child);
}

export function nameOf(node: Node | undefined): string | undefined {
  if (node?.type === "Identifier" || node?.type === "PrivateIdentifier") return typeof node["name"] === "string" ? node["name"] : undefined;
  return node?.type === "Literal" && typeof node["value"] === "string" ? node["value"] : undefined;
}

function importsOf(path: string, text: string, root: Node): readonly Import[] {
  return [...nodesOf(root)].flatMap((node) => {
    const specifier = nameOf(childOf(node, "source"));
    if (specifier === undefined) return [];
    const names = Array.isArray(node["specifiers"]) ? node["specifiers"].filter(isNode) : [];
    const typeOnly =
      node.type === "TSImportType" ||
      node["importKind"] === "type" ||
      node["exportKind"] === "type" ||
      (names.length > 0 && names.every((name) => name["importKind"] === "type" || name["exportKind"] === "type"));
    return [{ ...targetOf(path, specifier), typeOnly, names: names.flatMap(importedName), line: lineOf({ text }, node) }];
  });
}

function importedName(specifier: Node): string[] {
  const name = specifier.type === "ImportSpecifier" ? nameOf(childOf(specifier, "imported")) : undefined;
  return name === undefined ? [] : [name];
}

function targetOf(path: string, specifier: string): { readonly target: string; readonly relative: boolean } {
  const relative = specifier.startsWith(".");
  return { relative, target: relative ? join(dirname(path), specifier).replaceAll("\\", "/") : specifier };
}
