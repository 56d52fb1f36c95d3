/**
 * Turns one block of agent code into scripts with the semantics of a REPL.
 *
 * Contract: top-level `let`, `const`, `var`, `class` and functions become properties of the global object, so that they
 * live on and may be declared again; every token stays on its line. Functions come apart as `hoisted`, to be run before
 * `main`.
 * Choices: `const` does not protect its name; code is sloppy (a leading "use strict" has no effect). Nesting is limited,
 * because the parsers recurse on stacks whose size differs among machines.
 *
 * @module
 */
import { type AnyNode, parse, type Program, type Token, type VariableDeclaration } from "acorn";

/** Deepest nesting of syntax, left operands and callees not counted. */
export const MAX_NESTING = 120;

/** Deepest nesting of brackets, which the tree does not show. */
const MAX_BRACKETS = 200;

/** Outcome of {@linkcode rewrite}. */
export type Rewritten =
  | { readonly kind: "code"; readonly hoisted: string; readonly main: string; readonly usesAwait: boolean }
  | { readonly kind: "syntax"; readonly line: string; readonly message: string }
  | { readonly kind: "unsafe"; readonly what: "module" | "function"; readonly names: readonly string[] };

/** Replacement of source[start, end). */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What one walk over the tree finds. */
interface Findings {
  readonly modules: Set<string>;
  readonly functions: Set<string>;
  /** `var` outside functions, with whether it stands in a list of statements. */
  readonly vars: { readonly node: VariableDeclaration; readonly inList: boolean; readonly head: boolean }[];
  usesAwait: boolean;
  deepest: AnyNode | undefined;
}

/** A node to visit. */
interface Visit {
  readonly node: AnyNode;
  readonly depth: number;
  readonly inFunction: boolean;
  readonly inList: boolean;
  readonly head: boolean;
}

/** Fields whose nesting the interpreter parses in a loop. */
const LOOPED_FIELDS: ReadonlySet<string> = new Set(["left", "callee", "object", "tag"]);
const LIST_PARENTS: ReadonlySet<string> = new Set(["Program", "BlockStatement", "SwitchCase"]);

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function note(found: Findings, { node, inFunction, inList, head }: Visit): void {
  if (node.type === "ImportDeclaration") found.modules.add(String(node.source.value));
  if (node.type === "ImportExpression") {
    found.modules.add(node.source.type === "Literal" ? String(node.source.value) : "import()");
  }
  if (node.type === "CallExpression" || node.type === "NewExpression") {
    const name = node.callee.type === "Identifier" ? node.callee.name : "";
    const first = node.arguments[0];
    if (name === "require") found.modules.add(first?.type === "Literal" ? String(first.value) : "require()");
    if (name === "eval" || name === "Function" || name === "BigInt") found.functions.add(name);
  }
  // Arithmetic on large ones takes seconds in one operator, which nothing can interrupt.
  if (node.type === "Literal" && typeof node.bigint === "string") found.functions.add("BigInt");
  if (inFunction) return;
  if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await)) found.usesAwait = true;
  if (node.type === "VariableDeclaration" && node.kind === "var") found.vars.push({ node, inList, head });
}

/** Visits every node without recursion. */
function survey(program: Program): Findings {
  const found: Findings = {
    modules: new Set(),
    functions: new Set(),
    vars: [],
    usesAwait: false,
    deepest: undefined,
  };
  const stack: Visit[] = [{ node: program, depth: 0, inFunction: false, inList: false, head: false }];
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const { node, depth, inFunction } = visit;
    if (depth > MAX_NESTING) {
      found.deepest = node;
      return found;
    }
    note(found, visit);
    const isFunction = "body" in node && (node.type.includes("Function") || node.type === "StaticBlock");
    for (const [field, value] of Object.entries(node)) {
      const step = LOOPED_FIELDS.has(field) ? 0 : 1;
      for (const child of Array.isArray(value) ? value : [value]) {
        if (!isNode(child)) continue;
        stack.push({
          node: child,
          depth: depth + step,
          inFunction: inFunction || isFunction,
          inList: LIST_PARENTS.has(node.type),
          head: field === "init" || field === "left",
        });
      }
    }
  }
  return found;
}

/** Names that a pattern binds. */
function boundNames(pattern: AnyNode | null, names: Set<string>): void {
  if (pattern === null) return;
  if (pattern.type === "Identifier") names.add(pattern.name);
  else if (pattern.type === "ObjectPattern") {
    for (const property of pattern.properties) {
      boundNames(property.type === "RestElement" ? property.argument : property.value, names);
    }
  } else if (pattern.type === "ArrayPattern") pattern.elements.forEach((element) => boundNames(element, names));
  else if (pattern.type === "AssignmentPattern") boundNames(pattern.left, names);
  else if (pattern.type === "RestElement") boundNames(pattern.argument, names);
}

/** Edits that make a declaration an assignment expression. */
function assignmentEdits(source: string, node: VariableDeclaration, inList: boolean, head: boolean): Edit[] {
  const first = node.declarations[0];
  if (first === undefined) return [];
  const edits: Edit[] = [];
  for (const declarator of node.declarations) {
    const { start, end } = declarator;
    if (declarator.id.type === "ObjectPattern" && !(head && (declarator.init ?? null) === null)) {
      edits.push({ start, end: start, text: "(" }, { start: end, end, text: ")" });
    }
    if ((declarator.init ?? null) === null && node.kind !== "var") edits.push({ start: end, end, text: " = void 0" });
  }
  // A line that begins with a bracket would otherwise continue the line above.
  edits.push({ start: node.start, end: first.start, text: inList ? ";" : "" });
  if (!head && source[node.end - 1] !== ";") edits.push({ start: node.end, end: node.end, text: ";" });
  return edits;
}

/** Applies edits; those at one place keep their order. */
function applyEdits(source: string, edits: readonly Edit[]): string {
  let text = "";
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    text += source.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + source.slice(at);
}

/** The text's line ends and nothing else. */
function lineEnds(text: string): string {
  return text.replace(/[^\n]+/g, "");
}

function syntaxError(source: string, line: number, message: string): Rewritten {
  return { kind: "syntax", line: source.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? "", message };
}

/**
 * Rewrites a block of code.
 *
 * @returns scripts, or why the code may not run; never throws.
 */
export function rewrite(source: string): Rewritten {
  let program: Program;
  let brackets = 0;
  let tooDeep = 0;
  const onToken = (token: Token) => {
    const { label } = token.type;
    if (label === "(" || label === "[" || label === "{" || label === "${") brackets++;
    else if (label === ")" || label === "]" || label === "}") brackets--;
    if (brackets > MAX_BRACKETS && tooDeep === 0) tooDeep = token.loc?.start.line ?? 1;
  };
  try {
    program = parse(source, {
      onToken,
      ecmaVersion: "latest",
      sourceType: "script",
      allowAwaitOutsideFunction: true,
      allowImportExportEverywhere: true,
      locations: true,
    });
  } catch (error) {
    // Where the parser runs out of stack depends on the machine: that place is not shown.
    const outOfStack = !(error instanceof SyntaxError) || error.message.includes("stack space");
    if (!outOfStack && tooDeep === 0 && "loc" in error) {
      const at = error.loc as { line: number };
      return syntaxError(source, at.line, error.message.replace(/ \(\d+:\d+\)$/, ""));
    }
    return syntaxError(source, tooDeep || 1, "The code is nested too deeply");
  }
  if (tooDeep > 0) return syntaxError(source, tooDeep, "The code is nested too deeply");
  const found = survey(program);
  if (found.modules.size > 0) return { kind: "unsafe", what: "module", names: [...found.modules] };
  if (found.functions.size > 0) return { kind: "unsafe", what: "function", names: [...found.functions] };
  if (found.deepest !== undefined) {
    return syntaxError(source, found.deepest.loc?.start.line ?? 1, "The code is nested too deeply");
  }
  const edits: Edit[] = [];
  const functions: AnyNode[] = [];
  for (const node of program.body) {
    if (node.type.startsWith("Export")) {
      return syntaxError(source, node.loc?.start.line ?? 1, "'export' may not appear in a script");
    }
    if (node.type === "VariableDeclaration" && node.kind !== "var") {
      if (node.kind !== "let" && node.kind !== "const") {
        return syntaxError(source, node.loc?.start.line ?? 1, `'${node.kind}' declarations are not supported`);
      }
      edits.push(...assignmentEdits(source, node, true, false));
    } else if (node.type === "ClassDeclaration") {
      edits.push({ start: node.start, end: node.start, text: `;${node.id.name} = ` });
      edits.push({ start: node.end, end: node.end, text: ";" });
    } else if (node.type === "FunctionDeclaration") functions.push(node);
  }
  const hoistedVars = new Set<string>();
  for (const { node, inList, head } of found.vars) {
    for (const declarator of node.declarations) boundNames(declarator.id, hoistedVars);
    edits.push(...assignmentEdits(source, node, inList, head));
  }
  const blanked = functions.map(({ start, end }) => ({ start, end, text: `;${lineEnds(source.slice(start, end))}` }));
  const vars = Array.from(hoistedVars, (name) => `typeof ${name}==="undefined"&&(${name}=void 0);`).join("");
  const body = applyEdits(source, [...edits, ...blanked]);
  return {
    kind: "code",
    hoisted: hoist(source, functions),
    main: found.usesAwait ? `;(async()=>{${vars}${body}\n})()` : `;${vars}${body}`,
    usesAwait: found.usesAwait,
  };
}

/** Function declarations alone, as assignments of function expressions, each on its own lines. */
function hoist(source: string, functions: readonly AnyNode[]): string {
  let text = "";
  let at = 0;
  for (const node of functions) {
    if (node.type !== "FunctionDeclaration" || node.id === null) continue;
    const { name, start, end } = node.id;
    const keyword = source.slice(node.start, start);
    text += `${lineEnds(source.slice(at, node.start))};${name} = ${keyword}${source.slice(end, node.end)};`;
    at = node.end;
  }
  return text;
}
