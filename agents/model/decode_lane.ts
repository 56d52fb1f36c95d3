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
import { float64Of, int32Of, type LaneArray } from "./lane_channel.ts";
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
   * Appends one token to each of some slots and draws the next.
   *
   * @param tokens_R per slot its token, or {@linkcode NO_TOKEN}. @param uniforms_R per slot a number in [0, 1).
   * @returns the drawn token of each slot; `undefined` where none was appended.
   */
  async step(tokens_R: Int32Array, uniforms_R: Float64Array): Promise<(DrawnToken | undefined)[]> {
    const busy = tokens_R.findLastIndex((token) => token !== NO_TOKEN) + 1;
    if (busy === 0) return [...tokens_R].map(() => undefined);
    const rows = this.#decoder.rowsFor(busy);
    const tokens = Array.from({ length: rows }, (_, slot) => {
      const token = tokens_R[slot] ?? NO_TOKEN;
      return token === NO_TOKEN ? undefined : token;
    });
    const probabilities = await this.#decoder.step(tokens);
    return Array.from(tokens_R, (token, slot) => {
      if (token === NO_TOKEN) return undefined;
      return this.#drawer.draw(probabilities, slot * this.#vocabulary, this.#vocabulary, uniforms_R[slot] ?? 0);
    });
  }

  /** Appends runs of tokens to slots, one after the other, and draws the next token of each. */
  async append(runs: readonly SlotRun[]): Promise<DrawnToken[]> {
    const drawn: DrawnToken[] = [];
    for (const { slot, ids, uniform } of runs) {
      const probabilities = await this.#decoder.append(slot, ids);
      drawn.push(this.#drawer.draw(probabilities, 0, this.#vocabulary, uniform));
    }
    return drawn;
  }

  /** Frees device memory; the share is not usable afterwards. */
  release(): void {
    this.#decoder.release();
  }
}

/** Drawn tokens as arrays of a message; ids are {@linkcode NO_TOKEN} where there is none. */
export function drawnArrays(drawn: readonly (DrawnToken | undefined)[]): LaneArray[] {
  return [
    Int32Array.from(drawn, (token) => token?.id ?? NO_TOKEN),
    Float64Array.from(drawn, (token) => token?.logprob ?? NaN),
    Float64Array.from(drawn, (token) => token?.fullLogprob ?? NaN),
    Float64Array.from(drawn, (token) => token?.threshold ?? NaN),
  ];
}

/** Drawn tokens from what {@linkcode drawnArrays} made. */
export function drawnOf(arrays: readonly LaneArray[]): (DrawnToken | undefined)[] {
  const [ids, logprobs] = [int32Of(arrays[0]), float64Of(arrays[1])];
  const [full, thresholds] = [float64Of(arrays[2]), float64Of(arrays[3])];
  return Array.from(ids, (id, i) => {
    if (id === NO_TOKEN) return undefined;
    const [logprob = NaN, fullLogprob = NaN, threshold = NaN] = [logprobs[i], full[i], thresholds[i]];
    return { id, logprob, ...(Number.isNaN(threshold) ? {} : { fullLogprob, threshold }) };
  });
}
