/**
 * The first page: every run of the workspace with how far it is and how well it does.
 *
 * @module
 */
import { html } from "hono/html";
import { runPath, search } from "../addresses.ts";
import type { PageMaker } from "../context.ts";
import { field, listTable, nothing } from "../layout.ts";
import { integerOf, rowObjects, sqlText } from "../../query_rows.ts";
import { type RunOverview, runOverview, runOverviewSql, type RunState, runState } from "../run_state.ts";
import { duration, figure, type Markup, percent, shown } from "../text.ts";

/** Most runs on a page. */
const MOST_RUNS = 200;

/** State that a page shows: it changes whenever a unit is committed. */
export const RECORD_STATE_SQL =
  "SELECT (SELECT count(*) FROM run) AS runs, (SELECT count(*) FROM unit) AS units, (SELECT count(*) FROM update_step) AS updates";

/** A run's state as a badge. */
export function badge(state: RunState): Markup {
  return html`<span class="badge ${state}">${state}</span>`;
}

/** How much of the training is done. */
export function progressOf(run: RunOverview): Markup {
  const rest = run.units - run.trained;
  const more = rest === 0 ? "" : ` + ${rest}`;
  if (run.planned === null) return html`${figure(run.units)} units`;
  return html`
    <progress max="${Math.max(1, run.planned)}" value="${Math.min(
      run.trained,
      run.planned,
    )}" aria-label="training units"></progress>
    <span
      title="units of training done, of those planned, and units of evaluation">${run.trained} / ${run
        .planned}${more}</span>
  `;
}

/** Makes the page. */
export const runsPage: PageMaker = async ({ record, search: given, database }) => {
  const text = given.get("q") ?? "";
  const needle = sqlText(text);
  const condition = text === ""
    ? "true"
    : `(contains(lower(run_id), lower(${needle})) OR contains(lower(arm), lower(${needle})) OR contains(lower(environment), lower(${needle})))`;
  const runs = rowObjects(await record.query(runOverviewSql(condition, MOST_RUNS))).map(runOverview);
  const [counts] = rowObjects(await record.query(RECORD_STATE_SQL));
  const total = counts === undefined ? 0 : integerOf(counts, "runs");
  const common = {
    title: "Runs",
    ...(record.isLive ? { watch: "/live.json", state: JSON.stringify(counts) } : {}),
  };
  if (total === 0) {
    return {
      ...common,
      body: nothing(`There are no runs in ${shown(database)} yet.`, "whet reproduce sage --scale smoke"),
    };
  }
  const newest = text === "" ? runs[0]?.run : undefined;
  const table = listTable(
    "Runs",
    [
      { heading: html`<span class="unseen">compare</span>` },
      { heading: "run" },
      { heading: "arm" },
      { heading: "recipe" },
      { heading: "seed", number: true },
      { heading: "environment" },
      { heading: "state" },
      { heading: "units" },
      { heading: "reward", number: true, about: "mean reward of the newest update, in units of reward" },
      { heading: "success", number: true, about: "share of solved rollouts of the newest update" },
      { heading: "evaluation", number: true, about: "share of solved evaluation rollouts, all splits together" },
      { heading: "time", number: true, about: "time that the finished units took" },
      { heading: "started (UTC)" },
    ],
    runs.map((run) => [
      html`<input type="checkbox" name="run" value="${run.run}" aria-label="compare ${shown(run.run)}">`,
      html`<a href="${runPath(run.run)}" data-item>${shown(run.run)}</a>`,
      shown(run.arm),
      shown(run.recipe),
      run.seed,
      shown(run.environment),
      badge(runState(run, record.isLive, run.run === newest)),
      progressOf(run),
      figure(run.reward),
      percent(run.success),
      percent(run.evaluated),
      duration(run.wallMs),
      run.startedAt,
    ]),
  );
  return {
    ...common,
    lead: html`${figure(total)} ${total === 1 ? "run" : "runs"} in <code>${shown(database)}</code>${
      record.isLive ? html`, <strong>being written now</strong>` : null
    }. Mark two or more to compare them.`,
    body: html`<form class="filter" role="search"><div class="fields">${
      field("q", "Run, arm or environment contains", text)
    }</div><button>Filter</button></form>
${
      runs.length === 0
        ? html`
          <div class="nothing">
            <p>No run fits this filter. <a href="/">Show all</a></p>
          </div>
        `
        : html`<form action="/compare">${table}<p class="actions"><button data-compare>Compare marked runs</button></p></form>`
    }
${
      runs.length < MOST_RUNS
        ? null
        : html`<p>Only the ${MOST_RUNS} runs that were started last are listed; the filter finds the others, and so does <a href="${`/sql${
          search({ q: "SELECT run_id, arm, seed FROM run ORDER BY started_at" })
        }`}">SQL</a>.</p>`
    }`,
  };
};
