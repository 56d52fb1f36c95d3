/**
 * Style sheet of the report.
 *
 * Contract: no rule refers to anything outside the page. Light or dark follows the reader's setting; print is black on white.
 *
 * @module
 */

import { DARK_SERIES_COLOURS, seriesProperty } from "./plots/theme.ts";

const DARK_SERIES = DARK_SERIES_COLOURS.map((colour, index) => `${seriesProperty(index)}: ${colour};`).join(" ");
const PRINT_SERIES = DARK_SERIES_COLOURS.map((_, index) => `${seriesProperty(index)}: initial;`).join(" ");

/** The rules, ending in a line break. */
export const REPORT_STYLE = `:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0; --block: #f4f6f8; --link: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171c; --ink: #e2e6ea; --faint: #9aa4ae; --line: #363d46; --block: #1f242b; --link: #7ab8f5;
    ${DARK_SERIES} }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 Helvetica, Arial, "Liberation Sans", sans-serif;
}
h1 { font-size: 1.7rem; margin: 0 0 0.5rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 0.75rem; padding-top: 0.75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 0.5rem; }
h3 small { color: var(--faint); font-weight: normal; font-family: ui-monospace, Menlo, Consolas, monospace; }
header p { max-width: 60rem; color: var(--faint); }
a { color: var(--link); }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
figure { margin: 0 0 1.75rem; }
figcaption { font-weight: 600; margin-bottom: 0.4rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 0.3rem 0.9rem 0.3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--faint); font-weight: 600; border-bottom: 1px solid var(--ink); white-space: nowrap; }
tbody th { font-weight: normal; }
.right { text-align: right; }
td, .ours { font-variant-numeric: tabular-nums; }
.paper { color: var(--faint); font-size: 0.85em; white-space: nowrap; }
.ours { white-space: nowrap; }
summary { cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover .ours, details.query summary:hover { text-decoration: underline; }
td summary .ours { border-bottom: 1px dotted var(--faint); }
details.query > summary, tbody th details > summary { color: var(--link); font-size: 0.85rem; }
code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 0.85em; }
code.sql, pre {
  display: block; margin: 0.35rem 0; padding: 0.5rem 0.7rem; max-width: 60rem; background: var(--block); border-radius: 4px;
  white-space: pre-wrap; overflow-wrap: anywhere; text-align: left; user-select: all;
}
td code.sql { min-width: 22rem; }
details p { margin: 0.25rem 0; color: var(--faint); font-size: 0.85rem; }
.notes { color: var(--faint); font-size: 0.85rem; max-width: 60rem; padding-left: 1.2rem; }
figure.plot svg { display: block; max-width: 100%; height: auto; }
@media print {
  :root { --paper: #ffffff; --ink: #000000; --faint: #444444; --line: #bbbbbb; --block: #f2f2f2; --link: #000000;
    ${PRINT_SERIES} }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, details.query:not([open]) { display: none; }
  figure, tr { break-inside: avoid; }
  h2, h3, figcaption { break-after: avoid; }
}
`;
