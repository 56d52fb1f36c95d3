/**
 * What `whet env stats math` prints: sizes, answers and duplicates of problem sets, and whether each reference answer is one that the
 * grader can judge by.
 *
 * Contract: equal sets give equal reports; there are no times in it. A reference answer is verified if the grader can read it and,
 * given it as the answer in a box, calls it correct; every other one is listed with the reason, in JSON all, in text the first.
 * Choices: two statements are duplicates if they have the same letters, digits and signs; spaces, case and the marks around formulas do not
 * count. Lengths are in characters (UTF-16 units); p90 is the nearest rank.
 *
 * @module
 */
import { contentHash, type Json } from "../data/canonical.ts";
import { type BadRow, badRowText } from "../data/dataset_reader.ts";
import type { ProblemSet } from "../envs/math/datasets/read_problems.ts";
import { verifyAnswer } from "../envs/math/grader/verify.ts";
import type { Problem } from "../envs/math/problem.ts";
import { ANSWER_KINDS, type AnswerKind, answerKind } from "./answer_kind.ts";
import type { Progress } from "./progress.ts";
import { printable, textTable, truncate } from "./text_table.ts";

/** A report for people and for programs. */
export interface MathStatsReport {
  /** For people. */
  readonly text: string;
  /** For programs. */
  readonly json: Json;
}

/** Options of {@linkcode mathStats}. */
export interface MathStatsOptions {
  /** Stops between two problems. */
  signal?: AbortSignal;
  /** Shows how far it is. */
  progress?: Progress;
}

/** A reference answer that does not verify against itself. */
interface Unverified {
  readonly id: string;
  readonly answer: string;
  /** What the grader said: `incorrect`, `unparsed`, `timeout`, `error`. */
  readonly verdict: string;
  readonly reason: string;
}

/** Problems with the same statement. */
interface Duplicate {
  /** Ids, at least two, in the order of reading. */
  readonly ids: readonly string[];
  /** Whether their answers are the same text. */
  readonly sameAnswer: boolean;
}

/** Statistics of one set. */
interface SetStats {
  readonly name: string;
  readonly layout: string;
  readonly hash: string;
  readonly rows: number;
  readonly bad: readonly string[];
  readonly withSolution: number;
  readonly statementLength: { readonly median: number; readonly p90: number };
  readonly difficulty: Readonly<Record<string, number>>;
  readonly subjects: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, number>>;
  readonly verified: number;
  readonly unverified: readonly Unverified[];
}

/** Most lines of a list that the text shows; JSON holds all. */
const SHOWN_LINES = 20;

/** Most subjects that the text shows for a set. */
const SHOWN_SUBJECTS = 8;

/** Problems between two looks at the signal. */
const PAUSE_EVERY = 200;

/** Cells of a list of subjects in the text. */
const SHOWN_GROUPS = 100;

/** Cells of an answer, and of a reason, in the text. */
const SHOWN_CELLS = 60;

/** A statement without what does not tell problems apart. */
function normalisedStatement(statement: string): string {
  return statement.normalize("NFKC").toLowerCase()
    .replaceAll(/\\(?:left|right|displaystyle|textstyle|limits|quad|qquad)(?![a-z])|\\[,;:! ()[\]]|[\s$~]/g, "")
    .replaceAll("\\dfrac", "\\frac").replaceAll("\\tfrac", "\\frac")
    .replace(/[.?!:]+$/, "");
}

function rank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** How often each value occurs, the most frequent first. */
function counts(values: readonly string[]): Record<string, number> {
  const groups = [...Map.groupBy(values, (value) => value)].map(([value, same]) => [value, same.length] as const);
  return Object.fromEntries(groups.toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

function unverifiedOf(problem: Problem, kind: AnswerKind): Unverified | undefined {
  const { id, answer, tolerance } = problem;
  const { verdict, detail } = verifyAnswer(
    answer,
    `The answer is $\\boxed{${answer}}$.`,
    tolerance === undefined ? {} : { tolerance },
  );
  if (verdict !== "correct") return { id, answer, verdict, reason: detail };
  if (kind !== "unparsed") return undefined;
  return {
    id,
    answer,
    verdict: "unparsed",
    reason: "it cannot be read, so only an answer of the same letters is correct",
  };
}

function setStats(set: ProblemSet, kinds: readonly AnswerKind[], unverified: readonly Unverified[]): SetStats {
  const { name, layout, hash, problems } = set;
  const lengths = problems.map(({ statement }) => statement.length).toSorted((a, b) => a - b);
  const difficulty = counts(problems.map((problem) => String(problem.difficulty)));
  const levels = Object.entries(difficulty).toSorted((a, b) => Number(a[0]) - Number(b[0]));
  return {
    name,
    layout,
    hash,
    rows: problems.length,
    bad: set.bad.map((row: BadRow) => badRowText(row)),
    withSolution: problems.filter(({ solution }) => solution !== undefined).length,
    statementLength: { median: rank(lengths, 0.5), p90: rank(lengths, 0.9) },
    difficulty: Object.fromEntries(levels),
    subjects: counts(problems.flatMap(({ labels }) => labels.subject ?? labels.domain ?? labels.type ?? [])),
    kinds: counts(kinds),
    verified: problems.length - unverified.length,
    unverified,
  };
}

function duplicatesOf(sets: readonly ProblemSet[]): Duplicate[] {
  const problems = sets.flatMap((set) => set.problems);
  const groups = Map.groupBy(problems, ({ statement }) => contentHash(normalisedStatement(statement), 32));
  return [...groups.values()].filter((group) => group.length > 1).map((group) => ({
    ids: group.map(({ id }) => id),
    sameAnswer: new Set(group.map(({ answer }) => answer)).size === 1,
  }));
}

/**
 * Statistics of problem sets.
 *
 * @param sets sets as `readProblems` and `openDataset` give them.
 * @param options see {@linkcode MathStatsOptions}.
 * @throws the signal's reason.
 */
export async function mathStats(
  sets: readonly ProblemSet[],
  options: MathStatsOptions = {},
): Promise<MathStatsReport> {
  const { signal, progress } = options;
  const total = sets.reduce((sum, { problems }) => sum + problems.length, 0);
  const phase = progress?.phase("reading reference answers", "problems");
  let done = 0;
  const stats: SetStats[] = [];
  for (const set of sets) {
    const kinds: AnswerKind[] = [];
    const unverified: Unverified[] = [];
    for (const problem of set.problems) {
      const kind = answerKind(problem.answer);
      kinds.push(kind);
      const fault = unverifiedOf(problem, kind);
      if (fault !== undefined) unverified.push(fault);
      if (++done % PAUSE_EVERY === 0) {
        // An interrupt is only noticed when the loop of events turns.
        await new Promise((resolve) => setTimeout(resolve, 0));
        signal?.throwIfAborted();
        phase?.update({ done, total });
      }
    }
    stats.push(setStats(set, kinds, unverified));
  }
  progress?.finish();
  const duplicates = duplicatesOf(sets);
  const json = JSON.parse(JSON.stringify({ sets: stats, duplicates })) as Json;
  return { text: statsText(stats, duplicates), json };
}

function right(heading: string): { heading: string; align: "right" } {
  return { heading, align: "right" };
}

function listed(counted: Readonly<Record<string, number>>, most: number): string {
  const entries = Object.entries(counted);
  const shown = entries.slice(0, most).map(([value, count]) => `${value} ${count}`).join(", ");
  return entries.length > most ? `${shown}, and ${entries.length - most} more` : shown;
}

/** Lines of a list, cut short. */
function shortened(lines: readonly string[]): string {
  if (lines.length <= SHOWN_LINES) return lines.map((line) => `${line}\n`).join("");
  const more = `and ${lines.length - SHOWN_LINES} more; --json shows all\n`;
  return `${lines.slice(0, SHOWN_LINES).map((line) => `${line}\n`).join("")}${more}`;
}

function statsText(stats: readonly SetStats[], duplicates: readonly Duplicate[]): string {
  const sizes = textTable({
    columns: [
      { heading: "data set" },
      { heading: "layout" },
      right("rows"),
      right("bad rows"),
      right("with solution"),
      right("characters, median"),
      right("p90"),
      { heading: "hash" },
    ],
    rows: stats.map((set) => [
      set.name,
      set.layout,
      String(set.rows),
      String(set.bad.length),
      String(set.withSolution),
      String(set.statementLength.median),
      String(set.statementLength.p90),
      set.hash,
    ]),
  });
  const kinds = ANSWER_KINDS.filter((kind) => stats.some((set) => (set.kinds[kind] ?? 0) > 0));
  const answers = textTable({
    columns: [{ heading: "answers" }, right("verified"), ...kinds.map(right)],
    rows: stats.map((set) => [
      set.name,
      `${set.verified}/${set.rows}`,
      ...kinds.map((kind) => String(set.kinds[kind] ?? 0)),
    ]),
  });
  const groups = textTable({
    columns: [{ heading: "groups" }, { heading: "difficulty" }, { heading: "subjects" }],
    rows: stats.map((set) => [
      set.name,
      listed(set.difficulty, SHOWN_SUBJECTS),
      truncate(listed(set.subjects, SHOWN_SUBJECTS), SHOWN_GROUPS),
    ]),
  });
  const bad = stats.flatMap((set) => set.bad);
  const unverified = stats.flatMap((set) => set.unverified).map(({ id, answer, verdict, reason }) =>
    `${id}: ${verdict}: ${truncate(printable(answer), SHOWN_CELLS)} (${truncate(printable(reason), SHOWN_CELLS)})`
  );
  const twins = duplicates.map(({ ids, sameAnswer }) => `${ids.join(" = ")}${sameAnswer ? "" : " (other answer)"}`);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? "" : `\n${title}\n${shortened(lines)}`;
  return `${sizes}\n${answers}\n${groups}` +
    section(`bad fields of rows: ${bad.length}`, bad) +
    section(`reference answers that do not verify against themselves: ${unverified.length}`, unverified) +
    section(`statements that occur more than once: ${duplicates.length}`, twins);
}
