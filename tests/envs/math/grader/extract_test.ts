import assert from "node:assert/strict";
import fc from "fast-check";
import { extractAnswer, type Extraction } from "../../../../envs/math/grader/extract.ts";

type Case = readonly [completion: string, text: string | undefined];

function check(rule: Extraction["rule"], cases: readonly Case[]): void {
  for (const [completion, text] of cases) {
    assert.deepEqual(extractAnswer(completion), text === undefined ? undefined : { text, rule }, completion);
  }
}

Deno.test("extractAnswer() takes the content of the last box", () => {
  check("boxed", [
    ["\\boxed{42}", "42"],
    ["$\\boxed{\\frac{1}{2}}$.", "\\frac{1}{2}"],
    ["\\boxed{3}, no, wrong: \\boxed{4}", "4"],
    ["\\boxed{\\{1, 2\\}}", "\\{1, 2\\}"],
    ["\\boxed{\\boxed{7}}", "\\boxed{7}"],
    ["\\fbox{$5$}", "$5$"],
    ["so \\boxed 5.", "5"],
    ["\\boxed {8}", "8"],
    ["\\boxed{4} and some more words that say 17", "4"],
    ["Answer: $\\boxed{5}$ apples", "5"],
    ["Write it in \\boxed{}: \\boxed{6}", "6"],
    [`\\boxed{9}${" and so on".repeat(400)}`, "9"],
  ]);
});

Deno.test("extractAnswer() joins boxes with nothing but a conjunction between them", () => {
  check("boxed", [
    ["\\boxed{3} and \\boxed{5}", "3, 5"],
    ["$\\boxed{3}$, $\\boxed{5}$", "3, 5"],
    ["$\\boxed{x=1} \\text{ or } \\boxed{x=2}$", "x=1, x=2"],
    ["\\boxed{3} is wrong, it is \\boxed{5}", "5"],
  ]);
});

Deno.test("extractAnswer() finds no answer in a box that never closes", () => {
  assert.equal(extractAnswer("So it is \\boxed{12"), undefined);
  assert.equal(extractAnswer("So it is \\boxed{\\frac{1}{2}"), undefined);
  assert.equal(extractAnswer("\\boxed{}"), undefined);
});

Deno.test("extractAnswer() takes what follows a label", () => {
  check("answer", [
    ["Answer: 12", "12"],
    ["**Answer:** 12", "12"],
    ["**Answer**: 12", "12"],
    ["answer = 12", "12"],
    ["ANSWER: 12 apples.", "12 apples."],
    ["Final Answer: $12$", "$12$"],
    ["Therefore, the final answer is $12$.", "$12$."],
    ["The correct answer is 12, which is even.", "12"],
    ["The answer is option B", "B"],
    ["The answer to the question is: 12", "12"],
    ["#### 18", "18"],
    ["| Answer | 12 |", "12"],
    ["### Final Answer\n\n12", "12"],
    ["**Answer**\n\n$$\n12\n$$\nDone.", "12"],
    ["Answer:\n\\[\nx = 3\n\\]", "x = 3"],
    ["Answer: 12. This is because 3 * 4 = 12.", "12."],
    ["Answer: 12 because 3 * 4 = 12", "12"],
    ["Answer: 3.5", "3.5"],
    ["Answer: Evelyn", "Evelyn"],
    ["Answer: 3\nAnswer: 4", "4"],
    ["#### 3\n#### 4", "4"],
    ["<answer>12</answer>", "12"],
    ["<think>3 or 12?</think><answer>\n12\n</answer>", "12"],
    ["$\\text{Answer: } 12$", "12$"],
    ["Final Answer: The final answer is $12$. I hope it is correct.", "$12$."],
    ["Answer: 12 (since 6 + 6 = 12)", "12"],
  ]);
});

Deno.test("extractAnswer() takes no heading, no question and no denial for an answer", () => {
  for (
    const text of [
      "the answer is not 5",
      "#### Step 4: add the 5 apples",
      "We know the answer is somewhere in these 5 pages",
    ]
  ) {
    assert.equal(extractAnswer(text), undefined, text);
  }
  assert.deepEqual(extractAnswer("Answer: 5\nThe answer is not 6."), { text: "5", rule: "answer" });
});

Deno.test("extractAnswer() lets the later of two explicit answers win, whatever their kinds", () => {
  assert.deepEqual(extractAnswer("\\boxed{3}. Wait. The answer is 4."), { text: "4.", rule: "answer" });
  assert.deepEqual(extractAnswer("Answer: 3. Wait.\nIt is \\boxed{4}"), { text: "4", rule: "boxed" });
  assert.deepEqual(extractAnswer("Answer: 3\n\n7 * 8 = 56"), { text: "3", rule: "answer" });
});

Deno.test("extractAnswer() takes a last line that looks like an answer", () => {
  check("final-line", [
    ["12", "12"],
    ["First, 3 * 4.\n\n12", "12"],
    ["$\\frac{1}{2}$", "$\\frac{1}{2}$"],
    ["12 square meters", "12 square meters"],
    ["6 * 7 = 42", "42"],
    ["6 * 7 = 42 apples.", "42 apples"],
    ["Total cost = 6 * 7 = 42", "42"],
    ["x = 5", "x = 5"],
    ["y = 2x + 3", "y = 2x + 3"],
    ["5x - 7y + 4 = 0", "5x - 7y + 4 = 0"],
    ["x = 1 or x = -2", "x = 1 or x = -2"],
    ["(2, \\infty) \\cup (3, 4)", "(2, \\infty) \\cup (3, 4)"],
    ["Evelyn", "Evelyn"],
    ["- 73", "-73"],
    ["Two roots:\n- 71\n- 73", "73"],
    ["SRAC = LRAC", "SRAC = LRAC"],
    ["So:\n\n$$\n\\begin{pmatrix} 1 \\\\\n2\n\\end{pmatrix}\n$$", "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}"],
    ["```\n42\n```", "42"],
    ["5!", "5!"],
  ]);
});

Deno.test("extractAnswer() never takes a number out of a sentence", () => {
  for (
    const text of [
      "There are 12.",
      "I found 12 of them and gave up",
      "So 12 is it",
      "She has 5 apples and 7 pears",
      "",
      " \n\n",
    ]
  ) {
    assert.equal(extractAnswer(text), undefined, text);
  }
});

Deno.test("extractAnswer() finds a boxed number behind any text without braces or labels", () => {
  const text = fc.string().filter((value) => !/[\\{}]|answer|####/i.test(value));
  fc.assert(fc.property(text, fc.nat(), text, (before, value, after) => {
    assert.deepEqual(extractAnswer(`${before}\\boxed{${value}}${after}`), { text: String(value), rule: "boxed" });
  }));
});

Deno.test("extractAnswer() never throws and gives a part of the completion", () => {
  const part = fc.constantFrom(
    "\\boxed{",
    "}",
    "{",
    "Answer:",
    "####",
    "\n",
    "$",
    "**",
    "the answer is",
    "5",
    " ",
    "\\",
    "=",
    "|",
  );
  fc.assert(fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 20 }), (parts) => {
    const found = extractAnswer(parts.join(""));
    assert.ok(found === undefined || found.text.length <= parts.join("").length + 2 * parts.length);
  }));
});
