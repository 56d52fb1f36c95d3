/**
 * Every family at every level against its second oracle, and what all families promise.
 *
 * @module
 */
import assert from "node:assert/strict";
import { keyedRandom } from "../../../../data/keyed_random.ts";
import { type Family, workedSolution } from "../../../../envs/math/families/family.ts";
import { METHODS } from "../../../../envs/math/families/methods.ts";
import { FAMILIES } from "../../../../envs/math/families/mod.ts";
import { DOMAINS } from "../../../../envs/math/problem.ts";
import { oracleOf } from "./_oracles.ts";

const INSTANCES = 200;

function generated(family: Family, level: number, count: number, seed = 1) {
  return Array.from(
    { length: count },
    (_, i) => family.generate(keyedRandom("families-test", seed, family.id, level, i), level),
  );
}

/** The last number in the answer, plus one. */
function perturbed(answer: string): string {
  return answer.replace(/\d+(?=\D*$)/, (digits) => String(BigInt(digits) + 1n));
}

for (const family of FAMILIES) {
  Deno.test(`family ${family.id} gives the answer that a second oracle finds, at every level`, () => {
    const oracle = oracleOf(family.id);
    assert.ok(oracle !== undefined, `there is no oracle for ${family.id}`);
    for (let level = 1; level <= family.levels; level++) {
      for (const { statement, answer, steps } of generated(family, level, INSTANCES)) {
        assert.ok(oracle(statement, answer), `level ${level}: ${statement} -> ${answer}`);
        if (answer !== "\\pi") {
          assert.ok(!oracle(statement, perturbed(answer)), `accepts ${perturbed(answer)}: ${statement}`);
        }
        assert.ok(!/undefined|NaN|Infinity/.test([statement, ...steps].join("\n")), statement);
      }
    }
  });
}

/** `3 * 4 = 12`, `-5 - (-2) = -3`, `17 mod 5 = 2`, … */
const OPERATION = /^(-?\d+) (\+|-|\*|\/|mod|div) \(?(-?\d+)\)? = (-?\d+)(?:\/(\d+))?$/;

Deno.test("worked solutions state true operations only", () => {
  for (const family of FAMILIES) {
    for (let level = 1; level <= family.levels; level++) {
      for (const { steps } of generated(family, level, 20)) {
        for (const step of steps.flatMap((line) => line.split(", "))) {
          const [, left, sign, right, top, bottom = "1"] = OPERATION.exec(step) ?? [];
          if (left === undefined || right === undefined || top === undefined) continue;
          const [a, b, n, d] = [BigInt(left), BigInt(right), BigInt(top), BigInt(bottom)];
          const holds = sign === "+"
            ? a + b === n
            : sign === "-"
            ? a - b === n
            : sign === "*"
            ? a * b === n
            : sign === "/"
            ? a * d === b * n
            : sign === "mod"
            ? n >= 0n && n < b && (a - n) % b === 0n
            : n * b <= a && (n + 1n) * b > a;
          assert.ok(holds, `${family.id}: ${step}`);
        }
      }
    }
  }
});

Deno.test("operands of worked solutions at level 1 stand in the statement, in an earlier line, or belong to the method", () => {
  // Numbers that a method brings along: halves, factorials, three numbers of an average, tenths, and angles.
  const known = new Set([0, 1, 2, 3, 6, 10, 20, 90, 180, 360].map(String));
  for (const family of FAMILIES) {
    // One possibility fewer with each choice.
    const falls = family.method === "product-rule" || family.method === "choose" || family.id === "two-draws";
    for (const { statement, steps } of generated(family, 1, 50)) {
      const seen = new Set([...known, ...(statement.match(/\d+/g) ?? [])]);
      // Single digits of a number, tenths of one, and factors that are tried.
      if (family.method === "digits" || ["quadratic", "percent", "from-base", "divisor-count"].includes(family.id)) {
        continue;
      }
      for (const step of steps.flatMap((line) => line.split(", "))) {
        const [operands = "", result = ""] = step.split(" = ");
        for (const operand of result === "" ? [] : operands.match(/\d+/g) ?? []) {
          if (falls && seen.has(String(Number(operand) + 1))) seen.add(operand);
          assert.ok(seen.has(operand), `${family.id}: ${operand} in ${step} comes from nowhere: ${statement}`);
        }
        for (const number of result.match(/\d+/g) ?? []) seen.add(number);
      }
    }
  }
});

Deno.test("statements and solutions of level 1 are short", () => {
  // Nearly the pre-tokens of the tokenizer: a word, a digit, a run of punctuation, a line break.
  const tokens = (text: string) => (text.match(/ ?\p{L}+|\d| ?[^\s\p{L}\d]+|\n| (?=\d)/gu) ?? []).length;
  for (const family of FAMILIES) {
    for (const item of generated(family, 1, 100)) {
      assert.ok(item.statement.split(" ").length <= 35, `${family.id}: ${item.statement}`);
      assert.ok(item.steps.length >= 1 && item.steps.length <= 6, `${family.id}: ${item.steps.length} lines`);
      const all = tokens(`${item.statement}\n${workedSolution(item)}`);
      assert.ok(all <= 125, `${family.id}: ${all} tokens: ${item.statement}`);
    }
  }
});

Deno.test("generate() gives equal problems for equal streams and others for another seed", () => {
  for (const family of FAMILIES) {
    for (let level = 1; level <= family.levels; level++) {
      const one = generated(family, level, 8);
      assert.deepEqual(generated(family, level, 8), one);
      assert.notDeepEqual(
        generated(family, level, 8, 2).map(({ statement }) => statement),
        one.map(({ statement }) => statement),
      );
    }
  }
});

Deno.test("generate() refuses a level that does not exist", () => {
  for (const family of FAMILIES) {
    for (const level of [0, 1.5, family.levels + 1]) {
      assert.throws(() => family.generate(keyedRandom("x"), level), {
        name: "RangeError",
        message: /level must be 1 to 5/,
      });
    }
  }
});

Deno.test("problems with equal numbers have equal answers, whatever the wording", () => {
  for (const family of FAMILIES) {
    const answers = new Map<string, string>();
    for (const { numbers, answer, statement } of generated(family, 1, 300)) {
      const key = numbers.join(" ");
      assert.equal(answers.get(key) ?? answer, answer, `${family.id}: ${statement}`);
      answers.set(key, answer);
    }
  }
});

Deno.test("families: ids are unique, all domains and methods are used, and every ood method is a train method", () => {
  assert.equal(new Set(FAMILIES.map(({ id }) => id)).size, FAMILIES.length);
  const train = FAMILIES.filter(({ split }) => split === "train");
  const ood = FAMILIES.filter(({ split }) => split === "ood");
  assert.ok(train.length >= 24 && ood.length >= 10, `${train.length} and ${ood.length}`);
  const methods = new Set(train.map(({ method }) => method));
  assert.deepEqual([...methods].sort(), Object.keys(METHODS).sort());
  for (const { id, method } of ood) assert.ok(methods.has(method), id);
  for (const domain of DOMAINS) assert.ok(train.some((family) => family.domain === domain), domain);
  const near = ood.filter(({ near }) => near === true).length;
  assert.ok(near >= ood.length / 3 && near <= 2 * ood.length / 3, `${near} of ${ood.length}`);
  for (const { id, near } of train) assert.equal(near, undefined, id);
});

Deno.test("near families of level 1 use the words of train families", () => {
  const words = (families: readonly Family[]) =>
    new Set(
      families.flatMap((family) =>
        generated(family, 1, 100).flatMap(({ statement }) => statement.toLowerCase().match(/\p{L}+/gu) ?? [])
      ),
    );
  const known = words(FAMILIES.filter(({ split }) => split === "train"));
  for (const family of FAMILIES.filter(({ near }) => near === true)) {
    const own = [...words([family])];
    const unknown = own.filter((word) => !known.has(word));
    assert.ok(unknown.length <= 5, `${family.id}: ${unknown.join(", ")}`);
  }
});

Deno.test("near families ask nothing in the shape of a train family, whatever the digits", () => {
  const shapes = (family: Family) =>
    Array.from({ length: family.levels }, (_, i) => generated(family, i + 1, 40)).flat()
      .map(({ statement }) => statement.replace(/\d/g, "0"));
  const trained = new Set(FAMILIES.filter(({ split }) => split === "train").flatMap(shapes));
  for (const family of FAMILIES.filter(({ near }) => near === true)) {
    for (const shape of shapes(family)) assert.ok(!trained.has(shape), `${family.id}: ${shape}`);
  }
});

Deno.test("harder levels have longer solutions or larger numbers", () => {
  for (const family of FAMILIES) {
    const size = (level: number) =>
      generated(family, level, 60).reduce((sum, item) => sum + workedSolution(item).length, 0) / 60;
    assert.ok(size(3) > size(1), `${family.id}: ${size(1)} and ${size(3)}`);
    assert.ok(size(5) > size(2), `${family.id}: ${size(2)} and ${size(5)}`);
  }
});
