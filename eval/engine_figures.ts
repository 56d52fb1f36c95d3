/**
 * Arithmetic and words of the engine's bench: floating-point operations of a step, spreads of repeats, figures beside their bars.
 *
 * Contract: everything here is a function of its arguments. A ratio is the median of the ratios of single repeats, in which both sides ran
 * one after the other, so that a busy moment of the machine hits both. A figure without a rival's time is neither kept nor missed.
 * Choices: operations are counted as in arXiv 2204.02311, appendix B: 6 per weight of a matrix and token (forward 2, backward 4) and
 * 12 T per attention channel, whole squares, not only the half that causality leaves. Embedding look-ups, norms, the softmax and the
 * optimizer count as nothing, so that a share of the product's rate is what the rest of the step costs.
 *
 * @module
 */
import { type ModelConfig, parameterList } from "../agents/model/config.ts";
import { textTable } from "./text_table.ts";

/** Repeats of one measurement. */
export interface Spread {
  /** Middle value. */
  readonly median: number;
  /** Smallest value. */
  readonly low: number;
  /** Largest value. */
  readonly high: number;
}

/** One line of the bench. */
export interface EngineFigure {
  /** Stable name, e.g. `train-1M-torch`. */
  readonly id: string;
  /** What was measured. */
  readonly what: string;
  /** Ours. */
  readonly ours: Spread;
  /** Unit of ours and the rival's. */
  readonly unit: string;
  /** Who or what it is compared with; `null`: nothing was there to compare with. */
  readonly rival: { readonly name: string; readonly value: Spread } | null;
  /** Ours over the rival's; `null` without a rival. */
  readonly ratio: Spread | null;
  /** What the ratio must reach or must not pass; `null`: nothing is required. */
  readonly bar: { readonly direction: "at least" | "at most"; readonly value: number } | null;
  /** Whether the bar is kept; `null` where that is not known or nothing is required. */
  readonly met: boolean | null;
  /** What the two sides were compared in besides time, and what else must be known; empty if nothing. */
  readonly note: string;
}

/** Numbers of a bench and the machine that gave them; the content of `--json`. */
export interface EngineReport {
  /** Layout of this object. */
  readonly version: 1;
  /** What it ran on. */
  readonly machine: Readonly<Record<string, string | number>>;
  /** Whether it was the short form. */
  readonly quick: boolean;
  /** Lines of the table. */
  readonly figures: readonly EngineFigure[];
  /** What was left out, and why. */
  readonly left: readonly string[];
}

/**
 * Median, smallest and largest value.
 *
 * @example Of an even number of values the upper of the middle two
 * ```ts
 * import { spreadOf } from "whetstone/eval/engine_figures.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, low: 1, high: 3 });
 * ```
 *
 * @throws {RangeError} if there is no value.
 */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, median, high] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  if (low === undefined || median === undefined || high === undefined) {
    throw new RangeError("Cannot give the spread of values: there must be at least one, got none");
  }
  return { median, low, high };
}

/** Multiply-adds count twice: floating-point operations of forward and backward pass per token of sequences of T tokens. */
export function trainingOperations(config: ModelConfig, tokens: number): number {
  const blocks = parameterList(config)
    .filter(({ name, shape }) => name.startsWith("blocks.") && shape.length === 2)
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const head = config.vocabularySize * config.width;
  return 6 * (blocks + head) + 12 * tokens * config.layers * config.heads * config.headSize;
}

/** Multiply-adds count twice: floating-point operations of the forward pass's products per token, those of attention left out. */
export function decodingOperations(config: ModelConfig): number {
  return trainingOperations(config, 0) / 3;
}

/** Parts of a figure; ratio and verdict follow from them. */
export interface FigureParts extends Pick<EngineFigure, "id" | "what" | "unit"> {
  /** Ours in each repeat. */
  readonly ours: readonly number[];
  /** The rival's in the same repeats. */
  readonly rival?: { readonly name: string; readonly values: readonly number[] } | undefined;
  /** See {@linkcode EngineFigure.bar}. */
  readonly bar?: EngineFigure["bar"];
  /** See {@linkcode EngineFigure.note}. */
  readonly note?: string;
  /** Whether both sides did the same work, where that was checked. @default {true} */
  readonly equal?: boolean;
}

/**
 * A figure from the repeats of both sides.
 *
 * @throws {RangeError} if the two sides have different numbers of repeats, or none.
 */
export function figureOf(parts: FigureParts): EngineFigure {
  const { id, what, unit, ours, rival, bar = null, note = "", equal = true } = parts;
  if (rival !== undefined && rival.values.length !== ours.length) {
    throw new RangeError(`Cannot compare ${id}: ${ours.length} repeats of ours, ${rival.values.length} of the rival's`);
  }
  const ratio = rival === undefined ? null : spreadOf(ours.map((value, i) => value / (rival.values[i] ?? NaN)));
  const kept = ratio === null || bar === null
    ? null
    : bar.direction === "at least"
    ? ratio.median >= bar.value
    : ratio.median <= bar.value;
  return {
    id,
    what,
    unit,
    ours: spreadOf(ours),
    rival: rival === undefined ? null : { name: rival.name, value: spreadOf(rival.values) },
    ratio,
    bar,
    met: kept === null ? null : kept && equal,
    note,
  };
}

/** A number in three to four digits. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

function spreadText({ median, low, high }: Spread): string {
  const text = shortNumber(median);
  return low === high ? text : `${text} (${shortNumber(low)} to ${shortNumber(high)})`;
}

/** A figure as one line, for the time until the table is whole. */
export function formatEngineFigure({ id, ours, unit, rival, ratio, met }: EngineFigure): string {
  const verdict = met === null ? "    " : met ? "ok  " : "MISS";
  const theirs = rival === null ? "" : `; ${rival.name}: ${shortNumber(rival.value.median)}`;
  return `${verdict} ${id}: ${shortNumber(ours.median)} ${unit}${theirs}${
    ratio === null ? "" : `; ratio ${shortNumber(ratio.median)}`
  }`;
}

/** The report for people: machine, table, notes. */
export function formatEngineReport(report: EngineReport): string {
  const { machine, figures, left } = report;
  const table = textTable({
    columns: [
      { heading: "what" },
      { heading: "ours", align: "right" },
      { heading: "unit" },
      { heading: "compared with" },
      { heading: "theirs", align: "right" },
      { heading: "ratio", align: "right" },
      { heading: "bar", align: "right" },
      { heading: "met" },
    ],
    rows: figures.map(({ what, ours, unit, rival, ratio, bar, met }) => [
      what,
      spreadText(ours),
      unit,
      rival?.name ?? "-",
      rival === null ? "-" : spreadText(rival.value),
      ratio === null ? "-" : spreadText(ratio),
      bar === null ? "-" : `${bar.direction === "at least" ? ">=" : "<="} ${shortNumber(bar.value)}`,
      met === null ? "-" : met ? "yes" : "NO",
    ]),
  });
  const notes = figures.flatMap(({ what, note }) => (note === "" ? [] : [`${what}: ${note}`]));
  const facts = Object.entries(machine).map(([name, value]) => `${name}: ${value}`);
  return [facts.join("; "), "", table.trimEnd(), "", ...notes, ...left, ""].join("\n");
}
