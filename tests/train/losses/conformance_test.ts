/**
 * The float64 losses, the loss graphs and AdamW against golden values made by PyTorch.
 *
 * @module
 */
import assert from "node:assert/strict";
import { tokenLogprob } from "../../../agents/model/blocks.ts";
import { openDevice, type Session } from "../../../agents/model/device.ts";
import { GraphBuilder } from "../../../agents/model/graph.ts";
import { gradients } from "../../../train/autodiff/gradients.ts";
import { batchAdvantages } from "../../../train/group_advantage.ts";
import { batchWeights, NORMALISATIONS } from "../../../train/losses/batch_weights.ts";
import { addLoss, hasSequenceRatio, lossGraphName } from "../../../train/losses/loss_graph.ts";
import { LOSS_NAMES, LOSSES, lossParts, lossSpec, namedLoss } from "../../../train/losses/loss_table.ts";
import { countRows, spanPlaces } from "../../../train/losses/policy_loss.ts";
import { logitGradients, tokenEntropy } from "../../../train/losses/temperature_softmax.ts";
import { adamWReference, type AdamWState } from "../../../train/optimizer/adamw.ts";
import { atLossTokens, batchOf, KIT_BATCHES, KIT_CASES, KIT_TRAJECTORIES, optionsOf, rowsOf } from "./_kit.ts";
import { thresholdsOf } from "./_kit.ts";

const TOLERANCE = 1e-10;
/** The graphs compute in float32; gradients are about 1 in size. */
const FLOAT32_TOLERANCE = 2e-5;

function assertNear(found: readonly number[], expected: readonly number[], what: string, tolerance = TOLERANCE): void {
  assert.equal(found.length, expected.length, `${what}: length`);
  for (const [i, value] of found.entries()) {
    const error = Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!));
    assert.ok(error <= tolerance, `${what}[${i}] is ${value}, expected ${expected[i]}`);
  }
}

Deno.test("the kit has every loss with every normalisation, temperature, mask pattern and penalty", () => {
  const seen = new Set(
    KIT_CASES.map(({ loss, normalisation, batch, kl }) => [loss, normalisation, batch, kl?.estimator].join()),
  );
  for (const loss of LOSS_NAMES) {
    for (const { id: batch, thresholds } of KIT_BATCHES.values()) {
      // Truncation has nothing to do with what a loss is a mean over.
      const wanted = thresholds === undefined ? NORMALISATIONS : [LOSSES[loss].normalisation];
      for (const normalisation of wanted) assert.ok(seen.has([loss, normalisation, batch, undefined].join()));
    }
    const own = LOSSES[loss].normalisation;
    for (const kl of ["k1", "k2", "k3"]) assert.ok(seen.has([loss, own, "turns-T0.7", kl].join()), `${loss} ${kl}`);
  }
  assert.equal(new Set(KIT_CASES.map(({ id }) => id)).size, KIT_CASES.length);
});

Deno.test("tokenLogprobs() and the ratios agree with the kit on every batch", () => {
  for (const batch of KIT_BATCHES.values()) {
    const rows = rowsOf(batch);
    const logprobs = atLossTokens(batch, rows.map((row) => row.logprobs));
    assertNear(logprobs, batch.logprobs, `${batch.id} logprobs`);
    const entropies = batch.logits.map((logits_T_V, b) => {
      const thresholds = thresholdsOf(batch, b);
      return logits_T_V.map((logits, t) => tokenEntropy(logits, batch.temperature, thresholds[t]!, batch.ids[b]![t]!));
    });
    assertNear(atLossTokens(batch, entropies), batch.entropies, `${batch.id} entropies`);
    const old = atLossTokens(batch, batch.oldLogprobs);
    assertNear(logprobs.map((logprob, m) => Math.exp(logprob - old[m]!)), batch.tokenRatios, `${batch.id} ratios`);
    batch.sequenceRatios.forEach((ratio, b) => {
      const places = spanPlaces(batch.spans[b]!);
      if (ratio === null) return assert.equal(places.length, 0);
      const sum = places.reduce((total, t) => total + rows[b]!.logprobs[t]! - batch.oldLogprobs[b]![t]!, 0);
      assertNear([Math.exp(sum / places.length)], [ratio], `${batch.id} sequence ratio ${b}`);
    });
  }
});

Deno.test("namedLoss() agrees with the kit to 1e-10 on every case", () => {
  for (const one of KIT_CASES) {
    const { expected } = one;
    const batch = batchOf(one);
    const rows = rowsOf(batch);
    const options = optionsOf(one);
    const advantages = batchAdvantages(LOSSES[one.loss].advantage, batch.groups, batch.rewards, options);
    assertNear(advantages, expected.advantages, `${one.id} advantages`);
    const found = namedLoss(one.loss, rows, options);
    for (
      const key of [
        "loss",
        "numerator",
        "denominator",
        "clipShare",
        "klK1",
        "klK2",
        "klK3",
        "ess",
        "referenceKl",
      ] as const
    ) {
      assertNear([found[key]], [expected[key]], `${one.id} ${key}`);
    }
    assertNear(atLossTokens(batch, found.gradLogprobs), expected.gradLogprobs, `${one.id} gradLogprobs`);
    const gradLogits = found.gradLogprobs.map((slopes, b) => {
      return logitGradients(batch.logits[b]!, batch.ids[b]!, batch.temperature, slopes, thresholdsOf(batch, b));
    });
    assertNear(atLossTokens(batch, gradLogits).flat(), expected.gradLogits.flat(), `${one.id} gradLogits`);
    batch.spans.forEach((spans, b) => {
      const inside = new Set(spanPlaces(spans));
      const outside = gradLogits[b]!.filter((_, t) => !inside.has(t)).flat();
      assert.ok(
        outside.every((value) => value === 0),
        `${one.id}: a token outside the spans of row ${b} has a gradient`,
      );
    });
  }
});

Deno.test("addLoss() and its gradient by logits agree with the kit in float32 on every case", async () => {
  const device = await openDevice("cpu");
  const sessions = new Map<string, Session>();
  try {
    for (const one of KIT_CASES) {
      const { expected } = one;
      const batch = batchOf(one);
      const options = optionsOf(one);
      const spec = lossSpec(one.loss, options);
      const truncated = batch.thresholds !== undefined;
      const key = `${lossGraphName(spec)} ${truncated}`;
      let session = sessions.get(key);
      if (session === undefined) {
        const graph = new GraphBuilder(lossGraphName(spec));
        const logits = graph.input("logits", "float32", ["M", 4]);
        const targets = graph.input("targets", "int32", ["M"]);
        const inverse = graph.input("inverse_temperature", "float32", []);
        const thresholds = truncated ? graph.input("thresholds", "float32", ["M"]) : undefined;
        const logprobs = tokenLogprob(graph, logits, targets, inverse, thresholds);
        const loss = addLoss(graph, spec, logprobs);
        graph.output("loss", loss);
        for (const grad of gradients(graph, loss, [logits])) graph.output("grad", grad);
        session = await device.session(graph.serialize());
        sessions.set(key, session);
      }
      const counts = countRows(batch.groups.map((group, b) => ({ group, spans: batch.spans[b]! })));
      const { constantTokens } = lossParts(one.loss, options);
      const { weights_B, denominator } = batchWeights(
        counts,
        one.normalisation,
        constantTokens === undefined ? {} : { constantTokens },
      );
      const rowOf = counts.flatMap(({ tokens }, b) => Array<number>(tokens).fill(b));
      const M = rowOf.length;
      const vector = (values: readonly number[]) => device.float(Float32Array.from(values), [M]);
      const scalar = (value: number) => device.float(Float32Array.of(value), []);
      const R = counts.length;
      const results = await session.run({
        logits: device.float(Float32Array.from(atLossTokens(batch, batch.logits).flat()), [M, 4]),
        targets: device.int32(Int32Array.from(atLossTokens(batch, batch.ids)), [M]),
        inverse_temperature: scalar(1 / batch.temperature),
        ...(truncated
          ? {
            thresholds: vector(
              atLossTokens(batch, batch.ids.map((_, b) => thresholdsOf(batch, b))).map((value) =>
                Math.max(value, -3e38)
              ),
            ),
          }
          : {}),
        weights: vector(rowOf.map((b) => weights_B[b]! / denominator)),
        advantages: vector(rowOf.map((b) => expected.advantages[b]!)),
        ...(spec.form === "logprob" ? {} : {
          old_logprobs: vector(atLossTokens(batch, batch.oldLogprobs)),
          lowest: scalar(1 - spec.clipLow),
          highest: scalar(1 + spec.clipHigh),
        }),
        ...(hasSequenceRatio(spec)
          ? {
            member: device.float(
              Float32Array.from({ length: M * R }, (_, i) => Number(rowOf[Math.floor(i / R)] === i % R)),
              [M, R],
            ),
            inverse_lengths: device.float(Float32Array.from(counts, ({ tokens }) => 1 / Math.max(1, tokens)), [R, 1]),
          }
          : {}),
        ...(spec.kl === undefined ? {} : {
          reference_logprobs: vector(atLossTokens(batch, batch.referenceLogprobs)),
          kl_coefficient: scalar(spec.kl.coefficient),
        }),
      });
      const numbers = (name: string) => [...results[name]!.data as Float32Array];
      assertNear(numbers("loss"), [expected.loss], `${one.id} loss`, FLOAT32_TOLERANCE);
      assertNear(numbers("grad"), expected.gradLogits.flat(), `${one.id} gradLogits`, FLOAT32_TOLERANCE);
    }
  } finally {
    for (const session of sessions.values()) await session.release();
  }
});

Deno.test("adamWReference() follows the kit's trajectories to 1e-10", () => {
  for (const { id, optimizer, decays, start, steps } of KIT_TRAJECTORIES) {
    const states = new Map<string, AdamWState>();
    for (const [name, w] of Object.entries(start)) {
      states.set(name, {
        w: [...w],
        m: w.map(() => 0),
        v: w.map(() => 0),
      });
    }
    for (const [i, { grads, gradNorm, tensors }] of steps.entries()) {
      assertNear([Math.hypot(...Object.values(grads).flat())], [gradNorm], `${id} norm ${i}`);
      for (const [name, expected] of Object.entries(tensors)) {
        const spec = decays[name] ? optimizer : { ...optimizer, weightDecay: 0 };
        const next = adamWReference(states.get(name)!, grads[name]!, spec, { step: i + 1, gradNorm });
        states.set(name, next);
        for (const part of ["w", "m", "v"] as const) {
          assertNear(next[part], expected[part], `${id} ${part}.${name} ${i}`);
        }
      }
    }
  }
});
