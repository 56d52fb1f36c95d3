import assert from "node:assert/strict";
import fc from "fast-check";
import type { VERDICT_KINDS } from "../../../../envs/contract.ts";
import { DEFAULT_FUEL } from "../../../../envs/math/grader/fuel.ts";
import { verifyAnswer } from "../../../../envs/math/grader/verify.ts";

type Case = readonly [gold: string, completion: string];

function check(verdict: (typeof VERDICT_KINDS)[number], cases: readonly Case[]): void {
  for (const [gold, completion] of cases) {
    const found = verifyAnswer(gold, completion);
    assert.equal(found.verdict, verdict, `${gold} | ${completion}: ${found.detail}`);
  }
}

Deno.test("verifyAnswer() says what it read, where it found it and how it decided", () => {
  const found = verifyAnswer("\\frac{1}{2}", "So the answer is **0.5**.");
  assert.equal(found.verdict, "correct");
  assert.equal(found.extracted, "0.5**.");
  assert.notEqual(found.gold, null);
  assert.notEqual(found.answer, null);
  assert.ok(found.steps > 0 && found.steps <= DEFAULT_FUEL);
});

Deno.test("verifyAnswer() gives unparsed, with the side, where there is no answer or it cannot be read", () => {
  assert.match(verifyAnswer("5", "I do not know how many there are.").detail, /no answer/);
  assert.match(verifyAnswer("5", "\\boxed{\\frac{1}{}").detail, /no answer/);
  assert.match(verifyAnswer("5", "\\boxed{((5}").detail, /the answer cannot be read/);
  assert.match(verifyAnswer("((5", "5").detail, /the reference cannot be read/);
  check("unparsed", [["5", "I do not know."], ["5", "\\boxed{((5}"], ["((5", "5"], [
    "5",
    "\\boxed{hardly any apples}",
  ], ["", "5"]]);
});

Deno.test("verifyAnswer() accepts sides that agree letter by letter although neither can be read", () => {
  const gold = "\\int_0^1 f(x) dx";
  assert.equal(verifyAnswer(gold, `\\boxed{${gold}}`).verdict, "correct");
  assert.notEqual(verifyAnswer(gold, "\\boxed{\\int_0^2 f(x) dx}").verdict, "correct");
});

Deno.test("verifyAnswer() gives timeout when the budget is used up, on any machine alike", () => {
  const found = verifyAnswer("(a+b+c)^3", "Answer: (a+b+c)^3 + a - a", { steps: 40 });
  assert.equal(found.verdict, "timeout");
  assert.equal(found.steps, 40);
  const tower = verifyAnswer("1", "\\boxed{9^{9^{9^{9}}}}");
  assert.ok(tower.verdict === "timeout" || tower.verdict === "incorrect", tower.verdict);
});

Deno.test("verifyAnswer() compares units that both sides have and ignores one that only one side has", () => {
  check("correct", [
    ["12 cm", "12"],
    ["12", "12 cm"],
    ["12 cm", "Answer: 12\\text{ centimeters}"],
    ["1 m", "100 cm"],
    ["12 apples", "12 pieces of fruit"],
    ["90^\\circ", "\\frac{\\pi}{2}"],
    ["\\frac{\\pi}{2}", "90^\\circ"],
    ["\\$5", "500 cents"],
    ["5m", "5 m"],
    ["\\frac{37}{4} m", "\\frac{37m}{4}"],
  ]);
  check("incorrect", [
    ["12 cm", "12 m"],
    ["12 cm", "12 seconds"],
    ["\\$5", "5 cents"],
    ["90^\\circ", "\\frac{\\pi}{3}"],
    [
      "15 cm^2",
      "15 cm",
    ],
  ]);
});

Deno.test("verifyAnswer() reads a percent sign on one side as hundredths, or as left out on the other", () => {
  check("correct", [
    ["50\\%", "50%"],
    ["50\\%", "50"],
    ["50\\%", "0.5"],
    ["50\\%", "\\frac{1}{2}"],
    ["50", "50\\%"],
    ["0.5", "50\\%"],
    ["1.5", "150\\%"],
  ]);
  check("incorrect", [["50\\%", "5\\%"], ["50\\%", "0.05"], ["50\\%", "5000"], ["0.5", "0.5\\%"], [
    "\\frac{1}{2}",
    "0.5\\%",
  ]]);
});

Deno.test("verifyAnswer() compares words with words only", () => {
  check("correct", [["\\text{Evelyn}", "Answer: evelyn."], ["\\text{(C)}", "Answer: (C) 12"], [
    "B",
    "The answer is option B.",
  ]]);
  check("incorrect", [["\\text{east}", "seat"], ["\\text{even}", "7"], ["B", "(C)"]]);
});

Deno.test("verifyAnswer() accepts errors up to the tolerance and no further", () => {
  assert.equal(verifyAnswer("3.14", "3.15", { tolerance: 0.02 }).verdict, "correct");
  assert.equal(verifyAnswer("3.14", "3.17", { tolerance: 0.02 }).verdict, "incorrect");
  assert.equal(verifyAnswer("3.14", "3.15").verdict, "incorrect");
  assert.equal(verifyAnswer("1000", "1001", { relativeTolerance: 0.01 }).verdict, "correct");
});

const decorations: readonly ((text: string) => string)[] = [
  (text) => `\\boxed{${text}}`,
  (text) => `$\\boxed{${text}}$.`,
  (text) => `**Answer:** ${text}`,
  (text) => `**Answer: ${text}**`,
  (text) => `The final answer is $${text}$.`,
  (text) => `#### ${text}`,
  (text) => `Let us see. There are 3 cases.\n\nAnswer: ${text}\n`,
  (text) => `\\[ ${text} \\]`,
  (text) => `Answer: \\(${text}\\)`,
  (text) => `**${text}**`,
  (text) => `${text}.`,
  (text) => `Answer: ${text}. That is all.`,
  (text) => `I tried 17 first.\n### Final Answer\n\n$$\n${text}\n$$`,
];
const units: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `${text} cm`,
  (text) => `${text}\\text{ meters}`,
  (text) => `${text} apples`,
];
const number = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => ({ text: String(value), other: String(value + 1) })),
  fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: 2, max: 99 })).map(([n, d]) => ({
    text: `\\frac{${n}}{${d}}`,
    other: `\\frac{${n + 1}}{${d}}`,
  })),
  fc.tuple(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 1, max: 50 })).map(([r, k]) => ({
    text: `${k}\\sqrt{${r}}`,
    other: `${k}\\sqrt{${r + 1}}`,
  })),
  fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 })).map(([a, b]) => ({
    text: `(${a}, ${b}, 0)`,
    other: `(${a}, ${b + 1}, 0)`,
  })),
);

Deno.test("verifyAnswer() gives the same verdict in every decoration", () => {
  const decorate = fc.constantFrom(...decorations);
  fc.assert(fc.property(number, decorate, fc.constantFrom(...units), ({ text, other }, wrap, measure) => {
    // A point has no unit.
    const unit = text.startsWith("(") ? (plain: string) => plain : measure;
    assert.equal(verifyAnswer(text, wrap(unit(text))).verdict, "correct", wrap(unit(text)));
    assert.equal(verifyAnswer(text, wrap(unit(other))).verdict, "incorrect", wrap(unit(other)));
  }));
});

Deno.test("verifyAnswer() refuses a number with one digit changed", () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{0,30}$/);
  fc.assert(fc.property(digits, fc.nat(), fc.integer({ min: 1, max: 8 }), (text, place, shift) => {
    const at = place % text.length;
    const digit = at === 0 ? (Number(text[at]) - 1 + shift) % 9 + 1 : (Number(text[at]) + shift) % 10;
    const changed = text.slice(0, at) + digit + text.slice(at + 1);
    assert.equal(verifyAnswer(text, `Answer: ${text}`).verdict, "correct");
    assert.equal(verifyAnswer(text, `Answer: ${changed}`).verdict, "incorrect");
  }));
});

Deno.test("verifyAnswer() never throws, never errs, and gives the same verdict twice", () => {
  const part = fc.constantFrom(
    ..."\\boxed{ } { ( ) [ ] Answer: #### $ ** ^ _ \\frac \\sqrt 5 x , = < \\le \\cup ! % \\% \\text{ cm | & \\\\ ± \\pm : 1e9 0"
      .split(" "),
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(part, fc.string({ maxLength: 3 })), { maxLength: 24 }).map((parts) => parts.join(" ")),
  );
  fc.assert(
    fc.property(text, text, (gold, completion) => {
      const first = verifyAnswer(gold, completion);
      assert.notEqual(first.verdict, "error", first.detail);
      assert.deepEqual(verifyAnswer(gold, completion), first);
    }),
    { numRuns: 400 },
  );
});

/** Inputs made to be slow, deep or large. */
const hostile: readonly string[] = [
  "(".repeat(1e6),
  "{".repeat(1e6),
  "9".repeat(1e6),
  `\\boxed{${"(".repeat(5000)}1${")".repeat(5000)}}`,
  `\\boxed{${"\\frac{1}{".repeat(3000)}1${"}".repeat(3000)}}`,
  "\\boxed{9^{9^{9^{9^{9}}}}}",
  "\\boxed{99999!!!!}",
  "\\boxed{((((100!)!)!)!)!}",
  "\\boxed{(a+b+c+d+e+f)^{1000}}",
  `\\boxed{${"(x+1)(x-y)".repeat(400)}}`,
  `\\boxed{${"\\sqrt{1+".repeat(50)}x${"}".repeat(50)}}`,
  "\\boxed{1e999999999}",
  "\\boxed{\\sin(10^{10^{10}})}",
  `\\boxed{${Array.from({ length: 2000 }, (_, i) => i).join(",")}}`,
  `\\boxed{\\begin{pmatrix}${"x&".repeat(500)}x\\end{pmatrix}}`,
  `\\boxed{${Array.from({ length: 18 }, (_, i) => `x_${i} \\pm 1`).join(" + ")}}`,
  "Answer: ".repeat(1e5),
  "the answer is ".repeat(7e4),
  "\\boxed{1}".repeat(1e5),
  `${" ".repeat(1e6)}5`,
];

Deno.test("verifyAnswer() gives a verdict on hostile input, within its budget, against itself and a number", () => {
  for (const text of hostile) {
    for (const gold of ["5", text.slice(0, 20_000)]) {
      const found = verifyAnswer(gold, text);
      assert.notEqual(found.verdict, "error", `${text.slice(0, 40)}: ${found.detail}`);
      assert.ok(found.steps <= DEFAULT_FUEL);
      if (gold === "5" && !text.endsWith(" 5")) assert.notEqual(found.verdict, "correct", text.slice(0, 40));
    }
  }
});
