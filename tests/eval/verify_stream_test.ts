import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatVerifySummary,
  VerifyLineError,
  verifyStream,
  type VerifyStreamOptions,
} from "../../eval/verify_stream.ts";

async function run(input: readonly string[], options: VerifyStreamOptions = {}) {
  async function* lines() {
    for (const line of input) yield await Promise.resolve(line);
  }
  const out: Record<string, unknown>[] = [];
  const summary = await verifyStream(lines(), (line) => void out.push(JSON.parse(line)), options);
  return { out, summary };
}

const pair = (gold: string, answer: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({ gold, answer, ...more });

Deno.test("verifyStream() writes one line per line, in order, with ids kept", async () => {
  const { out, summary } = await run([
    pair("1/2", "0.5", { id: "a" }),
    pair("1/2", "0.6", { id: 7 }),
    pair("1/2", "I give up on this one."),
  ]);
  assert.deepEqual(out.map(({ id, verdict }) => [id, verdict]), [["a", "correct"], [7, "incorrect"], [
    undefined,
    "unparsed",
  ]]);
  assert.deepEqual(Object.keys(out[0] ?? {}), ["id", "verdict", "gold", "answer", "ms"]);
  assert.equal(out[2]?.answer, null);
  assert.ok(out.every(({ ms }) => typeof ms === "number" && ms >= 0));
  assert.deepEqual(summary.verdicts, { correct: 1, incorrect: 1, unparsed: 1, timeout: 0, error: 0 });
  assert.equal(summary.lines, 3);
  assert.equal(summary.disagreements, null);
});

Deno.test("verifyStream() writes an error in the place of a bad line, naming line and field", async () => {
  const { out, summary } = await run([
    "half",
    "[]",
    '{"gold": 5, "answer": "5"}',
    '{"gold": "5"}',
    '{"gold": "5", "answer": "5", "tolerence": 1}',
    '{"gold": "5", "answer": "5", "tolerance": -1}',
    '{"gold": "5", "answer": "5", "id": null}',
    "",
    pair("5", "5"),
  ]);
  const expected = [
    /line 1: it must be a JSON object .* got "half"/,
    /line 2: it must be a JSON object/,
    /line 3: field "gold" must be a text, got 5/,
    /line 4: field "answer" must be a text, got undefined/,
    /line 5: there is no field "tolerence"; did you mean "tolerance"\?/,
    /line 6: field "tolerance" must be a number of 0 or more, got -1/,
    /line 7: field "id" must be a text or a number, got null/,
    /line 8: it is blank/,
  ];
  for (const [index, pattern] of expected.entries()) {
    assert.match(String(out[index]?.error), pattern);
    assert.equal(out[index]?.line, index + 1);
  }
  assert.equal(out[8]?.verdict, "correct");
  assert.equal(summary.badLines, 8);
  assert.equal(summary.lines, 9);
});

Deno.test("verifyStream() stops at the first bad line if strict", async () => {
  await assert.rejects(run([pair("5", "5"), "half", pair("5", "5")], { strict: true }), VerifyLineError);
});

Deno.test("verifyStream() passes over an empty last line only", async () => {
  const { out, summary } = await run([pair("5", "5"), ""], { strict: true });
  assert.equal(out.length, 1);
  assert.equal(summary.badLines, 0);
  await assert.rejects(run(["", pair("5", "5")], { strict: true }), /line 1: it is blank/);
});

Deno.test("verifyStream() adds the second grader's verdict and counts disagreements", async () => {
  const { out, summary } = await run([pair("1/2", "Answer: 0.5"), pair("5", "Answer: 5")], { both: true });
  assert.deepEqual(out.map(({ verdict, second, agree }) => [verdict, second, agree]), [
    ["correct", "incorrect", false],
    ["correct", "correct", true],
  ]);
  assert.equal(summary.disagreements, 1);
});

Deno.test("verifyStream() takes the tolerance of the line before that of the run", async () => {
  const { out } = await run([pair("3.14", "3.15"), pair("3.14", "3.15", { tolerance: 0 })], { tolerance: 0.1 });
  assert.deepEqual(out.map(({ verdict }) => verdict), ["correct", "incorrect"]);
});

Deno.test("verifyStream() gives timeout where the budget is too small", async () => {
  const { out, summary } = await run([pair("5", "5")], { steps: 1 });
  assert.equal(out[0]?.verdict, "timeout");
  assert.equal(summary.verdicts.timeout, 1);
});

Deno.test("verifyStream() waits for each write before it reads on", async () => {
  const events: string[] = [];
  async function* lines() {
    for (let i = 0; i < 3; i++) {
      events.push(`read ${i}`);
      yield await Promise.resolve(pair(String(i), String(i)));
    }
  }
  await verifyStream(lines(), async () => {
    await Promise.resolve();
    events.push("written");
  });
  assert.deepEqual(events, ["read 0", "written", "read 1", "written", "read 2", "written"]);
});

Deno.test("verifyStream() gives as many lines as it gets, whatever they hold", async () => {
  const line = fc.string().filter((text) => text.trim() !== "");
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (input) => {
      const { out, summary } = await run(input);
      assert.equal(out.length, input.length);
      assert.equal(summary.lines, input.length);
    }),
    { numRuns: 50 },
  );
});

Deno.test("formatVerifySummary() names every verdict and the bad lines", () => {
  const verdicts = { correct: 2, incorrect: 1, unparsed: 0, timeout: 0, error: 0 };
  assert.equal(
    formatVerifySummary({ lines: 4, verdicts, badLines: 1, disagreements: 1, ms: 2 }),
    "3 answers: 2 correct, 1 incorrect, 0 unparsed, 0 timeout, 0 error; the graders differ on 1, 1500 verdicts/s\n" +
      "1 lines could not be judged",
  );
});
