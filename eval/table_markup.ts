/**
 * Tables as LaTeX (booktabs) and as HTML.
 *
 * Contract: every character of a title, heading or cell is shown as itself; none is read as markup. HTML cells open to their query and
 * to the source of the published figure. LaTeX output needs the packages `booktabs` and, for other signs than ASCII, UTF-8 input.
 * Omitted: a preamble, and column widths.
 *
 * @module
 */
import { printable } from "./text_table.ts";
import { cellText, sharedNotes, shownTables, type TableCell, type TableModel } from "./table_model.ts";

const LATEX: ReadonlyMap<string, string> = new Map([
  ["\\", "\\textbackslash{}"],
  ["{", "\\{"],
  ["}", "\\}"],
  ["$", "\\$"],
  ["&", "\\&"],
  ["#", "\\#"],
  ["%", "\\%"],
  ["_", "\\_"],
  ["~", "\\textasciitilde{}"],
  ["^", "\\textasciicircum{}"],
  ["<", "\\textless{}"],
  [">", "\\textgreater{}"],
  ["|", "\\textbar{}"],
  ['"', "\\char34{}"],
  ["−", "$-$"],
  ["±", "$\\pm$"],
  ["×", "$\\times$"],
  ["—", "---"],
  ["–", "--"],
  ["…", "\\ldots{}"],
]);

/** Ligatures that would turn two characters of the text into another sign. */
const LIGATURES = /(?<=-)(?=-)|(?<=`)(?=`)|(?<=')(?=')|(?<=[?!])(?=`)/g;

/**
 * Text as LaTeX shows it.
 *
 * @example
 * ```ts
 * import { latexText } from "whetstone/eval/table_markup.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(latexText("100 % of {a_1} −3"), "100 \\% of \\{a\\_1\\} $-$3");
 * ```
 */
export function latexText(text: string): string {
  return printable(text).replaceAll(LIGATURES, "\u0001").replaceAll(
    // deno-lint-ignore no-control-regex
    /[\\{}$&#%_~^<>|"−±×—–…\u0001]/gu,
    (sign) => LATEX.get(sign) ?? "{}",
  );
}

/** A cell of a row: what begins with a bracket or a star would be read as an argument of the line break before it. */
function latexCell(text: string): string {
  const shown = latexText(text);
  return /^\s*[[*]/.test(shown) ? `{}${shown}` : shown;
}

/**
 * Tables as LaTeX: one `table` environment each, notes under the last.
 *
 * @returns text that ends in a line break.
 */
export function renderLatex(models: readonly TableModel[]): string {
  const notes = sharedNotes(models).map((note) => `  ${latexText(note)}\\par\n`).join("");
  const shown = shownTables(models);
  const tables = shown.map((model, index) => {
    const columns = model.columns.map(({ align = "left" }) => (align === "right" ? "r" : "l")).join("");
    const line = (cells: readonly string[]) => `    ${cells.map(latexCell).join(" & ")} \\\\\n`;
    return "% needs: \\usepackage{booktabs}\n\\begin{table}\n  \\centering\n" +
      `  \\caption{${latexText(model.title)}}\n  \\label{tab:${model.key}}\n` +
      `  \\begin{tabular}{${columns}}\n    \\toprule\n` +
      line(model.columns.map(({ title }) => title)) + "    \\midrule\n" +
      model.rows.map(({ cells }) => line(model.columns.map((_, i) => cellText(cells[i])))).join("") +
      "    \\bottomrule\n  \\end{tabular}\n" +
      (index === shown.length - 1 && notes !== "" ? `\n  \\vspace{1ex}\\footnotesize\n${notes}` : "") +
      "\\end{table}\n";
  });
  return tables.join("\n");
}

const HTML: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/** Characters that a page cannot hold, and those that turn the direction of the text around them. */
const UNSHOWABLE =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Cs}/gu;

/**
 * Text as HTML shows it, in elements and in quoted attributes.
 *
 * @example
 * ```ts
 * import { htmlText } from "whetstone/eval/table_markup.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(htmlText('<b title="x">'), "&lt;b title=&quot;x&quot;&gt;");
 * ```
 */
export function htmlText(text: string): string {
  return text.replaceAll(UNSHOWABLE, "\ufffd").replaceAll(/[&<>"']/g, (sign) => HTML.get(sign) ?? sign);
}

function htmlCell(cell: TableCell | undefined): string {
  if (cell === undefined) return "";
  const paper = cell.paper === undefined ? "" : ` <span class="paper">paper ${htmlText(cell.paper.text)}</span>`;
  const shown = `<span class="ours">${htmlText(cell.text)}</span>${paper}`;
  const source = cell.source ?? cell.paper?.source ?? null;
  const inside = [
    ...(cell.query === undefined ? [] : [`<code class="sql">${htmlText(cell.query)}</code>`]),
    ...(source === null ? [] : [`<p>Published: ${htmlText(source)}</p>`]),
  ];
  return inside.length === 0 ? shown : `<details><summary>${shown}</summary>${inside.join("")}</details>`;
}

/**
 * Tables as a fragment of HTML: one `<table>` each in a `<figure>`, the notes of all at the end.
 *
 * Cells with a query or a source are `<details>` that open with one click or key; there is no script.
 */
export function renderHtml(models: readonly TableModel[]): string {
  const tables = shownTables(models).map((model) => {
    const side = (index: number) => (model.columns[index]?.align === "right" ? ' class="right"' : "");
    const head = model.columns.map(({ title, unit }, index) =>
      `<th scope="col"${side(index)}${unit === undefined ? "" : ` title="${htmlText(unit)}"`}>${htmlText(title)}</th>`
    ).join("");
    const body = model.rows.map(({ cells }) => {
      const line = model.columns.map((_, index) => {
        const tag = index === 0 ? "th" : "td";
        return `<${tag}${index === 0 ? ' scope="row"' : ""}${side(index)}>${htmlCell(cells[index])}</${tag}>`;
      });
      return `<tr>${line.join("")}</tr>\n`;
    }).join("");
    return `<figure class="table" id="table-${htmlText(model.key)}">\n<figcaption>${
      htmlText(model.title)
    }</figcaption>\n` +
      `<div class="scroll"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}</tbody>\n</table></div>\n</figure>\n`;
  });
  const notes = sharedNotes(models).map((note) => `<li>${htmlText(note)}</li>\n`).join("");
  return tables.join("") + (notes === "" ? "" : `<ul class="notes">\n${notes}</ul>\n`);
}
