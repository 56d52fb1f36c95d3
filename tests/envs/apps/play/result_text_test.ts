import assert from "node:assert/strict";
import fc from "fast-check";
import { cutText, resultText } from "../../../../envs/apps/play/result_text.ts";

Deno.test("resultText() can be read back as JSON", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.deepEqual(JSON.parse(resultText(JSON.parse(JSON.stringify(value)))), JSON.parse(JSON.stringify(value)));
  }));
});

Deno.test("cutText() parts a text without losing anything", () => {
  fc.assert(fc.property(fc.array(fc.string(), { maxLength: 100 }), (lines) => {
    const text = lines.join("\n");
    const { head, rest } = cutText(text);
    assert.equal(rest === "" && head.length === text.length ? head : `${head}\n${rest}`, text);
  }));
  assert.deepEqual(cutText("short"), { head: "short", rest: "", lines: 0 });
  assert.equal(cutText("x\n".repeat(100)).head.split("\n").length, 40);
});
