/**
 * Probe of the execution providers: the same small model must give the same next-token distribution on each.
 *
 * Contract: the model's weights and inputs are fixed. Compared are the log-probabilities of every token of the vocabulary after a
 * fixed prefix (logits up to their common shift, nats), from the whole-sequence graph, and those of a greedy turn, from the decoding
 * graph; the figure is the largest absolute difference to native CPU, or to the first provider that works where there is none.
 * Choices: a tolerance of 1e-3 nats; float32 kernels of different providers differ by about 1e-6 on this model.
 * Omitted: the training graph, whose comparison is a test of its own.
 *
 * @module
 */
import type { Tokenizer } from "../agents/policy.ts";
import { nanoConfig } from "../agents/model/config.ts";
import { type Device, openDevice, type ProviderKind } from "../agents/model/device.ts";
import { LocalPolicy } from "../agents/model/local_policy.ts";
import { createModel } from "../agents/model/model.ts";

/** Largest difference of log-probabilities that counts as equal, nats. */
export const PROBE_TOLERANCE = 1e-3;
/** Providers, the reference first. */
export const PROVIDERS: readonly ProviderKind[] = ["cpu", "wasm", "webgpu"];

const VOCABULARY = 48;
const PREFIX: readonly number[] = [5, 17, 3, 44, 29, 8, 8, 31, 0, 12, 40, 23];
const TURN_TOKENS = 6;

/** What a provider computed. */
export interface ProbeOutput {
  /** Log-probabilities of all next tokens, nats, [V]. */
  readonly next_V: readonly number[];
  /** Log-probabilities of the tokens of a greedy turn, nats, [T]. */
  readonly turn_T: readonly number[];
  /** The tokens, [T]. */
  readonly ids_T: readonly number[];
}

/** State of one provider. */
export interface ProviderState {
  /** Which provider. */
  readonly provider: ProviderKind;
  /** Whether it could be opened and ran the model. */
  readonly available: boolean;
  /** Device, or why there is none. */
  readonly detail: string;
  /** Largest difference to the reference, nats; null for the reference itself and where unavailable. */
  readonly maxDifference: number | null;
  /** Whether the difference is within the tolerance; null where there is nothing to compare. */
  readonly agrees: boolean | null;
}

/** The model is fed ids; no text is involved. */
const NO_TEXT: Tokenizer = { vocabularySize: VOCABULARY, specials: {}, encode: () => [], decode: () => "" };

/** Runs the probe on one device. */
export async function runProbe(device: Device): Promise<ProbeOutput> {
  const model = await createModel(
    device,
    nanoConfig(VOCABULARY, {
      width: 32,
      layers: 2,
      heads: 4,
      keyValueHeads: 2,
      headSize: 8,
      hidden: 64,
      contextTokens: 32,
    }),
    1,
  );
  try {
    const policy = new LocalPolicy(model, NO_TEXT, { slots: 2 });
    const scores = await policy.score(Array.from({ length: VOCABULARY }, (_, id) => [...PREFIX, id]));
    let turn_T: readonly number[] = [];
    let ids_T: readonly number[] = [];
    await policy.converse([{
      key: ["probe"],
      promptIds: PREFIX,
      onTurn: (turn) => {
        turn_T = turn.logprobs;
        ids_T = turn.ids;
        return Promise.resolve(null);
      },
    }], { sampling: { temperature: 0 }, maxTurnTokens: TURN_TOKENS, stopIds: [] });
    return { next_V: scores.map((logprobs) => logprobs.at(-1) ?? NaN), turn_T, ids_T };
  } finally {
    await model.release();
  }
}

/**
 * Largest absolute difference of two outputs, nats. Greedy turns are compared up to the first token in which they differ, which
 * two equally likely tokens may cause; NaN and a missing value are infinitely far.
 */
export function probeDifference(a: ProbeOutput, b: ProbeOutput): number {
  const parting = a.ids_T.findIndex((id, t) => id !== b.ids_T[t]);
  const same = parting < 0 ? a.ids_T.length : parting;
  const pairs = [
    ...a.next_V.map((value, v) => value - (b.next_V[v] ?? NaN)),
    ...a.turn_T.slice(0, same).map((value, t) => value - (b.turn_T[t] ?? NaN)),
  ];
  return pairs.reduce((largest, value) => Math.max(largest, Number.isNaN(value) ? Infinity : Math.abs(value)), 0);
}

/** Options of {@linkcode probeProviders}. */
export interface ProbeOptions {
  /**
   * Providers to look at, the reference first.
   *
   * @default {["cpu", "wasm", "webgpu"]}
   */
  providers?: readonly ProviderKind[];
  /** Opens a device; a test may put its own here. */
  open?: (provider: ProviderKind) => Promise<Device>;
  /** Runs the probe; a test may put its own here. */
  run?: (device: Device) => Promise<ProbeOutput>;
}

/**
 * Tries every provider. A provider that fails is reported, not thrown.
 *
 * @param options see {@linkcode ProbeOptions}.
 */
export async function probeProviders(options: ProbeOptions = {}): Promise<ProviderState[]> {
  const { providers = PROVIDERS, open = openDevice, run = runProbe } = options;
  const states: ProviderState[] = [];
  let reference: ProbeOutput | undefined;
  for (const provider of providers) {
    try {
      const device = await open(provider);
      const output = await run(device);
      const maxDifference = reference === undefined ? null : probeDifference(reference, output);
      const agrees = maxDifference === null ? null : maxDifference <= PROBE_TOLERANCE;
      states.push({ provider, available: true, detail: device.name, maxDifference, agrees });
      reference ??= output;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      states.push({ provider, available: false, detail, maxDifference: null, agrees: null });
    }
  }
  return states;
}
