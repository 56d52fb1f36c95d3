/**
 * What a plot is: a Vega-Lite specification, the rows that it draws, and the SQL that gave them.
 *
 * Contract: plots are values; the same rows give the same specification, and that gives the same picture. Scales are fixed here and
 * not left to the renderer, so that labels can be placed beside what they name.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { wrapText } from "./text_width.ts";
import { FONT_SIZE, PLOT_WIDTH } from "./theme.ts";

/** A Vega-Lite specification; data are named, colours of ink are left to the theme. */
export type PlotSpec = { readonly [key: string]: Json };

/** Rows of one data set. */
export type PlotRows = readonly { readonly [key: string]: Json }[];

/** Data sets by the names that a specification uses. */
export type PlotData = { readonly [name: string]: PlotRows };

/** A plot. */
export interface Plot {
  /** What it shows, one line. */
  readonly title: string;
  /** How many of what, what the bands mean, what was left out. */
  readonly caption: string;
  /** How it is drawn. */
  readonly spec: PlotSpec;
  /** What is drawn. */
  readonly data: PlotData;
  /** SQL that gave the rows, one statement on one line. */
  readonly sql: string;
}

/** The record holds nothing that the plot could show. */
export class NothingToPlotError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "NothingToPlotError";
}

/** Title block of a specification: the title, under it the caption in lines as wide as the plot. */
export function titleBlock(title: string, caption: string, width: number = PLOT_WIDTH): Json {
  return { text: wrapText(title, width, 15), subtitle: wrapText(caption, width + 60, FONT_SIZE) };
}

/** An axis: where it begins and ends, and its ticks, in units of the data. */
export interface AxisScale {
  /** First and last value. */
  readonly domain: readonly [number, number];
  /** Values with a label, ascending. */
  readonly ticks: readonly number[];
}

/** Options of {@linkcode axisScale}. */
export interface AxisScaleOptions {
  /**
   * Ticks that are aimed at.
   *
   * @default {5}
   */
  ticks?: number;
  /**
   * Only integers are labelled.
   *
   * @default {false}
   */
  integers?: boolean;
  /**
   * The axis reaches down or up to 0.
   *
   * @default {false}
   */
  zero?: boolean;
  /**
   * Values that the axis never goes beyond.
   *
   * @default {none}
   */
  limits?: readonly [number, number];
}

/** Values nearer to 0 are shown as 0. */
const SMALLEST = 1e-90;

/**
 * Axis over values: ends on round ticks (1, 2 or 5 times a power of ten apart).
 *
 * @example
 * ```ts
 * import { axisScale } from "whetstone/eval/plots/plot.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(axisScale([3, 97]), { domain: [0, 100], ticks: [0, 20, 40, 60, 80, 100] });
 * ```
 *
 * @param values what must be visible; those that are not finite are left out.
 * @param options see {@linkcode AxisScaleOptions}.
 */
export function axisScale(values: readonly number[], options: AxisScaleOptions = {}): AxisScale {
  const { ticks: aim = 5, integers = false, zero = false, limits = [-Infinity, Infinity] } = options;
  let low = zero ? 0 : Infinity;
  let high = zero ? 0 : -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  const largest = Math.max(Math.abs(low), Math.abs(high));
  // Too near for round ticks: shown as one value in the middle.
  if (high - low <= 1e-9 * largest || largest < SMALLEST) {
    const half = largest < SMALLEST ? 1 : largest / 2;
    [low, high] = [Math.max(limits[0], low - half), Math.min(limits[1], high + half)];
  }
  const raw = (high - low) / aim;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw * 0.999) ?? raw;
  const width = integers ? Math.max(1, Math.round(step)) : step;
  const first = Math.floor(low / width + 1e-9);
  const last = Math.ceil(high / width - 1e-9);
  const decimals = Math.max(0, Math.ceil(-Math.log10(width) - 1e-9));
  const at = (index: number) => Number((index * width).toFixed(decimals));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => at(first + i))
    .filter((tick) => tick >= limits[0] && tick <= limits[1]);
  return { domain: [Math.max(limits[0], at(first)), Math.min(limits[1], at(last))], ticks };
}

/**
 * Moves labels apart that would overlap, as little as needed and within the axis.
 *
 * @param wanted where each label belongs, in units of the axis.
 * @param gap least distance of two labels, same units.
 * @param domain ends of the axis.
 * @returns places in the order of `wanted`.
 */
export function spreadLabels(wanted: readonly number[], gap: number, domain: readonly [number, number]): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0) || a - b);
  // Neighbours that are too near form blocks, each centred on the mean of what its members want.
  const blocks: { members: number[]; centre: number }[] = [];
  const reach = (block: { members: number[]; centre: number }) => (block.members.length - 1) * gap / 2;
  for (const index of order) {
    let block = { members: [index], centre: wanted[index] ?? 0 };
    for (let before = blocks.at(-1); before !== undefined; before = blocks.at(-1)) {
      if (before.centre + reach(before) + gap <= block.centre - reach(block)) break;
      blocks.pop();
      const members = [...before.members, ...block.members];
      block = { members, centre: members.reduce((sum, member) => sum + (wanted[member] ?? 0), 0) / members.length };
    }
    const [low, high] = domain;
    block.centre = Math.max(low + reach(block), Math.min(high - reach(block), block.centre));
    blocks.push(block);
  }
  const places = wanted.map(() => 0);
  for (const block of blocks) {
    block.members.forEach((member, place) => places[member] = block.centre - reach(block) + place * gap);
  }
  return places;
}

/** `1 task`, `2 tasks`. */
export function countOf(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
