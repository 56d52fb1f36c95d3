/**
 * Compares gradients that autodiff made with central differences of the forward graph, on native CPU.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Device, openDevice } from "../../../agents/model/device.ts";
import { GraphBuilder, type Value } from "../../../agents/model/graph.ts";
import { mul, sumAll } from "../../../agents/model/ops.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { gradients } from "../../../train/autodiff/gradients.ts";

/** A float input and where its values come from. */
export interface CheckedInput {
  readonly shape: readonly number[];
  /** Smallest and largest value; default -1 to 1. */
  readonly range?: readonly [number, number];
  /** Shape with names for unknown dimensions, where the graph should see them. */
  readonly declared?: readonly (number | string)[];
}

export type Build = (graph: GraphBuilder, inputs: Readonly<Record<string, Value>>) => Value;

let opened: Promise<Device> | undefined;

/** The CPU device of these tests. */
export function cpu(): Promise<Device> {
  return opened ??= openDevice("cpu");
}

// Forward passes are float32, whose rounding divides by the step; 1/64 balances it against the third derivative of these functions.
const STEP = 1 / 64;
const TOLERANCE = 4e-3;

/**
 * Checks every element of every input's gradient. The scalar that is differentiated is the sum of the result times fixed random numbers,
 * so that each element of the result counts.
 */
export async function checkGradients(
  name: string,
  inputs: Readonly<Record<string, CheckedInput>>,
  build: Build,
  extra: (device: Device) => Readonly<Record<string, ReturnType<Device["int32"]>>> = () => ({}),
): Promise<void> {
  const device = await cpu();
  const random = keyedRandom("finite-differences", name);
  const make = (withGradients: boolean) => {
    const graph = new GraphBuilder(name);
    const values: Record<string, Value> = {};
    for (const [key, { shape, declared }] of Object.entries(inputs)) {
      values[key] = graph.input(key, "float32", declared ?? shape);
    }
    const result = build(graph, values);
    const loss = sumAll(graph, mul(graph, result, graph.input("weights", "float32", result.shape)));
    graph.output("loss", loss);
    graph.output("result", result);
    if (withGradients) {
      for (const [i, grad] of gradients(graph, loss, Object.values(values)).entries()) {
        graph.output(`d_${Object.keys(values)[i]}`, grad);
      }
    }
    return device.session(graph.serialize());
  };
  const data: Record<string, Float32Array> = {};
  for (const [key, { shape, range: [low, high] = [-1, 1] }] of Object.entries(inputs)) {
    const size = shape.reduce((a, b) => a * b, 1);
    data[key] = Float32Array.from({ length: size }, () => low + (high - low) * random.uniform());
  }
  const session = await make(true);
  const others = extra(device);
  const feeds = (weights: Float32Array, dims: readonly number[]) => ({
    ...Object.fromEntries(Object.entries(inputs).map(([key, { shape }]) => [key, device.float(data[key]!, shape)])),
    ...others,
    weights: device.float(weights, dims),
  });
  // A first run with one guess of the result's shape is not possible, so the builder's own shape is read from a forward session.
  const probe = new GraphBuilder(`${name}_probe`);
  const probeValues = Object.fromEntries(
    Object.entries(inputs).map(([key, { shape, declared }]) => [key, probe.input(key, "float32", declared ?? shape)]),
  );
  probe.output("result", build(probe, probeValues));
  const probeSession = await device.session(probe.serialize());
  const { weights: _, ...probeFeeds } = feeds(new Float32Array(1), [1]);
  const { result: shaped } = await probeSession.run(probeFeeds);
  const weights = Float32Array.from({ length: shaped!.size }, () => random.uniform() * 2 - 1);
  const run = async () => await session.run(feeds(weights, shaped!.dims));
  const exact = await run();
  for (const key of Object.keys(inputs)) {
    const grad = exact[`d_${key}`]!;
    assert.deepEqual([...grad.dims], [...inputs[key]!.shape], `${name}: shape of d_${key}`);
    const values = data[key]!;
    for (let i = 0; i < values.length; i++) {
      const kept = values[i]!;
      const lossAt = async (value: number) => {
        values[i] = value;
        const { result } = await probeSession.run({
          ...Object.fromEntries(
            Object.entries(inputs).map(([name, { shape }]) => [name, device.float(data[name]!, shape)]),
          ),
          ...others,
        });
        return (result!.data as Float32Array).reduce((sum, y, j) => sum + y * weights[j]!, 0);
      };
      const difference = (await lossAt(kept + STEP) - await lossAt(kept - STEP)) / (2 * STEP);
      values[i] = kept;
      const found = (grad.data as Float32Array)[i]!;
      assert.ok(
        Math.abs(found - difference) <= TOLERANCE * (1 + Math.abs(difference)),
        `${name}: d_${key}[${i}] is ${found}, the difference quotient ${difference}`,
      );
    }
  }
  await session.release();
  await probeSession.release();
}
