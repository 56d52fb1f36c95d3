/**
 * Progress of long work: phases with done/total, rate, time left, and the current reward or success.
 *
 * Contract: on a terminal one line that is rewritten; elsewhere plain lines, at most one in five seconds beside the first and last of
 * a phase; for programs one JSON object a line. It writes through `write` (standard error in the CLI) and reads time from `now`, so
 * that tests use a clock of their own; it starts no timers. Progress never changes what is computed.
 * Time left of everything: the caller may {@linkcode Progress.plan} phases with weights (expected durations in any unit). Measured
 * phases calibrate the weights of those of the same kind, all measured phases together the weights of the others. Phases that are
 * planned but never begun (their work was done before) are dropped when a later one begins.
 *
 * @module
 */
import { truncate } from "./text_table.ts";

/** A phase that will come. */
export interface PlannedPhase {
  /** Name, as the phase will be begun with. */
  readonly name: string;
  /** Expected duration, in any unit that the whole plan shares. */
  readonly weight: number;
  /** Phases of one kind predict each other; left out: a kind of its own. */
  readonly kind?: string;
}

/** What a phase reports. */
export interface PhaseUpdate {
  /** Work done so far, in the phase's unit. */
  readonly done: number;
  /** All work of the phase. */
  readonly total: number;
  /**
   * Tokens trained on or generated since the last report.
   *
   * @default {0}
   */
  readonly tokens?: number;
  /** Mean reward of the last step. */
  readonly reward?: number;
  /** Share of solved tasks of the last step, fraction. */
  readonly success?: number;
  /** Mean loss of the last step, nats a token. */
  readonly loss?: number;
}

/** A phase that has begun. */
export interface PhaseHandle {
  /** Reports progress. */
  update(update: PhaseUpdate): void;
}

/** How progress is shown. */
export type ProgressMode = "terminal" | "lines" | "json" | "silent";

/** Options of {@linkcode Progress}. */
export interface ProgressOptions {
  /**
   * See {@linkcode ProgressMode}.
   *
   * @default {"lines"}
   */
  mode?: ProgressMode;
  /** Takes text as it is, line breaks included. */
  write: (text: string) => void;
  /**
   * Clock in milliseconds, from any origin.
   *
   * @default {performance.now}
   */
  now?: () => number;
  /** Width of the terminal, read anew for each line; 80 where unknown. */
  columns?: () => number;
  /**
   * Shortest time between two lines of a phase, ms; a terminal is redrawn up to ten times a second.
   *
   * @default {5000}
   */
  intervalMs?: number;
}

interface PhaseState {
  readonly name: string;
  readonly unit: string;
  readonly kind: string;
  weight: number;
  began: number;
  ended: number | undefined;
  /** First report; the rate is measured from it when the phase was resumed half-way. */
  first: { readonly at: number; readonly done: number } | undefined;
  at: number;
  tokens: number;
  last: PhaseUpdate | undefined;
}

/** Where the whole work stands. */
export interface ProgressSnapshot {
  /** Phase that is going on. */
  readonly phase: string;
  /** What is counted. */
  readonly unit: string;
  /** Work done in the phase. */
  readonly done: number;
  /** All work of the phase. */
  readonly total: number;
  /** Units a second; null while unknown. */
  readonly rate: number | null;
  /** Tokens a second; null where none were reported. */
  readonly tokensPerSecond: number | null;
  /** Time left in the phase, seconds. */
  readonly etaSeconds: number | null;
  /** Share of the planned weight that is done, fraction; null without a plan. */
  readonly overallShare: number | null;
  /** Time left in all, seconds; null without a plan or while unknown. */
  readonly overallEtaSeconds: number | null;
  /** Mean reward of the last step; null where unknown. */
  readonly reward: number | null;
  /** Share of solved tasks of the last step, fraction; null where unknown. */
  readonly success: number | null;
  /** Mean loss of the last step, nats a token; null where unknown. */
  readonly loss: number | null;
}

const TERMINAL_INTERVAL_MS = 100;

/**
 * Text of a duration, two units at most.
 *
 * @example Minutes and seconds
 * ```ts
 * import { formatDuration } from "whetstone/eval/progress.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(formatDuration(83), "1 min 23 s");
 * assert.equal(formatDuration(3 * 3600 + 120), "3 h 02 min");
 * ```
 *
 * @param seconds 0 or more.
 */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(minutes / 1440)} d ${String(Math.floor(minutes % 1440 / 60)).padStart(2, "0")} h`;
}

/** A rate with three significant digits at most, in thousands where it is large. */
function formatRate(rate: number): string {
  if (rate >= 10_000) return `${(rate / 1000).toFixed(0)}k`;
  if (rate >= 1000) return `${(rate / 1000).toFixed(1)}k`;
  return rate >= 100 ? rate.toFixed(0) : rate >= 10 ? rate.toFixed(1) : rate.toFixed(2);
}

/** See the module's contract. */
export class Progress {
  readonly #mode: ProgressMode;
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #columns: () => number;
  readonly #intervalMs: number;
  #plan: PlannedPhase[] = [];
  readonly #phases: PhaseState[] = [];
  #lastShown = -Infinity;
  #lineOpen = false;

  /**
   * Opens the display.
   *
   * @param options see {@linkcode ProgressOptions}.
   */
  constructor(options: ProgressOptions) {
    const { mode = "lines", write, now = () => performance.now(), columns = () => 80, intervalMs = 5000 } = options;
    this.#mode = mode;
    this.#write = write;
    this.#now = now;
    this.#columns = columns;
    this.#intervalMs = mode === "terminal" ? TERMINAL_INTERVAL_MS : intervalMs;
  }

  /**
   * Says which phases will come, in order; replaces an earlier plan.
   *
   * @throws {RangeError} if a weight is negative or not finite.
   */
  plan(phases: readonly PlannedPhase[]): void {
    for (const { name, weight } of phases) {
      if (!(Number.isFinite(weight) && weight >= 0)) {
        throw new RangeError(`Cannot plan progress: weight of ${name} must be 0 or more, got ${weight}`);
      }
    }
    this.#plan = [...phases];
  }

  /**
   * Begins a phase; the one before it has ended.
   *
   * @param name as in the plan, if it is planned.
   * @param unit plural noun of what is counted, e.g. `updates`.
   */
  phase(name: string, unit: string): PhaseHandle {
    this.#end();
    const planned = this.#plan.find((entry) => entry.name === name);
    const now = this.#now();
    const state: PhaseState = {
      name,
      unit,
      kind: planned?.kind ?? name,
      weight: planned?.weight ?? 0,
      began: now,
      ended: undefined,
      first: undefined,
      at: now,
      tokens: 0,
      last: undefined,
    };
    this.#phases.push(state);
    if (this.#mode === "json") this.#line(JSON.stringify({ event: "phase", phase: name, unit }));
    else if (this.#mode === "lines") this.#line(`${name} …`);
    else this.#redraw(name);
    this.#lastShown = now;
    return {
      update: (update) => {
        // A report of a phase that has ended comes too late to be of use.
        if (state.ended === undefined) this.#update(state, update);
      },
    };
  }

  /** Prints a line that stays. */
  message(text: string): void {
    if (this.#mode === "json") this.#line(JSON.stringify({ event: "message", text }));
    else this.#line(text);
  }

  /** Ends the last phase. */
  finish(): void {
    this.#end();
  }

  /** Where things stand; undefined before the first phase. */
  snapshot(): ProgressSnapshot | undefined {
    const state = this.#phases.at(-1);
    return state === undefined ? undefined : this.#snapshot(state);
  }

  #update(state: PhaseState, update: PhaseUpdate): void {
    const now = this.#now();
    state.first ??= { at: now, done: update.done };
    state.at = now;
    state.tokens += update.tokens ?? 0;
    // Figures of the last step stay until the next ones come.
    const { reward, success, loss } = { ...state.last, ...update };
    state.last = {
      done: update.done,
      total: update.total,
      ...(reward === undefined ? {} : { reward }),
      ...(success === undefined ? {} : { success }),
      ...(loss === undefined ? {} : { loss }),
    };
    if (now - this.#lastShown < this.#intervalMs && this.#lastShown > -Infinity) return;
    this.#show(state);
    this.#lastShown = now;
  }

  #end(): void {
    const state = this.#phases.at(-1);
    if (state === undefined || state.ended !== undefined) return;
    state.ended = this.#now();
    if (this.#mode === "silent") return;
    const seconds = (state.ended - state.began) / 1000;
    const done = state.last?.done ?? 0;
    if (this.#mode === "json") {
      this.#line(
        JSON.stringify({ event: "phase_end", phase: state.name, done, seconds: Math.round(seconds * 1000) / 1000 }),
      );
    } else {
      const amount = state.last === undefined ? "" : `${done}/${state.last.total} ${state.unit} `;
      this.#line(`${state.name}: ${amount}in ${formatDuration(seconds)}${figures(state.last)}`);
    }
  }

  /** Seconds a unit of work takes and took; null while unknown. */
  #rate(state: PhaseState): number | null {
    const { first, last } = state;
    if (first === undefined || last === undefined) return null;
    // A first report of at most one unit was measured from the beginning; a later one comes after a resume.
    const [from, base] = first.done <= 1 ? [state.began, 0] : [first.at, first.done];
    const seconds = (state.at - from) / 1000;
    return seconds > 0 && last.done > base ? (last.done - base) / seconds : null;
  }

  #snapshot(state: PhaseState): ProgressSnapshot {
    const { last } = state;
    const rate = this.#rate(state);
    const seconds = (state.at - state.began) / 1000;
    const etaSeconds = rate === null || last === undefined ? null : this.#left(state, (last.total - last.done) / rate);
    return {
      phase: state.name,
      unit: state.unit,
      done: last?.done ?? 0,
      total: last?.total ?? 0,
      rate,
      tokensPerSecond: state.tokens > 0 && seconds > 0 ? state.tokens / seconds : null,
      etaSeconds,
      ...this.#overall(state, etaSeconds),
      reward: last?.reward ?? null,
      success: last?.success ?? null,
      loss: last?.loss ?? null,
    };
  }

  /** Time left that was true at the last report, now. */
  #left(state: PhaseState, seconds: number): number {
    return Math.max(0, seconds - (this.#now() - state.at) / 1000);
  }

  #overall(
    current: PhaseState,
    etaSeconds: number | null,
  ): { overallShare: number | null; overallEtaSeconds: number | null } {
    const place = this.#plan.findIndex((entry) => entry.name === current.name);
    const all = this.#plan.reduce((sum, entry) => sum + entry.weight, 0);
    if (place < 0 || all === 0) return { overallShare: null, overallEtaSeconds: null };
    const measured = new Map<string, { weight: number; seconds: number }>();
    const total = { weight: 0, seconds: 0 };
    for (const state of this.#phases) {
      const { first, last } = state;
      if (first === undefined || last === undefined || last.total <= 0) continue;
      const base = first.done <= 1 ? 0 : first.done;
      const weight = state.weight * (last.done - base) / last.total;
      const seconds = ((state.ended ?? state.at) - (base === 0 ? state.began : first.at)) / 1000;
      if (weight <= 0) continue;
      const kind = measured.get(state.kind) ?? { weight: 0, seconds: 0 };
      measured.set(state.kind, { weight: kind.weight + weight, seconds: kind.seconds + seconds });
      total.weight += weight;
      total.seconds += seconds;
    }
    const predict = (kind: string, weight: number): number | null => {
      const known = measured.get(kind) ?? total;
      return known.weight > 0 ? weight * known.seconds / known.weight : weight === 0 ? 0 : null;
    };
    const share = current.last === undefined || current.last.total <= 0 ? 0 : current.last.done / current.last.total;
    const before = this.#plan.slice(0, place).reduce((sum, entry) => sum + entry.weight, 0);
    let left: number | null = etaSeconds ?? predict(current.kind, current.weight * (1 - share));
    for (const entry of this.#plan.slice(place + 1)) {
      const seconds = predict(entry.kind ?? entry.name, entry.weight);
      left = left === null || seconds === null ? null : left + seconds;
    }
    return { overallShare: (before + current.weight * share) / all, overallEtaSeconds: left };
  }

  #show(state: PhaseState): void {
    if (this.#mode === "silent") return;
    const snapshot = this.#snapshot(state);
    if (this.#mode === "json") {
      this.#line(JSON.stringify({ event: "progress", ...snapshot }));
      return;
    }
    const text = progressText(snapshot);
    if (this.#mode === "terminal") this.#redraw(text);
    else this.#line(text);
  }

  #redraw(text: string): void {
    if (this.#mode !== "terminal") return;
    this.#write(`\r\x1b[2K${truncate(text, Math.max(1, this.#columns() - 1))}`);
    this.#lineOpen = true;
  }

  #line(text: string): void {
    if (this.#mode === "silent") return;
    this.#write(`${this.#lineOpen ? "\r\x1b[2K" : ""}${text}\n`);
    this.#lineOpen = false;
  }
}

function figures(update: Pick<PhaseUpdate, "reward" | "success" | "loss"> | undefined): string {
  const parts = [
    update?.loss === undefined ? "" : `loss ${update.loss.toFixed(3)}`,
    update?.reward === undefined ? "" : `reward ${update.reward.toFixed(3)}`,
    update?.success === undefined ? "" : `success ${(100 * update.success).toFixed(0)} %`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`;
}

/** One line for people. */
function progressText(snapshot: ProgressSnapshot): string {
  const { phase, unit, done, total, rate, tokensPerSecond, etaSeconds, overallShare, overallEtaSeconds } = snapshot;
  const amount = Number.isInteger(done) ? String(done) : done.toFixed(1);
  const percent = total > 0 ? ` (${Math.floor(100 * done / total)} %)` : "";
  // Slow work reads better as time per unit.
  const speed = rate === null
    ? ""
    : rate >= 0.5
    ? `, ${formatRate(rate)} ${unit}/s`
    : `, ${formatDuration(1 / rate)} each`;
  const tokens = tokensPerSecond === null ? "" : `, ${formatRate(tokensPerSecond)} tok/s`;
  const eta = etaSeconds === null ? "" : `, ${formatDuration(etaSeconds)} left`;
  const { loss, reward, success } = snapshot;
  const state = figures({
    ...(loss === null ? {} : { loss }),
    ...(reward === null ? {} : { reward }),
    ...(success === null ? {} : { success }),
  });
  const overall = overallShare === null
    ? ""
    : ` | all ${Math.floor(100 * overallShare)} %${
      overallEtaSeconds === null ? "" : `, ${formatDuration(overallEtaSeconds)} left`
    }`;
  return `${phase}: ${amount}/${total} ${unit}${percent}${speed}${tokens}${state}${eta}${overall}`;
}
