/**
 * Packs sequences into the inputs of the whole-sequence graph, grouped by length.
 *
 * Contract: only tokens up to the last wanted prediction are run; rows are padded at their end to the longest of their group, rounded
 * up to a multiple of 16. The grouping depends on lengths and order only.
 *
 * @module
 */
import type { ModelConfig } from "./config.ts";
import { causalMask, headLayout } from "./decoder.ts";
import type { Device, DeviceTensor } from "./device.ts";
import { hasLongRope, isLongRow } from "./rope.ts";

/** A sequence and the places whose tokens are predicted. */
export interface SequenceRow {
  /** Token ids, [T]. */
  readonly ids: readonly number[];
  /** Increasing places t ≥ 1 such that log p(ids[t] | ids before t) is wanted; not empty. */
  readonly wanted: readonly number[];
  /** Id before the first, where the row continues a sequence. @default its own first id */
  readonly before?: number;
}

/** Places in one micro-batch. */
export interface SequenceGroup {
  /** Indices of the rows in the list that was grouped. */
  readonly rows: readonly number[];
  /** T: tokens per row, padding included. */
  readonly tokens: number;
}

const ROUNDING = 16;

/** Number of tokens that must be run for a row: all before the last wanted one. */
export function tokensToRun(row: SequenceRow): number {
  return row.wanted.at(-1) ?? 0;
}

/** What one more run costs, in tokens run at the same time: about 3 ms for a model of a million parameters on two cores. */
const RUN_TOKENS = 48;

/**
 * Groups rows of like length so that each group has at most `budget` tokens, padding included, or is a single row.
 *
 * Choices: of all ways to cut the rows in the order of their lengths, the one with the fewest tokens to run, where every group counts as
 * {@linkcode RUN_TOKENS} tokens more; so few long rows do not stretch many short ones.
 */
export function groupByLength(rows: readonly SequenceRow[], budget: number): SequenceGroup[] {
  const lengths = rows.map(tokensToRun);
  const order = rows.map((_, i) => i).sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
  const rounded = order.map((index) => Math.ceil((lengths[index] ?? 0) / ROUNDING) * ROUNDING);
  // costs[i]: least cost of the rows from the i-th on; ends[i]: where the first of their groups ends.
  const costs = Array<number>(order.length + 1).fill(0);
  const ends = Array<number>(order.length).fill(0);
  for (let i = order.length - 1; i >= 0; i--) {
    const tokens = rounded[i] ?? 0;
    let best = Infinity;
    for (let end = i + 1; end <= order.length && (end === i + 1 || (end - i) * tokens <= budget); end++) {
      const cost = (end - i) * tokens + RUN_TOKENS + (costs[end] ?? 0);
      // Of equal ones the fewest groups.
      if (cost > best) continue;
      best = cost;
      ends[i] = end;
    }
    costs[i] = best;
  }
  const groups: SequenceGroup[] = [];
  for (let i = 0; i < order.length; i = ends[i] ?? order.length) {
    groups.push({ rows: order.slice(i, ends[i]), tokens: rounded[i] ?? 0 });
  }
  return groups;
}

/** Makes the inputs of the whole-sequence graph; keeps the masks it has made. */
export class SequencePacker {
  readonly #device: Device;
  readonly #config: ModelConfig;
  readonly #groups: number;
  readonly #masks = new Map<number, DeviceTensor>();

  /** A packer for one model's graphs. */
  constructor(device: Device, config: ModelConfig) {
    this.#device = device;
    this.#config = config;
    this.#groups = headLayout(config).groups;
  }

  /** Inputs `ids`, `previous`, `mask`, `rows`, `inverse`, `targets`; wanted places follow each other row by row. */
  pack(rows: readonly SequenceRow[], tokens: number): Record<string, DeviceTensor> {
    const B = rows.length;
    const M = rows.reduce((sum, row) => sum + row.wanted.length, 0);
    const ids_B_T = new Int32Array(B * tokens);
    const previous_B_T = new Int32Array(B * tokens);
    const inverse_N = new Int32Array(B * tokens).fill(M);
    const rows_M = new Int32Array(M);
    const targets_M = new Int32Array(M);
    let m = 0;
    for (const [b, row] of rows.entries()) {
      const count = tokensToRun(row);
      for (let t = 0; t < count; t++) {
        ids_B_T[b * tokens + t] = row.ids[t] ?? 0;
        previous_B_T[b * tokens + t] = row.ids[t - 1] ?? row.before ?? row.ids[0] ?? 0;
      }
      for (const place of row.wanted) {
        const flat = b * tokens + place - 1;
        rows_M[m] = flat;
        inverse_N[flat] = m;
        targets_M[m] = row.ids[place] ?? 0;
        m++;
      }
    }
    return {
      ids: this.#device.int32(ids_B_T, [B, tokens]),
      previous: this.#device.int32(previous_B_T, [B, tokens]),
      mask: this.#mask(tokens),
      rows: this.#device.int32(rows_M, [M]),
      inverse: this.#device.int32(inverse_N, [B * tokens]),
      targets: this.#device.int32(targets_M, [M]),
      ...(hasLongRope(this.#config)
        ? { long_rows: this.#device.int64(BigInt64Array.from(rows, (row) => this.#long(row)), [B, 1]) }
        : {}),
    };
  }

  /** 1 for a row whose tokens, the last wanted one included, need the frequencies for long sequences. */
  #long(row: SequenceRow): bigint {
    return isLongRow(this.#config, row.ids.length) ? 1n : 0n;
  }

  #mask(tokens: number): DeviceTensor {
    let mask = this.#masks.get(tokens);
    if (mask === undefined) {
      mask = this.#device.float(causalMask(tokens, this.#groups, this.#config.slidingWindow), [
        this.#groups * tokens,
        tokens,
      ]);
      this.#masks.set(tokens, mask);
    }
    return mask;
  }
}
