import assert from "node:assert/strict";
import {
  detectLayout,
  LayoutError,
  mappedLayout,
  parseFieldMapping,
} from "../../../../envs/math/datasets/detect_layout.ts";
import { datasetName, openProblems, readProblems } from "../../../../envs/math/datasets/read_problems.ts";
import { badRowText } from "../../../../data/dataset_reader.ts";
import { fixture, withFolder, writeLines } from "./_files.ts";

function message(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof LayoutError);
    return error.message;
  }
  return assert.fail("nothing was thrown");
}

Deno.test("detectLayout() says what fits, what is missing and how to go on", () => {
  const text = message(() => detectLayout({ problem: "a", solution: "b", grade: 3 }));
  assert.match(text, /no layout has the columns problem, solution, grade/);
  assert.match(text, /^ {2}math: has problem, solution; lacks level$/m);
  assert.match(text, /^ {2}minerva: has problem, solution; lacks type$/m);
  assert.match(text, /--field statement=problem --field answer=solution, or a layout with --layout \(gsm8k, math,/);
  assert.match(
    message(() => detectLayout({ question: "1+1?", answer: "2" })),
    /gsm8k: .*lacks #### before the final number/,
  );
});

Deno.test("detectLayout() takes the layout with the most columns, and does not choose between two of as many", () => {
  const contest = { problem: "a", answer: "1", url: "…/2031_AIME_I_Problems/…" };
  assert.equal(detectLayout(contest).name, "aime");
  assert.equal(detectLayout({ ...contest, solution: "b" }).name, "aime");
  const solved = { problem: "a", answer: "1", solution: "b" };
  assert.equal(detectLayout(solved).name, "deepscaler");
  assert.equal(detectLayout({ ...solved, level: 1, type: "Algebra" }).name, "math500");
  assert.match(
    message(() => detectLayout({ problem: "a", answer: "1", solution: "b", type: "Algebra" })),
    /fit minerva as well as deepscaler; name one with --layout minerva, or .*--field statement=problem --field answer=answer/,
  );
});

Deno.test("parseFieldMapping() refuses unknown fields with the nearest one, other forms and missing fields", () => {
  assert.match(message(() => parseFieldMapping(["statment=q"])), /no field "statment"; did you mean statement\?/);
  assert.match(message(() => parseFieldMapping(["statement"])), /must read field=column/);
  assert.match(message(() => parseFieldMapping(["statement=a", "statement=b"])), /already the column a/);
  assert.match(message(() => parseFieldMapping(["statement=a"])), /add --field answer=COLUMN/);
  assert.deepEqual(parseFieldMapping(["statement=a=b", "answer = c"]), { statement: "a=b", answer: "c" });
});

Deno.test("mappedLayout() names the nearest column for one that is not there", () => {
  const mapping = { statement: "qestion", answer: "final" };
  const text = message(() => mappedLayout(mapping, { question: "a", final: 1 }));
  assert.equal(
    text,
    "Cannot map statement to the column qestion: there is none; did you mean question? All: question, final",
  );
});

Deno.test("readProblems() maps named columns, reports what they lack by the column's name", async () => {
  await withFolder(async (folder) => {
    const path = await writeLines(folder, "mine.jsonl", [
      { q: "1 + 1?", a: 2.0, lvl: 3, who: "me", key: "x" },
      { q: "2 + 2?", a: ["$4$"], lvl: "Level 2", who: "", key: "y" },
      { q: "", a: null, lvl: "hard", who: 1, key: "z" },
    ]);
    const fields = { statement: "q", answer: "a", difficulty: "lvl", source: "who", id: "key" };
    const { name, layout, problems, bad } = await readProblems(path, { fields, onBadRow: "report" });
    assert.deepEqual([name, layout], ["mine", "fields"]);
    assert.deepEqual(problems.map(({ id, answer, difficulty, labels }) => [id, answer, difficulty, labels.source]), [
      ["mine/x", "2", 3, "me"],
      ["mine/y", "4", 2, "mine"],
    ]);
    assert.deepEqual(bad.map(({ number, field }) => [number, field]), [[3, "q"], [3, "a"], [3, "lvl"]]);
    assert.match(badRowText(bad[2]!), /field lvl: found "hard", expected a number from 1/);
  });
});

Deno.test("readProblems() gives the same problems and hash from a JSONL and a CSV copy", async () => {
  await withFolder(async (folder) => {
    const rows = [["What is 3, plus 4?", "7"], ['Say "two"', "2"]];
    const jsonl = await writeLines(folder, "set.jsonl", rows.map(([q, a]) => ({ q, a: Number(a) })));
    const csv = `${folder}/set.csv`;
    await Deno.writeTextFile(csv, `q,a\n"What is 3, plus 4?",7\n\n"Say ""two""",2\n`);
    const fields = { statement: "q", answer: "a" };
    const [first, second] = [await readProblems(jsonl, { fields }), await readProblems(csv, { fields })];
    assert.deepEqual(first, second);
    const renamed = await readProblems(jsonl, { fields, name: "other" });
    assert.equal(renamed.hash, first.hash);
    assert.equal(renamed.problems[0]?.id, "other/1");
  });
});

Deno.test("readProblems() changes its hash with any field", async () => {
  await withFolder(async (folder) => {
    const row = { id: "a/1", statement: "q", answer: "1", difficulty: 1, solution: "s", labels: { subject: "x" } };
    const changes = [{}, { id: "a/2" }, { statement: "r" }, { answer: "2" }, { difficulty: 2 }, { solution: "t" }, {
      labels: { subject: "y" },
    }, { tolerance: 0.5 }];
    const hashes = new Set<string>();
    for (const [index, change] of changes.entries()) {
      const path = await writeLines(folder, `${index}.jsonl`, [{ ...row, ...change }]);
      hashes.add((await readProblems(path, { name: "a" })).hash);
    }
    assert.equal(hashes.size, changes.length);
  });
});

Deno.test("readProblems() names both lines of two rows with one id, and rows without an id among rows with one", async () => {
  await withFolder(async (folder) => {
    const row = { problem: "q", answer: "1", url: "…/2031_AIME_I_Problems/…" };
    const path = await writeLines(folder, "a.jsonl", [{ ...row, id: 7 }, "", { ...row, id: 7 }, row]);
    await assert.rejects(readProblems(path), /line 3, field id: found 7, as in line 1, expected an id of its own/);
    const { problems, bad } = await readProblems(path, { onBadRow: "report" });
    assert.equal(problems.length, 1);
    assert.deepEqual(bad.map(({ number, found }) => [number, found]), [[3, "7, as in line 1"], [4, "nothing"]]);
  });
});

Deno.test("readProblems() counts bad rows, so that the numbers of later ones do not depend on them", async () => {
  await withFolder(async (folder) => {
    const path = await writeLines(folder, "a.jsonl", [
      { question: "q", answer: "#### 1" },
      { question: "q", answer: "none" },
      { question: "q", answer: "#### 3" },
    ]);
    const { problems, bad } = await readProblems(path, { onBadRow: "report" });
    assert.deepEqual(problems.map(({ id }) => id), ["a/1", "a/3"]);
    assert.match(badRowText(bad[0]!), /line 2, field answer: found "none", expected a solution that ends in ####/);
  });
});

Deno.test("readProblems() refuses unknown layouts, a layout together with fields, odd names and empty files", async () => {
  const path = fixture("math.jsonl");
  await assert.rejects(readProblems(path, { layout: "gsm8" }), /did you mean gsm8k\?/);
  await assert.rejects(
    readProblems(path, { layout: "math", fields: { statement: "a", answer: "b" } }),
    /leave one out/,
  );
  await assert.rejects(readProblems(path, { name: "a/b" }), /Cannot name a data set "a\/b"/);
  await assert.rejects(readProblems(path, { layout: "gsm8k" }), /3 rows do not fit\n.*field question: found nothing/);
  await withFolder(async (folder) => {
    await assert.rejects(readProblems(await writeLines(folder, "e.jsonl", [])), /it has no rows/);
  });
});

Deno.test("openProblems() gives problems one by one, up to a limit", async () => {
  const reading = await openProblems(fixture("olympiadbench.jsonl"), { limit: 2 });
  const ids: string[] = [];
  for await (const { id } of reading) ids.push(id);
  assert.deepEqual([reading.layout, ids], ["olympiadbench", ["olympiadbench/11", "olympiadbench/12"]]);
});

Deno.test("datasetName() is the file's name without endings", () => {
  const names = ["x/gsm8k-test.jsonl", "a.b.csv.gz", "My set (2).json", ".jsonl", "no"].map(datasetName);
  assert.deepEqual(names, ["gsm8k-test", "a.b", "My-set-2-", "data", "no"]);
});
