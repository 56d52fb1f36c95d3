/**
 * What `whet verify --audit` prints: the mistakes of both graders on labelled pairs, side by side.
 *
 * Contract: a false positive accepts what is labelled otherwise, a false negative rejects what is labelled correct; everything else that
 * differs from the label is counted apart, so that no verdict hides in another. Every misjudged pair of the exact grader is listed.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { type Audit, auditGrader, readLabelledPairs } from "../envs/math/grader/audit.ts";
import { MINERVA_GRADER, verifyMinerva } from "../envs/math/grader/minerva.ts";
import { GRADER, verifyAnswer } from "../envs/math/grader/verify.ts";
import { textTable } from "./text_table.ts";

/** A report for people and for programs. */
export interface AuditReport {
  /** For people. */
  readonly text: string;
  /** For programs. */
  readonly json: Json;
}

/**
 * Audits both graders.
 *
 * @param text content of a file of labelled pairs, one JSON object a line.
 * @throws {PairError} if a line is not a labelled pair.
 */
export function auditReport(text: string): AuditReport {
  const pairs = readLabelledPairs(text);
  const audits: readonly (readonly [string, Audit])[] = [
    [GRADER, auditGrader(pairs, verifyAnswer)],
    [MINERVA_GRADER, auditGrader(pairs, verifyMinerva)],
  ];
  const [[, exact] = [GRADER, undefined]] = audits;
  const lines = (exact?.rows ?? []).map((row, i) => [
    row.category,
    String(row.pairs),
    ...audits.flatMap(([, audit]) => {
      const own = audit.rows[i] ?? row;
      return [own.falsePositives, own.falseNegatives, own.other].map(String);
    }),
  ]);
  const totals = audits.flatMap(([, { total }]) =>
    [total.falsePositives, total.falseNegatives, total.other].map(String)
  );
  const table = textTable({
    columns: [
      { heading: "category" },
      { heading: "pairs", align: "right" },
      ...audits.flatMap(([grader]) =>
        ["accepted wrongly", "rejected wrongly", "other"].map((what) => ({
          heading: `${grader} ${what}`,
          align: "right" as const,
        }))
      ),
    ],
    rows: [...lines, ["all", String(pairs.length), ...totals]],
  });
  const misjudged = (exact?.misjudged ?? []).map(({ gold, answer, label, verdict, detail }) =>
    `${label} judged ${verdict}: ${JSON.stringify(gold)} | ${JSON.stringify(answer)} (${detail})\n`
  ).join("");
  return {
    text: table + (misjudged === "" ? "" : `\n${misjudged}`),
    json: Object.fromEntries(audits.map(([grader, { rows, total, misjudged }]) => [grader, {
      rows: rows.map((row) => ({ ...row })),
      total: { ...total },
      misjudged: misjudged.map((pair) => ({ ...pair, note: pair.note ?? null })),
    }])),
  };
}
