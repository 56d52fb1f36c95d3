import assert from "node:assert/strict";
import { answerKind } from "../../eval/answer_kind.ts";

Deno.test("answerKind() tells what an answer is", () => {
  const cases: Record<string, string> = {
    "27": "integer",
    "-1{,}250": "integer",
    "0.25": "decimal",
    "\\frac{1}{2}": "fraction",
    "-3/4": "fraction",
    "2\\sqrt{3}+1": "expression",
    "(3, \\frac{\\pi}{2})": "tuple",
    "3, 7": "list",
    "\\{1, 2\\}": "set",
    "[0, 1)": "interval",
    "(-\\infty, 2) \\cup [3, 4]": "interval",
    "y = 2x + 1": "equation",
    "x \\ge 2": "inequality",
    "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}": "matrix",
    "\\text{Monday}": "text",
    "\\frac{1}{": "unparsed",
  };
  assert.deepEqual(Object.fromEntries(Object.keys(cases).map((answer) => [answer, answerKind(answer)])), cases);
});
