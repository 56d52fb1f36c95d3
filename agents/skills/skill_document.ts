/**
 * Skill documents: five fields of text that state one reusable method, and the four stages by which a model's output becomes one.
 *
 *     extract a JSON object → parse and normalise → cut each field to its limit → hold the whole to the cap, or reject
 *
 * Contract: {@linkcode readSkillDocument} never throws on what a model wrote; it gives a document or the stage and reason of the refusal. A document
 * that it gave is read back as itself. Limits count UTF-16 units of field values; the framing of JSON is not counted.
 * Source: arXiv 2603.16060, table 6 and appendices C.1 and D.1. Choices: the extractor knows strings and escapes, so that braces and backslashes of LaTeX
 * inside values do no harm, tries every object in the text and repairs single backslashes; option `regex` is the published
 * pattern, which loses them. Omitted: languages of code.
 *
 * @module
 */
import { z } from "zod";

/** Kinds of problems that a document can be for. */
export const PROBLEM_TYPES = [
  "algebra",
  "geometry",
  "combinatorics",
  "number_theory",
  "calculus",
  "general",
] as const;
/** See {@linkcode PROBLEM_TYPES}. */
export type ProblemType = typeof PROBLEM_TYPES[number];

/** A skill as text. */
export interface SkillDocument {
  /** Identity within a library: a-z first, then a-z, 0-9 and underscores, at most 40. */
  readonly skill_name: string;
  /** Kind of problems; `general` where it is none of the others. */
  readonly problem_type: ProblemType;
  /** What makes the method work; never empty, at most 160. */
  readonly key_insight: string;
  /** Two or three steps, at most 100 each. */
  readonly method: readonly string[];
  /** How to verify a result, at most 100; may be empty. */
  readonly check: string;
}

/** Most characters of each field (table 6). */
export const FIELD_LIMITS = { skill_name: 40, key_insight: 160, step: 100, check: 100 } as const;
/** Most characters of all field values together. The published code says 350, the manuscript 220; 350 admits its own seeds. */
export const DOCUMENT_CAP = 350;
/** Fewest and most steps. */
export const STEP_COUNT = { least: 2, most: 3 } as const;
/** Taken where the output has no `check` at all. */
export const DEFAULT_CHECK = "Put the result back into the question.";
/** What a document that is too long is shortened to, in this order, before it is refused. */
const SHORTENED = { check: 50, key_insight: 80 } as const;

/** Accepts a document that was normalised: what {@linkcode readSkillDocument} gives, and files that hold documents. */
export const skillDocumentSchema = z.strictObject({
  skill_name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
  problem_type: z.enum(PROBLEM_TYPES),
  key_insight: z.string().min(1),
  method: z.array(z.string().min(1)).min(STEP_COUNT.least).max(STEP_COUNT.most),
  check: z.string(),
}) satisfies z.ZodType<SkillDocument>;

/** Options of {@linkcode readSkillDocument}. */
export interface ReadDocumentOptions {
  /** Most characters of all values together. @default {DOCUMENT_CAP} */
  cap?: number;
  /** How the object is found: knowing strings, or by the published pattern. @default {"braceScanner"} */
  extractor?: "braceScanner" | "regex";
}

/** A document, or why there is none. */
export type ReadDocument =
  | { readonly document: SkillDocument }
  | {
    /** Stage that refused. */
    readonly stage: "extract" | "parse" | "fields" | "cap";
    /** Why, for people and rows. */
    readonly reason: string;
  };

/** Candidate texts of JSON objects, outermost first, in their order. */
function objectTexts(text: string, extractor: "braceScanner" | "regex"): string[] {
  const bare = text.replace(/```[a-zA-Z]*\n?/g, "");
  if (extractor === "regex") return bare.match(/\{(?:[^{}]|\{[^{}]*\})*\}/)?.slice(0, 1) ?? [];
  const found: string[] = [];
  for (let start = bare.indexOf("{"); start >= 0; start = bare.indexOf("{", start + 1)) {
    const end = objectEnd(bare, start);
    // What is inside of an object that was found is no candidate of its own; a brace that never closes may be LaTeX.
    if (end === undefined) continue;
    found.push(bare.slice(start, end));
    start = end - 1;
  }
  return found;
}

/** Place after the brace that closes the one at `start`, strings skipped; undefined if none does. */
function objectEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === "\\") i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return i + 1;
  }
  return undefined;
}

/** Commands of LaTeX that begin like an escape of JSON; any other word after such a letter is an escape and text, as in `\nThen`. */
const AMBIGUOUS_COMMANDS: ReadonlySet<string> = new Set(
  ("backslash bar begin beta between big bigcap bigcup bigl bigr binom bmod bot boxed bullet fbox flat floor forall frac frown " +
    "nabla natural ne nearrow neg neq newline ni nleq nmid not notin nu rangle rbrace rceil rfloor rho right rightarrow rm root " +
    "tan tanh tau text textbf textit tfrac theta tilde times to top triangle").split(" "),
);

/** Doubles the backslashes that are LaTeX's: those that begin no escape of JSON, and those of commands that begin like one. */
function repairBackslashes(text: string): string {
  return text.replace(/\\(\\|"|\/|u[0-9a-fA-F]{4}|[a-zA-Z]+|.)/gs, (whole, rest: string) => {
    if (rest === "\\" || rest === '"' || rest === "/" || /^u[0-9a-fA-F]{4}$/.test(rest)) return whole;
    const escape = /^[bfnrt]/.test(rest) && !AMBIGUOUS_COMMANDS.has(rest);
    return escape ? whole : `\\${whole}`;
  });
}

function parseObject(text: string, repair: boolean): Record<string, unknown> | undefined {
  const attempts = repair ? [repairBackslashes(text), text] : [text];
  for (const attempt of attempts) {
    try {
      const value: unknown = JSON.parse(attempt);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
    } catch {
      // The next attempt may parse.
    }
  }
  return undefined;
}

/** Identity of a skill from any text: lower case, other characters as single underscores, cut to 40; empty if nothing is left. */
export function skillName(text: string): string {
  const joined = text.replace(/[^a-zA-Z0-9]+/g, "_").replace(/^_+|_+$/g, "").toLowerCase();
  return joined.slice(0, FIELD_LIMITS.skill_name).replace(/_+$/, "");
}

function problemType(value: unknown): ProblemType {
  const name = String(value ?? "").trim().toLowerCase().replace(/ /g, "_");
  return PROBLEM_TYPES.find((type) => type === name) ?? "general";
}

/** Steps of a method that may be written as one text. */
function methodSteps(value: unknown): string[] {
  const parts: unknown[] = Array.isArray(value)
    ? value
    : typeof value === "string"
    ? value.split(/\n|;|\s+\d+[.)]\s+/)
    : [];
  return parts
    .map((part) => (typeof part === "string" ? oneLine(part).replace(/^(?:[-*•]\s+)+/, "").trim() : ""))
    .filter((step) => step !== "")
    .slice(0, STEP_COUNT.most);
}

/** A text on one line; of control characters alone nothing is left. */
function oneLine(text: string): string {
  return text.toWellFormed().replace(/[\s\p{Cc}]+/gu, " ").trim();
}

/** One line within a limit. Line ends and control characters become spaces, so that no escape but those of quotes and backslashes is ever written. */
function cut(text: string, limit: number): string {
  const trimmed = oneLine(text);
  // A character of two units is not cut in half.
  return trimmed.length <= limit
    ? trimmed
    : `${trimmed.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "").trimEnd()}…`;
}

/** Characters of all field values. */
export function documentLength({ skill_name, problem_type, key_insight, method, check }: SkillDocument): number {
  return [skill_name, problem_type, key_insight, ...method, check].reduce((sum, text) => sum + text.length, 0);
}

/** The form in which a document is scored, injected and stored: compact JSON in the order of the fields. */
export function documentText({ skill_name, problem_type, key_insight, method, check }: SkillDocument): string {
  return JSON.stringify({ skill_name, problem_type, key_insight, method, check });
}

function normalise(raw: Readonly<Record<string, unknown>>): SkillDocument | string {
  const name = skillName(typeof raw["skill_name"] === "string" ? raw["skill_name"] : "");
  if (name === "") return "skill_name must have letters, got none";
  if (!/^[a-z]/.test(name)) return `skill_name must begin with a letter, got ${name}`;
  const insight = typeof raw["key_insight"] === "string" ? cut(raw["key_insight"], FIELD_LIMITS.key_insight) : "";
  if (insight === "") return "key_insight must be a text, got none";
  const method = methodSteps(raw["method"]).map((step) => cut(step, FIELD_LIMITS.step));
  if (method.length < STEP_COUNT.least) {
    return `method must have at least ${STEP_COUNT.least} steps, got ${method.length}`;
  }
  // A check that is null or empty was left out on purpose.
  const check = "check" in raw ? (typeof raw["check"] === "string" ? raw["check"] : "") : DEFAULT_CHECK;
  return {
    skill_name: name,
    problem_type: problemType(raw["problem_type"]),
    key_insight: insight,
    method,
    check: cut(check, FIELD_LIMITS.check),
  };
}

/** Shortens what may be shortened until the whole is within the cap; undefined if that is not enough. */
function withinCap(document: SkillDocument, cap: number): SkillDocument | undefined {
  let shorter = document;
  if (documentLength(shorter) > cap) shorter = { ...shorter, check: cut(shorter.check, SHORTENED.check) };
  if (documentLength(shorter) > cap) {
    shorter = { ...shorter, key_insight: cut(shorter.key_insight, SHORTENED.key_insight) };
  }
  return documentLength(shorter) > cap ? undefined : shorter;
}

/**
 * Reads a document out of what a model wrote.
 *
 * @example Prose, LaTeX and a single backslash around and inside the object do no harm
 * ```ts
 * import { readSkillDocument } from "whetstone/agents/skills/skill_document.ts";
 * import assert from "node:assert/strict";
 *
 * const output = 'From x^{2}: {"skill_name":"Half Angle","problem_type":"geometry","key_insight":"Use \\frac{a}{2}.",' +
 *   '"method":["Halve the angle.","Apply the identity."]}';
 * const read = readSkillDocument(output);
 * assert.ok("document" in read);
 * assert.equal(read.document.skill_name, "half_angle");
 * assert.equal(read.document.key_insight, "Use \\frac{a}{2}.");
 * ```
 *
 * @param output text of a model.
 * @param options see {@linkcode ReadDocumentOptions}.
 */
export function readSkillDocument(output: string, options: ReadDocumentOptions = {}): ReadDocument {
  const { cap = DOCUMENT_CAP, extractor = "braceScanner" } = options;
  const texts = objectTexts(output, extractor);
  if (texts.length === 0) return { stage: "extract", reason: "the output has no object in braces" };
  let refusal: ReadDocument = { stage: "parse", reason: "the object in braces is not JSON" };
  for (const text of texts) {
    const raw = parseObject(text, extractor === "braceScanner");
    if (raw === undefined) continue;
    const document = normalise(raw);
    if (typeof document === "string") {
      refusal = { stage: "fields", reason: document };
      continue;
    }
    const held = withinCap(document, cap);
    if (held !== undefined) return { document: held };
    refusal = {
      stage: "cap",
      reason: `the document must have at most ${cap} characters, got ${documentLength(document)}`,
    };
  }
  return refusal;
}

/** How a document is made where a model's output gave none. */
export type FallbackKind = "fixedName" | "hashedName" | "none";

/** Name of the document that is made from a trace. */
export const TRACE_ABSTRACT = "trace_abstract";
const TRACE_LEAD = "Solved before like this: ";

/**
 * A document made from a successful trace, for when the model's own was refused.
 *
 * `fixedName` is the published form, which a library takes once only because of its constant name; `hashedName` adds eight hexadecimal
 * digits of the trace.
 *
 * @param trace text of the first successful trace.
 * @param hash hexadecimal digits that identify the trace; used by `hashedName`.
 * @param cap a longer document is dropped.
 * @returns undefined if it would be longer than the cap, or the kind is `none`.
 */
export function traceAbstract(
  trace: string,
  kind: FallbackKind,
  hash: string,
  cap: number = DOCUMENT_CAP,
): SkillDocument | undefined {
  if (kind === "none" || trace.trim() === "") return undefined;
  const document: SkillDocument = {
    skill_name: kind === "fixedName" ? TRACE_ABSTRACT : `${TRACE_ABSTRACT}_${hash.slice(0, 8)}`,
    problem_type: "general",
    key_insight: cut(`${TRACE_LEAD}${trace.trim()}`, FIELD_LIMITS.key_insight),
    method: ["Find what the question has in common with it.", "Go through the same steps with the new numbers."],
    check: DEFAULT_CHECK,
  };
  return documentLength(document) > cap ? undefined : document;
}
