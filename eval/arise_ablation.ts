/**
 * The table `arise-ablation`: one row per ablation of ARISE, with its accuracy, its paired difference to ARISE, and what its skills did.
 *
 * Contract: everything comes from the record. Differences in Pass@1 pair the same task, training seed and sample, cluster by scenario, and are adjusted by Holm's method
 * over all rows of a split, so that a long list of ablations does not find something by its length; intervals stay those of the single comparisons. An arm that was not
 * evaluated is shown empty. Utilisation is of training, see `arise_figures.ts`.
 *
 * @module
 */
import { figure, SKILL_FIGURES, UTILISATION_NOTE } from "./arise_figures.ts";
import {
  comparisonRows,
  type PassArm,
  type PassRow,
  passRows,
  passSql,
  percentCell,
  samplesOf,
} from "./pass_report.ts";
import type { Query } from "./query_rows.ts";
import { compareGrid, type GridComparison } from "./statistics/compare_grid.ts";
import { sampleMetric } from "./statistics/sample_metrics.ts";
import { cellKey, type TableCell, type TableModel, type TableModelColumn } from "./table_model.ts";

/** Options of {@linkcode ariseAblationTable}. */
export interface AriseAblationOptions {
  /** Arms in the order of the table. */
  readonly arms: readonly PassArm[];
  /** Splits in the order of the table. */
  readonly splits: readonly string[];
  /** Arm that the others are compared with. */
  readonly reference: string;
}

const FIGURES = [SKILL_FIGURES.utilisation, SKILL_FIGURES.gate, SKILL_FIGURES.utility] as const;

/** Comparisons with the reference on one split, by arm. */
function comparisonsOf(
  rows: readonly PassRow[],
  split: string,
  { arms, reference }: AriseAblationOptions,
): Map<string, GridComparison> {
  const outcomes = comparisonRows(rows.filter((row) => row.split === split));
  const present = new Set(outcomes.map(({ arm }) => arm));
  if (!present.has(reference)) return new Map();
  const pairs = arms.filter(({ name }) => name !== reference && present.has(name)).map(({ name }) =>
    [name, reference] as const
  );
  return new Map(compareGrid(outcomes, pairs, { scale: 100 }).map((found) => [found.left, found]));
}

function differenceCell(name: string, reference: string, found: GridComparison | undefined): TableCell {
  if (name === reference) return { text: "reference" };
  if (found === undefined || found.difference === null) return { text: "—", value: null };
  const { difference: value, interval, resolved, adjustedP } = found;
  const sign = (value: number) => `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(1)}`;
  const range = interval === null ? "" : ` [${sign(interval.low)}, ${sign(interval.high)}]`;
  const p = adjustedP === null ? "" : adjustedP < 0.001 ? ", p < 0.001" : `, p = ${adjustedP.toFixed(3)}`;
  return { text: `${sign(value)}${range}${p}${resolved ? "" : ", not resolved"}`, value, interval, resolved };
}

/**
 * Builds the table.
 *
 * @param query runs SQL on the record.
 * @param options see {@linkcode AriseAblationOptions}.
 */
export async function ariseAblationTable(query: Query, options: AriseAblationOptions): Promise<TableModel> {
  const { arms, splits, reference } = options;
  const scored = await passRows(query, { arms, splits });
  const comparisons = new Map(splits.map((split) => [split, comparisonsOf(scored, split, options)]));
  const rows = [];
  for (const arm of arms) {
    const { name, runs } = arm;
    const cells: TableCell[] = [{ text: name }, { text: String(runs.length), value: runs.length }];
    for (const split of splits) {
      const samples = samplesOf(scored.filter((row) => row.arm === name && row.split === split));
      cells.push(
        percentCell(sampleMetric(samples, "pass@1"), passSql(arm, split, 1)),
        differenceCell(name, reference, comparisons.get(split)?.get(name)),
      );
    }
    for (const { sql, decimals, paper } of FIGURES) {
      // SQL has no empty list.
      cells.push(
        runs.length === 0 ? { text: "—", value: null } : await figure(query, sql(runs), decimals, paper?.(name)),
      );
    }
    rows.push({ key: cellKey(name), cells });
  }
  const columns: TableModelColumn[] = [
    { key: "arm", title: "arm" },
    { key: "seeds", title: "seeds", align: "right" },
    ...splits.flatMap((split): TableModelColumn[] => [
      { key: cellKey(`pass-${split}`), title: `Pass@1 ${split}`, unit: "%", align: "right" },
      { key: cellKey(`difference-${split}`), title: `− ${reference}`, unit: "points" },
    ]),
    ...FIGURES.map(({ column }) => column),
  ];
  return {
    key: "arise-ablation",
    title: `Ablations of ${reference}: Pass@1 (%), paired differences (points), and skills in training`,
    columns,
    rows,
    notes: [
      "95 % intervals over scenarios; differences are paired by task, seed and sample, p by sign flips over scenarios, adjusted by Holm's method over " +
      "the rows of a split.",
      ...(rows.some(({ cells }) => cells.some(({ paper }) => paper !== undefined)) ? [UTILISATION_NOTE] : []),
    ],
  };
}
