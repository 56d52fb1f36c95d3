/**
 * Rotary frequencies of every supported variant, and the cos and sin tables of a graph.
 *
 * Contract: {@linkcode ropeFrequencies} follows the formulas of transformers 5 (modeling_rope_utils), frequencies rounded to float32
 * as there. Sources: linear and llama3 from the published configurations' reference code; YaRN arXiv 2309.00071; LongRoPE
 * arXiv 2402.13753.
 *
 * LongRoPE has one set of frequencies for short sequences and one for long ones. transformers looks at the longest sequence of
 * a call and uses the long set for the whole call once it has more than `originalContext` tokens, throwing the cached keys away
 * on the way. Here each row is judged by its own length ({@linkcode isLongRow}), so that a result does not depend on what else is
 * in the batch; for a single sequence the two rules agree. A cache cannot change its set on the way: see
 * {@linkcode ropeLimit}.
 *
 * Tables: a table of all positions would take 50 MB for a context of 131,072 tokens, so the graph holds two small ones, for the
 * multiples of 256 and for the rest, and adds the angles of the positions at hand by the addition theorems. Angles are therefore
 * exact, where transformers rounds position times frequency to float32 (up to 2e-6 of a turn at position 100).
 *
 * @module
 */
import type { Rotary } from "./blocks.ts";
import type { ModelConfig, RopeScaling } from "./config.ts";
import { type Dim, type GraphBuilder, GraphError, type Value } from "./graph.ts";
import { add, binary, cast, compare, concat, gather, mul, reshape, sub, unary } from "./ops.ts";

/** Frequencies of a rotary embedding. */
export interface RopeFrequencies {
  /** Angle per position of each pair, radians, [rotarySize / 2]. */
  readonly frequencies: Float64Array;
  /** Factor of cos and sin. */
  readonly attentionFactor: number;
}

/** Leading numbers of each head that are rotated. */
export function rotarySize(config: ModelConfig): number {
  return config.rotarySize ?? config.headSize;
}

/** Whether long rows of the model have other frequencies than short ones. */
export function hasLongRope(config: ModelConfig): boolean {
  const { ropeScaling, contextTokens } = config;
  return ropeScaling?.kind === "longrope" && contextTokens > ropeScaling.originalContext;
}

/** Whether a sequence of `tokens` tokens in all takes the frequencies for long ones. */
export function isLongRow(config: ModelConfig, tokens: number): boolean {
  return hasLongRope(config) && config.ropeScaling?.kind === "longrope" &&
    tokens > config.ropeScaling.originalContext;
}

/**
 * Most tokens of a conversation that begins with `promptTokens` tokens: keys that were rotated for a short sequence cannot become
 * those of a long one, so a conversation that begins short ends at the original context; every other ends at the model's context.
 */
export function ropeLimit(config: ModelConfig, promptTokens: number): number {
  const { ropeScaling, contextTokens } = config;
  if (ropeScaling?.kind !== "longrope" || isLongRow(config, promptTokens)) return contextTokens;
  return Math.min(contextTokens, ropeScaling.originalContext);
}

/**
 * Frequencies of a model.
 *
 * @example Half of the frequencies of a head of four
 * ```ts
 * import { nanoConfig } from "whetstone/agents/model/config.ts";
 * import { ropeFrequencies } from "whetstone/agents/model/rope.ts";
 * import assert from "node:assert/strict";
 *
 * const config = nanoConfig(16, { headSize: 4, ropeTheta: 10000, ropeScaling: { kind: "linear", factor: 2 } });
 * const { frequencies } = ropeFrequencies(config);
 * assert.equal(frequencies[0], 0.5);
 * assert.ok(Math.abs((frequencies[1] ?? 0) - 0.005) < 1e-8);
 * ```
 *
 * @param form which set of a LongRoPE model; others have one.
 */
export function ropeFrequencies(config: ModelConfig, form: "short" | "long" = "short"): RopeFrequencies {
  const size = rotarySize(config);
  const base = Float64Array.from({ length: size / 2 }, (_, i) => config.ropeTheta ** (-2 * i / size));
  const { ropeScaling } = config;
  const scaled = ropeScaling === undefined ? base : base.map((frequency, i) => {
    return scaledFrequency(ropeScaling, frequency, i, { size, theta: config.ropeTheta, form });
  });
  return { frequencies: scaled.map(Math.fround), attentionFactor: attentionFactor(config) };
}

interface Place {
  readonly size: number;
  readonly theta: number;
  readonly form: "short" | "long";
}

function scaledFrequency(scaling: RopeScaling, frequency: number, i: number, place: Place): number {
  if (scaling.kind === "linear") return frequency / scaling.factor;
  if (scaling.kind === "longrope") {
    const factors = place.form === "long" ? scaling.longFactor : scaling.shortFactor;
    return frequency / (factors[i] ?? 1);
  }
  if (scaling.kind === "llama3") {
    const { factor, lowFreqFactor, highFreqFactor, originalContext } = scaling;
    const turns = originalContext * frequency / (2 * Math.PI);
    if (turns > highFreqFactor) return frequency;
    if (turns < lowFreqFactor) return frequency / factor;
    const smooth = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
    return (1 - smooth) * frequency / factor + smooth * frequency;
  }
  // YaRN: pairs that turn more than betaFast times in the original context keep their frequency, those below betaSlow are stretched.
  const { size, theta } = place;
  const pairOf = (turns: number) => {
    return size * Math.log(scaling.originalContext / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
  };
  const low = Math.max(Math.floor(pairOf(scaling.betaFast)), 0);
  const high = Math.min(Math.ceil(pairOf(scaling.betaSlow)), size - 1);
  const ramp = Math.min(1, Math.max(0, (i - low) / (high === low ? 0.001 : high - low)));
  return frequency / scaling.factor * ramp + frequency * (1 - ramp);
}

function attentionFactor(config: ModelConfig): number {
  const { ropeScaling, contextTokens } = config;
  if (ropeScaling?.kind === "yarn") {
    return ropeScaling.attentionFactor ?? (ropeScaling.factor <= 1 ? 1 : 0.1 * Math.log(ropeScaling.factor) + 1);
  }
  if (ropeScaling?.kind !== "longrope") return 1;
  if (ropeScaling.attentionFactor !== undefined) return ropeScaling.attentionFactor;
  const factor = contextTokens / ropeScaling.originalContext;
  return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(ropeScaling.originalContext));
}

/** Rotary tables of queries and of keys. */
export interface RotaryPair {
  /** Tables of queries; they also scale by 1/sqrt(d) where the whole head is rotated. */
  readonly query: Rotary;
  /** Tables of keys. */
  readonly key: Rotary;
  /** Factor that queries still need: 1, or 1/sqrt(d) where only a part of the head is rotated. */
  readonly queryScale: number;
}

/** What {@linkcode ropeTables} makes tables for. */
export interface RopePlaces {
  /** int64 positions [R, C]; or [1], the position of the first token, which is then 0. */
  readonly positions: Value;
  /** Token ids [B, T], whose shape says how many positions there are. */
  readonly ids: Value;
  /** int64 [B, 1]: 1 for a long row, 0 for a short one; only where {@linkcode hasLongRope} holds. */
  readonly longRows?: Value | undefined;
}

const COARSE = 256;

/** Whether a model's tables are those of `nano`: one frequency rule, whole heads, a context of a few thousand tokens. */
export function hasPlainRope(config: ModelConfig): boolean {
  return config.family === undefined && config.ropeScaling === undefined && rotarySize(config) === config.headSize;
}

/** Angles by position and pair of numbers of a model with plain rope, [P, d/2]. */
export function plainRopeAngles(config: ModelConfig): Float64Array {
  const { contextTokens: P, headSize: d, ropeTheta } = config;
  return Float64Array.from(
    { length: P * d / 2 },
    (_, i) => Math.floor(i / (d / 2)) * ropeTheta ** (-2 * (i % (d / 2)) / d),
  );
}

/**
 * Which rows are long, read off their positions in this call, for graphs whose callers know nothing of it; keys of earlier calls stay
 * as they were rotated.
 *
 * @param positions int64 [R, C].
 * @returns int64 [R, 1], or nothing where {@linkcode hasLongRope} does not hold.
 */
export function longRowsByPosition(graph: GraphBuilder, config: ModelConfig, positions: Value): Value | undefined {
  const { ropeScaling } = config;
  if (!hasLongRope(config) || ropeScaling?.kind !== "longrope") return undefined;
  const shape = [positions.shape[0] ?? "R", 1];
  const last = graph.node("ReduceMax", [positions, graph.int([1])], [{ type: "int64", shape }]);
  return cast(graph, compare(graph, "GreaterOrEqual", last, graph.int([ropeScaling.originalContext], [])), "int64");
}

/** Tables made in the graph for the positions at hand. @throws {GraphError} if a model of two sets is not told which rows are long. */
export function ropeTables(graph: GraphBuilder, config: ModelConfig, places: RopePlaces): RotaryPair {
  const { positions, ids, longRows } = places;
  if (hasLongRope(config) && longRows === undefined) {
    throw new GraphError("Cannot make rotary tables: longRows must be given for a model with long and short factors");
  }
  const counted = positions.shape.length === 1;
  const flat = counted ? range(graph, dimension(graph, ids, 1), "T") : reshape(graph, positions, [-1], ["RC"]);
  const coarse = binary(graph, "Div", flat, graph.int([COARSE]));
  const fine = sub(graph, flat, mul(graph, coarse, graph.int([COARSE])));
  const short = tables(graph, config, "short", coarse, fine);
  const all = longRows === undefined ? short : both(graph, short, tables(graph, config, "long", coarse, fine));
  let at: Value = graph.int([0]);
  if (!counted || longRows !== undefined) {
    const count = dimension(graph, flat, 0);
    const order = range(graph, count, flat.shape[0] ?? "RC");
    const [B = "B", T = "T"] = ids.shape;
    at = counted ? reshape(graph, order, [1, -1], [1, T]) : reshapeTo(graph, order, positions);
    if (longRows !== undefined) {
      at = { ...add(graph, at, mul(graph, longRows, count)), shape: [B, T] };
    }
  }
  const whole = rotarySize(config) === config.headSize;
  const scale = 1 / Math.sqrt(config.headSize);
  const rotary = (heads: number, factor: number): Rotary => {
    const [cos, sin] = factor === 1
      ? [all.cos, all.sin]
      : [all.cos, all.sin].map((table) => mul(graph, table, graph.float([factor])));
    if (cos === undefined || sin === undefined) throw new RangeError("Cannot make rotary tables: one is missing");
    const size = whole ? {} : { size: rotarySize(config) };
    return { positions: at, heads, cos, sin, negativeSin: unary(graph, "Neg", sin), ...size };
  };
  return {
    query: rotary(config.heads, whole ? scale : 1),
    key: rotary(config.keyValueHeads, 1),
    queryScale: whole ? 1 : scale,
  };
}

interface Tables {
  readonly cos: Value;
  readonly sin: Value;
}

function tables(graph: GraphBuilder, config: ModelConfig, form: "short" | "long", coarse: Value, fine: Value): Tables {
  const { frequencies, attentionFactor } = ropeFrequencies(config, form);
  const half = frequencies.length;
  const rows = Math.ceil(config.contextTokens / COARSE);
  const table = (count: number, step: number, f: (angle: number) => number): Value => {
    const values = Float32Array.from({ length: count * half }, (_, i) => {
      return f(Math.floor(i / half) * step * (frequencies[i % half] ?? 0));
    });
    return graph.float(values, [count, half]);
  };
  const [cosA, sinA] = [Math.cos, Math.sin].map((f) => {
    return gather(graph, table(rows, COARSE, (angle) => attentionFactor * f(angle)), coarse);
  });
  const [cosB, sinB] = [Math.cos, Math.sin].map((f) => gather(graph, table(COARSE, 1, f), fine));
  if (cosA === undefined || sinA === undefined || cosB === undefined || sinB === undefined) {
    throw new RangeError("Cannot make rotary tables: one is missing");
  }
  return {
    cos: sub(graph, mul(graph, cosA, cosB), mul(graph, sinA, sinB)),
    sin: add(graph, mul(graph, sinA, cosB), mul(graph, cosA, sinB)),
  };
}

function both(graph: GraphBuilder, short: Tables, long: Tables): Tables {
  const join = (a: Value, b: Value) => concat(graph, [a, b], 0, `2${a.shape[0]}`);
  return { cos: join(short.cos, long.cos), sin: join(short.sin, long.sin) };
}

/** One dimension of a tensor, int64 [1]. */
function dimension(graph: GraphBuilder, x: Value, axis: number): Value {
  return graph.node("Shape", [x], [{ type: "int64", shape: [1] }], {
    attributes: { start: { int: axis }, end: { int: axis + 1 } },
  });
}

/** 0 … count - 1, int64. */
function range(graph: GraphBuilder, count: Value, dim: Dim): Value {
  const scalar = reshape(graph, count, [], []);
  return graph.node("Range", [graph.int([0], []), scalar, graph.int([1], [])], [{ type: "int64", shape: [dim] }]);
}

function reshapeTo(graph: GraphBuilder, x: Value, like: Value): Value {
  const shape = graph.node("Shape", [like], [{ type: "int64", shape: [like.shape.length] }]);
  return graph.node("Reshape", [x, shape], [{ type: x.type, shape: like.shape }]);
}
