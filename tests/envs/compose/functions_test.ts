import assert from "node:assert/strict";
import fc from "fast-check";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { FUNCTIONS } from "../../../envs/compose/functions.ts";
import { SECOND } from "./_second_oracle.ts";

const text = fc.string({ unit: fc.constantFrom(..."abcdeiouxyz"), minLength: 1, maxLength: 20 });

Deno.test("FUNCTIONS holds ten plain ones, ten with a parameter and five of two texts, each under its own key", () => {
  const kinds = FUNCTIONS.map(({ texts, parameter }) => `${texts} ${parameter === undefined ? "" : "parameter"}`);
  assert.equal(kinds.filter((kind) => kind === "1 ").length, 10);
  assert.equal(kinds.filter((kind) => kind === "1 parameter").length, 10);
  assert.equal(kinds.filter((kind) => kind === "2 ").length, 5);
  assert.deepEqual(new Set(FUNCTIONS.map(({ key }) => key)), new Set(Object.keys(SECOND)));
});

for (const { key, parameter, draw, texts, run } of FUNCTIONS) {
  Deno.test(`${key} gives lower-case letters, and what its second implementation gives`, () => {
    fc.assert(
      fc.property(text, text, fc.nat(), (s, t, seed) => {
        const second = texts === 2 ? t : draw === undefined ? "" : draw(keyedRandom(seed));
        assert.equal(typeof second, parameter === "number" ? "number" : "string");
        const value = run(s, second);
        assert.match(value, /^[a-z]*$/);
        assert.equal(value, SECOND[key]?.(s, String(second)));
      }),
      { numRuns: 200 },
    );
  });
}

Deno.test("functions do what their definitions say, on examples worked by hand", () => {
  const value = (key: string, s: string, second: string | number = "") =>
    FUNCTIONS.find((one) => one.key === key)?.run(s, second);
  assert.equal(value("swap_halves", "abcde"), "deabc");
  assert.equal(value("outside_in", "abcde"), "aebdc");
  assert.equal(value("odd_then_even", "abcde"), "acebd");
  assert.equal(value("swap_pairs", "abcde"), "badce");
  assert.equal(value("mirror_alphabet", "abyz"), "zyba");
  assert.equal(value("shift", "xyz", 2), "zab");
  assert.equal(value("rotate", "abcde", 2), "cdeab");
  assert.equal(value("reverse_blocks", "abcdefgh", 3), "cbafedhg");
  assert.equal(value("drop_first", "abc", 3), "abc");
  assert.equal(value("every_kth_twice", "abcdef", 3), "abccdeff");
  assert.equal(value("insert_middle", "abcde", "zz"), "abczzde");
  assert.equal(value("add_letters", "abc", "bc"), "bdd");
  assert.equal(value("ends_then_begins", "abcde", "vwxyz"), "devwx");
  assert.equal(value("interleave_backwards", "abc", "xyz"), "czbyax");
});
