/**
 * All slots of one `converse` call, spread over the lanes of the device where the model is small.
 *
 * Contract: as {@linkcode DecodeLane}, over all slots; how many lanes there are changes no drawn token. Each lane has a block of
 * neighbouring slots, so that conversations with one prompt, which follow each other, mostly share a lane and the lane runs it once.
 *
 * @module
 */
import type { Sampling } from "../policy.ts";
import { DecodeLane, drawnOf, type LaneSteps, NO_TOKEN, type SlotRun } from "./decode_lane.ts";
import { addStats, type DecodeStats, NO_STATS } from "./decode_stats.ts";
import type { DrawnToken } from "./draw_token.ts";
import type { LaneDraft } from "./lane_channel.ts";
import { isSmall } from "./lanes.ts";
import type { Model } from "./model.ts";

/** Least slots of a lane: with fewer, waiting for each other takes what the lanes gain. */
const LEAST_SLOTS = 4;
/** Most runs of tokens that a lane of several takes in before control is given back. */
const RUNS_AT_ONCE = 8;
/** Steps of several lanes between two waits for each other. */
const STEPS_AT_ONCE = 8;

/** Steps of one slot. */
export interface SlotSteps {
  /** Token to append first. */
  readonly token: number;
  /** A number in [0, 1) for each token that may be drawn, at least one. */
  readonly uniforms: readonly number[];
}

/** Slots of a call. */
export class LanedDecoder {
  readonly #model: Model;
  readonly #sampling: Sampling;
  readonly #slots: number;
  /** Slots of each lane; the last may have fewer. */
  readonly #block: number;
  readonly #own: DecodeLane;
  /** Number of this decoder in the lanes. */
  readonly #number: number;
  /** What other lanes have to do before their next work. */
  readonly #edits: LaneDraft[][];
  #othersStats: DecodeStats = NO_STATS;
  #open = true;

  /** All slots are empty at first. @param alone whether there never is a second conversation, so that one row may run by itself. */
  constructor(model: Model, slots: number, sampling: Sampling, alone: boolean) {
    this.#model = model;
    this.#sampling = sampling;
    this.#slots = slots;
    const { lanes } = model.device;
    const most = lanes === undefined || !isSmall(model.config) ? 1 : lanes.count;
    const count = Math.max(1, Math.min(most, Math.floor(slots / LEAST_SLOTS)));
    this.#block = Math.ceil(slots / count);
    this.#number = lanes?.number() ?? 0;
    this.#own = new DecodeLane(model, alone ? 1 : Math.max(2, this.#block), sampling);
    this.#edits = Array.from({ length: Math.ceil(slots / this.#block) }, () => [this.#opening()]);
  }

  /** Number of lanes in use. */
  get lanes(): number {
    return this.#edits.length;
  }

  /** What was run and reused so far; that of other threads is known after {@linkcode LanedDecoder.release}. */
  get stats(): DecodeStats {
    return addStats(this.#own.stats, this.#othersStats);
  }

  /**
   * Most steps that one {@linkcode LanedDecoder.steps} should be given: lanes that take several before they wait for each other waste
   * a row for a few steps where a turn ends, and lose less than they gain.
   */
  get stepsAtOnce(): number {
    return this.lanes === 1 ? 1 : STEPS_AT_ONCE;
  }

  /** Most runs that one {@linkcode LanedDecoder.append} should be given for each lane. */
  get runsAtOnce(): number {
    return this.lanes === 1 ? 1 : RUNS_AT_ONCE;
  }

  /** Lane of a slot. */
  laneOf(slot: number): number {
    return Math.floor(slot / this.#block);
  }

  /** Number of rows that a run over the first `slots` slots of a lane takes. */
  rowsFor(slots: number): number {
    return this.#own.rowsFor(slots);
  }

  /** First slot of a lane. */
  firstSlot(lane: number): number {
    return lane * this.#block;
  }

  /** Empties a slot. */
  clear(slot: number): void {
    const [lane, place] = this.#placeOf(slot);
    if (lane === 0) this.#own.clear(place);
    else this.#edits[lane]?.push({ op: "decode clear", numbers: [this.#number, place] });
  }

  /** Moves a slot's content to an empty slot of its lane. @throws {RangeError} if that is another lane's. */
  move(from: number, to: number): void {
    const [[lane, source], [other, target]] = [this.#placeOf(from), this.#placeOf(to)];
    if (lane !== other) throw new RangeError(`Cannot move slot ${from} to ${to}: both must be of one lane`);
    if (lane === 0) this.#own.move(source, target);
    else this.#edits[lane]?.push({ op: "decode move", numbers: [this.#number, source, target] });
  }

  /**
   * Takes some steps: each appends one token to each of some slots and draws the next, which is what the following step appends.
   *
   * @param seats per slot what to do; `undefined` leaves a slot as it is. @param stops ids after which a slot takes no further step.
   * @returns the drawn tokens of each slot, in order; none where nothing was to do.
   */
  async steps(seats: readonly (SlotSteps | undefined)[], stops: readonly number[]): Promise<DrawnToken[][]> {
    const N = Math.max(1, ...seats.map((seat) => seat?.uniforms.length ?? 0));
    const share = (lane: number): LaneSteps => {
      const own = seats.slice(this.firstSlot(lane), Math.min(this.#slots, this.firstSlot(lane + 1)));
      return {
        tokens_R: Int32Array.from(own, (seat) => seat?.token ?? NO_TOKEN),
        room_R: Int32Array.from(own, (seat) => seat?.uniforms.length ?? 0),
        uniforms_R_N: Float64Array.from(
          own.flatMap((seat) => Array.from({ length: N }, (_, i) => seat?.uniforms[i] ?? 0)),
        ),
        stops: Int32Array.from(stops),
      };
    };
    const own = share(0);
    const drawn = await this.#together((lane) => {
      const { tokens_R, room_R, uniforms_R_N, stops } = share(lane);
      if (tokens_R.every((token) => token === NO_TOKEN)) return undefined;
      return { op: "decode steps", numbers: [this.#number], arrays: [tokens_R, room_R, uniforms_R_N, stops] };
    }, () => this.#own.steps(own));
    return seats.map((_, slot) => {
      const [lane, place] = this.#placeOf(slot);
      return drawn[lane]?.[place] ?? [];
    });
  }

  /** Appends runs of tokens to slots and draws the next token of each. */
  async append(runs: readonly SlotRun[]): Promise<DrawnToken[]> {
    const shares = this.#edits.map((_, lane) => {
      return runs.flatMap((run, i) => (this.laneOf(run.slot) === lane ? [{ i, run: this.#local(run) }] : []));
    });
    const drawn = await this.#together((lane) => {
      const share = shares[lane] ?? [];
      if (share.length === 0) return undefined;
      return {
        op: "decode append",
        numbers: [this.#number],
        arrays: [
          Int32Array.from(share, ({ run }) => run.slot),
          Int32Array.from(share, ({ run }) => run.ids.length),
          Int32Array.from(share.flatMap(({ run }) => run.ids)),
          Float64Array.from(share, ({ run }) => run.uniform),
        ],
      };
    }, async () => {
      const own = (shares[0] ?? []).map(({ run }) => run);
      return (await this.#own.append(own)).map((token) => [token]);
    });
    const all: DrawnToken[] = [];
    for (const [lane, share] of shares.entries()) {
      for (const [n, { i }] of share.entries()) {
        const token = drawn[lane]?.[n]?.[0];
        if (token !== undefined) all[i] = token;
      }
    }
    return all;
  }

  /** Frees memory; the decoder is not usable afterwards. */
  async release(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#own.release();
    const { lanes } = this.#model.device;
    if (lanes === undefined || this.lanes === 1) return;
    const { answers } = await lanes.together(this.#model, {
      requests: (lane) => {
        const opened = this.#edits[lane]?.[0]?.op !== "decode open";
        return opened && lane < this.lanes ? [{ op: "decode close", numbers: [this.#number] }] : [];
      },
      own: () => Promise.resolve(),
      read: ({ numbers: [prefillTokens = 0, reusedTokens = 0, steps = 0, rows = 0, busyRows = 0] }) => {
        return { prefillTokens, reusedTokens, steps, rows, busyRows };
      },
    });
    this.#othersStats = answers.reduce<DecodeStats>((sum, stats) => addStats(sum, stats ?? NO_STATS), NO_STATS);
  }

  async #together(
    request: (lane: number) => LaneDraft | undefined,
    own: () => Promise<DrawnToken[][]>,
  ): Promise<readonly (DrawnToken[][] | undefined)[]> {
    const { lanes } = this.#model.device;
    if (lanes === undefined || this.lanes === 1) return [await own()];
    const { own: mine, answers } = await lanes.together(this.#model, {
      requests: (lane, id) => {
        const edits = this.#edits[lane];
        const message = request(lane);
        if (edits === undefined || message === undefined) return [];
        const before = edits.splice(0).map((edit) => {
          return edit.op === "decode open" ? { ...edit, numbers: [...edit.numbers ?? [], id] } : edit;
        });
        return [...before, message];
      },
      own,
      read: ({ arrays }) => drawnOf(arrays),
    });
    return [mine, ...answers.slice(1)];
  }

  #opening(): LaneDraft {
    return {
      op: "decode open",
      texts: [JSON.stringify(this.#sampling)],
      numbers: [this.#number, Math.max(2, this.#block)],
    };
  }

  #placeOf(slot: number): readonly [number, number] {
    const lane = this.laneOf(slot);
    return [lane, slot - this.firstSlot(lane)];
  }

  #local(run: SlotRun): SlotRun {
    return { ...run, slot: this.#placeOf(run.slot)[1] };
  }
}
