/**
 * How often a grader is wrong, on pairs whose verdict is known.
 *
 * Contract: every pair counts once, in its category and in the total. *False positive*: judged correct and is not. *False
 * negative*: judged incorrect and is correct. *Other*: any other verdict than the label, such as `unparsed` on a correct answer,
 * `incorrect` where there is no answer, a timeout, an error. Reference answers are given to the grader as they stand, answers as
 * whole completions.
 *
 * @module
 */
import type { VerdictKind } from "../../contract.ts";

/** A reference, a completion, and what a mathematician says of them. */
export interface LabelledPair {
  /** Reference answer. */
  readonly gold: string;
  /** Completion to judge. */
  readonly answer: string;
  /** The right verdict. */
  readonly label: "correct" | "incorrect" | "unparsed";
  /** Kind of answer, for the table. */
  readonly category: string;
  /** Why the label is what it is, where that is not plain. */
  readonly note?: string;
}

/** A pair that the grader judged differently from its label. */
export interface MisjudgedPair extends LabelledPair {
  /** What the grader said. */
  readonly verdict: VerdictKind;
  /** Its reason. */
  readonly detail: string;
}

/** Counts of one category, or of all. */
export interface AuditRow {
  /** Name of the category; `all` for the total. */
  readonly category: string;
  /** Pairs judged. */
  readonly pairs: number;
  /** See the module comment. */
  readonly falsePositives: number;
  /** See the module comment. */
  readonly falseNegatives: number;
  /** See the module comment. */
  readonly other: number;
}

/** What {@linkcode auditGrader} found. */
export interface Audit {
  /** One row per category, in order of first appearance. */
  readonly rows: readonly AuditRow[];
  /** Sum of the rows. */
  readonly total: AuditRow;
  /** In the order of the pairs. */
  readonly misjudged: readonly MisjudgedPair[];
}

/** A grader as the audit sees it. */
export type AuditedGrader = (
  gold: string,
  completion: string,
) => { readonly verdict: VerdictKind; readonly detail: string };

/** Labels that a pair may have. */
export const PAIR_LABELS = ["correct", "incorrect", "unparsed"] as const satisfies readonly VerdictKind[];

/** A line of a file of labelled pairs is not one. */
export class PairError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "PairError";
}

/**
 * Reads labelled pairs from JSON lines; blank lines are skipped.
 *
 * @param text content of the file.
 * @throws {PairError} with the line and the field, if a line is not a pair.
 */
export function readLabelledPairs(text: string): LabelledPair[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const fail = (what: string) => new PairError(`Cannot read labelled pairs: line ${index + 1} ${what}`);
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw fail(`is no JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    const fields = typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
    const text = (name: string): string => {
      const found = fields[name];
      if (typeof found !== "string") throw fail(`must have a text in "${name}", got ${JSON.stringify(found)}`);
      return found;
    };
    const label = PAIR_LABELS.find((known) => known === fields.label);
    if (label === undefined) {
      throw fail(`must have one of ${PAIR_LABELS.join(", ")} in "label", got ${JSON.stringify(fields.label)}`);
    }
    const note = fields.note === undefined ? {} : { note: text("note") };
    return [{ gold: text("gold"), answer: text("answer"), label, category: text("category"), ...note }];
  });
}

/**
 * Judges labelled pairs and counts what is wrong, per category.
 *
 * @example A grader that accepts everything
 * ```ts
 * import { auditGrader } from "whetstone/envs/math/grader/audit.ts";
 * import assert from "node:assert/strict";
 *
 * const pair = { gold: "1", answer: "2", label: "incorrect", category: "integers" } as const;
 * const audit = auditGrader([pair], () => ({ verdict: "correct", detail: "" }));
 * assert.deepEqual(audit.total, { category: "all", pairs: 1, falsePositives: 1, falseNegatives: 0, other: 0 });
 * ```
 *
 * @param pairs labelled pairs.
 * @param grader judges one of them.
 */
export function auditGrader(pairs: readonly LabelledPair[], grader: AuditedGrader): Audit {
  const counts = new Map<string, { pairs: number; falsePositives: number; falseNegatives: number; other: number }>();
  const misjudged: MisjudgedPair[] = [];
  for (const pair of pairs) {
    const row = counts.get(pair.category) ?? { pairs: 0, falsePositives: 0, falseNegatives: 0, other: 0 };
    counts.set(pair.category, row);
    row.pairs++;
    const { verdict, detail } = grader(pair.gold, pair.answer);
    if (verdict === pair.label) continue;
    if (verdict === "correct") row.falsePositives++;
    else if (verdict === "incorrect" && pair.label === "correct") row.falseNegatives++;
    else row.other++;
    misjudged.push({ ...pair, verdict, detail });
  }
  const rows = [...counts].map(([category, row]) => ({ category, ...row }));
  const sum = (field: "pairs" | "falsePositives" | "falseNegatives" | "other") =>
    rows.reduce((total, row) => total + row[field], 0);
  return {
    rows,
    total: {
      category: "all",
      pairs: sum("pairs"),
      falsePositives: sum("falsePositives"),
      falseNegatives: sum("falseNegatives"),
      other: sum("other"),
    },
    misjudged,
  };
}
