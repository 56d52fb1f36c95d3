import assert from "node:assert/strict";
import { MINERVA_GRADER } from "../../envs/math/grader/minerva.ts";
import { GRADER } from "../../envs/math/grader/verify.ts";
import { auditReport } from "../../eval/audit_report.ts";

interface Row {
  readonly category: string;
  readonly pairs: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly other: number;
}
type Audits = Record<
  string,
  { readonly rows: Row[]; readonly total: Row; readonly misjudged: Record<string, string>[] }
>;

/** Labelled so that graders err in every way that is counted. */
const PAIRS = [
  { gold: "4", answer: "4", label: "correct", category: "right" },
  { gold: "4", answer: "5", label: "incorrect", category: "right" },
  // Labels that are wrong on purpose: equal answers, and different ones.
  { gold: "4", answer: "4", label: "incorrect", category: "wrong labels" },
  { gold: "4", answer: "5", label: "correct", category: "wrong labels" },
].map((pair) => JSON.stringify(pair)).join("\n");

Deno.test("auditReport() counts what each grader accepts and rejects against the label, by category and in all", () => {
  const { json, text } = auditReport(PAIRS);
  const audits = json as unknown as Audits;
  assert.deepEqual(Object.keys(audits), [GRADER, MINERVA_GRADER]);
  for (const { rows, total } of Object.values(audits)) {
    assert.deepEqual(
      rows.map((row) => [row.category, row.pairs, row.falsePositives, row.falseNegatives, row.other]).sort(),
      [["right", 2, 0, 0, 0], ["wrong labels", 2, 1, 1, 0]],
    );
    assert.deepEqual([total.pairs, total.falsePositives, total.falseNegatives, total.other], [4, 1, 1, 0]);
  }
  assert.match(text, /^category +pairs/);
  assert.match(text, /\nall +4 +1 +1 +0 +1 +1 +0\n/);
  // Every misjudged pair of the exact grader.
  assert.match(text, /\nincorrect judged correct: "4" \| "4" \(.*\)\ncorrect judged incorrect: "4" \| "5" \(.*\)\n$/);
});

Deno.test("auditReport() lists nothing when every pair is judged as it is labelled", () => {
  const { text, json } = auditReport(PAIRS.split("\n").slice(0, 2).join("\n"));
  assert.doesNotMatch(text, /judged/);
  assert.deepEqual((json as unknown as Audits)[GRADER]?.misjudged, []);
});

Deno.test("auditReport() counts every labelled pair of the fixture once, in rows that add up to the totals", async () => {
  const path = new URL("../fixtures/math/labelled_pairs.jsonl", import.meta.url);
  const content = await Deno.readTextFile(path);
  const pairs = content.split("\n").filter((line) => line.trim() !== "").length;
  for (const { rows, total } of Object.values(auditReport(content).json as unknown as Audits)) {
    for (const key of ["pairs", "falsePositives", "falseNegatives", "other"] as const) {
      assert.equal(rows.reduce((sum, row) => sum + row[key], 0), total[key], key);
    }
    assert.equal(total.pairs, pairs);
  }
});

Deno.test("auditReport() names the line that is not a labelled pair", () => {
  assert.throws(() => auditReport(`${PAIRS}\n{"gold": "4"}`), { name: "PairError", message: /line 5|5/ });
});
