import assert from "node:assert/strict";
import fc from "fast-check";
import { rank, stems } from "../../../envs/apps/search.ts";

Deno.test("stems() brings the forms of a word together", () => {
  for (
    const forms of [["note", "notes"], ["tick", "ticked", "ticking"], ["city", "cities"], ["box", "boxes"], [
      "plan",
      "planned",
      "planning",
    ]]
  ) {
    assert.equal(new Set(forms.map((form) => stems(form)[0])).size, 1, forms.join(" "));
  }
  assert.notEqual(stems("friend")[0], stems("frost")[0]);
});

Deno.test("rank() keeps every item and puts those that match first, in the given order otherwise", () => {
  assert.deepEqual(rank(["b", "lamp", "c", "red lamp of oak"], "lamps", (item) => item), [
    "lamp",
    "red lamp of oak",
    "b",
    "c",
  ]);
  assert.deepEqual(rank(["x", "y"], "!!", (item) => item), ["x", "y"]);
  const word = fc.constantFrom("red", "blue", "lamp", "mug", "oak", "tea");
  fc.assert(fc.property(fc.array(fc.array(word).map((list) => list.join(" "))), fc.array(word), (items, query) => {
    const ranked = rank(items, query.join(" "), (item) => item);
    assert.deepEqual([...ranked].sort(), [...items].sort());
    const matches = ranked.map((item) => item.split(" ").some((part) => query.includes(part as never)));
    assert.ok(!matches.includes(true) || matches.lastIndexOf(true) === matches.filter(Boolean).length - 1);
  }));
});
