import assert from "node:assert/strict";
import { CATALOGUE } from "../../../../envs/apps/catalogue.ts";
import { complete } from "../../../../envs/apps/play/complete.ts";

const words = (line: string) => complete(CATALOGUE, line).words;

Deno.test("complete() offers commands and apps, then APIs, then arguments that are not there yet", () => {
  assert.deepEqual(words("hand"), ["handset."]);
  assert.deepEqual(words("hi"), ["history"]);
  assert.ok(words("").includes("docs") && words("").includes("handset."));
  assert.deepEqual(words("handset.find_con"), ["handset.find_contacts"]);
  assert.deepEqual(words("handset.find_contacts pa"), ["page="]);
  assert.deepEqual(words("handset.find_contacts page=0 pa"), []);
  assert.deepEqual(words("handset.find_contacts({pa"), ["page: "]);
  assert.deepEqual(words("handset.find_contacts({page: 0, q"), ["q: "]);
});

Deno.test("complete() offers nothing inside a value or where nothing fits", () => {
  for (
    const line of [
      'handset.find_contacts q="pa',
      "handset.find_contacts q=pa",
      "nothing.at.all",
      "handset.no_such pa",
      "js pa",
    ]
  ) {
    assert.deepEqual(words(line), [], line);
  }
});

Deno.test("complete() knows what commands take", () => {
  assert.deepEqual(words("docs handset.find_con"), ["handset.find_contacts"]);
  assert.deepEqual(words("docs hands"), ["handset"]);
  assert.ok(words("login ").includes("handset") && !words("login ").includes("guide"));
  assert.deepEqual(words("help fin"), ["finish"]);
});

Deno.test("complete() gives words that begin with the part they replace", () => {
  for (
    const line of ["", "h", "handset.", "handset.list_texts ", "handset.list_texts({si", "docs handset.li", "login t"]
  ) {
    const { words, part } = complete(CATALOGUE, line);
    assert.ok(words.length > 0 && line.endsWith(part) && words.every((word) => word.startsWith(part)), line);
  }
});
