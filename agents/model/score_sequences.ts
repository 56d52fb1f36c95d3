/**
 * Log-probabilities of given tokens: whole sequences, or continuations of one prefix that is run once.
 *
 * Contract: sequences of like length are run together, padded at their ends; what is padded or run beside a sequence does not change
 * its values beyond rounding. Choice: a model whose rotary frequencies depend on a sequence's length scores continuations as whole
 * sequences, because its prefix has no keys that would serve all of them.
 *
 * @module
 */
import type { ScoreOptions } from "../policy.ts";
import { checkIds, PolicyInputError } from "./converse_run.ts";
import { type DecodeStats, NO_STATS } from "./decode_stats.ts";
import { sequenceGraph } from "./decoder.ts";
import { continuationGraph } from "./decoding_graph.ts";
import type { Session, Tensors } from "./device.ts";
import { type Model, readFloats } from "./model.ts";
import { hasLongRope } from "./rope.ts";
import { groupByLength, type SequencePacker, type SequenceRow } from "./sequence_batch.ts";
import { SlotDecoder } from "./slot_decoder.ts";

/** Most tokens of one scoring run. */
const SCORE_TOKENS = 4096;
/** Least tokens per row of a run of continuations; longer ones take the next power of two. */
const LEAST_CHUNK = 16;

/** Rows to run, each with the list that its values go to and the place of the first. */
interface ScoredRow extends SequenceRow {
  readonly into: number[];
  readonly at: number;
}

/** Whole sequences; see `LocalPolicy.score`. */
export async function scoreSequences(
  model: Model,
  packer: SequencePacker,
  sequences: readonly (readonly number[])[],
  options: ScoreOptions,
): Promise<number[][]> {
  const temperature = temperatureOf(options);
  for (const ids of sequences) checkIds(ids, model);
  const scores = sequences.map((ids) => ids.map(() => 0));
  const scored = sequences.flatMap((ids, i): ScoredRow[] => {
    return ids.length < 2 ? [] : [{ ids, wanted: placesFrom(1, ids.length - 1), into: scores[i] ?? [], at: 1 }];
  });
  const session = await model.session("score", () => {
    const { graph, logprobs_M } = sequenceGraph(model.config, "score", model.adapter?.spec);
    graph.output("logprobs", logprobs_M);
    return graph;
  });
  const common = { ...model.feeds(), inverse_temperature: model.device.float(Float32Array.of(1 / temperature), []) };
  for (const { rows, tokens } of groupByLength(scored, SCORE_TOKENS)) {
    const group = rows.flatMap((row) => scored[row] ?? []);
    await take(session, { ...common, ...packer.pack(group, tokens) }, group);
  }
  return scores;
}

/** Continuations of one prefix; see `LocalPolicy.scoreContinuations`. */
export async function scoreContinuations(
  model: Model,
  packer: SequencePacker,
  prefixIds: readonly number[],
  continuations: readonly (readonly number[])[],
  options: ScoreOptions,
): Promise<{ readonly scores: number[][]; readonly stats: DecodeStats }> {
  const temperature = temperatureOf(options);
  const { device, config } = model;
  const last = prefixIds.at(-1);
  if (last === undefined) throw new PolicyInputError("Cannot score: a prefix must have a token, got none");
  for (const ids of continuations) checkIds([...prefixIds, ...ids], model);
  if (hasLongRope(config)) {
    const whole = await scoreSequences(model, packer, continuations.map((ids) => [...prefixIds, ...ids]), options);
    return { scores: whole.map((scores) => scores.slice(prefixIds.length)), stats: NO_STATS };
  }
  const scores = continuations.map((ids) => ids.map(() => 0));
  // The prefix's last token begins every row, so that all predictions come from one run.
  const before = prefixIds.at(-2);
  const scored = continuations.flatMap((ids, i): ScoredRow[] => {
    const row = { ids: [last, ...ids], wanted: placesFrom(1, ids.length), into: scores[i] ?? [], at: 0 };
    return ids.length === 0 ? [] : [before === undefined ? row : { ...row, before }];
  });
  const start = prefixIds.length - 1;
  const decoder = new SlotDecoder(model, 1, temperature);
  try {
    if (start > 0 && scored.length > 0) await decoder.append(0, prefixIds.slice(0, -1));
    const common = {
      ...model.feeds(),
      ...decoder.cacheFeeds(0),
      inverse_temperature: device.float(Float32Array.of(1 / temperature), []),
    };
    for (const { rows, tokens } of groupByLength(scored, SCORE_TOKENS)) {
      const group = rows.flatMap((row) => scored[row] ?? []);
      const C = Math.max(LEAST_CHUNK, 2 ** Math.ceil(Math.log2(tokens)));
      const session = await model.session(`continue ${C}`, () => {
        return continuationGraph(config, C, model.adapter?.spec, { host: device.gpu === undefined });
      });
      const { ids, previous, mask, rows: rows_M, targets } = packer.pack(group, C);
      if (!ids || !previous || !mask || !rows_M || !targets) continue;
      const places = Array.from({ length: C }, (_, c) => BigInt(Math.min(start + c, config.contextTokens - 1)));
      const positions = device.int64(BigInt64Array.from(group.flatMap(() => places)), [group.length, C]);
      await take(session, { ...common, ids, previous, mask, rows: rows_M, targets, positions }, group);
    }
    return { scores, stats: decoder.stats };
  } finally {
    decoder.release();
  }
}

function temperatureOf({ temperature = 1 }: ScoreOptions): number {
  if (temperature > 0 && Number.isFinite(temperature)) return temperature;
  throw new RangeError(`Cannot score: temperature must be a number above 0, got ${temperature}`);
}

function placesFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** Runs a group of rows and puts its log-probabilities where they belong. */
async function take(session: Session, feeds: Tensors, group: readonly ScoredRow[]): Promise<void> {
  const { logprobs } = await session.run(feeds);
  if (logprobs === undefined) throw new PolicyInputError("Cannot score: the graph gave no log-probabilities");
  const values = await readFloats(logprobs);
  let m = 0;
  for (const { into, at, wanted } of group) {
    for (let i = 0; i < wanted.length; i++) into[at + i] = values[m++] ?? NaN;
  }
}
