/**
 * `whet env stats math`: the families that make problems, and statistics of data sets.
 *
 * @module
 */
import { datasetName, type ProblemSet, type ReadProblemsOptions } from "../envs/math/datasets/read_problems.ts";
import { openDataset } from "../envs/math/datasets/registry.ts";
import type { Family } from "../envs/math/families/family.ts";
import { FAMILIES } from "../envs/math/families/mod.ts";
import { mathStats, type MathStatsOptions, type MathStatsReport } from "./math_stats.ts";
import { textTable } from "./text_table.ts";

/** Options of {@linkcode mathStatsReport}. */
export interface MathStatsReportOptions extends MathStatsOptions, Pick<ReadProblemsOptions, "layout" | "fields"> {
  /**
   * Data sets: registered names or files. `layout` and `fields` hold for all files among them.
   *
   * @default {[]}
   */
  data?: readonly string[];
  /**
   * Folder of the workspace, for registered names.
   *
   * @default {"results/workspace"}
   */
  workspace?: string;
}

/** Facts of the families, one row each, by domain. */
export function familyTable(families: readonly Family[]): MathStatsReport {
  const sorted = families.toSorted((a, b) => compareText(a.domain, b.domain) || compareText(a.id, b.id));
  const facts = sorted.map(({ domain, id, method, split, near, levels }) => ({
    domain,
    family: id,
    method,
    split: split === "ood" && near === true ? "ood, near" : split,
    levels,
  }));
  const text = textTable({
    columns: [
      { heading: "domain" },
      { heading: "family" },
      { heading: "method" },
      { heading: "split" },
      { heading: "levels", align: "right" },
    ],
    rows: facts.map(({ domain, family, method, split, levels }) => [domain, family, method, split, String(levels)]),
  });
  return { text, json: facts };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Opens data sets; of two files with one name the second gets a number, as ids must tell them apart. */
async function openAll(options: MathStatsReportOptions): Promise<ProblemSet[]> {
  const { data = [], workspace = "results/workspace", layout, fields } = options;
  const sets: ProblemSet[] = [];
  for (const nameOrPath of data) {
    const reading = {
      onBadRow: "report",
      ...(layout === undefined ? {} : { layout }),
      ...(fields === undefined ? {} : { fields }),
    } as const;
    const first = datasetName(nameOrPath);
    const taken = new Set(sets.map(({ name }) => name));
    let name = first;
    for (let number = 2; taken.has(name); number++) name = `${first}-${number}`;
    sets.push(await openDataset(workspace, nameOrPath, { ...reading, name }));
  }
  return sets;
}

/**
 * The report of `whet env stats math`: of data sets if any are named, else of the seeded families.
 *
 * @param options see {@linkcode MathStatsReportOptions}.
 * @throws what `openDataset` throws of a file as a whole; bad rows are part of the report.
 */
export async function mathStatsReport(options: MathStatsReportOptions = {}): Promise<MathStatsReport> {
  const families = familyTable(FAMILIES);
  const sets = await openAll(options);
  if (sets.length === 0) return { text: families.text, json: { families: families.json } };
  const { text, json } = await mathStats(sets, options);
  return { text, json };
}
