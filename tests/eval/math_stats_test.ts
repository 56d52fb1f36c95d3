import assert from "node:assert/strict";
import type { ProblemSet } from "../../envs/math/datasets/read_problems.ts";
import { readProblems } from "../../envs/math/datasets/read_problems.ts";
import type { Problem } from "../../envs/math/problem.ts";
import { mathStats } from "../../eval/math_stats.ts";

/** A set of made-up problems. */
function setOf(name: string, rows: readonly (Partial<Problem> & { statement: string; answer: string })[]): ProblemSet {
  const problems = rows.map((row, index) => {
    const id = `${name}/${index + 1}`;
    return { id, scenario: id, difficulty: 1, labels: { source: name }, ...row };
  });
  return { name, layout: "problems", problems, bad: [], hash: "0123456789abcdef" };
}

/** The JSON of a report. */
interface Report {
  readonly sets: readonly {
    readonly name: string;
    readonly rows: number;
    readonly bad: readonly string[];
    readonly withSolution: number;
    readonly statementLength: { readonly median: number; readonly p90: number };
    readonly difficulty: Record<string, number>;
    readonly subjects: Record<string, number>;
    readonly kinds: Record<string, number>;
    readonly verified: number;
    readonly unverified: readonly { id: string; answer: string; verdict: string; reason: string }[];
  }[];
  readonly duplicates: readonly { ids: readonly string[]; sameAnswer: boolean }[];
}

async function report(...sets: ProblemSet[]): Promise<{ text: string; json: Report }> {
  const { text, json } = await mathStats(sets);
  return { text, json: json as unknown as Report };
}

Deno.test("mathStats() counts rows, solutions, lengths by nearest rank, difficulty and subjects", async () => {
  const rows = Array.from({ length: 10 }, (_, index) => ({
    statement: `${index}`.repeat(index + 1),
    answer: "1",
    difficulty: index < 7 ? 2 : 10,
    ...(index < 3 ? { solution: "s" } : {}),
    labels: { source: "a", subject: index < 4 ? "Algebra" : "Geometry" },
  }));
  const { text, json } = await report(setOf("a", rows));
  const [stats] = json.sets;
  assert.deepEqual([stats?.rows, stats?.withSolution], [10, 3]);
  // Lengths are 1 to 10: the 5th and the 9th in order.
  assert.deepEqual(stats?.statementLength, { median: 5, p90: 9 });
  assert.deepEqual(stats?.difficulty, { 2: 7, 10: 3 });
  assert.deepEqual(stats?.subjects, { Geometry: 6, Algebra: 4 });
  assert.match(text, /^a +problems +10 +0 +3 +5 +9 +0123456789abcdef$/m);
  assert.match(text, /^a +2 7, 10 3 +Geometry 6, Algebra 4$/m);
});

Deno.test("mathStats() finds the same statement within and across sets, however it is set", async () => {
  const first = setOf("a", [
    { statement: "Find $\\dfrac{x}{2}$ for $x = 4$.", answer: "2" },
    { statement: "Find  $\\frac{x}{2}$ for $x=4$", answer: "2" },
    { statement: "Find $x/2$ for $x = -4$.", answer: "-2" },
  ]);
  const second = setOf("b", [{ statement: "find \\(\\frac{x}{2}\\) for $x = 4$.", answer: "3" }, {
    statement: "Find $x/2$ for $x = 4$.",
    answer: "2",
  }]);
  const { json, text } = await report(first, second);
  assert.deepEqual(json.duplicates, [{ ids: ["a/1", "a/2", "b/1"], sameAnswer: false }]);
  assert.match(text, /^statements that occur more than once: 1\na\/1 = a\/2 = b\/1 \(other answer\)$/m);
});

Deno.test("mathStats() verifies each reference answer against itself and lists those that do not verify", async () => {
  const { json, text } = await report(setOf("a", [
    { statement: "p", answer: "\\frac{5}{6}" },
    { statement: "q", answer: "(2, 251, 252)" },
    { statement: "r", answer: "\\frac{1}{" },
    { statement: "s", answer: "\\text{even}" },
  ]));
  const [stats] = json.sets;
  assert.deepEqual(stats?.unverified.map(({ id, verdict }) => [id, verdict]), [["a/3", "unparsed"]]);
  assert.match(text, /^a +3\/4 /m);
  assert.match(
    text,
    /^reference answers that do not verify against themselves: 1\na\/3: unparsed: \\frac\{1\}\{ \(the reference cannot be read/m,
  );
});

Deno.test("mathStats() shows bad rows, and gives the same report twice", async () => {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    await Deno.writeTextFile(path, '{"question":"q","answer":"#### 1"}\n{"question":"r","answer":"one"}\n');
    const set = await readProblems(path, { name: "odd", onBadRow: "report" });
    const [first, second] = [await mathStats([set]), await mathStats([set])];
    assert.deepEqual(first, second);
    assert.match(first.text, /^bad fields of rows: 1\n.*line 2, field answer: found "one"/m);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("mathStats() stops when it is told to", async () => {
  const rows = Array.from({ length: 400 }, (_, index) => ({ statement: `${index}`, answer: "1" }));
  const controller = new AbortController();
  controller.abort(new Error("enough"));
  await assert.rejects(mathStats([setOf("a", rows)], { signal: controller.signal }), /enough/);
});
