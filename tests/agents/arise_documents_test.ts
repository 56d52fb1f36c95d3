/**
 * Properties of documents that come out of arbitrary model output.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { documentLength, documentText, FIELD_LIMITS, readSkillDocument } from "../../agents/skills/skill_document.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ maxLength: 120 }),
  fc.constantFrom("\\frac{a}{b}", "{", "}", '"', "\\n", "x\\", "😀".repeat(90), "a\ud83d", "```json\n"),
);
const output = fc.record({
  skill_name: fc.oneof(text, fc.constantFrom("abc", "Half Angle")),
  problem_type: text,
  key_insight: text,
  method: fc.oneof(fc.array(text, { maxLength: 5 }), text),
  check: fc.oneof(text, fc.constant(null)),
});

Deno.test("readSkillDocument() never throws; what it gives keeps all limits, reads back as itself and is whole characters", () => {
  let documents = 0;
  fc.assert(
    fc.property(output, text, text, fc.integer({ min: 100, max: 400 }), (fields, before, after, cap) => {
      const read = readSkillDocument(`${before}${JSON.stringify(fields)}${after}`, { cap });
      if (!("document" in read)) return;
      documents++;
      const { document } = read;
      assert.ok(documentLength(document) <= cap);
      assert.match(document.skill_name, /^[a-z][a-z0-9_]{0,39}$/);
      assert.ok(document.key_insight.length <= FIELD_LIMITS.key_insight && document.check.length <= FIELD_LIMITS.check);
      assert.ok(document.method.every((step) => step.length <= FIELD_LIMITS.step));
      const written = documentText(document);
      assert.deepEqual(readSkillDocument(written, { cap }), read);
      assert.ok(written.isWellFormed() && !/\\u/.test(written.replaceAll("\\\\", "")));
    }),
    { numRuns: 3000 },
  );
  assert.ok(documents > 300, `${documents} documents`);
});

Deno.test("readSkillDocument() counts no step of control characters alone, and asks for an insight of more than those", () => {
  const fields = {
    skill_name: "name",
    problem_type: "general",
    key_insight: "So it is.",
    method: ["\u0000", "Go."],
    check: "",
  };
  const one = readSkillDocument(JSON.stringify(fields));
  assert.ok("reason" in one && /at least 2 steps, got 1/.test(one.reason), JSON.stringify(one));
  const blank = readSkillDocument(JSON.stringify({ ...fields, method: ["Go.", "Stop."], key_insight: "\u0001" }));
  assert.ok("reason" in blank, JSON.stringify(blank));
});
