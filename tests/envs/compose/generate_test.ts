import assert from "node:assert/strict";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { evaluate, expressionText, parseExpression } from "../../../envs/compose/expression.ts";
import { type Band, BANDS, callsOf, CompositionSource, LONGEST_VALUE } from "../../../envs/compose/generate.ts";
import { drawText } from "../../../envs/compose/functions.ts";
import { composeWorld } from "../../../envs/compose/world.ts";
import { secondValue } from "./_second_oracle.ts";

const bands = Object.keys(BANDS) as Band[];
const DEPTHS = [1, 2, 3, 4, 5, 6, 7, 8];
/** Compositions in each of 24 cells; with two inputs each, some three thousand items. */
const PER_CELL = 64;

interface Item {
  readonly depth: number;
  readonly expression: string;
  readonly input: string;
  readonly output: string;
}

const world = composeWorld(7);
const items: Item[] = [];
const source = new CompositionSource(world);
for (const depth of DEPTHS) {
  for (const band of bands) {
    for (let index = 0; index < PER_CELL; index++) {
      const request = { functions: world.seen, isAllowed: world.isSeenPair, depth, band, inputs: 2 };
      const drawn = source.draw(request, ["measure", depth, band, index]);
      for (const item of drawn.items) items.push({ depth, expression: expressionText(drawn.expression), ...item });
    }
  }
}

const others = Array.from({ length: 6 }, (_, index) => drawText(keyedRandom("other inputs", index), 3, 10));
const value = (expression: string, input: string) => evaluate(parseExpression(expression), input, world.functions);

/** Pearson's correlation of two lists. */
function correlation(xs: readonly number[], ys: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((sum, item) => sum + item, 0) / list.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const covariance = mean(xs.map((x, i) => (x - mx) * ((ys[i] ?? 0) - my)));
  return covariance / Math.sqrt(mean(xs.map((x) => (x - mx) ** 2)) * mean(ys.map((y) => (y - my) ** 2)));
}

Deno.test("CompositionSource draws no constants and no identities: over 3072 items, on six inputs that it did not see", () => {
  assert.equal(items.length, DEPTHS.length * bands.length * PER_CELL * 2);
  const values = items.map(({ expression, input, output }) => ({
    input,
    output,
    on: others.map((other) => value(expression, other)),
  }));
  assert.equal(values.filter(({ on }) => new Set(on).size === 1).length, 0);
  assert.equal(values.filter(({ on }) => on.every((one, i) => one === others[i])).length, 0);
  assert.equal(values.filter(({ input, output }) => input === output).length, 0);
});

Deno.test("CompositionSource draws answers whose length says nothing of the depth", () => {
  const depths = items.map(({ depth }) => depth);
  const length = correlation(depths, items.map(({ output }) => output.length));
  assert.ok(Math.abs(length) < 0.05, `correlation of answer length with depth ${length}`);
  for (const depth of DEPTHS) {
    const lengths = items.filter((item) => item.depth === depth).map(({ output }) => output.length).sort((a, b) =>
      a - b
    );
    const median = lengths[lengths.length / 2] ?? 0;
    assert.ok(median >= 9 && median <= 16, `median length ${median} at depth ${depth}`);
    assert.ok((lengths.at(-1) ?? 0) <= 24);
  }
});

Deno.test("CompositionSource draws items of which no call can be left out", () => {
  for (const { expression, input, output, depth } of items) {
    const calls = callsOf(parseExpression(expression));
    assert.equal(calls.length, depth);
    const values = calls.map((call) => evaluate(call, input, world.functions));
    assert.equal(values.at(-1), output);
    assert.equal(new Set([input, ...values]).size, depth + 1, `${expression} on ${input}`);
    assert.ok(values.every(({ length }) => length > 0 && length <= LONGEST_VALUE));
    for (const call of calls) {
      // The text of a call stands in the expression once, so leaving it out is a replacement of text.
      for (const argument of call.kind === "call" ? call.args : []) {
        if (argument.kind === "value") continue;
        const shorter = expression.replace(expressionText(call), expressionText(argument));
        assert.notEqual(value(shorter, input), output, `${shorter} on ${input} is ${expression} too`);
      }
    }
  }
});

Deno.test("CompositionSource gives outputs that a second implementation gives, by rewriting the text", () => {
  const keyOf = (name: string) => world.functions.get(name)?.key ?? "";
  for (const { expression, input, output } of items) {
    assert.equal(secondValue(expression, input, keyOf), output, `${expression} on ${input}`);
  }
});

Deno.test("CompositionSource draws no composition twice with one input, and only allowed pairs", () => {
  assert.equal(new Set(items.map(({ expression, input }) => `${expression} ${input}`)).size, items.length);
  for (const { expression } of items) {
    const names = callsOf(parseExpression(expression)).map((call) => (call.kind === "call" ? call.name : ""));
    names.slice(1).forEach((outer, i) => assert.ok(world.isSeenPair(outer, names[i] ?? "")));
  }
});

Deno.test("CompositionSource says what it could not find", () => {
  const [keepFirst = ""] = [...world.functions].filter(([, { key }]) => key === "keep_first").map(([name]) => name);
  const request = { functions: [keepFirst], isAllowed: () => true, depth: 1, band: "long" as const, inputs: 1 };
  assert.equal(new CompositionSource(world).find(request, ["none"], 50), undefined);
  assert.throws(() => new CompositionSource(world).draw(request, ["none"]), {
    name: "EnvFault",
    message: /depth 1 with a long answer for none: 5000 attempts failed; ask for fewer/,
  });
});

Deno.test("composeWorld() shares out functions and pairs evenly under every seed, and names them anew", () => {
  const names = new Set<string>();
  for (let seed = 0; seed < 50; seed++) {
    const { functions, seen, heldOut, isSeenPair } = composeWorld(seed);
    assert.equal(functions.size, 25);
    assert.deepEqual([seen.length, heldOut.length], [13, 12]);
    assert.deepEqual(new Set([...seen, ...heldOut]), new Set(functions.keys()));
    const binary = (list: readonly string[]) => list.filter((name) => functions.get(name)?.texts === 2).length;
    assert.deepEqual([binary(seen), binary(heldOut)], [3, 2]);
    for (const name of seen) {
      assert.equal(seen.filter((inner) => !isSeenPair(name, inner)).length, 4);
      assert.equal(seen.filter((outer) => !isSeenPair(outer, name)).length, 4);
    }
    names.add([...functions].map(([name, { key }]) => `${name} ${key}`).join());
  }
  assert.equal(names.size, 50);
});
