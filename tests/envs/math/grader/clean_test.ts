import assert from "node:assert/strict";
import fc from "fast-check";
import { readUnit } from "../../../../envs/math/grader/_units.ts";
import { cleanAnswer } from "../../../../envs/math/grader/clean.ts";

type Case = readonly [raw: string, text: string, unit?: string];

function check(cases: readonly Case[], percent = false): void {
  for (const [raw, text, unit = null] of cases) assert.deepEqual(cleanAnswer(raw), { text, percent, unit }, raw);
}

Deno.test("cleanAnswer() takes off delimiters, markdown, boxes and final punctuation", () => {
  check([
    ["$12$", "12"],
    ["$$12$$.", "12"],
    ["\\(12\\)", "12"],
    ["\\[12\\]", "12"],
    ["**73**", "73"],
    ["***73***.", "73"],
    ["__73__", "73"],
    ["`73`", "73"],
    ["73**", "73"],
    ["|x-3|", "|x-3|"],
    ["\\boxed{\\boxed{5}}", "5"],
    ["$\\boxed{5}$.", "5"],
    ["$5$ and $7$", "5 and 7"],
    ["12.", "12"],
    ["= 12", "12"],
    ["$\\therefore$ $x=12$", "x=12"],
    ["3.5.", "3.5"],
  ]);
});

Deno.test("cleanAnswer() keeps powers written with two stars, factorials and subscripts", () => {
  check([["2**3", "2**3"], ["5!", "5!"], ["4343_6", "4343_6"], ["x**3 + 3*x", "x**3 + 3*x"]]);
});

Deno.test("cleanAnswer() reports units and takes them off", () => {
  check([
    ["12 cm", "12", "cm"],
    ["12\\,cm", "12", "cm"],
    ["12\\text{ cm}", "12", "cm"],
    ["12 \\mathrm{~m}", "12", "m"],
    ["5 m^2", "5", "m^2"],
    ["864 \\mbox{ inches}^2", "864", "inches^2"],
    ["12 square meters", "12", "square meters"],
    ["10\\ \\text{m/s}^2", "10", "m/s^2"],
    ["60 miles per hour", "60", "miles per hour"],
    ["\\frac{270}7\\text{ degrees}", "\\frac{270}7", "degrees"],
    ["90^{\\circ}", "90", "^\\circ"],
    ["90°", "90", "^\\circ"],
    ["12 apples", "12", "apples"],
    ["12 meters squared", "12", "meters squared"],
    ["3\\sqrt{2} cm", "3\\sqrt{2}", "cm"],
    ["3 cm, 4 cm", "3, 4", "cm"],
    ["90^\\circ, 60^\\circ", "90, 60", "^\\circ"],
    ["\\$18.90", "18.90", "$"],
    ["$36", "36", "$"],
    ["£3.50", "3.50", "£"],
    ["5 €", "5", "€"],
    ["x = 5 cm", "x = 5", "cm"],
  ]);
});

Deno.test("cleanAnswer() leaves variables, words of mathematics and times of day alone", () => {
  check([
    ["5m", "5m"],
    ["3 xy", "3 xy"],
    ["x^2 y", "x^2 y"],
    ["4 \\ln 2", "4 \\ln 2"],
    ["3 and 4", "3 and 4"],
    ["3:00 pm", "3:00 pm"],
    ["10 factorial", "10 factorial"],
    ["3 squared", "3 squared"],
    ["2 thirds", "2 thirds"],
    ["5 degrees below zero", "5 degrees below zero"],
    ["3 hours and 20 minutes", "3 hours and 20 minutes"],
    ["m", "m"],
  ]);
  assert.deepEqual(cleanAnswer("5 m", { keepUnits: true }), { text: "5 m", percent: false, unit: null });
});

Deno.test("cleanAnswer() turns degrees inside a trigonometric function into multiples of pi", () => {
  assert.equal(cleanAnswer("\\sin 30^\\circ").text, "\\sin (30\\pi/180)");
});

Deno.test("cleanAnswer() flags percent signs and words", () => {
  check([["50\\%", "50"], ["50%", "50"], ["$50\\%$.", "50"], ["50 percent", "50"], ["50\\text{ percent}", "50"], [
    "５０％",
    "50",
  ]], true);
});

Deno.test("cleanAnswer() respells spacing, thousands and Unicode", () => {
  check([
    ["10,\\!080", "10080"],
    ["11,\\! 111,\\! 111,\\! 100", "11111111100"],
    ["10{,}080", "10080"],
    ["10\\,080", "10080"],
    ["1 000 000", "1000000"],
    ["1,000", "1,000"],
    ["\\left( 3, \\dfrac{\\pi}{2} \\right)", "( 3, \\frac{\\pi}{2} )"],
    ["\\displaystyle 13", "13"],
    ["1½", "1\\frac{1}{2}"],
    ["√13", "\\sqrt{13}"],
    ["−7", "-7"],
    ["x² − 3x", "x^{2} - 3x"],
    ["x ≤ 2", "x \\le  2"],
  ]);
});

Deno.test("cleanAnswer() unwraps text, choices, ordinals and numbers in words", () => {
  check([
    ["\\text{13}", "13"],
    ["\\mathbf{7}", "7"],
    ["\\text{Evelyn}", "Evelyn"],
    ["\\text{(C)}", "C"],
    ["(A)", "A"],
    ["option B", "B"],
    ["\\textbf{(B)}", "B"],
    ["5^{th}", "5"],
    ["5\\text{th}", "5"],
    ["3rd", "3"],
    ["seven", "7"],
    ["twenty-one", "21"],
    ["(x, y) = (1, 2)", "(1, 2)"],
    ["(y, x) = (1, 2)", "(y, x) = (1, 2)"],
    ["an ellipse", "ellipse"],
    ["2.5 million", "2.5 \\times 1000000"],
  ]);
});

Deno.test("cleanAnswer() is idempotent on what is left of numbers in any decoration", () => {
  const wrap = fc.constantFrom(
    (text: string) => `$${text}$`,
    (text: string) => `**${text}**`,
    (text: string) => `\\boxed{${text}}`,
    (text: string) => `\\(${text}\\)`,
    (text: string) => `${text}.`,
    (text: string) => ` ${text}\n`,
  );
  fc.assert(fc.property(fc.integer(), fc.array(wrap, { maxLength: 4 }), (value, wraps) => {
    const raw = wraps.reduce((text, decorate) => decorate(text), String(value));
    const { text } = cleanAnswer(raw);
    assert.equal(text, String(value), raw);
    assert.equal(cleanAnswer(text).text, text);
  }));
});

Deno.test("cleanAnswer() never throws", () => {
  const part = fc.constantFrom(
    "\\text{",
    "}",
    "{",
    "$",
    "**",
    "^\\circ",
    " cm",
    "\\%",
    "5",
    " ",
    "\\",
    "=",
    ",",
    "\\!",
    "√",
    "½",
    "m^2",
  );
  fc.assert(fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 20 }), (parts) => {
    assert.equal(typeof cleanAnswer(parts.join("")).text, "string");
  }));
});

Deno.test("readUnit() gives equal units for their spellings and exact factors between them", () => {
  for (
    const [left, right] of [["cm", "centimeters"], ["square feet", "ft^2"], ["m/s", "m s^{-1}"], [
      "mph",
      "miles per hour",
    ]]
  ) {
    assert.deepEqual(readUnit(left ?? ""), readUnit(right ?? ""));
  }
  assert.deepEqual(readUnit("km/h"), { dimension: "length^1 time^-1", numerator: 1000n, denominator: 3600n });
  assert.equal(readUnit("cm^2").dimension, "length^2");
  assert.equal(readUnit("apples").dimension, "");
  assert.notEqual(readUnit("cm").dimension, readUnit("s").dimension);
});
