import assert from "node:assert/strict";
import { z } from "zod";
import { InputError, nearestWord, parseInput } from "../../data/parse_input.ts";

const schema = z.strictObject({
  name: z.string(),
  size: z.int().min(1).max(8).default(2),
  kind: z.enum(["short", "long"]).optional(),
  parts: z.array(z.strictObject({ weight: z.number() })).optional(),
  either: z.union([z.boolean(), z.array(z.strictObject({ passed: z.boolean() }))]).optional(),
  byName: z.record(z.string().regex(/^[a-z]+$/, "expected lower-case letters"), z.strictObject({ module: z.string() }))
    .optional(),
});

Deno.test("parseInput() fills in defaults", () => {
  assert.deepEqual(parseInput(schema, { name: "a" }, "options"), { name: "a", size: 2 });
});

Deno.test("parseInput() names field, expectation, value and what was probably meant", () => {
  const wrong: [object, string][] = [
    [{}, "name: expected string, found nothing"],
    [{ name: "a", size: 9 }, "size: Too big: expected number to be <=8, found 9"],
    [{ name: "a", sise: 1 }, "sise: unknown key; did you mean size?"],
    [{ name: "a", colour: 1 }, "colour: unknown key"],
    [{ name: "a", kind: "shrot" }, 'kind: expected one of "short"|"long", found "shrot"; did you mean short?'],
    [
      { name: "a", parts: [{ weight: 1 }, { wieght: 1, weight: 1 }] },
      "parts[1].wieght: unknown key; did you mean weight?",
    ],
    [{ name: "a", either: [{ passed: 1 }] }, "either[0].passed: expected boolean, found 1"],
    [{ name: "a", either: "no" }, 'either: Invalid input, found "no"'],
    [{ name: "a", byName: { A: { module: "m" } } }, 'byName.A: expected lower-case letters, found the name "A"'],
    [{ name: "a", byName: { a: { modul: "m", module: "m" } } }, "byName.a.modul: unknown key; did you mean module?"],
    [{ name: "x".repeat(3), size: "y".repeat(90) }, `size: expected number, found "${"y".repeat(59)}…`],
  ];
  for (const [value, problem] of wrong) {
    assert.throws(() => parseInput(schema, value, "options"), (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.equal(error.message, `Cannot use the options: ${problem}`);
      return true;
    });
  }
  assert.throws(() => parseInput(schema, { sise: 1 }, "options"), /name: .*; sise: unknown key/);
});

Deno.test("nearestWord() gives nothing where nothing resembles", () => {
  assert.equal(nearestWord("tset", ["test", "train"]), "test");
  assert.equal(nearestWord("hanoi", ["apps", "math"]), undefined);
  assert.equal(nearestWord("x", ["mode", "depth"]), undefined);
  assert.equal(nearestWord("a", []), undefined);
});
