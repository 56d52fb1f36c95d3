/**
 * A share of the slots of one `converse` call with the drawing of their tokens: what one lane does.
 *
 * Contract: slots and draws as in {@linkcode SlotDecoder} and {@linkcode TokenDrawer}. Lists are typed arrays, so that a share can be
 * driven from another thread.
 *
 * @module
 */
import type { Sampling } from "../policy.ts";
import type { DecodeStats } from "./decode_stats.ts";
import { type DrawnToken, TokenDrawer } from "./draw_token.ts";
import { arrayOf, type LaneArray } from "./lane_channel.ts";
import type { Model } from "./model.ts";
import { SlotDecoder } from "./slot_decoder.ts";

/** Stands in a list of tokens for a slot that gets none. */
export const NO_TOKEN = -1;

/** Tokens to append to one slot. */
export interface SlotRun {
  /** Slot of the share. */
  readonly slot: number;
  /** At least one id. */
  readonly ids: readonly number[];
  /** In [0, 1), for the token after them. */
  readonly uniform: number;
}

/** Steps to take. */
export interface LaneSteps {
  /** Per slot the token to append first, or {@linkcode NO_TOKEN}. */
  readonly tokens_R: Int32Array;
  /** Per slot the most tokens to draw, from 1 to N. */
  readonly room_R: Int32Array;
  /** Per slot the numbers in [0, 1) for its first N tokens, [R, N]. */
  readonly uniforms_R_N: Float64Array;
  /** Ids after which a slot takes no further step. */
  readonly stops: Int32Array;
}

/** Slots of one thread. */
export class DecodeLane {
  readonly #decoder: SlotDecoder;
  readonly #drawer: TokenDrawer;
  readonly #vocabulary: number;

  /** All slots are empty at first. @param slots 1 only if there never are two, see {@linkcode SlotDecoder}. */
  constructor(model: Model, slots: number, sampling: Sampling) {
    this.#decoder = new SlotDecoder(model, slots, sampling.temperature === 0 ? 1 : sampling.temperature);
    this.#drawer = new TokenDrawer(sampling);
    this.#vocabulary = model.config.vocabularySize;
  }

  /** What was run and reused so far. */
  get stats(): DecodeStats {
    return this.#decoder.stats;
  }

  /** Number of rows that a run over the first `slots` slots takes. */
  rowsFor(slots: number): number {
    return this.#decoder.rowsFor(slots);
  }

  /** Empties a slot. */
  clear(slot: number): void {
    this.#decoder.clear(slot);
  }

  /** Moves a slot's content to an empty slot. */
  move(from: number, to: number): void {
    this.#decoder.move(from, to);
  }

  /**
   * Takes some steps: each appends one token to each of some slots and draws the next, which is what the following step appends.
   *
   * @returns the drawn tokens of each slot, in order; none where no token was given.
   */
  async steps({ tokens_R, room_R, uniforms_R_N, stops }: LaneSteps): Promise<DrawnToken[][]> {
    const drawn: DrawnToken[][] = Array.from(tokens_R, () => []);
    const N = uniforms_R_N.length / tokens_R.length;
    let next = Array.from(tokens_R, (token) => (token === NO_TOKEN ? undefined : token));
    while (true) {
      const busy = next.findLastIndex((token) => token !== undefined) + 1;
      if (busy === 0) return drawn;
      const rows = this.#decoder.rowsFor(busy);
      const probabilities = await this.#decoder.step(Array.from({ length: rows }, (_, slot) => next[slot]));
      next = next.map((token, slot) => {
        const tokens = drawn[slot];
        if (token === undefined || tokens === undefined) return undefined;
        const uniform = uniforms_R_N[slot * N + tokens.length] ?? 0;
        const made = this.#drawer.draw(probabilities, slot * this.#vocabulary, this.#vocabulary, uniform);
        tokens.push(made);
        return tokens.length >= (room_R[slot] ?? 0) || stops.includes(made.id) ? undefined : made.id;
      });
    }
  }

  /** Appends runs of tokens to slots, one after the other, and draws the next token of each. */
  async append(runs: readonly SlotRun[]): Promise<DrawnToken[]> {
    const lists = await this.#decoder.appendAll(runs);
    return lists.map((probabilities, i) => {
      return this.#drawer.draw(probabilities, 0, this.#vocabulary, runs[i]?.uniform ?? 0);
    });
  }

  /** Frees device memory; the share is not usable afterwards. */
  release(): void {
    this.#decoder.release();
  }
}

/** Lists of drawn tokens as arrays of a message. */
export function drawnArrays(lists: readonly (readonly DrawnToken[])[]): LaneArray[] {
  const all = lists.flat();
  return [
    Int32Array.from(lists, ({ length }) => length),
    Int32Array.from(all, ({ id }) => id),
    Float64Array.from(all, ({ logprob }) => logprob),
    Float64Array.from(all, ({ fullLogprob }) => fullLogprob ?? NaN),
    Float64Array.from(all, ({ threshold }) => threshold ?? NaN),
  ];
}

/** Lists of drawn tokens from what {@linkcode drawnArrays} made. */
export function drawnOf(arrays: readonly LaneArray[]): DrawnToken[][] {
  const [lengths, ids, logprobs] = [
    arrayOf(arrays[0], Int32Array),
    arrayOf(arrays[1], Int32Array),
    arrayOf(arrays[2], Float64Array),
  ];
  const [full, thresholds] = [arrayOf(arrays[3], Float64Array), arrayOf(arrays[4], Float64Array)];
  let at = 0;
  return Array.from(lengths, (length) => {
    return Array.from({ length }, () => {
      const [id = 0, logprob = NaN, fullLogprob = NaN, threshold = NaN] = [
        ids[at],
        logprobs[at],
        full[at],
        thresholds[at],
      ];
      at++;
      return { id, logprob, ...(Number.isNaN(threshold) ? {} : { fullLogprob, threshold }) };
    });
  });
}
