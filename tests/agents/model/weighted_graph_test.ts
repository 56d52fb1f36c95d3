/**
 * Bytes of a graph with weights, after the weights have changed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { initialWeights, nanoConfig } from "../../../agents/model/config.ts";
import { GraphBuilder, GraphError } from "../../../agents/model/graph.ts";
import { stepGraph } from "../../../agents/model/step_graph.ts";
import { WeightedGraph } from "../../../agents/model/weighted_graph.ts";

const CONFIG = nanoConfig(300, { layers: 2, contextTokens: 64 });

function stored(seed: number) {
  return new Map(
    [...initialWeights(CONFIG, seed)].map(([name, { buffer }]) => [`w.${name}`, {
      bytes: new Uint8Array(buffer as ArrayBuffer),
    }]),
  );
}

Deno.test("WeightedGraph.bytes() gives the bytes of serialize() when weights change between calls", () => {
  const graph = new WeightedGraph(stepGraph(CONFIG));
  for (const seed of [1, 2, 1]) {
    assert.deepEqual(graph.bytes(stored(seed)), stepGraph(CONFIG).serialize(stored(seed)));
  }
});

Deno.test("WeightedGraph.bytes() throws a GraphError when a weight is not the graph's, or of another size", () => {
  const one = new GraphBuilder("one");
  const w = one.input("w", "float32", [2]);
  one.output("y", one.node("Neg", [w], [w]));
  const graph = new WeightedGraph(one);
  const bytes = new Uint8Array(8);
  assert.throws(() => graph.bytes(new Map([["v", { bytes }]])), GraphError);
  graph.bytes(new Map([["w", { bytes }]]));
  assert.throws(() => graph.bytes(new Map([["v", { bytes }]])), GraphError);
  assert.throws(() => graph.bytes(new Map([["w", { bytes: bytes.subarray(4) }]])), GraphError);
});
