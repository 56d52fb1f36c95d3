/**
 * Colours, shapes and type of all plots.
 *
 * Contract: series colours are those of Okabe and Ito (2008, "Color Universal Design") that hold on white and on dark paper; each
 * series also has its own dash and each kind of event its own shape, so that nothing is told by colour alone.
 * Choices: two themes: `paper` (white ground, dark ink: files) and `page` (no ground, ink and series in the
 * colours of the page around it: reports).
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";

/** Ground and ink of a plot. */
export type PlotTheme = "paper" | "page";

/** Colours of series in order; more series begin again, then told apart by dash and label. */
export const SERIES_COLOURS: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#b8609c", // the purple, darkened: the published one is too pale for text
  "#a67c00", // the orange, darkened for the same reason
  "#4aa3d8",
  "#7f7f7f",
];

/** Colours of series on dark paper, in the same order: the same hues, lighter. */
export const DARK_SERIES_COLOURS: readonly string[] = [
  "#4aa8e8",
  "#f08a4b",
  "#2fc497",
  "#dc8fc0",
  "#d9ac2e",
  "#8cc8ee",
  "#a6a6a6",
];

/** Name of the CSS property that holds the colour of the series at `index` in the theme `page`. */
export function seriesProperty(index: number): string {
  return `--series-${index}`;
}

/** Dashes of series in order, px. */
export const SERIES_DASHES: readonly (readonly number[])[] = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]];

/** Colour of the series at `index`. */
export function seriesColour(index: number): string {
  return SERIES_COLOURS[index % SERIES_COLOURS.length] ?? "#000000";
}

/** Dash of the series at `index`, px. */
export function seriesDash(index: number): readonly number[] {
  return SERIES_DASHES[index % SERIES_DASHES.length] ?? [1, 0];
}

/** Face of all texts. */
export const FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";
/** Size of labels, px. */
export const FONT_SIZE = 12;
/** Width of a plot's area, px. */
export const PLOT_WIDTH = 560;

const INK: Readonly<Record<PlotTheme, string>> = { paper: "#1f2328", page: "currentColor" };

/** Colour of texts that are not a series. */
export function inkOf(theme: PlotTheme): string {
  return INK[theme];
}

/** Vega-Lite `config` of a theme. */
export function themeConfig(theme: PlotTheme): Json {
  const ink = inkOf(theme);
  return {
    background: theme === "paper" ? "#ffffff" : "transparent",
    font: FONT,
    padding: 8,
    view: { stroke: "transparent" },
    axis: {
      labelColor: ink,
      titleColor: ink,
      labelFontSize: FONT_SIZE,
      titleFontSize: FONT_SIZE,
      titleFontWeight: "normal",
      titlePadding: 8,
      domainColor: ink,
      domainOpacity: 0.5,
      tickColor: ink,
      tickOpacity: 0.5,
      gridColor: ink,
      gridOpacity: 0.12,
    },
    title: {
      anchor: "start",
      frame: "group",
      color: ink,
      subtitleColor: ink,
      fontSize: 15,
      subtitleFontSize: FONT_SIZE,
      subtitleLineHeight: 16,
      subtitlePadding: 6,
      offset: 14,
      fontWeight: "bold",
    },
    header: { labelColor: ink, titleColor: ink, labelFontSize: FONT_SIZE, labelFontWeight: "bold" },
    legend: { labelColor: ink, titleColor: ink, labelFontSize: FONT_SIZE, titleFontSize: FONT_SIZE, orient: "bottom" },
    text: { color: ink, fontSize: FONT_SIZE },
    rule: { color: ink },
    tick: { color: ink },
  };
}
