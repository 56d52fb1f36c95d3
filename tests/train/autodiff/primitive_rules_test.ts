/**
 * Every primitive rule against finite differences; sizes 7 and 8 so that vector tails run.
 *
 * @module
 */
import assert from "node:assert/strict";
import { GraphBuilder } from "../../../agents/model/graph.ts";
import { add, binary, cast, clip, div, logSoftmax, matMul, mul, reduce, reshape } from "../../../agents/model/ops.ts";
import { softmax, sub, sumAll, transpose, unary } from "../../../agents/model/ops.ts";
import { gradients } from "../../../train/autodiff/gradients.ts";
import { PRIMITIVE_RULES } from "../../../train/autodiff/primitive_rules.ts";
import { AutodiffError } from "../../../train/autodiff/rule.ts";
import { type Build, type CheckedInput, checkGradients } from "./_finite_differences.ts";

const x = { shape: [7, 8] };
const positive: CheckedInput = { shape: [7, 8], range: [0.5, 2] };

/** Away from the kink at `a` = `b`, where no difference quotient exists, because the two never meet. */
const apart = { a: { shape: [7], range: [0, 0.4] }, b: { shape: [2, 7], range: [0.6, 1] } } as const;

const CASES: Readonly<Record<string, readonly [Readonly<Record<string, CheckedInput>>, Build]>> = {
  Exp: [{ x }, (graph, { x }) => unary(graph, "Exp", x!)],
  Log: [{ x: positive }, (graph, { x }) => unary(graph, "Log", x!)],
  Neg: [{ x }, (graph, { x }) => unary(graph, "Neg", x!)],
  Sigmoid: [{ x }, (graph, { x }) => unary(graph, "Sigmoid", x!)],
  Sqrt: [{ x: positive }, (graph, { x }) => unary(graph, "Sqrt", x!)],
  Reciprocal: [{ x: { shape: [7], range: [1, 2] } }, (graph, { x }) => unary(graph, "Reciprocal", x!)],
  Add: [{ a: x, b: { shape: [8] } }, (graph, { a, b }) => add(graph, a!, b!)],
  Sub: [{ a: { shape: [7, 1] }, b: { shape: [3, 1, 8] } }, (graph, { a, b }) => sub(graph, a!, b!)],
  Mul: [{ a: { shape: [1, 8] }, b: { shape: [7, 1] } }, (graph, { a, b }) => mul(graph, a!, b!)],
  // Only float32 to itself: a difference quotient through float16 would be its rounding.
  Cast: [{ x }, (graph, { x }) => cast(graph, x!, "float32")],
  Div: [{ a: x, b: { shape: [], range: [1, 2] } }, (graph, { a, b }) => div(graph, a!, b!)],
  Min: [apart, (graph, { a, b }) => add(graph, binary(graph, "Min", a!, b!), binary(graph, "Min", b!, a!))],
  Max: [apart, (graph, { a, b }) => add(graph, binary(graph, "Max", a!, b!), binary(graph, "Max", b!, a!))],
  Clip: [{ x: { shape: [7], range: [2, 3] } }, (graph, { x }) => {
    const inside = clip(graph, x!, graph.float([1]), graph.float([4]));
    return mul(graph, inside, clip(graph, x!, graph.float([4]), graph.float([5])));
  }],
  ReduceSum: [{ x: { shape: [3, 7, 2] } }, (graph, { x }) => reduce(graph, "ReduceSum", x!, [1])],
  ReduceMean: [{ x: { shape: [3, 7, 2] } }, (graph, { x }) => reduce(graph, "ReduceMean", x!, [0, -1])],
  Reshape: [
    { x: { shape: [2, 3, 7], declared: ["A", "B", 7] } },
    (graph, { x }) => reshape(graph, x!, [-1, 7], ["N", 7]),
  ],
  Transpose: [{ x: { shape: [2, 3, 7] } }, (graph, { x }) => transpose(graph, x!, [2, 0, 1])],
  MatMul: [{ a: { shape: [2, 7, 8] }, b: { shape: [8, 3] } }, (graph, { a, b }) => matMul(graph, a!, b!)],
  Softmax: [{ x }, (graph, { x }) => softmax(graph, x!)],
  LogSoftmax: [{ x }, (graph, { x }) => logSoftmax(graph, x!)],
};

for (const [name, [inputs, build]] of Object.entries(CASES)) {
  Deno.test(`gradients() agrees with finite differences when the graph holds ${name}`, async () => {
    await checkGradients(name, inputs, build);
  });
}

Deno.test("PRIMITIVE_RULES has a finite-difference case for each of its rules", () => {
  assert.deepEqual(Object.keys(CASES).sort(), Object.keys(PRIMITIVE_RULES).sort());
});

Deno.test("gradients() adds what flows back along several paths when a value is used more than once", async () => {
  await checkGradients("paths", { x: { shape: [7] } }, (graph, { x }) => {
    const square = mul(graph, x!, x!);
    return add(graph, mul(graph, square, x!), sub(graph, square, x!));
  });
});

Deno.test("gradients() throws when the loss is no scalar, depends on nothing wanted, or has an operator without a rule", () => {
  const graph = new GraphBuilder("errors");
  const [a, b] = [graph.input("a", "float32", [3]), graph.input("b", "float32", [3])];
  assert.throws(() => gradients(graph, a, [a]), /the loss has shape \[3\], not \[\]/);
  assert.throws(() => gradients(graph, sumAll(graph, a), [b]), /does not depend on b/);
  const odd = graph.node("Erf", [a], [a]);
  assert.throws(() => gradients(graph, sumAll(graph, odd), [a]), AutodiffError);
});
