/**
 * The skills of a run: how often each was saved, offered and called, and how well the rollouts went that called it.
 *
 * Contract: a skill is known by its name and scenario, since every chain has a library of its own. Success is observed, not an effect.
 *
 * @module
 */
import { html } from "hono/html";
import { runPath, skillPath } from "../addresses.ts";
import { found, type PageMaker } from "../context.ts";
import { field, listTable, nothing } from "../layout.ts";
import { numberOf, rowObjects, sqlText, textOf } from "../../query_rows.ts";
import { clipped, figure, percent, shown } from "../text.ts";

/** Most skills on the page. */
const MOST_SKILLS = 200;

/** Makes the page. */
export const skillsPage: PageMaker = async ({ record, rest: run, search: given }) => {
  const { query } = record;
  const own = `run_id = ${sqlText(run)}`;
  found(rowObjects(await query(`SELECT run_id FROM run WHERE ${own}`)), `There is no run ${shown(run)}.`);
  const text = given.get("q") ?? "";
  const like = text === "" ? "true" : `(contains(lower(name), lower(${sqlText(text)})) OR scenario = ${sqlText(text)})`;
  const rows = rowObjects(
    await query(`WITH saved AS (
      SELECT scenario, name, count(*) AS saved, max(version) AS version, count(DISTINCT source) AS sources FROM skill WHERE ${own} GROUP BY ALL
    ), offered AS (
      SELECT scenario, name, count(*) AS offered FROM (SELECT scenario, unnest(skills_offered) AS name FROM rollout WHERE ${own}) GROUP BY ALL
    ), used AS (
      SELECT scenario, name, count(*) AS used, avg(success) AS success
      FROM (SELECT scenario, success::INTEGER AS success, unnest(skills_used) AS name FROM rollout WHERE ${own}) GROUP BY ALL
    )
    SELECT scenario, name, coalesce(saved, 0) AS saved, version, sources, coalesce(offered, 0) AS offered, coalesce(used, 0) AS used, success
    FROM saved FULL JOIN offered USING (scenario, name) FULL JOIN used USING (scenario, name)
    WHERE ${like} ORDER BY used DESC, offered DESC, saved DESC, scenario, name LIMIT ${MOST_SKILLS}`),
  );
  return {
    title: "Skills",
    trail: [{ label: "Runs", href: "/" }, { label: shown(run), href: runPath(run) }],
    lead: html`Skills that the chains of this run saved, by how often they were called.`,
    body: html`<form class="filter" role="search"><div class="fields">${
      field("q", "Name contains, or scenario", text)
    }</div><button>Filter</button></form>
${
      rows.length === 0
        ? nothing(
          text === ""
            ? "This run has saved no skills: only agents with a library do, such as that of SAGE."
            : "No skill fits this filter.",
          text === "" ? "whet reproduce sage --scale smoke" : undefined,
        )
        : listTable(
          "Skills",
          [
            { heading: "skill" },
            { heading: "scenario" },
            { heading: "saved", number: true, about: "versions saved, in all chains" },
            { heading: "texts", number: true, about: "different texts among them" },
            { heading: "highest version", number: true },
            { heading: "offered", number: true, about: "rollouts whose prompt showed it" },
            { heading: "called", number: true, about: "rollouts that called it" },
            { heading: "success when called", number: true },
          ],
          rows.map((row) => [
            html`<a data-item href="${skillPath(run, textOf(row, "scenario"), textOf(row, "name"))}">${
              clipped(shown(textOf(row, "name")), 80)
            }</a>`,
            shown(textOf(row, "scenario")),
            figure(numberOf(row, "saved")),
            figure(numberOf(row, "sources")),
            figure(numberOf(row, "version")),
            figure(numberOf(row, "offered")),
            figure(numberOf(row, "used")),
            percent(numberOf(row, "success")),
          ]),
        )
    }
${rows.length < MOST_SKILLS ? null : html`<p>Only the first ${MOST_SKILLS} are listed; use the filter.</p>`}`,
  };
};
