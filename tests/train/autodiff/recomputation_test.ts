/**
 * Gradient checkpointing: the same numbers, from values that are computed again.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { AdapterSpec } from "../../../agents/model/adapter.ts";
import { initialWeights, type ModelConfig, nanoConfig } from "../../../agents/model/config.ts";
import { sequenceGraph } from "../../../agents/model/decoder.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { GraphBuilder } from "../../../agents/model/graph.ts";
import { modelFromValues } from "../../../agents/model/model.ts";
import { mul, sumAll, unary } from "../../../agents/model/ops.ts";
import { gradients } from "../../../train/autodiff/gradients.ts";
import type { LossSpec } from "../../../train/example.ts";
import { gradientGraph } from "../../../train/gradient_graph.ts";
import { lossSpec } from "../../../train/losses/loss_table.ts";
import { OnnxTrainer } from "../../../train/onnx_trainer.ts";

const device = await openDevice("cpu");
const CONFIG: ModelConfig = {
  ...nanoConfig(13, { width: 8, layers: 3, heads: 4, keyValueHeads: 2, headSize: 6, hidden: 7, contextTokens: 64 }),
  attentionBias: "qkv",
  queryKeyNorm: true,
};
const SPEC = { learningRate: 0.01, beta1: 0.9, beta2: 0.95, epsilon: 1e-4, weightDecay: 0.1, maxGradNorm: 0.5 };
const ADAPTER: AdapterSpec = { rank: 2, alpha: 3, targets: ["query", "up", "down"] };
const BATCH = [20, 7].map((length) => ({
  ids: Array.from({ length }, (_, t) => (t * t + length) % 13),
  weights: Array.from({ length }, (_, t) => (t === 0 ? 0 : 0.1)),
  advantages: Array.from({ length }, (_, t) => t % 3 - 1),
  oldLogprobs: Array.from({ length }, () => -2.5),
}));

for (const adapter of [undefined, ADAPTER]) {
  for (const loss of [{ kind: "nll" }, lossSpec("dapo", { temperature: 0.9 })] satisfies LossSpec[]) {
    Deno.test(`OnnxTrainer.update() makes the same steps when it recomputes, ${adapter === undefined ? "all parameters" : "an adapter"} trained, loss ${loss.kind}`, async () => {
      const runs = [];
      for (const recompute of ["off", "on"] as const) {
        const base = modelFromValues(device, CONFIG, initialWeights(CONFIG, 1));
        const model = adapter === undefined ? base : base.withAdapter(adapter, 1);
        const trainer = new OnnxTrainer(model, { recompute });
        const steps = [await trainer.update(BATCH, loss, SPEC), await trainer.update(BATCH, loss, SPEC)];
        const weights = [...(await model.trainableValues()).values()].flatMap((values) => [...values]);
        runs.push({ norms: steps.map(({ gradNorm }) => gradNorm), weights });
        await model.release();
      }
      const [kept, again] = [runs[0]!, runs[1]!];
      for (const part of ["norms", "weights"] as const) {
        for (const [i, value] of again[part].entries()) {
          assert.ok(Math.abs(value - kept[part][i]!) < 1e-6, `${part}[${i}] is ${value}, without ${kept[part][i]}`);
        }
      }
    });
  }
}

Deno.test("gradientGraph() repeats the products of each block once, the last one excepted, when it recomputes", () => {
  const [plain, again] = [false, true].map((recompute) =>
    gradientGraph(CONFIG, { kind: "nll" }, undefined, { recompute })
  );
  const count = (graph: GraphBuilder | undefined, ...ops: string[]) => {
    return ops.reduce((sum, op) => sum + (graph?.nodeCounts.get(op) ?? 0), 0);
  };
  // All of the forward graph's but the head's and the last one of each block, which no rule reads.
  const forward = sequenceGraph(CONFIG).graph;
  assert.equal(count(again, "Softmax") - count(plain, "Softmax"), count(forward, "Softmax"));
  const products = count(forward, "MatMul", "Gemm") - 1 - CONFIG.layers;
  assert.equal(count(again, "MatMul", "Gemm") - count(plain, "MatMul", "Gemm"), products);
});

Deno.test("gradients() computes a stretch again from its checkpoint when there are two", async () => {
  // y = exp(exp(x)), z = exp(y) summed; dz/dx = exp(y) · y · exp(x)
  const graph = new GraphBuilder("chain");
  const x = graph.input("x", "float32", [3]);
  const a = mul(graph, x, graph.float([1]));
  const y = unary(graph, "Exp", unary(graph, "Exp", a));
  const b = mul(graph, y, graph.float([0.5]));
  const [dx] = gradients(graph, sumAll(graph, unary(graph, "Exp", b)), [x], { checkpoints: [a, b] });
  graph.output("dx", dx!);
  assert.equal(graph.nodeCounts.get("Exp"), 5);
  const session = await device.session(graph.serialize());
  const values = [0.1, -0.3, 0.4];
  const results = await session.run({ x: device.float(Float32Array.from(values), [3]) });
  for (const [i, value] of values.entries()) {
    const inner = Math.exp(value);
    const outer = Math.exp(inner);
    const expected = Math.exp(0.5 * outer) * 0.5 * outer * inner;
    assert.ok(Math.abs(Number(results["dx"]!.data[i]) / expected - 1) < 1e-6);
  }
  await session.release();
});
