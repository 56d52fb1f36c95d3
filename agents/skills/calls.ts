/**
 * Static skill use: which library functions a code block calls by name (arXiv 2512.17102, 2.3).
 *
 * Contract: a use is a call expression whose callee is a plain identifier with the name of a library function, when the block does not
 * itself define that name anywhere (function, variable, parameter, class or assignment). A name in a string, a comment or a
 * property (`x.name()`) is no use. Whether the call is reached or succeeds does not matter; instrumented traces tell that.
 * Choice: any definition in the block shadows, wherever it stands, so that a redefinition is never a use.
 *
 * @module
 */
import { parseAgentCode } from "./_parse.ts";
import { pythonCalls } from "./python_code.ts";

/** A node of the tree as a plain object. */
type Node = { readonly type: string; readonly [key: string]: unknown };

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

function nodeName(value: unknown): string | undefined {
  return isNode(value) && value.type === "Identifier" && typeof value.name === "string" ? value.name : undefined;
}

/** Names that a pattern binds. */
function boundNames(pattern: unknown): string[] {
  if (!isNode(pattern)) return [];
  const name = nodeName(pattern);
  if (name !== undefined) return [name];
  switch (pattern.type) {
    case "ObjectPattern":
      return (pattern.properties as unknown[]).flatMap((property) =>
        isNode(property) ? boundNames(property.type === "RestElement" ? property.argument : property.value) : []
      );
    case "ArrayPattern":
      return (pattern.elements as unknown[]).flatMap(boundNames);
    case "AssignmentPattern":
      return boundNames(pattern.left);
    case "RestElement":
      return boundNames(pattern.argument);
    default:
      return [];
  }
}

/**
 * Library functions that a block calls, in order of first call.
 *
 * @example A redefinition is no use
 * ```ts
 * import { staticCalls } from "whetstone/agents/skills/calls.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(staticCalls("print(total('friend'));", ["total"]), ["total"]);
 * assert.deepEqual(staticCalls("function total() {}\ntotal();", ["total"]), []);
 * ```
 *
 * @param code one code block.
 * @param names names of the retrieved library functions.
 * @param language of the block.
 */
export function staticCalls(
  code: string,
  names: readonly string[],
  language: "javascript" | "python" = "javascript",
): string[] {
  if (language === "python") return pythonCalls(code, names);
  const program: unknown = parseAgentCode(code);
  if (!isNode(program)) return [];
  const called: { readonly name: string; readonly start: number }[] = [];
  const defined = new Set<string>();
  const stack: Node[] = [program];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const binding = node.type === "VariableDeclarator" || /^(Function|Class)/.test(node.type)
      ? node.id
      : node.type === "AssignmentExpression"
      ? node.left
      : node.type === "CatchClause"
      ? node.param
      : undefined;
    for (const name of boundNames(binding)) defined.add(name);
    if (Array.isArray(node.params)) { for (const name of node.params.flatMap(boundNames)) defined.add(name); }
    const callee = node.type === "CallExpression" ? nodeName(node.callee) : undefined;
    if (callee !== undefined) called.push({ name: callee, start: Number(node.start) });
    for (const child of Object.values(node)) {
      if (isNode(child)) stack.push(child);
      else if (Array.isArray(child)) stack.push(...child.filter(isNode));
    }
  }
  const ordered = called.toSorted((a, b) => a.start - b.start).map(({ name }) => name);
  return [...new Set(ordered)].filter((name) => names.includes(name) && !defined.has(name));
}
