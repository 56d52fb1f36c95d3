import assert from "node:assert/strict";
import { staticCalls } from "../../../agents/skills/calls.ts";

const used = (code: string) => staticCalls(code, ["total", "fix"]);

Deno.test("staticCalls() counts calls by plain name, in order, once each", () => {
  assert.deepEqual(used("fix(); print(total(total(1)));"), ["fix", "total"]);
});

Deno.test("staticCalls() does not count a name in a string, a comment, a property or without a call", () => {
  assert.deepEqual(used('print("total()"); // fix()\nx.total(); const t = fix;'), []);
});

Deno.test("staticCalls() does not count a name that the block defines in any way", () => {
  for (
    const definition of [
      "function total() {}",
      "const total = () => 1;",
      "let { total } = x;",
      "total = () => 1;",
      "const f = (total) => total();",
      "class total {}",
    ]
  ) assert.deepEqual(used(`${definition}\ntotal();`), [], definition);
});

Deno.test("staticCalls() counts a call inside a new wrapper and inside try, as the published rule does", () => {
  assert.deepEqual(used("function wrap() { return total(1); }\ntry { fix(); } catch {}"), ["total", "fix"]);
});

Deno.test("staticCalls() finds nothing when the code does not parse", () => {
  assert.deepEqual(used("total(("), []);
});
