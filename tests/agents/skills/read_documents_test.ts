import assert from "node:assert/strict";
import { DocumentFileError, readDocuments } from "../../../agents/skills/read_documents.ts";
import { SEED_DOCUMENTS, TWENTY_FOUR_SEEDS } from "../../../agents/skills/seed_documents.ts";
import { documentLength, FIELD_LIMITS, readSkillDocument } from "../../../agents/skills/skill_document.ts";
import { document } from "../_arise_kit.ts";

const lines = (...values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join("\n");

Deno.test("readDocuments() reads a list and lines alike, in their order, blank lines left out", () => {
  const documents = [document("one"), document("two")];
  assert.deepEqual(readDocuments(JSON.stringify(documents, null, 2), "seeds.json"), documents);
  assert.deepEqual(readDocuments(`\n${lines(...documents)}\n\n`, "seeds.jsonl"), documents);
});

Deno.test("readDocuments() names the file, the line, the field and the rule of everything that is wrong", () => {
  const refused: [string, RegExp][] = [
    [`${lines(document("one"))}\n{"skill_name":`, /in seeds: line 2: expected JSON/],
    ["[1, 2", /in seeds: the list: expected JSON/],
    ["", /in seeds: expected at least one document, found none/],
    ["[]", /expected at least one document/],
    [lines(document("one"), { ...document("two"), method: ["only"] }), /line 2: method: .*>=2.*, found \["only"\]/],
    [lines({ ...document("one"), key_insigt: "x" }), /line 1: key_insigt: unknown key; did you mean key_insight\?/],
    [lines(document("Two Words")), /line 1: skill_name: .*, found "Two Words"/],
    [lines({ ...document("one"), problem_type: "algebraic" }), /line 1: problem_type: .*did you mean algebra\?/],
    [lines(document("one"), document("two"), document("one")), /line 3: skill_name: .* found one, as in line 1/],
    [JSON.stringify([document("one"), 3]), /entry 2: .*expected object, found 3/],
    [
      lines(document("one", { key_insight: "x".repeat(161) })),
      /line 1: key_insight: expected at most 160 .*, found 161/,
    ],
    [lines(document("one", { method: ["a", "b".repeat(101)] })), /line 1: method\[1\]: expected at most 100/],
    [
      lines(document("one", { method: ["a".repeat(100), "b".repeat(100), "c".repeat(100)], check: "d".repeat(60) })),
      /line 1: all values together: expected at most 350 characters, found 377/,
    ],
  ];
  for (const [text, message] of refused) {
    assert.throws(
      () => readDocuments(text, "seeds"),
      (error) => error instanceof DocumentFileError && message.test(error.message),
      String(message),
    );
  }
  assert.throws(() => readDocuments(lines(document("one")), "seeds", { cap: 10 }), /expected at most 10 characters/);
});

Deno.test("TWENTY_FOUR_SEEDS are documents within all limits, with names of their own, the five first", () => {
  assert.equal(TWENTY_FOUR_SEEDS.length, 24);
  assert.deepEqual(TWENTY_FOUR_SEEDS.slice(0, 5), SEED_DOCUMENTS);
  assert.equal(new Set(TWENTY_FOUR_SEEDS.map(({ skill_name }) => skill_name)).size, 24);
  assert.deepEqual(readDocuments(JSON.stringify(TWENTY_FOUR_SEEDS), "seeds"), TWENTY_FOUR_SEEDS);
  for (const seed of TWENTY_FOUR_SEEDS) {
    assert.ok(documentLength(seed) <= 350 && seed.skill_name.length <= FIELD_LIMITS.skill_name);
    assert.deepEqual(readSkillDocument(JSON.stringify(seed)), { document: seed });
  }
});
