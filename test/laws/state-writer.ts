import { childOf, lineOf, nameOf, type Node, nodesOf, type SourceFile } from "./source-file.ts";

/** The verbs of the state store that change something: all that its port does not name as a reading one. */
export function writeVerbs(port: SourceFile): readonly string[] {
  const store = [...nodesOf(port.root)].find(
    (node) => node.type === "TSInterfaceDeclaration" && nameOf(childOf(node, "id")) === "StateStore",
  );
  if (store === undefined) throw new Error(`${port.path} declares no StateStore`);
  const methods = [...nodesOf(store)].filter((node) => node.type === "TSMethodSignature").map((node) => nameOf(childOf(node, "key")));
  return methods.filter((name) => name !== undefined).filter((name) => !/^(read|list)[A-Z]|^dueRuns$|^close$/.test(name));
}

/** Names under which files hold a state store, whatever their type says. */
const usualNames = ["state", "store", "stateStore"];

/** One line for each place that calls, or takes out, a write verb of something that is a state store by its name or its type. */
export function foreignWrites(files: readonly SourceFile[], verbs: readonly string[]): readonly string[] {
  const fields = new Set([...usualNames, ...files.flatMap((file) => storeFields(file))]);
  return files.flatMap((file) => {
    const stores = new Set([...fields, ...storeBindings(file, fields)]);
    const writes = [...nodesOf(file.root)].flatMap((node) => verbsOf(node, stores).map((verb) => ({ verb, node })));
    return writes
      .filter(({ verb }) => verbs.includes(verb))
      .map(({ verb, node }) => `${file.path}:${lineOf(file, node)} calls ${verb} of the state store`);
  });
}

/** Fields of interfaces and classes that are declared as `StateStore`. */
function storeFields(file: SourceFile): readonly string[] {
  const declared = [...nodesOf(file.root)].filter(
    (node) => ["TSPropertySignature", "PropertyDefinition"].includes(node.type) && isStoreType(node),
  );
  return declared.map((node) => nameOf(childOf(node, "key"))).filter((name) => name !== undefined);
}

/** Parameters and variables that are declared as `StateStore`, or made from a field that holds one. */
function storeBindings(file: SourceFile, fields: ReadonlySet<string>): readonly string[] {
  const names = [...nodesOf(file.root)].map((node) => {
    if (node.type === "Identifier" && isStoreType(node)) return nameOf(node);
    const from = node.type === "VariableDeclarator" ? lastName(childOf(node, "init")) : undefined;
    if (from !== undefined && fields.has(from)) return nameOf(childOf(node, "id"));
    return node.type === "Property" && fields.has(nameOf(childOf(node, "key")) ?? "") ? nameOf(childOf(node, "value")) : undefined;
  });
  return names.filter((name) => name !== undefined);
}

function isStoreType(node: Node): boolean {
  const annotation = childOf(node, "typeAnnotation");
  return annotation !== undefined && [...nodesOf(annotation)].some((inner) => nameOf(inner) === "StateStore");
}

/** `store.append`, `store["append"]` and `const { append } = store` each name a verb. */
function verbsOf(node: Node, stores: ReadonlySet<string>): readonly string[] {
  if (node.type === "MemberExpression" && stores.has(lastName(childOf(node, "object")) ?? ""))
    return [nameOf(childOf(node, "property")) ?? ""];
  const pattern = node.type === "VariableDeclarator" ? childOf(node, "id") : undefined;
  if (pattern?.type !== "ObjectPattern" || !stores.has(lastName(childOf(node, "init")) ?? "")) return [];
  return [...nodesOf(pattern)].filter((inner) => inner.type === "Property").map((inner) => nameOf(childOf(inner, "key")) ?? "");
}

/** `engine.state` is known by `state`, also behind `this`, `await` and `as`. */
function lastName(node: Node | undefined): string | undefined {
  if (node?.type === "MemberExpression") return nameOf(childOf(node, "property"));
  const inner = childOf(node, "expression") ?? childOf(node, "argument");
  return inner === undefined ? nameOf(node) : lastName(inner);
}
