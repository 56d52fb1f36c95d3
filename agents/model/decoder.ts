/**
 * Graph of the decoder over whole sequences, for training and scoring; cached decoding shares its blocks (decoding_graph.ts).
 *
 * Contract: weights are graph inputs named `w.<parameter>`, so one set of tensors serves every graph. In the whole-sequence form
 * rows are padded at their end only; causality then keeps padding from reaching any real token, whatever the padding holds.
 * Formulas: pre-norm Llama block (arXiv 2302.13971); queries are scaled by 1/sqrt(d) through their rotary tables, at no cost.
 *
 * @module
 */
import { causalAttention, embed, type HeadLayout, linear, linearTransposed, type Rotary, rotary } from "./blocks.ts";
import { headNorm, rmsNorm, swiGlu, takeRows, tokenLogprob } from "./blocks.ts";
import { adapterList, type AdapterSpec, type Projection } from "./adapter.ts";
import { type ModelConfig, parameterList } from "./config.ts";
import { type Dim, GraphBuilder, GraphError, type Value } from "./graph.ts";
import { add, cast, compare, concat, mul, reshape, scale, sub } from "./ops.ts";
import { float32, operand, type Precision } from "./precision.ts";
import { hasLongRope, hasPlainRope, plainRopeAngles, type RopePlaces, ropeTables, type RotaryPair } from "./rope.ts";

/** Added to the score of a key that a query may not see; finite, so that a row without any key stays free of NaN. */
export const MASKED_SCORE = -1e9;

/** Parameters of the decoder, and of an adapter if there is one, as graph inputs. */
export class DecoderWeights {
  /** Element type of products. */
  readonly precision: Precision;
  readonly #values: ReadonlyMap<string, Value>;
  readonly #operands = new Map<string, Value>();
  readonly #adapter: AdapterSpec | undefined;

  /** Declares one input per parameter on the graph. */
  constructor(graph: GraphBuilder, config: ModelConfig, adapter?: AdapterSpec, precision: Precision = "float32") {
    const list = adapter === undefined ? [] : adapterList(config, adapter);
    this.#adapter = adapter;
    this.precision = precision;
    this.#values = new Map(
      [...parameterList(config), ...list].map(({ name, shape }) => [name, graph.input(`w.${name}`, "float32", shape)]),
    );
  }

  /** A projection of a block: x · w, plus the bias and the adapter's share where there are any; x has the type of operands. */
  project(graph: GraphBuilder, x: Value, layer: number, projection: Projection): Value {
    const name = `blocks.${layer}.${projection}`;
    let y = linear(graph, x, this.operand(graph, name));
    if (this.#values.has(`${name}_bias`)) y = add(graph, y, this.operand(graph, `${name}_bias`));
    if (this.#adapter !== undefined && this.#values.has(`${name}.lora_a`)) {
      const [a, b] = [this.operand(graph, `${name}.lora_a`), this.operand(graph, `${name}.lora_b`)];
      // x · A has the adapter's rank for its width, so that it is scaled for next to nothing.
      const inner = scale(graph, linear(graph, x, a), this.#adapter.alpha / this.#adapter.rank);
      y = add(graph, y, linear(graph, inner, b));
    }
    return y;
  }

  /** A parameter in the type that products take; one that has to be converted is converted once. */
  operand(graph: GraphBuilder, name: string): Value {
    const value = this.#operands.get(name) ?? operand(graph, this.get(name), this.precision);
    this.#operands.set(name, value);
    return value;
  }

  /** Whether there is a parameter of a name. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Value of a parameter. @throws {GraphError} if there is none of that name. */
  get(name: string): Value {
    const value = this.#values.get(name);
    if (value === undefined) throw new GraphError(`Cannot find parameter ${name}: the model has none of that name`);
    return value;
  }

  /** All parameters, in the order of the parameter list. */
  entries(): [string, Value][] {
    return [...this.#values];
  }
}

/** How heads share keys in a model. */
export function headLayout(config: ModelConfig): HeadLayout {
  return {
    keyValueHeads: config.keyValueHeads,
    groups: config.heads / config.keyValueHeads,
    headSize: config.headSize,
  };
}

/** Rotary tables of queries and keys at `positions` (int64, [1] or [B, T]). */
function rotaries(graph: GraphBuilder, config: ModelConfig, places: RopePlaces): RotaryPair {
  if (!hasPlainRope(config)) return ropeTables(graph, config, places);
  const { positions } = places;
  const { contextTokens: P, headSize: d } = config;
  const angles = plainRopeAngles(config);
  const tables = (heads: number, scale: number): Rotary => ({
    positions,
    heads,
    cos: graph.float(Float32Array.from(angles, (angle) => scale * Math.cos(angle)), [P, d / 2]),
    sin: graph.float(Float32Array.from(angles, (angle) => scale * Math.sin(angle)), [P, d / 2]),
    negativeSin: graph.float(Float32Array.from(angles, (angle) => -scale * Math.sin(angle)), [P, d / 2]),
  });
  return { query: tables(config.heads, 1 / Math.sqrt(d)), key: tables(config.keyValueHeads, 1), queryScale: 1 };
}

/** Attention of one block: rotated queries [B, T, H·d], rotated keys and plain values [B, T, K·d] give [B, T, H·d]. */
export type Attend = (layer: number, q: Value, k: Value, v: Value) => Value;

/** What the blocks read. */
export interface BlockTokens extends RopePlaces {
  /** The id before each. */
  readonly previous: Value;
  /** See {@linkcode embed}. @default false */
  readonly oneThread?: boolean;
}

/** The blocks from token ids to the normed hidden states [B, T, D]; `attend` supplies the attention. */
export function blocks(
  graph: GraphBuilder,
  config: ModelConfig,
  weights: DecoderWeights,
  tokens: BlockTokens,
  attend: Attend,
): Value {
  const { ids, previous, oneThread } = tokens;
  const low = (x: Value) => operand(graph, x, weights.precision);
  const inLow = (rotary: Rotary): Rotary => {
    return { ...rotary, cos: low(rotary.cos), sin: low(rotary.sin), negativeSin: low(rotary.negativeSin) };
  };
  const { query, key, queryScale } = rotaries(graph, config, tokens);
  const by = { query: inLow(query), key: inLow(key) };
  const norm = { epsilon: config.normEpsilon };
  const own = embed(graph, weights.get("embedding"), ids, oneThread);
  let x = config.embedsPrevious
    ? add(graph, own, embed(graph, weights.get("previous_embedding"), previous, oneThread))
    : own;
  for (let layer = 0; layer < config.layers; layer++) {
    const weight = (name: string) => weights.get(`blocks.${layer}.${name}`);
    const project = (name: Projection, input: Value) => weights.project(graph, input, layer, name);
    const a = low(rmsNorm(graph, x, weight("attention_norm"), norm));
    const normed = (x: Value, name: string) => config.queryKeyNorm ? headNorm(graph, x, weight(name), norm) : x;
    const turned = rotary(graph, normed(project("query", a), "query_norm"), by.query);
    const q = queryScale === 1 ? turned : scale(graph, turned, queryScale);
    const k = rotary(graph, normed(project("key", a), "key_norm"), by.key);
    const v = project("value", a);
    x = add(graph, x, float32(graph, project("attention_out", low(attend(layer, q, k, v)))));
    const b = low(rmsNorm(graph, x, weight("feed_norm"), norm));
    const inner = swiGlu(graph, project("gate", b), project("up", b));
    x = add(graph, x, float32(graph, project("down", inner)));
  }
  return rmsNorm(graph, x, weights.get("final_norm"), norm);
}

/** Logits [M, V], float32, of hidden states [M, D]. */
export function head(graph: GraphBuilder, config: ModelConfig, weights: DecoderWeights, hidden_M_D: Value): Value {
  const table = weights.operand(graph, config.tiedHead ? "embedding" : "head");
  return float32(graph, linearTransposed(graph, operand(graph, hidden_M_D, weights.precision), table));
}

/** [B, T, D] as [N, D]. */
export function flatten(graph: GraphBuilder, x: Value, rows: Dim): Value {
  const width = x.shape[2] ?? 0;
  return graph.node("Reshape", [x, graph.int([-1, Number(width)])], [{ type: x.type, shape: [rows, width] }]);
}

/** The whole-sequence form, up to the log-probabilities of chosen tokens. */
export interface SequenceGraph {
  /** The graph, to be extended or serialised. */
  readonly graph: GraphBuilder;
  /** Its weight inputs. */
  readonly weights: DecoderWeights;
  /** log p of each target, nats, [M]. */
  readonly logprobs_M: Value;
}

/** Input `long_rows`, int64 [rows, 1], of a model whose long rows have other rotary frequencies (rope.ts); else nothing. */
export function longRowsInput(graph: GraphBuilder, config: ModelConfig, rows: Dim): Value | undefined {
  return hasLongRope(config) ? graph.input("long_rows", "int64", [rows, 1]) : undefined;
}

/** Options of {@linkcode sequenceGraph}. */
export interface SequenceGraphOptions {
  /**
   * Whether log-probabilities are those of a truncated distribution (top-k, top-p, min-p).
   *
   * @default {false}
   */
  truncated?: boolean;
  /**
   * Element type of products and of what lies between them (precision.ts).
   *
   * @default {"float32"}
   */
  precision?: Precision;
  /**
   * Whether the graph only runs on a single thread (see {@linkcode embed}).
   *
   * @default {false}
   */
  oneThread?: boolean;
}

/**
 * Whole-sequence form. Inputs besides the weights: `ids` int32 [B, T]; `previous` int32 [B, T], the id before each (the first
 * token's is its own); for some models `long_rows` ({@linkcode longRowsInput}); `mask` [G·T, T] (see {@linkcode causalMask}); `rows` int32
 * [M], flat places b·T + t of the hidden states whose next token is wanted; `inverse` int32 [B·T], the place of each in `rows`, or
 * M; `targets` int32 [M]; `inverse_temperature`, a scalar; where the distribution is truncated `thresholds` [M] (see {@linkcode tokenLogprob}).
 */
export function sequenceGraph(
  config: ModelConfig,
  name = "sequence",
  adapter?: AdapterSpec,
  options: SequenceGraphOptions = {},
): SequenceGraph {
  const { truncated = false, precision = "float32", oneThread = false } = options;
  const graph = new GraphBuilder(name);
  const layout = headLayout(config);
  const weights = new DecoderWeights(graph, config, adapter, precision);
  const ids = graph.input("ids", "int32", ["B", "T"]);
  const previous = graph.input("previous", "int32", ["B", "T"]);
  const mask = graph.input("mask", "float32", ["GT", "T"]);
  const rows = graph.input("rows", "int32", ["M"]);
  const inverse = graph.input("inverse", "int32", ["N"]);
  const targets = graph.input("targets", "int32", ["M"]);
  const inverseTemperature = graph.input("inverse_temperature", "float32", []);
  const longRows = longRowsInput(graph, config, "B");
  const tokens = { ids, previous, positions: graph.int([0]), longRows, oneThread };
  const hidden = blocks(graph, config, weights, tokens, (_, q, k, v) => {
    return causalAttention(graph, q, k, v, mask, layout);
  });
  const chosen = takeRows(graph, flatten(graph, hidden, "N"), rows, inverse);
  // Dividing hidden states takes a fraction of the time of dividing logits.
  const logits = head(graph, config, weights, mul(graph, chosen, inverseTemperature));
  const thresholds = truncated ? graph.input("thresholds", "float32", ["M"]) : undefined;
  return { graph, weights, logprobs_M: tokenLogprob(graph, logits, targets, undefined, thresholds) };
}

/**
 * Causal mask [G·T, T] of {@linkcode sequenceGraph}: 0 at and below the diagonal, {@linkcode MASKED_SCORE} above.
 *
 * @param window a token sees itself and the `window - 1` before it; all before it if left out.
 */
export function causalMask(tokens: number, groups: number, window = Infinity): Float32Array {
  const mask = new Float32Array(groups * tokens * tokens);
  for (let row = 0; row < groups * tokens; row++) {
    const t = row % tokens;
    mask.fill(MASKED_SCORE, row * tokens + t + 1, (row + 1) * tokens);
    mask.fill(MASKED_SCORE, row * tokens, row * tokens + Math.max(0, t + 1 - window));
  }
  return mask;
}

/**
 * Mask of cached keys with the places outside a token's window hidden too; the given mask where the model has no window.
 *
 * @param filled [R, 1, 1, S], 0 at filled places, a large negative number elsewhere; place s holds position s.
 * @param positions int64 [R, C], those of the queries.
 * @returns [R, 1, G·C, S], or `filled`.
 */
export function windowMask(graph: GraphBuilder, config: ModelConfig, filled: Value, positions: Value): Value {
  const { slidingWindow } = config;
  if (slidingWindow === undefined) return filled;
  const [R = "R", C = 1] = positions.shape;
  const { groups } = headLayout(config);
  const queries = Number(C) * groups;
  const column = reshape(graph, positions, [0, 1, -1, 1], [R, 1, C, 1]);
  const at = concat(graph, Array.from({ length: groups }, () => column), 2, queries);
  const size = graph.node("Shape", [filled], [{ type: "int64", shape: [1] }], { attributes: { start: { int: 3 } } });
  const scalar = reshape(graph, size, [], []);
  const places = graph.node("Range", [graph.int([0], []), scalar, graph.int([1], [])], [{
    type: "int64",
    shape: ["S"],
  }]);
  const age = sub(graph, at, places);
  const hidden = compare(graph, "GreaterOrEqual", age, graph.int([slidingWindow], []));
  return add(graph, filled, mul(graph, cast(graph, hidden, "float32"), graph.float([MASKED_SCORE])));
}
