/**
 * Layouts of public problem sets: which columns they have, and which {@linkcode Problem} a row is.
 *
 * Contract: a layout's schema turns a row (numbers read exactly, see `data/exact_json.ts`) into a {@linkcode ProblemDraft}; columns that it
 * does not use are passed over. What a row lacks is an issue of the schema that names the field.
 * Choices: a reference answer loses delimiters and, where it is a number, digits without meaning (`27.0`, `025`, `2,125`); several answers are
 * one list, `a, b`, with a space after each comma so that no comma reads as one of thousands. A unit is a label and no part of the answer,
 * also `%`, since the error that a source accepts is in that unit.
 * Sources of the columns: the published files of GSM8K (arXiv 2110.14168), MATH (2103.03874) and its subset MATH-500 (2305.20050), AIME and AMC
 * as collected for NuminaMath, OlympiadBench (2402.14008), OCWCourses of Minerva (2206.14858), SVAMP (2103.07191), DeepScaleR, Omni-MATH
 * (2410.07985).
 *
 * @module
 */
import { z } from "zod";
import { DOMAINS } from "../problem.ts";
import {
  answer,
  answers,
  difficulty,
  numericAnswer,
  optionalText,
  type ProblemDraft,
  text,
  tolerance,
} from "./_columns.ts";
import { lastBoxed, withoutDelimiters } from "./_text.ts";

export type { ProblemDraft };

/** How the rows of a data file are laid out. */
export interface Layout {
  /** Name for `--layout`. */
  readonly name: string;
  /** Columns by which a file is told to have it; those that {@linkcode Layout.schema} needs are among them. */
  readonly columns: readonly string[];
  /** What, besides its columns, a first row must have: undefined if it has it, else what is missing. */
  readonly lacks?: (row: Readonly<Record<string, unknown>>) => string | undefined;
  /** Row to draft. */
  readonly schema: z.ZodType<ProblemDraft>;
}

/** Subjects of MATH that belong to a domain by another name. */
const SUBJECT_DOMAINS: Readonly<Record<string, string>> = {
  "prealgebra": "algebra",
  "intermediate algebra": "algebra",
  "counting & probability": "combinatorics",
};

/** Domain that a subject belongs to; undefined if it belongs to none of {@linkcode DOMAINS}. */
export function domainOf(subject: string | undefined): string | undefined {
  const name = subject?.toLowerCase() ?? "";
  return DOMAINS.find((domain) => domain === name) ?? SUBJECT_DOMAINS[name];
}

function subjectLabels(subject: string | undefined): Record<string, string | undefined> {
  return { domain: domainOf(subject), subject };
}

/** A solution whose box is the answer. */
const boxedSolution = text.refine((solution) => (lastBoxed(solution)?.trim() ?? "") !== "", {
  error: "a solution with an answer in \\boxed{…}",
});

function boxedAnswer(solution: string): string {
  return withoutDelimiters(lastBoxed(solution) ?? "");
}

const gsm8k: Layout = {
  name: "gsm8k",
  columns: ["question", "answer"],
  lacks: (row) => (/####/.test(String(row.answer)) ? undefined : "#### before the final number in answer"),
  schema: z.object({
    question: text,
    answer: text.refine((solution) => /####\s*\S/.test(solution), {
      error: "a solution that ends in #### and a number",
    }),
  }).transform(({ question, answer: solved }) => {
    const end = solved.lastIndexOf("####");
    // Calculator marks, <<16-3-4=9>>, repeat what stands around them.
    const solution = solved.slice(0, end).replaceAll(/<<[^<>]*>>/g, "").trim();
    const final = solved.slice(end + 4).trim().replaceAll(/(?<=\d),(?=\d{3})/g, "");
    return { statement: question, answer: withoutDelimiters(final), solution: solution || undefined, labels: {} };
  }),
};

/** MATH has its subjects in `type` or `subject`. */
function lacksSubject(row: Readonly<Record<string, unknown>>): string | undefined {
  return Object.hasOwn(row, "type") || Object.hasOwn(row, "subject") ? undefined : "type or subject";
}

const math: Layout = {
  name: "math",
  columns: ["problem", "level", "solution"],
  lacks: lacksSubject,
  schema: z.object({
    problem: text,
    level: difficulty,
    solution: boxedSolution,
    type: optionalText,
    subject: optionalText,
    unique_id: optionalText,
  }).transform(({ problem, level, solution, type, subject, unique_id }) => ({
    own: unique_id,
    statement: problem,
    answer: boxedAnswer(solution),
    solution,
    difficulty: level,
    labels: subjectLabels(subject ?? type),
  })),
};

const math500: Layout = {
  name: "math500",
  columns: ["problem", "answer", "solution", "level"],
  lacks: lacksSubject,
  schema: z.object({
    problem: text,
    answer,
    solution: optionalText,
    subject: optionalText,
    type: optionalText,
    level: difficulty,
    unique_id: optionalText,
  }).transform((row) => ({
    own: row.unique_id,
    statement: row.problem,
    answer: row.answer,
    solution: row.solution,
    difficulty: row.level,
    labels: subjectLabels(row.subject ?? row.type),
  })),
};

/** Contest that the page of a problem belongs to, e.g. `2024 AIME I`. */
function contestOf(url: string | undefined): string | undefined {
  return /\/(\d{4}(?:_[A-Z0-9]+)+)_Problems/.exec(url ?? "")?.[1]?.replaceAll("_", " ");
}

/** AIME and AMC: answers are numbers; the page that a row names tells the contest. */
function contest(name: string, mark: RegExp): Layout {
  return {
    name,
    columns: ["problem", "answer", "url"],
    lacks: (row) => (mark.test(String(row.url)) ? undefined : `a url of a contest (${mark.source})`),
    schema: z.object({
      problem: text,
      answer: numericAnswer,
      id: optionalText,
      solution: optionalText,
      url: optionalText,
    }).transform((row) => ({
      own: row.id,
      statement: row.problem,
      answer: row.answer,
      solution: row.solution,
      labels: { source: contestOf(row.url) },
    })),
  };
}

/** A comma between two answers, which `{,}` is not. */
const COMMA = /(?<!\{),\s*(?!\})/g;

const olympiadbench: Layout = {
  name: "olympiadbench",
  columns: ["question", "final_answer"],
  schema: z.object({
    id: optionalText,
    context: optionalText,
    question: text,
    final_answer: answers,
    is_multiple_answer: z.union([z.boolean(), z.enum(["true", "false", "True", "False"])]).nullish(),
    solution: z.union([optionalText, z.array(text)]).nullish(),
    unit: optionalText,
    answer_type: optionalText,
    error: tolerance,
    subfield: optionalText,
  }).transform((row) => {
    const several = String(row.is_multiple_answer).toLowerCase() === "true" ||
      /^(?:tuple|interval)$/i.test(row.answer_type ?? "");
    const listed = several ? row.final_answer.replaceAll(COMMA, ", ") : row.final_answer;
    return {
      own: row.id,
      statement: row.context === undefined ? row.question : `${row.context}\n\n${row.question}`,
      answer: listed,
      tolerance: row.error,
      solution: (Array.isArray(row.solution) ? row.solution[0] : row.solution) ?? undefined,
      labels: {
        ...subjectLabels(row.subfield),
        type: row.answer_type,
        unit: row.unit === undefined ? undefined : withoutDelimiters(row.unit),
      },
    };
  }),
};

const minerva: Layout = {
  name: "minerva",
  columns: ["problem", "solution", "type"],
  schema: z.object({ problem: text, solution: boxedSolution, type: optionalText, idx: optionalText }).transform(
    ({ problem, solution, type, idx }) => ({
      own: idx,
      statement: problem,
      answer: boxedAnswer(solution),
      solution,
      labels: { subject: type },
    }),
  ),
};

const svamp: Layout = {
  name: "svamp",
  columns: ["Body", "Question", "Answer"],
  schema: z.object({ Body: text, Question: text, Answer: numericAnswer, Type: optionalText, ID: optionalText })
    .transform(
      (row) => ({
        own: row.ID,
        // A third of the bodies lack the full stop before the question.
        statement: `${row.Body}${/[.,;:?!]$/.test(row.Body) ? "" : "."} ${row.Question}`,
        answer: row.Answer,
        labels: { type: row.Type },
      }),
    ),
};

const deepscaler: Layout = {
  name: "deepscaler",
  columns: ["problem", "answer", "solution"],
  schema: z.object({ problem: text, answer, solution: optionalText }).transform((row) => ({
    statement: row.problem,
    answer: row.answer,
    solution: row.solution,
    labels: {},
  })),
};

/** Domain of Omni-MATH, a path such as `Mathematics -> Discrete Mathematics -> Combinatorics`. */
function pathDomain(path: string | undefined): string | undefined {
  const parts = path?.split("->").map((part) => part.trim()) ?? [];
  return parts.map(domainOf).find((domain) => domain !== undefined) ?? parts[1]?.toLowerCase();
}

const omniMath: Layout = {
  name: "omni-math",
  columns: ["domain", "difficulty", "problem", "solution", "answer", "source"],
  schema: z.object({
    domain: z.union([z.array(text), optionalText]),
    difficulty,
    problem: text,
    solution: optionalText,
    answer,
    source: optionalText,
  }).transform((row) => {
    const subject = Array.isArray(row.domain) ? row.domain[0] : row.domain;
    return {
      statement: row.problem,
      answer: row.answer,
      solution: row.solution,
      difficulty: row.difficulty,
      labels: { domain: pathDomain(subject), subject, source: row.source },
    };
  }),
};

/** Columns of {@linkcode Problem} itself: what `addDataset` writes, and a way to hand in problems that need no mapping. */
const problems: Layout = {
  name: "problems",
  columns: ["id", "statement", "answer", "difficulty"],
  schema: z.object({
    id: text,
    statement: text,
    // As it is: what was cleaned once must not be cleaned again.
    answer: text,
    tolerance,
    solution: z.string().nullish(),
    difficulty,
    labels: z.record(z.string(), z.string()).nullish(),
  }).transform((row) => ({
    own: row.id.slice(row.id.indexOf("/") + 1),
    statement: row.statement,
    answer: row.answer,
    tolerance: row.tolerance,
    solution: row.solution ?? undefined,
    difficulty: row.difficulty,
    labels: row.labels ?? {},
  })),
};

/** All layouts, by name. */
export const LAYOUTS: readonly Layout[] = [
  gsm8k,
  math,
  math500,
  contest("aime", /AIME/),
  contest("amc", /AMC/),
  olympiadbench,
  minerva,
  svamp,
  deepscaler,
  omniMath,
  problems,
];
