import assert from "node:assert/strict";
import fc from "fast-check";
import { SEED_DOCUMENTS } from "../../../agents/skills/seed_documents.ts";
import {
  DEFAULT_CHECK,
  DOCUMENT_CAP,
  documentLength,
  documentText,
  FIELD_LIMITS,
  PROBLEM_TYPES,
  readSkillDocument,
  skillName,
  traceAbstract,
} from "../../../agents/skills/skill_document.ts";

const GOOD = {
  skill_name: "half_angle",
  problem_type: "geometry",
  key_insight: "Halve the angle.",
  method: ["Halve it.", "Apply the identity."],
  check: "Double it again.",
};

function documentOf(output: string, options = {}) {
  const read = readSkillDocument(output, options);
  assert.ok("document" in read, JSON.stringify(read));
  return read.document;
}

function refusalOf(output: string, options = {}) {
  const read = readSkillDocument(output, options);
  assert.ok("stage" in read, JSON.stringify(read));
  return read;
}

Deno.test("readSkillDocument() finds the object behind LaTeX, fences and prose", () => {
  const json = JSON.stringify(GOOD);
  const outputs = [
    json,
    `\`\`\`json\n${json}\n\`\`\``,
    `From x^{2} and \\frac{\\sqrt{2}}{3} follows: ${json} — done.`,
    `{broken ${json}`,
    `{"other": 1} ${json}`,
  ];
  for (const output of outputs) assert.equal(documentOf(output).skill_name, "half_angle", output);
});

Deno.test("readSkillDocument() keeps LaTeX inside values, with single and with doubled backslashes", () => {
  const single =
    '{"skill_name":"a","problem_type":"algebra","key_insight":"Use \\frac{\\sqrt{a}}{b}, \\theta and \\neq.",' +
    '"method":["Take \\alpha.","Then \\right."],"check":"line\\nnext"}';
  const doubled = single.replaceAll("\\", "\\\\").replace("line\\\\nnext", "line\\nnext");
  for (const output of [single, doubled]) {
    const document = documentOf(output);
    assert.equal(document.key_insight, "Use \\frac{\\sqrt{a}}{b}, \\theta and \\neq.");
    assert.deepEqual(document.method, ["Take \\alpha.", "Then \\right."]);
    assert.equal(document.check, "line next");
  }
});

Deno.test("readSkillDocument() with the published pattern loses what the scanner finds", () => {
  assert.equal(refusalOf(`x^{1} ${JSON.stringify(GOOD)}`, { extractor: "regex" }).stage, "parse");
  const nested = JSON.stringify({ ...GOOD, key_insight: "\\frac{\\sqrt{\\frac{a}{b}}}{c}" });
  assert.ok("stage" in readSkillDocument(nested, { extractor: "regex" }));
  assert.equal(documentOf(nested).key_insight, "\\frac{\\sqrt{\\frac{a}{b}}}{c}");
});

Deno.test("readSkillDocument() normalises name, type and method", () => {
  const read = (changes: Record<string, unknown>) => documentOf(JSON.stringify({ ...GOOD, ...changes }));
  assert.equal(read({ skill_name: "  Half--Angle (2) " }).skill_name, "half_angle_2");
  assert.equal(read({ skill_name: "a".repeat(60) }).skill_name.length, FIELD_LIMITS.skill_name);
  assert.equal(read({ problem_type: "Number Theory" }).problem_type, "number_theory");
  assert.equal(read({ problem_type: "number-theory" }).problem_type, "general");
  assert.deepEqual(read({ method: "- First; * second\nthird" }).method, ["First", "second", "third"]);
  assert.deepEqual(read({ method: "One 2. two 3) three" }).method, ["One", "two", "three"]);
  assert.deepEqual(read({ method: ["a", "", 3, "b", "c", "d"] }).method, ["a", "b", "c"]);
});

Deno.test("readSkillDocument() takes the default check only where there is none at all", () => {
  const { check: _, ...without } = GOOD;
  assert.equal(documentOf(JSON.stringify(without)).check, DEFAULT_CHECK);
  assert.equal(documentOf(JSON.stringify({ ...GOOD, check: null })).check, "");
  assert.equal(documentOf(JSON.stringify({ ...GOOD, check: "" })).check, "");
});

Deno.test("readSkillDocument() names the stage and the reason of a refusal", () => {
  const cases: [string, string, RegExp][] = [
    ["no braces", "extract", /no object/],
    ["{not json}", "parse", /not JSON/],
    [JSON.stringify({ ...GOOD, skill_name: "!!" }), "fields", /skill_name must have letters/],
    [JSON.stringify({ ...GOOD, skill_name: "2nd" }), "fields", /begin with a letter, got 2nd/],
    [JSON.stringify({ ...GOOD, key_insight: " " }), "fields", /key_insight/],
    [JSON.stringify({ ...GOOD, method: ["one"] }), "fields", /at least 2 steps, got 1/],
  ];
  for (const [output, stage, reason] of cases) {
    const refusal = refusalOf(output);
    assert.equal(refusal.stage, stage, output);
    assert.match(refusal.reason, reason);
  }
});

Deno.test("readSkillDocument() cuts fields, then shortens the check, then the insight, then refuses", () => {
  const long = (n: number) => "x".repeat(n);
  const cut = documentOf(JSON.stringify({ ...GOOD, key_insight: long(500) }));
  assert.equal(cut.key_insight, `${long(159)}…`);
  const base = { skill_name: "n", problem_type: "general", method: [long(60), long(60)] };
  const checkCut = documentOf(JSON.stringify({ ...base, key_insight: long(160), check: long(100) }));
  assert.deepEqual([checkCut.check.length, checkCut.key_insight.length], [50, 160]);
  const bothCut = documentOf(
    JSON.stringify({ ...base, method: [long(90), long(90)], key_insight: long(160), check: long(100) }),
  );
  assert.deepEqual([bothCut.check.length, bothCut.key_insight.length], [50, 80]);
  const tooLong = { ...base, method: [long(100), long(100), long(100)], key_insight: long(160), check: long(100) };
  const refusal = refusalOf(JSON.stringify(tooLong));
  assert.equal(refusal.stage, "cap");
  assert.match(refusal.reason, /at most 350 characters/);
  assert.equal(refusalOf(JSON.stringify(GOOD), { cap: 20 }).stage, "cap");
});

const text = (minLength: number, maxLength: number) =>
  fc.string({ minLength, maxLength, unit: "binary" }).filter((text) =>
    text.replace(/[\s\p{Cc}]+/gu, " ").trim() === text
  );
const anyDocument = fc.record({
  skill_name: fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/),
  problem_type: fc.constantFrom(...PROBLEM_TYPES),
  key_insight: text(1, 60),
  method: fc.array(text(1, 40).filter((step) => !/^[-*•]\s/.test(step)), { minLength: 2, maxLength: 3 }),
  check: text(0, 40),
}, { noNullPrototype: true }).filter((document) => !JSON.stringify(document).includes("```"));

Deno.test("readSkillDocument() reads what documentText() wrote, whatever stands before it", () => {
  fc.assert(
    fc.property(anyDocument, fc.string({ maxLength: 20 }).filter((text) => !/["`{]/.test(text)), (document, prose) => {
      assert.deepEqual(documentOf(`${prose}${documentText(document)}`), document);
    }),
  );
});

Deno.test("readSkillDocument() never throws, and what it gives is within all limits", () => {
  const field = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.integer(),
    fc.constant(null),
    fc.array(fc.string({ maxLength: 200 })),
  );
  const raw = fc.dictionary(fc.constantFrom("skill_name", "problem_type", "key_insight", "method", "check"), field);
  fc.assert(fc.property(fc.oneof(raw.map((value) => JSON.stringify(value)), fc.string()), (output) => {
    const read = readSkillDocument(output);
    if (!("document" in read)) return;
    assert.ok(documentLength(read.document) <= DOCUMENT_CAP);
    assert.match(read.document.skill_name, /^[a-z][a-z0-9_]{0,39}$/);
    assert.ok(read.document.method.length >= 2 && read.document.method.length <= 3);
  }));
});

Deno.test("skillName() gives names that it keeps", () => {
  fc.assert(fc.property(fc.string(), (text) => assert.equal(skillName(skillName(text)), skillName(text))));
});

Deno.test("traceAbstract() has one name or one per trace, and is dropped above the cap", () => {
  const trace = "12 + 30 = 42. ".repeat(40);
  assert.equal(traceAbstract(trace, "fixedName", "0123456789")?.skill_name, "trace_abstract");
  assert.equal(traceAbstract(trace, "hashedName", "0123456789")?.skill_name, "trace_abstract_01234567");
  assert.equal(traceAbstract(trace, "none", "0123456789"), undefined);
  assert.equal(traceAbstract(trace, "fixedName", "0123456789", 220), undefined);
  const document = traceAbstract(trace, "fixedName", "0");
  assert.ok(document !== undefined && document.key_insight.length <= FIELD_LIMITS.key_insight);
  assert.deepEqual(documentOf(documentText(document)), document);
});

Deno.test("SEED_DOCUMENTS are five documents that validation leaves as they are", () => {
  assert.equal(SEED_DOCUMENTS.length, 5);
  for (const document of SEED_DOCUMENTS) assert.deepEqual(documentOf(documentText(document)), document);
});
