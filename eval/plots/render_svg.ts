/**
 * Draws a Vega-Lite specification as SVG, without a browser, a canvas or the network.
 *
 * Contract: the same specification and rows give the same bytes. Drawings wait for each other, because Vega counts the ids of a
 * drawing in one place; what a specification wants to load is refused. Vega is loaded with the first drawing.
 * Choices: texts are measured by `text_width.ts`. The root has a role and the title as its label, for screen readers.
 * Omitted: interaction and tooltips; a file has neither.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import type { PlotData, PlotSpec } from "./plot.ts";
import { textWidth } from "./text_width.ts";
import { type PlotTheme, SERIES_COLOURS, seriesProperty, themeConfig } from "./theme.ts";

/** Options of {@linkcode renderSvg}. */
export interface RenderSvgOptions {
  /**
   * Ground and ink.
   *
   * @default {"paper"}
   */
  theme?: PlotTheme;
  /**
   * Put before every id in the drawing, so that several drawings fit into one page.
   *
   * @default {""}
   */
  idPrefix?: string;
  /**
   * What a screen reader says.
   *
   * @default {"plot"}
   */
  label?: string;
}

/** A specification that cannot be drawn. */
export class PlotSpecError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "PlotSpecError";
}

type Vega = typeof import("vega");
type VegaLite = typeof import("vega-lite");

let libraries: Promise<{ readonly vega: Vega; readonly vegaLite: VegaLite }> | undefined;

/** The part of Vega's text measuring that is replaced; its types leave it out. */
interface TextMetrics {
  width(item: { readonly fontSize?: number; readonly fontWeight?: string | number }, text: unknown): number;
}

async function loadLibraries() {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const { textMetrics } = vega as unknown as { readonly textMetrics: TextMetrics };
  textMetrics.width = (item, text) =>
    textWidth(String(text ?? ""), item.fontSize ?? 11, {
      bold: item.fontWeight === "bold" || Number(item.fontWeight) >= 600,
    });
  return { vega, vegaLite };
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Draws a specification.
 *
 * @example A line through two points
 * ```ts
 * import { renderSvg } from "whetstone/eval/plots/render_svg.ts";
 * import assert from "node:assert/strict";
 *
 * const spec = {
 *   data: { name: "rows" },
 *   mark: "line",
 *   encoding: { x: { field: "step", type: "quantitative" }, y: { field: "value", type: "quantitative" } },
 * };
 * const svg = await renderSvg(spec, { rows: [{ step: 0, value: 1 }, { step: 1, value: 2 }] });
 * assert.match(svg, /^<svg /);
 * ```
 *
 * @param spec Vega-Lite specification whose data have names.
 * @param data rows by name.
 * @param options see {@linkcode RenderSvgOptions}.
 * @throws {PlotSpecError} if the specification cannot be compiled or drawn, or wants to load something.
 */
export async function renderSvg(spec: PlotSpec, data: PlotData, options: RenderSvgOptions = {}): Promise<string> {
  const before = last;
  const drawing = before.then(() => draw(spec, data, options));
  last = drawing.catch(() => undefined);
  return await drawing;
}

/** The logger's interface in Vega and Vega-Lite: every method gives the logger back, `level()` its level. */
interface PlotLogger {
  level(value: number): PlotLogger;
  level(): number;
  error(...texts: readonly unknown[]): PlotLogger;
  warn(...texts: readonly unknown[]): PlotLogger;
  info(...texts: readonly unknown[]): PlotLogger;
  debug(...texts: readonly unknown[]): PlotLogger;
}

/** Keeps errors, which Vega would print and go on with a wrong drawing, and drops the rest. */
function errorLogger(problems: string[]): PlotLogger {
  function level(value: number): PlotLogger;
  function level(): number;
  function level(value?: number): PlotLogger | number {
    return value === undefined ? 1 : logger;
  }
  const logger: PlotLogger = {
    level,
    error(...texts) {
      problems.push(texts.map(String).join(" "));
      return logger;
    },
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

/** Characters that XML 1.0 cannot hold even when escaped. */
// deno-lint-ignore no-control-regex
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** The drawing with colours of series that the page may set, the usual ones where it does not. */
function inPageColours(svg: string): string {
  return SERIES_COLOURS.reduce(
    (text, colour, index) => text.replaceAll(`="${colour}"`, `="var(${seriesProperty(index)},${colour})"`),
    svg,
  );
}

/** The drawing with a role, a label, and ids of its own. */
function dressed(svg: string, idPrefix: string, label: string): string {
  const named = svg.replace(/^<svg /, `<svg role="img" aria-label="${attribute(label)}" `);
  const own = idPrefix === ""
    ? named
    : named.replaceAll(/(\bid="|url\(#)((?:clip|gradient_)\d+)/g, (_, before, id) => `${before}${idPrefix}${id}`);
  return own.replaceAll(NOT_XML, " ");
}

async function draw(spec: PlotSpec, data: PlotData, options: RenderSvgOptions): Promise<string> {
  const { theme = "paper", idPrefix = "", label = "plot" } = options;
  libraries ??= loadLibraries();
  const { vega, vegaLite } = await libraries;
  const problems: string[] = [];
  const logger = errorLogger(problems);
  // Vega only warns where loading fails, hence the note.
  const refuse = () => {
    problems.push("it wants to load something; give the rows with the specification");
    return Promise.reject(new Error("nothing is loaded"));
  };
  try {
    // Vega changes the rows that it is given; it gets copies.
    const whole = { ...spec, datasets: structuredClone(data), config: themeConfig(theme) } as unknown as TopLevelSpec;
    const compiled = vegaLite.compile(whole, { logger });
    const view = new vega.View(vega.parse(compiled.spec), {
      renderer: "none",
      logger,
      loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse },
    });
    try {
      (vega as unknown as { resetSVGDefIds(): void }).resetSVGDefIds();
      const svg = await view.toSVG();
      if (problems.length > 0) throw new Error(problems[0]);
      return dressed(theme === "page" ? inPageColours(svg) : svg, idPrefix, label);
    } finally {
      view.finalize();
    }
  } catch (error) {
    if (error instanceof PlotSpecError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlotSpecError(`Cannot draw the plot: ${reason}`, { cause: error });
  }
}
