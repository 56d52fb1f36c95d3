/**
 * The frame of every page: landmarks, navigation, help, and the pieces that several pages use.
 *
 * Contract: pages work without the script; it adds keys, the theme and refreshing. Nothing is loaded from elsewhere.
 *
 * @module
 */
import { html } from "hono/html";
import type { Content, Markup } from "./text.ts";

/** What a page consists of. */
export interface Page {
  /** Title of the window and heading of the page, as text. */
  readonly title: string;
  /** Way from the first page to this one. */
  readonly trail?: readonly { readonly label: string; readonly href: string }[];
  /** Line under the heading. */
  readonly lead?: Content;
  /** What the page shows. */
  readonly body: Content;
  /** Status of the answer. */
  readonly status?: 200 | 400 | 404 | 503;
  /** Address of the small state that changes while a run is going on; none where nothing will change. */
  readonly watch?: string | undefined;
  /** State that the page shows, to be compared with the one at `watch`. */
  readonly state?: string;
}

const SECTIONS = [
  { label: "Runs", href: "/", key: "r" },
  { label: "SQL", href: "/sql", key: "s" },
  { label: "Schema", href: "/schema", key: "d" },
] as const;

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["j", "k"], "next and previous item of the list (or ↓ ↑)"],
  [["Enter"], "open the item"],
  [["x"], "mark the run for a comparison"],
  [["/"], "go to the filter or the statement"],
  [["n", "p"], "next and previous page, or task of the chain"],
  [["←", "→"], "in a transcript: previous and next token"],
  [["u"], "one level up"],
  [["g", "r"], "runs"],
  [["g", "s"], "SQL"],
  [["g", "d"], "schema"],
  [["t"], "light, dark or the system's colours"],
  [["Ctrl", "Enter"], "run the statement"],
  [["?"], "this help"],
];

/** A page as a document. */
export function documentOf({ title, trail = [], lead, body, watch, state }: Page, place: string): Markup {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title} · whet</title>
        <link rel="icon" href="/static/icon.svg">
        <link rel="stylesheet" href="/static/viewer.css">
        <script src="/static/viewer.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <nav aria-label="Sections"><a class="brand" href="/">whet</a>
    ${SECTIONS.map(({ label, href, key }) =>
      html`<a href="${href}" ${
        place === href ? html`aria-current="page"` : null
      } title="g ${key}" data-go="${key}">${label}</a>`
    )}</nav>
          <div class="tools"><button type="button" id="theme" hidden>Colours: system</button>
    <button type="button" id="help-open" hidden aria-haspopup="dialog">Keys <kbd>?</kbd></button></div>
        </header>
        <main id="main" tabindex="-1" ${watch === undefined
          ? null
          : html`data-watch="${watch}" data-state="${state ?? ""}"`}>
    ${trail.length === 0 ? null : html`
      <nav class="trail" aria-label="Way to this page">
        <ol>${trail.map(({ label, href }) => html`<li><a href="${href}">${label}</a></li>`)}</ol>
      </nav>
    `}
    <h1>${title}</h1>
    ${lead === undefined ? null : html`<p class="lead">${lead as Markup}</p>`}
    ${body as Markup}
        </main>
        <p id="said" class="unseen" role="status"></p>
        <dialog id="help" aria-labelledby="help-title">
          <h2 id="help-title">Keys</h2>
          <dl class="keys">${KEYS.map(([keys, what]) =>
            html`
              <div>
                <dt>${keys.map((key) =>
                  html`
                    <kbd>${key}</kbd>
                  `
                )}</dt>
                <dd>${what}</dd>
              </div>
            `
          )}</dl>
          <form method="dialog"><button>Close</button></form>
        </dialog>
      </body>
    </html>
  `;
}

/** A note where there is nothing to show, with what to run. */
export function nothing(what: Content, command?: string): Markup {
  return html`<div class="nothing"><p>${what as Markup}</p>${
    command === undefined ? null : html`<p>Run: <code>${command}</code></p>`
  }</div>`;
}

/** A column of a list. */
export interface Column {
  /** Heading. */
  readonly heading: Content;
  /** Numbers are set to the right. */
  readonly number?: boolean;
  /** Longer meaning, shown on hover. */
  readonly about?: string;
  /** How the list is sorted by it. */
  readonly sorted?: "ascending" | "descending" | undefined;
}

/** A list as a table that can be gone through by keys: the first link of each row is its item. */
export function listTable(label: string, columns: readonly Column[], rows: readonly (readonly Content[])[]): Markup {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${label}">
      <table class="list">
        <thead>
          <tr>${columns.map(({ heading, number, about, sorted }) =>
            html`<th scope="col" ${number === true ? html`class="number"` : null} ${
              sorted === undefined ? null : html`aria-sort="${sorted}"`
            } ${about === undefined ? null : html`title="${about}"`}>${heading as Markup}</th>`
          )}</tr>
        </thead>
        <tbody>${rows.map((row) =>
          html`<tr>${
            row.map((cell, i) =>
              html`<td ${columns[i]?.number === true ? html`class="number"` : null}>${cell as Markup}</td>`
            )
          }</tr>\n`
        )}</tbody>
      </table>
    </div>
  `;
}

/** Facts in pairs. */
export function facts(pairs: readonly (readonly [name: string, value: Content])[]): Markup {
  return html`<dl class="facts">${
    pairs.map(([name, value]) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd>${value as Markup}</dd>
        </div>
      `
    )
  }</dl>`;
}

/** A field of a filter form: a text, or one of the options, of which `none` stands for the empty text. */
export function field(
  name: string,
  label: string,
  value: string,
  options?: readonly string[],
  none = "any",
): Markup {
  const id = `field-${name}`;
  return html`<div class="field"><label for="${id}">${label}</label>${
    options === undefined
      ? html`<input id="${id}" name="${name}" value="${value}" autocomplete="off" spellcheck="false">`
      : html`<select id="${id}" name="${name}"><option value="">${none}</option>${
        options.map((option) => html`<option ${option === value ? html`selected` : null}>${option}</option>`)
      }</select>`
  }</div>`;
}
