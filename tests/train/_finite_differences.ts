/**
 * Gradients of a whole model against differences of its loss.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sequenceGraph } from "../../agents/model/decoder.ts";
import type { Model } from "../../agents/model/model.ts";
import { SequencePacker } from "../../agents/model/sequence_batch.ts";
import { gradientGraph } from "../../train/gradient_graph.ts";

/**
 * Asserts that along the gradient of each trainable parameter the summed negative log-likelihood rises by the gradient's norm.
 *
 * @param model on native CPU; its weights are changed meanwhile and put back.
 * @param sequences token ids; all but the first of each are predicted.
 */
export async function assertWholeModelGradients(
  model: Model,
  sequences: readonly (readonly number[])[],
): Promise<void> {
  const { device, config, adapter } = model;
  const rows = sequences.map((ids) => ({ ids, wanted: ids.map((_, t) => t).slice(1) }));
  const M = rows.reduce((sum, { wanted }) => sum + wanted.length, 0);
  const shared = {
    ...new SequencePacker(device, config).pack(
      rows,
      16 * Math.ceil(Math.max(...rows.map(({ ids }) => ids.length)) / 16),
    ),
    inverse_temperature: device.float(Float32Array.of(1), []),
  };
  const session = await device.session(gradientGraph(config, { kind: "nll" }, adapter?.spec).serialize());
  const { graph, logprobs_M } = sequenceGraph(config, "forward", adapter?.spec);
  graph.output("logprobs", logprobs_M);
  const forward = await device.session(graph.serialize());
  const results = await session.run({
    ...model.feeds(),
    ...Object.fromEntries(
      model.trainable().map(({ name, shape }) => {
        return [`g.${name}`, device.float(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)];
      }),
    ),
    ...shared,
    weights: device.float(new Float32Array(M).fill(1), [M]),
  });
  const lossNow = async () => {
    const { logprobs } = await forward.run({ ...model.feeds(), ...shared });
    return -(logprobs!.data as Float32Array).reduce((sum, value) => sum + value, 0);
  };
  for (const { name } of model.trainable()) {
    const grad = results[`next.g.${name}`]!.data as Float32Array;
    const norm = Math.hypot(...grad);
    assert.ok(norm > 1e-2, `${name} must matter, its gradient has norm ${norm}`);
    const values = model.trainableWeights.get(name)!.data as Float32Array;
    const kept = values.slice();
    const at = async (step: number) => {
      for (let i = 0; i < values.length; i++) values[i] = kept[i]! + step * grad[i]! / norm;
      const loss = await lossNow();
      values.set(kept);
      return loss;
    };
    // Fourth order, so that a step large against float32 rounding stays exact enough.
    const h = 4e-3;
    const rise = (8 * (await at(h) - await at(-h)) - (await at(2 * h) - await at(-2 * h))) / (12 * h);
    assert.ok(Math.abs(rise - norm) < 0.02 * norm + 5e-3, `${name}: rise ${rise}, norm ${norm}`);
  }
  await session.release();
  await forward.release();
}
