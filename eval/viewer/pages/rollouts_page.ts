/**
 * The rollouts of a run: filtered, ordered, fifty a page.
 *
 * @module
 */
import { html } from "hono/html";
import { chainPath, part, rolloutPath, runPath, search } from "../addresses.ts";
import { found, type PageMaker } from "../context.ts";
import { field, listTable, nothing } from "../layout.ts";
import {
  filterCondition,
  parsePlace,
  ROLLOUT_ORDERS,
  type RolloutFilter,
  rolloutListSql,
  type RolloutOrder,
} from "../rollout_list.ts";
import { integerOf, numberOf, type QueryRow, rowObjects, sqlText, textOf } from "../../query_rows.ts";
import { clipped, figure, type Markup, shown } from "../text.ts";

/** Rollouts on a page. */
export const PAGE_ROWS = 50;

const FINISHES = ["finished", "no_code", "step_limit", "context", "environment_fault"];

/** A rollout's outcome in words. */
export function outcome(success: number | null): Markup {
  if (success === null) return html`<span class="badge fault">fault</span>`;
  return success === 1
    ? html`<span class="badge solved">solved</span>`
    : html`<span class="badge failed">failed</span>`;
}

function filterOf(given: URLSearchParams): RolloutFilter {
  const text = (name: string) => given.get(name) ?? "";
  const success = text("success");
  return {
    phase: text("phase"),
    step: /^\d{1,9}$/.test(text("step")) ? Number(text("step")) : null,
    success: success === "yes" || success === "no" || success === "fault" ? success : "",
    scenario: text("scenario"),
    finish: text("finish"),
    skill: text("skill"),
    skillUse: text("use") === "offered" ? "offered" : "used",
  };
}

function isOrder(text: string): text is RolloutOrder {
  return Object.hasOwn(ROLLOUT_ORDERS, text);
}

/** Place of a row, for addresses. */
function placeOf(row: QueryRow | undefined): string | undefined {
  if (row === undefined) return undefined;
  const numbers = ["step", "grp", "sample", "position"].map((name) => integerOf(row, name));
  return JSON.stringify([numberOf(row, "ordered"), textOf(row, "phase"), ...numbers]);
}

/** Makes the page. */
export const rolloutsPage: PageMaker = async ({ record, rest: run, search: given }) => {
  const { query } = record;
  found(
    rowObjects(await query(`SELECT run_id FROM run WHERE run_id = ${sqlText(run)}`)),
    `There is no run ${shown(run)}.`,
  );
  const filter = filterOf(given);
  const wanted = given.get("sort") ?? "key";
  const order = isOrder(wanted) ? wanted : "key";
  const backwards = given.has("before");
  const place = parsePlace(given.get("before") ?? given.get("after") ?? "");
  const phases = rowObjects(
    await query(`SELECT DISTINCT phase FROM rollout WHERE run_id = ${sqlText(run)} ORDER BY phase`),
  ).map((row) => textOf(row, "phase"));
  const count = numberOf(
    rowObjects(await query(`SELECT count(*) AS n FROM rollout WHERE ${filterCondition(run, filter)}`))[0] ?? {},
    "n",
  );
  const rows = rowObjects(
    await query(rolloutListSql(run, filter, { order, place, backwards, limit: PAGE_ROWS + 1 })),
  );
  const hasMore = rows.length > PAGE_ROWS;
  const page = rows.slice(0, PAGE_ROWS);
  if (backwards) page.reverse();
  const keep = {
    phase: filter.phase,
    step: filter.step ?? undefined,
    success: filter.success,
    scenario: filter.scenario,
    finish: filter.finish,
    skill: filter.skill,
    use: filter.skill !== "" && filter.skillUse === "offered" ? "offered" : undefined,
  };
  const sort = order === "key" ? undefined : order;
  const here = `${runPath(run)}/rollouts`;
  const isFirst = backwards ? !hasMore : place === undefined;
  const isLast = backwards ? place === undefined : !hasMore;
  const step = (name: "before" | "after", label: string, row: QueryRow | undefined, isEnd: boolean) =>
    isEnd || row === undefined
      ? html`<span class="button off" aria-disabled="true">${label}</span>`
      : html`<a class="button" data-${name === "before" ? "previous" : "next"} href="${here}${
        search({ ...keep, sort, [name]: placeOf(row) })
      }">${label}</a>`;
  const heading = (key: RolloutOrder, label: string) =>
    html`<a href="${here}${search({ ...keep, sort: key === "key" ? undefined : key })}">${label}</a>`;
  const sorted = (key: RolloutOrder) =>
    order !== key ? undefined : ROLLOUT_ORDERS[key].descending ? "descending" as const : "ascending" as const;
  return {
    title: "Rollouts",
    trail: [{ label: "Runs", href: "/" }, { label: shown(run), href: runPath(run) }],
    lead: html`${figure(count)} ${count === 1 ? "rollout fits" : "rollouts fit"}, by ${ROLLOUT_ORDERS[order].label}`,
    body: html`<form class="filter" role="search"><div class="fields">
${field("phase", "Phase", filter.phase, phases)}
${field("step", "Step", filter.step === null ? "" : String(filter.step))}
${field("success", "Solved", filter.success, ["yes", "no", "fault"])}
${field("scenario", "Scenario or task", filter.scenario)}
${field("finish", "Finish", filter.finish, FINISHES)}
${field("skill", filter.skillUse === "used" ? "Skill called" : "Skill offered", filter.skill)}
${sort === undefined ? null : html`<input type="hidden" name="sort" value="${sort}">`}
${keep.use === undefined ? null : html`<input type="hidden" name="use" value="offered">`}
</div><button>Filter</button> <a href="${here}">Clear</a></form>
${
      page.length === 0 ? nothing("No rollout fits this filter, or the run has none yet.") : listTable(
        "Rollouts",
        [
          { heading: heading("key", "rollout"), sorted: sorted("key") },
          { heading: "task" },
          { heading: "outcome" },
          { heading: "finish" },
          { heading: heading("score", "score"), number: true, about: "in [0, 1]", sorted: sorted("score") },
          { heading: "tests", number: true, about: "passed / all" },
          { heading: heading("steps", "turns"), number: true, sorted: sorted("steps") },
          { heading: heading("tokens", "tokens"), number: true, about: "generated tokens", sorted: sorted("tokens") },
          { heading: heading("reward", "reward"), number: true, about: "units of reward", sorted: sorted("reward") },
          { heading: "advantage", number: true, about: "units of reward" },
          { heading: "skills called", about: "of those that the prompt showed" },
        ],
        page.map((row) => {
          const identity = ["phase", "step", "grp", "sample", "position"].map((name) => part(row[name]));
          const offered = Array.isArray(row["skills_offered"]) ? row["skills_offered"].length : 0;
          const used = Array.isArray(row["skills_used"]) ? row["skills_used"].map(String) : [];
          return [
            html`<a data-item href="${rolloutPath(run, ...identity)}">${
              shown(identity.join("/"))
            }</a> <a class="quiet" href="${chainPath(run, ...identity.slice(0, 4))}">chain</a>`,
            shown(textOf(row, "task_id")),
            outcome(numberOf(row, "success")),
            shown(textOf(row, "finish")),
            figure(numberOf(row, "score"), 3),
            numberOf(row, "total") === null
              ? "—"
              : `${figure(numberOf(row, "passed"))} / ${figure(numberOf(row, "total"))}`,
            figure(numberOf(row, "steps")),
            figure(numberOf(row, "generated_tokens")),
            figure(numberOf(row, "reward"), 3),
            figure(numberOf(row, "advantage"), 3),
            used.length === 0
              ? (offered === 0 ? "" : html`<small>0 of ${offered}</small>`)
              : html`${clipped(shown(used.join(", ")), 60)} <small>${used.length} of ${offered}</small>`,
          ];
        }),
      )
    }
<nav class="actions" aria-label="Pages">${step("before", "← Previous", page[0], isFirst)} ${
      step("after", "Next →", page.at(-1), isLast)
    }</nav>`,
  };
};
