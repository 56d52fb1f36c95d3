import assert from "node:assert/strict";
import { extractFunctions } from "../../../agents/skills/extract.ts";

const names = (code: string) => extractFunctions(code).map((found) => found.name);

Deno.test("extractFunctions() drops everything but plain top-level declarations", () => {
  const code = `
    const arrow = () => 1;
    const expression = function inner() {};
    async function later() {}
    function* many() {}
    class Thing { method() {} }
    if (true) { function nested() {} }
    function outer() { function hidden() {} return hidden(); }
    outer();`;
  assert.deepEqual(names(code), ["outer"]);
});

Deno.test("extractFunctions() keeps the comment that stands directly before a function", () => {
  const [found] = extractFunctions("// far away\n\n\n/** Adds. */\nfunction add(a, b = 1) { return a + b; }");
  assert.equal(found?.source, "/** Adds. */\nfunction add(a, b = 1) { return a + b; }");
  assert.deepEqual(found?.params, ["a", "b = 1"]);
});

Deno.test("extractFunctions() finds nothing when the code does not parse", () => {
  assert.deepEqual(names("function broken( { }"), []);
});

Deno.test("extractFunctions() takes the last body when a name is declared twice", () => {
  assert.deepEqual(extractFunctions("function f() { return 1; }\nfunction f() { return 2; }").map((f) => f.source), [
    "function f() { return 2; }",
  ]);
});
