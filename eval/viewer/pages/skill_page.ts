/**
 * One skill of a run: its texts in order of appearance with their differences, where each came from, and every use with its outcome.
 *
 * Contract: chains have libraries of their own, so one name has many lines of descent. Equal texts are shown once, with how many chains saved them and the
 * first of these; each is compared with the text before it in the chain that saved it first, or else with the one that appeared before.
 *
 * @module
 */
import { html } from "hono/html";
import { chainPath, part, rolloutPath, runPath, search } from "../addresses.ts";
import { NotFoundError, type PageMaker } from "../context.ts";
import { listTable } from "../layout.ts";
import { lineDiff } from "../line_diff.ts";
import { integerOf, numberOf, rowObjects, sqlText, textOf } from "../../query_rows.ts";
import { figure, inline, type Markup, percent, shown } from "../text.ts";
import { outcome } from "./rollouts_page.ts";

/** Most texts and uses on the page. */
const MOST_TEXTS = 30;
const MOST_USES = 100;

function difference(before: string, after: string): Markup {
  const sign = { kept: " ", removed: "−", added: "+" };
  const lines = lineDiff(before, after).map(({ kind, text }) =>
    inline`<span class="${kind}">${sign[kind]} ${shown(text)}\n</span>`
  );
  return inline`<pre class="diff" tabindex="0">${lines}</pre>`;
}

/** Makes the page. */
export const skillPage: PageMaker = async ({ record, search: given }) => {
  const { query } = record;
  const [run, scenario, name] = [given.get("run") ?? "", given.get("scenario") ?? "", given.get("name") ?? ""];
  const own = `run_id = ${sqlText(run)} AND scenario = ${sqlText(scenario)}`;
  const texts = rowObjects(
    await query(`WITH saved AS (
      SELECT *, lag(source) OVER (PARTITION BY phase, step, grp, sample ORDER BY version) AS before
      FROM skill WHERE ${own} AND name = ${sqlText(name)}
    ), numbered AS (
      SELECT *, row_number() OVER (PARTITION BY source ORDER BY phase DESC, step, grp, sample, version) AS nth, count(*) OVER (PARTITION BY source) AS chains
      FROM saved
    )
    SELECT phase, step, grp, sample, position, turn, version, kind, task_id, source, before, chains FROM numbered WHERE nth = 1
    ORDER BY phase DESC, step, grp, sample, version LIMIT ${MOST_TEXTS + 1}`),
  );
  const [totals] = rowObjects(
    await query(`SELECT count(*) FILTER (list_contains(skills_offered, ${sqlText(name)})) AS offered,
      count(*) FILTER (list_contains(skills_used, ${sqlText(name)})) AS used,
      avg(success::INTEGER) FILTER (list_contains(skills_used, ${sqlText(name)})) AS with_it,
      avg(success::INTEGER) FILTER (list_contains(skills_offered, ${
      sqlText(name)
    }) AND NOT list_contains(skills_used, ${sqlText(name)})) AS without_it
      FROM rollout WHERE ${own}`),
  );
  const offered = totals === undefined ? 0 : integerOf(totals, "offered");
  if (texts.length === 0 && offered === 0) {
    throw new NotFoundError(`There is no skill ${shown(name)} of scenario ${shown(scenario)} in run ${shown(run)}.`);
  }
  const uses = rowObjects(
    await query(`SELECT phase, step, grp, sample, position, task_id, success, score, steps, generated_tokens,
      list_contains(skills_used, ${sqlText(name)}) AS used
      FROM rollout WHERE ${own} AND list_contains(skills_offered, ${sqlText(name)})
      ORDER BY phase, step, grp, sample, position LIMIT ${MOST_USES}`),
  );
  const kinds = rowObjects(
    await query(
      `SELECT e.kind, count(*) AS n FROM (SELECT * FROM skill_event WHERE run_id = ${sqlText(run)} AND name = ${
        sqlText(name)
      }) e
      SEMI JOIN (SELECT phase, step, grp, sample, position FROM rollout WHERE ${own}) r USING (phase, step, grp, sample, position)
      GROUP BY e.kind ORDER BY n DESC, e.kind`,
    ),
  );
  return {
    title: `Skill ${shown(name)}`,
    trail: [
      { label: "Runs", href: "/" },
      { label: shown(run), href: runPath(run) },
      { label: "Skills", href: `${runPath(run)}/skills` },
    ],
    lead: html`Scenario ${shown(scenario)}. Offered to ${figure(offered)} rollouts, called by ${
      figure(totals === undefined ? null : numberOf(totals, "used"))
    }; solved ${percent(totals === undefined ? null : numberOf(totals, "with_it"))} when called, ${
      percent(totals === undefined ? null : numberOf(totals, "without_it"))
    } when offered and not called.`,
    body: html`<p class="quiet">Events: ${
      kinds.length === 0
        ? "none"
        : kinds.map((row) => `${textOf(row, "kind")} ${figure(numberOf(row, "n"))}`).join(", ")
    }</p>
<h2>Versions</h2>
${texts.length === 0 ? html`<p>Its text is not in the record of this run.</p>` : null}
${
      texts.slice(0, MOST_TEXTS).map((row, i) => {
        const identity = [textOf(row, "phase"), ...["step", "grp", "sample"].map((column) => integerOf(row, column))];
        const parent = row["before"] === null
          ? (i === 0 ? null : textOf(texts[i - 1] ?? {}, "source"))
          : textOf(row, "before");
        return html`
          <section
            class="version"><h3>Text ${i + 1} <small>v${integerOf(row, "version")} in ${figure(
              numberOf(row, "chains"),
            )} ${integerOf(row, "chains") === 1 ? "chain" : "chains"}</small></h3><p>First saved from task ${shown(
              textOf(row, "task_id"),
            )}, turn ${integerOf(row, "turn")}: <a data-item href="${rolloutPath(
              run,
              ...identity,
              integerOf(row, "position"),
            )}">${shown(identity.join("/"))}/${part(row["position"])}</a>, <a href="${chainPath(
              run,
              ...identity,
            )}">chain</a>${parent === null
              ? null
              : row["before"] === null
              ? ". Compared with the text before:"
              : ". Compared with the version before in its chain:"}</p>${parent === null
              ? html`<pre tabindex="0">${shown(textOf(row, "source"))}</pre>`
              : difference(parent, textOf(row, "source"))}</section>
        `;
      })
    }
${
      texts.length > MOST_TEXTS
        ? html`<p>There are more texts; <a href="/sql${
          search({
            q: `SELECT source, count(*) AS chains FROM skill WHERE ${own} AND name = ${
              sqlText(name)
            } GROUP BY source ORDER BY chains DESC`,
          })
        }">all of them by SQL</a>.</p>`
        : null
    }
<h2>Uses</h2>
${
      uses.length === 0 ? html`<p>No prompt showed it.</p>` : listTable(
        "Uses",
        [
          { heading: "rollout" },
          { heading: "task" },
          { heading: "called" },
          { heading: "outcome" },
          { heading: "score", number: true },
          { heading: "turns", number: true },
          { heading: "tokens", number: true, about: "generated tokens" },
        ],
        uses.map((row) => {
          const identity = ["phase", "step", "grp", "sample", "position"].map((column) => part(row[column]));
          return [
            html`<a data-item href="${rolloutPath(run, ...identity)}">${shown(identity.join("/"))}</a>`,
            shown(textOf(row, "task_id")),
            row["used"] === true ? "called" : "only shown",
            outcome(numberOf(row, "success")),
            figure(numberOf(row, "score"), 3),
            figure(numberOf(row, "steps")),
            figure(numberOf(row, "generated_tokens")),
          ];
        }),
      )
    }
${
      offered <= MOST_USES
        ? null
        : html`<p><a class="button" href="${runPath(run)}/rollouts${
          search({ skill: name, scenario, use: "offered" })
        }">All ${figure(offered)} rollouts</a></p>`
    }`,
  };
};
