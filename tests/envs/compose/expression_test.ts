import assert from "node:assert/strict";
import fc from "fast-check";
import {
  evaluate,
  type Expression,
  ExpressionError,
  expressionText,
  MAX_TEXT,
  parseExpression,
  parseProgram,
  runProgram,
} from "../../../envs/compose/expression.ts";
import { FUNCTIONS } from "../../../envs/compose/functions.ts";

const functions = new Map(FUNCTIONS.map((definition) => [definition.key, definition]));

const expressions = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    fc.constant<Expression>({ kind: "variable", name: "x" }),
    fc.stringMatching(/^[a-z]{0,5}$/).map((value): Expression => ({ kind: "value", value })),
    fc.nat(9999).map((value): Expression => ({ kind: "value", value })),
    fc.record({
      kind: fc.constant("call" as const),
      name: fc.stringMatching(/^f[1-9]$/),
      args: fc.array(tie("expression"), { maxLength: 3 }),
    }, { noNullPrototype: true }),
  ),
})).expression;

Deno.test("parseExpression() reads what expressionText() wrote", () => {
  fc.assert(fc.property(expressions, (expression) => {
    assert.deepEqual(parseExpression(expressionText(expression)), expression);
  }));
});

Deno.test("parseExpression() and parseProgram() give an ExpressionError on any other text, and nothing else", () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'x1f(),="a\n de ') }));
  fc.assert(fc.property(text, (source) => {
    for (const parse of [parseExpression, parseProgram]) {
      try {
        parse(source);
      } catch (error) {
        assert.ok(error instanceof ExpressionError, `${error}`);
      }
    }
  }));
});

Deno.test("parseExpression() says where it cannot read on", () => {
  assert.throws(() => parseExpression('f1("aB")'), /Cannot read "\\"aB\\"\)" at place 4/);
  assert.throws(() => parseExpression("f1(x"), /at place 5: expected ,, found the end/);
  assert.throws(() => parseExpression("f1(x) x"), /at place 7: expected the end, found x/);
  assert.throws(() => parseExpression("globalThis"), ExpressionError);
  assert.throws(() => parseExpression("f(".repeat(100)), /nested deeper than 64/);
  assert.throws(() => parseExpression(`"${"a".repeat(MAX_TEXT)}"`), /at most 4000 are read/);
});

Deno.test("evaluate() applies functions from the inside out, and refuses wrong arguments", () => {
  const value = (text: string) => evaluate(parseExpression(text), "abc", functions);
  assert.equal(value('append(reverse(x), "z")'), "cbaz");
  assert.throws(() => value("shift(x)"), /Cannot call shift: it takes \(text, number\), got \(text\)/);
  assert.throws(() => value("reverse(3)"), /it takes \(text\), got \(number\)/);
  assert.throws(() => value("reverse(y)"), /there is no variable y/);
  assert.throws(() => value("constructor(x)"), /there is no function constructor/);
  assert.throws(() => value("3"), /3 is a number, not a text/);
});

Deno.test("runProgram() calls definitions with values of their own, and tells which given functions ran", () => {
  const run = (source: string) => runProgram(parseProgram(source), "abc", functions);
  const { value, called } = run('def g(p, q) = concatenate(reverse(p), q)\ndef h(p) = g(p, "z")\nh(g(x, x))');
  assert.equal(value, "cbaabcz");
  assert.deepEqual([...called].sort(), ["concatenate", "reverse"]);
  assert.deepEqual(run("def unused(p) = sort(p)\nx").called, new Set());
});

Deno.test("runProgram() knows no recursion, no outer variables, and stops what grows without bound", () => {
  const run = (source: string) => runProgram(parseProgram(source), "abc", functions);
  assert.throws(() => run("def g(p) = g(p)\ng(x)"), /there is no function g/);
  assert.throws(() => run("def g(p) = concatenate(p, x)\ng(x)"), /there is no variable x/);
  const doubling = Array.from({ length: 12 }, (_, i) => `def g${i + 1}(p) = g${i}(g${i}(p))`).join("\n");
  assert.throws(() => run(`def g0(p) = palindrome(p)\n${doubling}\ng12(x)`), /longer than 4000/);
  assert.throws(() => run(`def g0(p) = reverse(p)\n${doubling}\ng12(x)`), /more than 2000 calls/);
  assert.throws(() => run("def g(p) = p"), /no expression after the definitions/);
});
