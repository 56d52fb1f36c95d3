/**
 * The SQL box: one statement that reads, its rows, downloads, and the schema beside it.
 *
 * Contract: the statement goes through the same door and check as `whet sql`, with limits of time and rows; a failed one is answered with
 * DuckDB's own message. The statement stands in the address, so that a result can be kept as a bookmark.
 *
 * @module
 */
import { html } from "hono/html";
import { search } from "../addresses.ts";
import type { PageMaker } from "../context.ts";
import { listTable } from "../layout.ts";
import type { QueryResult } from "../../../data/read_only_query.ts";
import { QueryError, ReadOnlyError } from "../../../data/record_errors.ts";
import { declarationOf, TABLE_NAMES } from "../../../data/schema.ts";
import { clipped, figure, type Markup, shown, valueText } from "../text.ts";
import { prose, viewEntries } from "./schema_page.ts";

/** Longest time that a statement may take, ms: it holds the record meanwhile. */
export const SQL_TIMEOUT_MS = 15_000;
/** Most rows of a result; downloads have all of them. */
export const SQL_MAX_ROWS = 50_000;
/** Rows that the page shows. */
export const SQL_SHOWN_ROWS = 500;
/** Longest statement, characters. */
export const SQL_MAX_CHARS = 20_000;

const EXAMPLE = "SELECT arm, seed, split, tgc, sgc FROM metrics_by_run ORDER BY ALL";

function resultTable(result: QueryResult): Markup {
  const { columns, rows } = result;
  const numeric = columns.map((_, i) =>
    rows.length > 0 && rows.every((row) => row[i] === null || typeof row[i] === "number")
  );
  return listTable(
    "Result",
    columns.map(({ name, type }, i) => ({
      heading: shown(name),
      number: numeric[i] === true,
      about: type,
    })),
    rows.slice(0, SQL_SHOWN_ROWS).map((row) =>
      row.map((value) => value === null ? html`<span class="null">null</span>` : clipped(valueText(value), 300))
    ),
  );
}

function help(): Markup {
  return html`
    <aside class="schema-help"
      aria-label="Schema"><h2>Schema</h2><p class="quiet">A click puts a name into the statement. <a href="/schema">With examples</a></p>
    ${TABLE_NAMES.map((name) => {
      const { about, columns } = declarationOf(name);
      return html`
        <details>
          <summary><button type="button" class="insert" data-insert="${name}" title="${about}">${name}</button></summary>
          <ul>${Object.entries(columns).map(([column, { type, about: meaning }]) =>
            html`<li><button type="button" class="insert" data-insert="${column}" title="${meaning}">${column}</button> <small>${type}</small><br><small>${
              prose(meaning)
            }</small></li>`
          )}</ul>
        </details>
      `;
    })}
    <h3>Views</h3>
    ${viewEntries().map(([name, { title, about, unit, parameters, example }]) =>
      html`
        <details>
          <summary><button type="button" class="insert" data-insert="${parameters === undefined
            ? name
            : `${name}()`}" title="${about}">${name}</button></summary>
          <p><small>${title}. ${prose(about)} Units: ${prose(unit)}.</small></p>
          <p><button type="button" class="replace" data-replace="${example}">Take the example</button></p>
        </details>
      `
    )}</aside>
  `;
}

/** Makes the page. */
export const sqlPage: PageMaker = async ({ record, search: given, database }) => {
  const sql = given.get("q") ?? "";
  let answer: Markup | null = null;
  let isBad = false;
  if (sql.trim() !== "") {
    const started = performance.now();
    try {
      if (sql.length > SQL_MAX_CHARS) {
        throw new QueryError(
          `Cannot run the statement: it has ${sql.length} characters, more than ${SQL_MAX_CHARS}; use whet sql`,
        );
      }
      const result = await record.query(sql);
      const ms = performance.now() - started;
      const more = result.rows.length > SQL_SHOWN_ROWS ? `, the first ${SQL_SHOWN_ROWS} are shown` : "";
      answer = html`
        <p
          role="status">${figure(result.rows.length)} ${result.rows.length === 1 ? "row" : "rows"} in ${ms < 10
            ? ms.toFixed(1)
            : Math.round(ms)} ms${more}. <a class="button" href="/sql.csv${search({
              q: sql,
            })}" download="result.csv">CSV</a> <a class="button" href="/sql.json${search({
              q: sql,
            })}" download="result.json">JSON</a></p>${result.rows.length === 0 ? null : resultTable(result)}
      `;
    } catch (error) {
      if (!(error instanceof QueryError || error instanceof ReadOnlyError)) throw error;
      isBad = true;
      answer = html`
        <div class="error" role="alert">
          <pre>${shown(error.message)}</pre>
        </div>
      `;
    }
  }
  return {
    title: "SQL",
    lead: html`One statement of DuckDB's SQL on <code>${shown(database)}</code>. It can only read; at most ${
      figure(SQL_MAX_ROWS)
    } rows and ${SQL_TIMEOUT_MS / 1000} s.`,
    ...(isBad ? { status: 400 as const } : {}),
    body: html`<div class="columns"><div class="wide">
<form id="sql" action="/sql"><label for="statement">Statement</label>
<textarea id="statement" name="q" rows="8" spellcheck="false" autocomplete="off" autocapitalize="off" placeholder="${EXAMPLE}">
${sql}</textarea>
<p class="actions"><button>Run <kbd>Ctrl</kbd> <kbd>Enter</kbd></button></p></form>
<details id="history" hidden><summary>Earlier statements in this browser</summary><ol></ol><button type="button" id="forget">Forget them</button></details>
<section id="result" aria-label="Result">${
      answer ?? html`
        <div class="nothing">
          <p>Nothing was run yet. Try: <a href="/sql${search({ q: EXAMPLE })}"><code>${EXAMPLE}</code></a></p>
        </div>
      `
    }</section></div>
${help()}</div>`,
  };
};
