/**
 * Random expressions as LaTeX, and ways to rewrite them without changing their value.
 *
 * @module
 */
import fc from "fast-check";

/** A sum, product, power, function or leaf. */
export type Tree =
  | { readonly kind: "leaf"; readonly text: string }
  | { readonly kind: "sum" | "product" | "quotient"; readonly left: Tree; readonly right: Tree }
  | { readonly kind: "power"; readonly base: Tree; readonly exponent: number }
  | { readonly kind: "call"; readonly name: string; readonly argument: Tree };

const leaf = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map(String),
  fc.constantFrom("x", "y", "a", "\\pi", "\\sqrt{2}", "\\sqrt{3}", "\\frac{1}{3}", "2.5"),
).map((text): Tree => ({ kind: "leaf", text }));

/** Expressions of at most three levels. */
export const trees: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthIdentifier: "tree" },
    leaf,
    fc.record({ kind: fc.constantFrom("sum" as const, "product" as const), left: tie("tree"), right: tie("tree") }),
    fc.record({ kind: fc.constant("quotient" as const), left: tie("tree"), right: leaf }),
    fc.record({ kind: fc.constant("power" as const), base: tie("tree"), exponent: fc.integer({ min: 2, max: 3 }) }),
    fc.record({ kind: fc.constant("call" as const), name: fc.constantFrom("sin", "cos", "exp"), argument: leaf }),
  ),
})).tree;

/** An expression as LaTeX, every part in brackets. */
export function write(tree: Tree): string {
  switch (tree.kind) {
    case "leaf":
      return tree.text;
    case "sum":
      return `(${write(tree.left)}+${write(tree.right)})`;
    case "product":
      return `(${write(tree.left)} \\cdot ${write(tree.right)})`;
    case "quotient":
      return `\\frac{${write(tree.left)}}{${write(tree.right)}}`;
    case "power":
      return `(${write(tree.base)})^{${tree.exponent}}`;
    case "call":
      return `\\${tree.name}(${write(tree.argument)})`;
  }
}

/** The same value in another form; `choices` decides at each node, one number per node visited. */
export function rewrite(tree: Tree, choices: readonly number[], at: { next: number } = { next: 0 }): string {
  const choice = choices[at.next++ % choices.length] ?? 0;
  const inner = (part: Tree) => rewrite(part, choices, at);
  let text: string;
  switch (tree.kind) {
    case "leaf":
      text = tree.text;
      break;
    case "sum":
      text = `(${inner(tree.right)}+${inner(tree.left)})`;
      break;
    case "product":
      // a (b + c) = a b + a c.
      text = tree.right.kind === "sum"
        ? `((${write(tree.left)})\\cdot(${write(tree.right.left)})+(${write(tree.left)})\\cdot(${
          write(tree.right.right)
        }))`
        : `(${inner(tree.right)} \\cdot ${inner(tree.left)})`;
      break;
    case "quotient":
      text = `(${inner(tree.left)}\\cdot(${inner(tree.right)})^{-1})`;
      break;
    case "power":
      text = `(${Array.from({ length: tree.exponent }, () => write(tree.base)).join("\\cdot ")})`;
      break;
    case "call":
      text = `\\${tree.name}(${inner(tree.argument)})`;
      break;
  }
  switch (choice % 6) {
    case 0:
      return `(-(-(${text})))`;
    case 1:
      return `(${text}+0)`;
    case 2:
      return `(${text}\\cdot\\frac{7}{7})`;
    case 3:
      return `(${text}+a-a)`;
    case 4:
      return `\\frac{2(${text})}{2}`;
    default:
      return text;
  }
}
