/**
 * Small line charts of a page: one figure over steps, a few series.
 *
 * Contract: a drawing in SVG with a title and a description for readers that do not see it; colours are the page's (`--series-0` and so
 * on), and each series also has a dash and, where there are several, its name at its end. Ticks are those of `eval/plots`.
 * Choices: drawn here and not by Vega, whose start takes longer than a page may; long series are thinned by the query.
 *
 * @module
 */
import { html } from "hono/html";
import { axisScale, spreadLabels } from "../plots/plot.ts";
import { clipText } from "../plots/text_width.ts";
import { seriesDash } from "../plots/theme.ts";
import { figure, type Markup } from "./text.ts";

/** One line. */
export interface ChartSeries {
  /** Name at its end; shown where there are several. */
  readonly name: string;
  /** Points in order of x; a null y interrupts the line. */
  readonly points: readonly (readonly [x: number, y: number | null])[];
  /**
   * Which of the page's colours; its place in the list if left out.
   *
   * @default {index}
   */
  readonly colour?: number;
}

/** What a chart shows. */
export interface LineChartOptions {
  /** Heading. */
  readonly title: string;
  /** Unit of y, in the heading; empty for none. */
  readonly unit: string;
  /** Meaning of x. */
  readonly xLabel: string;
  /**
   * Values that the y axis never goes beyond.
   *
   * @default {none}
   */
  readonly limits?: readonly [number, number];
  /**
   * The y axis reaches 0.
   *
   * @default {true}
   */
  readonly zero?: boolean;
}

const WIDTH = 420;
const HEIGHT = 190;
const LEFT = 46;
const BOTTOM = 34;
const TOP = 10;
/** Room for names at the ends of lines. */
const NAMES = 120;
/** Most points of a line that get a mark of their own. */
const MARKED = 40;

/**
 * Draws a chart; undefined if no series has a value.
 *
 * @param series lines.
 * @param options see {@linkcode LineChartOptions}.
 */
export function lineChart(series: readonly ChartSeries[], options: LineChartOptions): Markup | undefined {
  const { title, unit, xLabel, limits, zero = true } = options;
  const drawn = series.filter(({ points }) => points.some(([, y]) => y !== null));
  if (drawn.length === 0) return undefined;
  const right = drawn.length > 1 ? NAMES : 14;
  const xs = drawn.flatMap(({ points }) => points.map(([x]) => x));
  const ys = drawn.flatMap(({ points }) => points.flatMap(([, y]) => (y === null ? [] : [y])));
  const xScale = axisScale(xs, { integers: true, ticks: 5 });
  const yScale = axisScale(ys, { zero, ticks: 4, ...(limits === undefined ? {} : { limits }) });
  const place = (value: number, [low, high]: readonly [number, number], from: number, to: number) =>
    Number((from + (high === low ? 0.5 : (value - low) / (high - low)) * (to - from)).toFixed(1));
  const x = (value: number) => place(value, xScale.domain, LEFT, WIDTH - right);
  const y = (value: number) => place(value, yScale.domain, HEIGHT - BOTTOM, TOP);
  const heading = unit === "" ? title : `${title} (${unit})`;
  const ends = drawn.map(({ points }) => points.findLast(([, value]) => value !== null));
  const labels = spreadLabels(ends.map((end) => y(end?.[1] ?? 0)), 14, [TOP, HEIGHT - BOTTOM]);
  const summary = drawn.map(({ name, points }, i) => {
    const first = points.find(([, value]) => value !== null);
    return `${name}: ${figure(first?.[1] ?? null)} at ${xLabel} ${first?.[0]}, ${figure(ends[i]?.[1] ?? null)} at ${
      ends[i]?.[0]
    }`;
  }).join("; ");
  return html`
    <figure class="chart">
      <figcaption>${heading}</figcaption>
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`${heading}. ${summary}`}">
    ${yScale.ticks.map((tick) =>
      html`
        <line class="grid" x1="${LEFT}" x2="${WIDTH - right}" y1="${y(tick)}" y2="${y(tick)}" />
        <text class="tick" x="${LEFT - 6}" y="${y(tick) + 4}" text-anchor="end">${figure(tick)}</text>
      `
    )}
    ${xScale.ticks.map((tick) =>
      html`<text class="tick" x="${x(tick)}" y="${HEIGHT - BOTTOM + 15}" text-anchor="middle">${figure(tick)}</text>`
    )}
    <text class="tick" x="${(LEFT + WIDTH - right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${xLabel}</text>
    ${drawn.map((line, i) => {
      const colour = (line.colour ?? i) % 7;
      const few = line.points.length <= MARKED;
      return html`<g class="series s${colour}">
<path d="${path(line.points, x, y)}" stroke-dasharray="${seriesDash(i)[1] === 0 ? "none" : seriesDash(i).join(" ")}"/>
${
        line.points.map(([px, py], k) =>
          py === null || !(few || k === line.points.length - 1) ? null : html`
            <circle cx="${x(px)}" cy="${y(py)}" r="${few ? 2.5 : 3}">
              <title>${line.name}: ${figure(py)} at ${xLabel} ${px}</title>
            </circle>
          `
        )
      }
${
        drawn.length > 1
          ? html`<text class="name" x="${WIDTH - right + 6}" y="${(labels[i] ?? 0) + 4}">${
            clipText(line.name, NAMES - 8, 11.5)
          }</text>`
          : null
      }
</g>`;
    })}
      </svg>
    </figure>
  `;
}

function path(
  points: readonly (readonly [number, number | null])[],
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  let pen = "M";
  const parts: string[] = [];
  for (const [px, py] of points) {
    if (py === null) {
      pen = "M";
      continue;
    }
    parts.push(`${pen}${x(px)} ${y(py)}`);
    pen = "L";
  }
  return parts.join("");
}
