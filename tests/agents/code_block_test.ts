import assert from "node:assert/strict";
import { codeBlock, fenced } from "../../agents/code_block.ts";

Deno.test("codeBlock() returns the first block when there are several", () => {
  assert.equal(codeBlock("```js\na\n```\n```js\nb\n```"), "a");
});

Deno.test("codeBlock() accepts the marks of JavaScript and Python and no mark, and no other language", () => {
  assert.equal(codeBlock("```javascript\na\n```"), "a");
  assert.equal(codeBlock("```\na\n```"), "a");
  assert.equal(codeBlock("```python\na"), "a");
  assert.equal(codeBlock("```ruby\na"), undefined);
});

Deno.test("codeBlock() keeps what there is when the turn was cut off inside the block", () => {
  assert.equal(codeBlock("```js\nlet a = 1;\nlet b"), "let a = 1;\nlet b");
});

Deno.test("codeBlock() finds nothing when backquotes stand inside a line", () => {
  assert.equal(codeBlock("use ```js here"), undefined);
});

Deno.test("codeBlock() undoes fenced()", () => {
  for (const code of ["", "a", "a\n\nb", "print(`x`);"]) {
    assert.equal(codeBlock(fenced(code)), code);
    assert.equal(codeBlock(fenced(code, "python")), code);
  }
});
