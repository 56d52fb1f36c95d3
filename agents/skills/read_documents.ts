/**
 * Skill documents that people wrote, from the text of a file: a JSON list, or one JSON object a line.
 *
 * Contract: pure. Nothing is repaired, shortened or renamed, unlike in what a model wrote: a document that breaks a rule is an error that names the file, the place (line,
 * or entry of a list), the field, what was found and what was expected. Names are unique. Order is kept.
 *
 * @module
 */
import { inputProblems } from "../../data/parse_input.ts";
import {
  DOCUMENT_CAP,
  documentLength,
  FIELD_LIMITS,
  type SkillDocument,
  skillDocumentSchema,
} from "./skill_document.ts";

/** A file of skill documents cannot be used. */
export class DocumentFileError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "DocumentFileError";
}

/** A value of the file, and where it stands. */
interface PlacedValue {
  readonly place: string;
  readonly value: unknown;
}

function parsed(text: string, path: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DocumentFileError(
      `Cannot use the documents in ${path}: ${place}: expected JSON (${why}); write a JSON list of documents, or one document a line`,
      { cause },
    );
  }
}

function placedValues(text: string, path: string): PlacedValue[] {
  if (text.trimStart().startsWith("[")) {
    const list = parsed(text, path, "the list");
    return Array.isArray(list) ? list.map((value: unknown, i) => ({ place: `entry ${i + 1}`, value })) : [];
  }
  return text.split("\n").flatMap((line, i) => {
    const place = `line ${i + 1}`;
    return line.trim() === "" ? [] : [{ place, value: parsed(line, path, place) }];
  });
}

/** What breaks a limit of length, one sentence each. */
function lengthProblems(document: SkillDocument, cap: number): string[] {
  const over = (field: string, length: number, most: number) =>
    length <= most ? [] : [`${field}: expected at most ${most} characters, found ${length}`];
  return [
    ...over("key_insight", document.key_insight.length, FIELD_LIMITS.key_insight),
    ...document.method.flatMap((step, i) => over(`method[${i}]`, step.length, FIELD_LIMITS.step)),
    ...over("check", document.check.length, FIELD_LIMITS.check),
    ...over("all values together", documentLength(document), cap),
  ];
}

/**
 * Reads the documents of a file.
 *
 * @example One document a line; what is wrong is named by its place
 * ```ts
 * import { readDocuments } from "whetstone/agents/skills/read_documents.ts";
 * import assert from "node:assert/strict";
 *
 * const line = '{"skill_name":"halve","problem_type":"general","key_insight":"Half is enough.","method":["Halve.","Double."],"check":""}';
 * assert.deepEqual(readDocuments(line, "seeds.jsonl").map(({ skill_name }) => skill_name), ["halve"]);
 * assert.throws(() => readDocuments(`${line}\n${line}`, "seeds.jsonl"), /line 2: skill_name: expected a name of its own/);
 * ```
 *
 * @param text the file's.
 * @param path its name, for messages.
 * @param options `cap`: most characters of a document.
 * @throws {DocumentFileError} naming every document that cannot be used, and why; or if there is none.
 */
export function readDocuments(text: string, path: string, options: { readonly cap?: number } = {}): SkillDocument[] {
  const { cap = DOCUMENT_CAP } = options;
  const places = new Map<string, string>();
  const problems: string[] = [];
  const documents: SkillDocument[] = [];
  for (const { place, value } of placedValues(text, path)) {
    const checked = skillDocumentSchema.safeParse(value);
    if (!checked.success) {
      problems.push(
        ...inputProblems(skillDocumentSchema, value, checked.error).map((problem) => `${place}: ${problem}`),
      );
      continue;
    }
    const { data: document } = checked;
    problems.push(...lengthProblems(document, cap).map((problem) => `${place}: ${problem}`));
    const before = places.get(document.skill_name);
    if (before !== undefined) {
      problems.push(`${place}: skill_name: expected a name of its own, found ${document.skill_name}, as in ${before}`);
    }
    places.set(document.skill_name, place);
    documents.push(document);
  }
  if (problems.length > 0) throw new DocumentFileError(`Cannot use the documents in ${path}: ${problems.join("; ")}`);
  if (documents.length === 0) {
    throw new DocumentFileError(`Cannot use the documents in ${path}: expected at least one document, found none`);
  }
  return documents;
}
