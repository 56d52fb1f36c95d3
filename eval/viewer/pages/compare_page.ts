/**
 * Runs side by side: their curves in one drawing each, their evaluations, and the difference of each run to the first one.
 *
 * Contract: differences are paired by scenario, with 95 % cluster-bootstrap intervals and sign-flip p-values (`eval/bootstrap.ts`), the same
 * figures that tables show for one seed; where they take longer than a page may, they are computed when asked for. SGC as in the view `metrics_by_sample`. They say how two trained models differ, not how two
 * recipes do: that takes several seeds (`whet table`).
 *
 * @module
 */
import { html } from "hono/html";
import { runPath } from "../addresses.ts";
import type { PageMaker } from "../context.ts";
import { field, listTable, nothing } from "../layout.ts";
import { type ChartSeries, lineChart } from "../line_chart.ts";
import { pairedDifference } from "../../bootstrap.ts";
import { type MetricCells, metricValue } from "../../metrics.ts";
import { integerOf, numberOf, type QueryRow, rowObjects, sqlText, textOf } from "../../query_rows.ts";
import { type Markup, shown, signed } from "../text.ts";
import { pointsOf, updatesSql } from "./run_page.ts";

/** Most runs that are compared. */
export const MOST_COMPARED = 8;

/** A metric as sums per scenario: above and below the line. */
interface ComparedMetric {
  readonly label: string;
  readonly unit: string;
  readonly scale: number;
  readonly decimals: number;
  readonly terms: (row: QueryRow) => readonly [number, number];
}

/** Terms (metrics, runs, passes and scenarios multiplied) up to which differences are computed unasked: about 60 ms. */
const MOST_TERMS = 2500;

const n = (row: QueryRow, column: string) => numberOf(row, column) ?? 0;

const COMPARED: readonly ComparedMetric[] = [
  {
    label: "TGC",
    unit: "percentage points",
    scale: 100,
    decimals: 1,
    terms: (row) => [n(row, "solved"), n(row, "scored")],
  },
  {
    label: "SGC",
    unit: "percentage points",
    scale: 100,
    decimals: 1,
    terms: (row) => [n(row, "all_solved"), n(row, "whole")],
  },
  { label: "turns", unit: "per task", scale: 1, decimals: 2, terms: (row) => [n(row, "turns"), n(row, "scored")] },
  {
    label: "generated tokens",
    unit: "per task",
    scale: 1,
    decimals: 0,
    terms: (row) => [n(row, "tokens"), n(row, "scored")],
  },
  { label: "skill use", unit: "fraction", scale: 1, decimals: 2, terms: (row) => [n(row, "used"), n(row, "offered")] },
];

/** Sums per run, split, pass and scenario; `whole` counts scenarios without a fault. */
export function passesSql(runs: readonly string[]): string {
  return `SELECT run_id, phase, sample, scenario, count(success) AS scored, count(*) FILTER (success IS NULL) AS faults,
    count(*) FILTER (success) AS solved, (faults = 0 AND bool_and(success))::INTEGER AS all_solved, (faults = 0)::INTEGER AS whole,
    sum(steps) FILTER (success IS NOT NULL) AS turns, sum(generated_tokens) FILTER (success IS NOT NULL) AS tokens,
    count(*) FILTER (success IS NOT NULL AND len(skills_offered) > 0) AS offered,
    count(*) FILTER (success IS NOT NULL AND used_skill) AS used
  FROM rollout WHERE run_id IN (${runs.map(sqlText).join(", ")}) AND phase >= 'eval/' AND phase < 'eval0'
  GROUP BY ALL ORDER BY ALL`;
}

/**
 * The same with all passes of a run through a split as one, and whether that changes nothing: where every pass has the same sizes below the
 * line, the mean of their ratios is the ratio of their sums, whatever the weights of scenarios.
 */
export function comparedSql(runs: readonly string[]): string {
  const sums = ["scored", "solved", "all_solved", "whole", "turns", "tokens", "offered", "used"];
  return `WITH passes AS (${passesSql(runs)}), by_scenario AS (
    SELECT run_id, phase, 0 AS sample, scenario, count(*) AS passes, ${
    sums.map((column) => `sum(${column}) AS ${column}`).join(", ")
  },
      min(scored) = max(scored) AND min(offered) = max(offered) AND min(whole) = 1 AS is_even
    FROM passes GROUP BY run_id, phase, scenario
  )
  SELECT * EXCLUDE (passes, is_even),
    bool_and(is_even) OVER w AND min(passes) OVER w = max(passes) OVER w AS is_alike
  FROM by_scenario WINDOW w AS (PARTITION BY run_id, phase) ORDER BY run_id, phase, scenario`;
}

function cellsOf(rows: readonly QueryRow[], metric: ComparedMetric): MetricCells {
  const scenarios_C = [...new Set(rows.map((row) => textOf(row, "scenario")))].sort();
  const column = new Map(scenarios_C.map((scenario, index) => [scenario, index]));
  const passes = Map.groupBy(rows, (row) => integerOf(row, "sample"));
  const runs = [...passes].sort(([a], [b]) => a - b).map(([evalRun, own]) => {
    const numerator_C = scenarios_C.map(() => 0);
    const denominator_C = scenarios_C.map(() => 0);
    for (const row of own) {
      const index = column.get(textOf(row, "scenario")) ?? 0;
      [numerator_C[index], denominator_C[index]] = metric.terms(row) as [number, number];
    }
    return { seed: 0, evalRun, numerator_C, denominator_C };
  });
  return { scenarios_C, runs, scale: metric.scale };
}

/** Differences that were computed, by what they were computed from: a bootstrap takes longer than a page may. */
const computed = new Map<string, Markup>();

function differences(
  split: string,
  names: ReadonlyMap<string, string>,
  byRun: ReadonlyMap<string, readonly QueryRow[]>,
  more: string | undefined,
): { readonly table: Markup; readonly isWhole: boolean } {
  const runs = [...names.keys()].filter((run) => byRun.has(run));
  const [base] = runs;
  const cells = new Map(
    runs.map((run) => [run, COMPARED.map((metric) => cellsOf(byRun.get(run) ?? [], metric))] as const),
  );
  const valueCell = (run: string, i: number): string => {
    const own = cells.get(run)?.[i];
    const value = own === undefined ? null : metricValue(own);
    return value === null ? "—" : value.toFixed(COMPARED[i]?.decimals ?? 1);
  };
  const terms = [...cells.values()].flat().reduce(
    (sum, { runs, scenarios_C }) => sum + runs.length * scenarios_C.length,
    0,
  );
  const isWhole = runs.length < 2 || more === undefined || terms <= MOST_TERMS;
  const table = html`<h2>${shown(split)}</h2>${
    listTable(
      `Evaluation on ${split}`,
      [
        { heading: "run" },
        ...COMPARED.map(({ label, scale }) => ({ heading: scale === 100 ? `${label} (%)` : label, number: true })),
      ],
      runs.map((run) => [
        html`<a data-item href="${runPath(run)}">${names.get(run)}</a>`,
        ...COMPARED.map((_, i) => valueCell(run, i)),
      ]),
    )
  }${
    !isWhole
      ? html`<p><a class="button" href="/compare${more}">Compute the differences</a> <small>takes a few seconds: ${terms} sums</small></p>`
      : runs.length < 2 || base === undefined
      ? null
      : listTable(
        `Paired differences on ${split}`,
        [
          { heading: html`minus ${names.get(base)}` },
          { heading: "metric" },
          { heading: "difference", number: true },
          { heading: "95 % interval", number: true, about: "cluster bootstrap over scenarios, 2000 resamples" },
          { heading: "p", number: true, about: "two-sided sign-flip test, not adjusted for the number of rows" },
          { heading: "scenarios", number: true, about: "that both have" },
        ],
        runs.slice(1).flatMap((run) =>
          COMPARED.flatMap((metric, i) => {
            const [left, right] = [cells.get(run)?.[i], cells.get(base)?.[i]];
            if (left === undefined || right === undefined) return [];
            const { value, interval, p, resolved, scenarios } = pairedDifference(left, right);
            if (value === null) return [];
            return [[
              names.get(run) ?? run,
              html`${metric.label} <small>${metric.unit}</small>`,
              resolved ? html`<strong>${signed(value, metric.decimals)}</strong>` : signed(value, metric.decimals),
              interval === null
                ? "—"
                : `[${signed(interval.low, metric.decimals)}, ${signed(interval.high, metric.decimals)}]`,
              p === null ? "—" : p < 0.001 ? "< 0.001" : p.toFixed(3),
              scenarios,
            ]];
          })
        ),
      )
  }`;
  return { table, isWhole };
}

/** Makes the page. */
export const comparePage: PageMaker = async ({ record, search: given }) => {
  const { query } = record;
  const wanted = [...new Set(given.getAll("run").filter((run) => run !== ""))].slice(0, MOST_COMPARED);
  const trail = [{ label: "Runs", href: "/" }];
  const all = rowObjects(
    await query("SELECT run_id, arm, seed FROM run ORDER BY started_at DESC, run_id LIMIT 200"),
  );
  const chosen = wanted.length === 0 ? [] : rowObjects(
    await query(`SELECT run_id, arm, seed FROM run WHERE run_id IN (${wanted.map(sqlText).join(", ")})`),
  );
  const known = wanted.flatMap((run) => chosen.filter((row) => row["run_id"] === run));
  const add = html`<form class="filter"><div class="fields">${
    known.map((row) => html`<input type="hidden" name="run" value="${textOf(row, "run_id")}">`)
  }${
    field("run", known.length === 0 ? "First run" : "Add a run", "", all.map((row) => textOf(row, "run_id")), "choose")
  }</div><button>${known.length === 0 ? "Choose" : "Add"}</button></form>`;
  if (known.length < 2) {
    return {
      title: "Compare runs",
      trail,
      body: html`${all.length === 0 ? nothing("There are no runs yet.", "whet reproduce sage --scale smoke") : add}${
        known.length === 1
          ? html`<p>Chosen: ${shown(textOf(known[0] ?? {}, "run_id"))}. Choose another one to compare it with.</p>`
          : null
      }`,
    };
  }
  const label = (row: QueryRow) => `${shown(textOf(row, "arm"))} · seed ${integerOf(row, "seed")}`;
  const isShared = new Set(known.map(label)).size < known.length;
  const names = new Map(
    known.map((row) => [textOf(row, "run_id"), isShared ? shown(textOf(row, "run_id")) : label(row)] as const),
  );
  const ids = [...names.keys()];
  const updates = rowObjects(await query(updatesSql(ids))).filter((row) => textOf(row, "phase") === "rl");
  const together = rowObjects(await query(comparedSql(ids)));
  const rows = together.every((row) => row["is_alike"] === true) ? together : rowObjects(await query(passesSql(ids)));
  const series = (column: string): ChartSeries[] =>
    ids.map((run, colour) => ({
      name: names.get(run) ?? run,
      points: pointsOf(updates.filter((row) => textOf(row, "run_id") === run), column),
      colour,
    }));
  const charts = [
    lineChart(series("reward"), { title: "Mean reward", unit: "units of reward", xLabel: "update" }),
    lineChart(series("success"), { title: "Success", unit: "share of rollouts", xLabel: "update", limits: [0, 1] }),
    lineChart(series("equal_share"), {
      title: "Groups of equal rewards",
      unit: "share",
      xLabel: "update",
      limits: [0, 1],
    }),
    lineChart(series("tokens_per_s"), { title: "Sampling speed", unit: "tokens / s", xLabel: "update" }),
  ].filter((chart) => chart !== undefined);
  const splits = Map.groupBy(rows, (row) => textOf(row, "phase"));
  const tables = [...splits].map(([phase, own]) => {
    // Rows of a finished evaluation never change, and their number tells one that has grown.
    const key = JSON.stringify([
      ids,
      [...names.values()],
      phase,
      own.length,
      ...["scored", "solved", "turns", "tokens", "used"].map((column) =>
        own.reduce((sum, row) => sum + n(row, column), 0)
      ),
    ]);
    const known = computed.get(key);
    if (known !== undefined) return known;
    const more = given.has("differences") ? undefined : `${addressed(ids)}&differences=1`;
    const { table, isWhole } = differences(phase, names, Map.groupBy(own, (row) => textOf(row, "run_id")), more);
    if (computed.size >= 64) computed.clear();
    if (isWhole) computed.set(key, table);
    return table;
  });
  return {
    title: "Compare runs",
    trail,
    lead: html`${
      ids.map((run, i) =>
        html`
          <span
            class="chosen"><span class="swatch s${i % 7}"></span> <a href="${runPath(run)}">${names.get(
              run,
            )}</a> <a class="quiet" href="/compare${addressed(
              ids.filter((other) => other !== run),
            )}" aria-label="leave ${names.get(
              run,
            )} out">leave out</a></span>
        `
      )
    }`,
    body: html`
      ${ids.length < MOST_COMPARED ? add : null}
      ${charts.length === 0
        ? html`<p>None of these runs has updates by reinforcement learning.</p>`
        : html`<div class="charts">${charts}</div>`}
      ${tables.length === 0 ? nothing("None of these runs has been evaluated yet.") : tables}
      <p
        class="quiet">Differences in bold have an interval that excludes 0. They compare these trained models; recipes are compared over seeds by <code>whet table</code>.</p>
    `,
  };
};

/** Query string of a comparison. */
function addressed(runs: readonly string[]): string {
  return `?${new URLSearchParams(runs.map((run) => ["run", run]))}`;
}
