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
import { rmsNorm, swiGlu, takeRows, tokenLogprob } from "./blocks.ts";
import { adapterList, type AdapterSpec, type Projection } from "./adapter.ts";
import { type ModelConfig, parameterList } from "./config.ts";
import { type Dim, GraphBuilder, GraphError, type Value } from "./graph.ts";
import { add, mul } from "./ops.ts";

/** Added to the score of a key that a query may not see; finite, so that a row without any key stays free of NaN. */
export const MASKED_SCORE = -1e9;

/** Parameters of the decoder, and of an adapter if there is one, as graph inputs. */
export class DecoderWeights {
  readonly #values: ReadonlyMap<string, Value>;
  readonly #adapter: AdapterSpec | undefined;

  /** Declares one input per parameter on the graph. */
  constructor(graph: GraphBuilder, config: ModelConfig, adapter?: AdapterSpec) {
    const list = adapter === undefined ? [] : adapterList(config, adapter);
    this.#adapter = adapter;
    this.#values = new Map(
      [...parameterList(config), ...list].map(({ name, shape }) => [name, graph.input(`w.${name}`, "float32", shape)]),
    );
  }

  /** A projection of a block: x · w, plus the bias and the adapter's share where there are any. */
  project(graph: GraphBuilder, x: Value, layer: number, projection: Projection): Value {
    const name = `blocks.${layer}.${projection}`;
    const bias = this.#values.get(`${name}_bias`);
    const [down, up] = [this.#values.get(`${name}.lora_a`), this.#values.get(`${name}.lora_b`)];
    let y = linear(graph, x, this.get(name));
    if (bias !== undefined) y = add(graph, y, bias);
    if (this.#adapter !== undefined && down !== undefined && up !== undefined) {
      const share = linear(graph, linear(graph, x, down), up);
      y = add(graph, y, mul(graph, share, graph.float([this.#adapter.alpha / this.#adapter.rank])));
    }
    return y;
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
function rotaries(graph: GraphBuilder, config: ModelConfig, positions: Value): { query: Rotary; key: Rotary } {
  const { contextTokens: P, headSize: d, ropeTheta } = config;
  const angles = Float64Array.from(
    { length: P * d / 2 },
    (_, i) => Math.floor(i / (d / 2)) * ropeTheta ** (-2 * (i % (d / 2)) / d),
  );
  const tables = (heads: number, scale: number): Rotary => ({
    positions,
    heads,
    cos: graph.float(Float32Array.from(angles, (angle) => scale * Math.cos(angle)), [P, d / 2]),
    sin: graph.float(Float32Array.from(angles, (angle) => scale * Math.sin(angle)), [P, d / 2]),
    negativeSin: graph.float(Float32Array.from(angles, (angle) => -scale * Math.sin(angle)), [P, d / 2]),
  });
  return { query: tables(config.heads, 1 / Math.sqrt(d)), key: tables(config.keyValueHeads, 1) };
}

/** Attention of one block: rotated queries [B, T, H·d], rotated keys and plain values [B, T, K·d] give [B, T, H·d]. */
export type Attend = (layer: number, q: Value, k: Value, v: Value) => Value;

/** The blocks from token ids to the normed hidden states [B, T, D]; `attend` supplies the attention. */
export function blocks(
  graph: GraphBuilder,
  config: ModelConfig,
  weights: DecoderWeights,
  tokens: { readonly ids: Value; readonly previous: Value; readonly positions: Value },
  attend: Attend,
): Value {
  const { ids, previous, positions } = tokens;
  const by = rotaries(graph, config, positions);
  const norm = { epsilon: config.normEpsilon };
  const own = embed(graph, weights.get("embedding"), ids);
  let x = config.embedsPrevious ? add(graph, own, embed(graph, weights.get("previous_embedding"), previous)) : own;
  for (let layer = 0; layer < config.layers; layer++) {
    const weight = (name: string) => weights.get(`blocks.${layer}.${name}`);
    const project = (name: Projection, input: Value) => weights.project(graph, input, layer, name);
    const a = rmsNorm(graph, x, weight("attention_norm"), norm);
    const q = rotary(graph, project("query", a), by.query);
    const k = rotary(graph, project("key", a), by.key);
    const v = project("value", a);
    x = add(graph, x, project("attention_out", attend(layer, q, k, v)));
    const b = rmsNorm(graph, x, weight("feed_norm"), norm);
    const inner = swiGlu(graph, project("gate", b), project("up", b));
    x = add(graph, x, project("down", inner));
  }
  return rmsNorm(graph, x, weights.get("final_norm"), norm);
}

/** Logits [M, V] of hidden states [M, D]. */
export function head(graph: GraphBuilder, config: ModelConfig, weights: DecoderWeights, hidden_M_D: Value): Value {
  return linearTransposed(graph, hidden_M_D, weights.get(config.tiedHead ? "embedding" : "head"));
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

/**
 * Whole-sequence form. Inputs besides the weights: `ids` int32 [B, T]; `previous` int32 [B, T], the id before each (the first token's is its own); `mask` [G·T, T] (see {@linkcode causalMask}); `rows` int32
 * [M], flat places b·T + t of the hidden states whose next token is wanted; `inverse` int32 [B·T], the place of each in `rows`, or
 * M; `targets` int32 [M]; `inverse_temperature`, a scalar.
 */
export function sequenceGraph(config: ModelConfig, name = "sequence", adapter?: AdapterSpec): SequenceGraph {
  const graph = new GraphBuilder(name);
  const layout = headLayout(config);
  const weights = new DecoderWeights(graph, config, adapter);
  const ids = graph.input("ids", "int32", ["B", "T"]);
  const previous = graph.input("previous", "int32", ["B", "T"]);
  const mask = graph.input("mask", "float32", ["GT", "T"]);
  const rows = graph.input("rows", "int32", ["M"]);
  const inverse = graph.input("inverse", "int32", ["N"]);
  const targets = graph.input("targets", "int32", ["M"]);
  const inverseTemperature = graph.input("inverse_temperature", "float32", []);
  const hidden = blocks(graph, config, weights, { ids, previous, positions: graph.int([0]) }, (_, q, k, v) => {
    return causalAttention(graph, q, k, v, mask, layout);
  });
  const chosen = takeRows(graph, flatten(graph, hidden, "N"), rows, inverse);
  const logits = head(graph, config, weights, chosen);
  return { graph, weights, logprobs_M: tokenLogprob(graph, logits, targets, inverseTemperature) };
}

/** Causal mask [G·T, T] of {@linkcode sequenceGraph}: 0 at and below the diagonal, {@linkcode MASKED_SCORE} above. */
export function causalMask(tokens: number, groups: number): Float32Array {
  const mask = new Float32Array(groups * tokens * tokens);
  for (let row = 0; row < groups * tokens; row++) {
    mask.fill(MASKED_SCORE, row * tokens + (row % tokens) + 1, (row + 1) * tokens);
  }
  return mask;
}
