/**
 * Tables and views of the record, with types, meanings, units and examples that run on a click.
 *
 * Contract: rendered from `data/schema.ts` and `data/views.ts`, so that page and record cannot drift apart.
 *
 * @module
 */
import { html } from "hono/html";
import { sqlPath } from "../addresses.ts";
import type { Page } from "../layout.ts";
import { declarationOf, SCHEMA_VERSION, TABLE_NAMES } from "../../../data/schema.ts";
import { type ViewDeclaration, VIEWS } from "../../../data/views.ts";
import type { Markup } from "../text.ts";

/** A text of the schema, its code marks turned into markup. */
export function prose(text: string): Markup[] {
  return text.split("`").map((piece, i) => (i % 2 === 1 ? html`<code>${piece}</code>` : html`${piece}`));
}

function example(sql: string): Markup {
  return html`
    <pre tabindex="0">${sql}</pre>
    <p><a class="button" href="${sqlPath(sql)}">Run</a></p>
  `;
}

/** Views in order. */
export function viewEntries(): [string, ViewDeclaration][] {
  return Object.entries(VIEWS);
}

/** Makes the page. */
export function schemaPage(): Page {
  return {
    title: "Schema",
    lead:
      html`Schema version ${SCHEMA_VERSION}. Key columns identify a row; volatile ones differ between equal runs and are left out of hashes.`,
    body: html`
      <nav class="contents" aria-label="Tables and views">
        <h2>Tables</h2>
        <ul class="inline">${TABLE_NAMES.map((name) => html`<li><a data-item href="#${name}">${name}</a></li>`)}</ul>
        <h2>Views</h2>
        <ul class="inline">${viewEntries().map(([name]) =>
          html`<li><a data-item href="#${name}">${name}</a></li>`
        )}</ul>
      </nav>
      ${TABLE_NAMES.map((name) => {
        const { about, example: sql, columns } = declarationOf(name);
        return html`<section class="table" id="${name}"><h2>${name}</h2><p>${prose(about)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Columns of ${name}"><table><thead><tr><th scope="col">column</th><th scope="col">type</th><th scope="col"></th><th scope="col">meaning</th></tr></thead><tbody>${
          Object.entries(columns).map(([column, { type, key, nullable, volatile, about: meaning }]) =>
            html`
              <tr>
                <th scope="row"><code>${column}</code></th>
                <td><code>${type}</code></td>
                <td><small>${[
                  key === true ? "key" : "",
                  nullable === true ? "nullable" : "",
                  volatile === true ? "volatile" : "",
                ]
                  .filter((mark) => mark !== "").join(", ")}</small></td>
                <td>${prose(meaning)}</td>
              </tr>
            `
          )
        }</tbody></table></div>${example(sql)}</section>`;
      })}
      ${viewEntries().map(([name, { title, about, unit, parameters, example: sql }]) =>
        html`
          <section class="table"
            id="${name}"><h2>${name}${parameters === undefined
              ? null
              : `(${parameters})`}</h2><p><strong>${title}.</strong> ${prose(about)}</p><p>Units: ${prose(
                unit,
              )}.</p>${example(sql)}</section>
        `
      )}
    `,
  };
}
