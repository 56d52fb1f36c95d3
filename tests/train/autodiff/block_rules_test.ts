/**
 * Every composite's rule against finite differences, at awkward sizes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { causalAttention, embed, linear, linearTransposed, rmsNorm, rotary } from "../../../agents/model/blocks.ts";
import { swiGlu, takeRows, tokenLogprob } from "../../../agents/model/blocks.ts";
import { add } from "../../../agents/model/ops.ts";
import { causalMask } from "../../../agents/model/decoder.ts";
import { BLOCK_RULES } from "../../../train/autodiff/block_rules.ts";
import { checkGradients } from "./_finite_differences.ts";

const checks: Readonly<Record<string, () => Promise<void>>> = {
  Linear: () =>
    checkGradients(
      "Linear",
      { x: { shape: [2, 7, 8], declared: ["B", "T", 8] }, w: { shape: [8, 3] } },
      (graph, { x, w }) => {
        return linear(graph, x!, w!);
      },
    ),
  LinearTransposed: () =>
    checkGradients(
      "LinearTransposed",
      { x: { shape: [7, 8], declared: ["N", 8] }, e: { shape: [5, 8] } },
      (graph, { x, e }) => {
        return linearTransposed(graph, x!, e!);
      },
    ),
  Embed: () =>
    checkGradients("Embed", { table: { shape: [5, 7] } }, (graph, { table }) => {
      return embed(graph, table!, graph.input("ids", "int32", ["B", "T"]));
    }, (device) => ({ ids: device.int32(Int32Array.of(1, 4, 1, 1, 0, 4), [2, 3]) })),
  RmsNorm: () =>
    checkGradients(
      "RmsNorm",
      { x: { shape: [2, 3, 7], declared: ["B", "T", 7] }, w: { shape: [7] } },
      (graph, { x, w }) => {
        return rmsNorm(graph, x!, w!, { epsilon: 1e-5 });
      },
    ),
  SwiGlu: () =>
    checkGradients(
      "SwiGlu",
      { gate: { shape: [7, 8], range: [-3, 3] }, up: { shape: [7, 8] } },
      (graph, { gate, up }) => {
        return swiGlu(graph, gate!, up!);
      },
    ),
  Rotary: () =>
    checkGradients("Rotary", { x: { shape: [2, 7, 8], declared: ["B", "T", 8] } }, (graph, { x }) => {
      const table = (f: (angle: number) => number) => {
        return graph.float(Array.from({ length: 14 }, (_, i) => f(Math.floor(i / 2) * (i % 2 === 0 ? 1 : 0.1))), [
          7,
          2,
        ]);
      };
      const [cos, sin] = [table((angle) => 0.5 * Math.cos(angle)), table((angle) => 0.5 * Math.sin(angle))];
      const negativeSin = table((angle) => -0.5 * Math.sin(angle));
      return rotary(graph, x!, { positions: graph.int([0]), cos, sin, negativeSin, heads: 2 });
    }),
  CausalAttention: async () => {
    for (const [K, G, d] of [[2, 3, 2], [3, 1, 4], [1, 2, 5]] as const) {
      const T = 6;
      await checkGradients(
        `CausalAttention ${K} ${G}`,
        {
          q: { shape: [2, T, K * G * d], declared: ["B", "T", K * G * d] },
          k: { shape: [2, T, K * d], declared: ["B", "T", K * d] },
          v: { shape: [2, T, K * d], declared: ["B", "T", K * d] },
        },
        (graph, { q, k, v }) => {
          const mask = graph.float(causalMask(T, G), [G * T, T]);
          const layout = { keyValueHeads: K, groups: G, headSize: d };
          return causalAttention(graph, q!, k!, v!, { ...mask, shape: ["GT", "T"] }, layout);
        },
      );
    }
  },
  TakeRows: () =>
    checkGradients("TakeRows", { x: { shape: [7, 3], declared: ["N", 3] } }, (graph, { x }) => {
      return takeRows(graph, x!, graph.int32([5, 0, 2]), graph.int32([1, 3, 2, 3, 3, 0, 3]));
    }),
  TokenLogprob: async () => {
    const logits = { shape: [7, 9], range: [-2, 2], declared: ["M", 9] } as const;
    await checkGradients("TokenLogprob", { logits }, (graph, { logits }) => {
      return tokenLogprob(graph, logits!, graph.int32([0, 8, 3, 3, 1, 7, 4]), graph.float([1.5]));
    });
    // Tokens 2 and 5 are far below the thresholds, so that no difference step crosses one; the third target is such a token, kept all the
    // same, and the fourth row drops none.
    await checkGradients("TokenLogprob truncated", { logits }, (graph, { logits }) => {
      const offsets = graph.float(Array.from({ length: 9 }, (_, v) => (v === 2 || v === 5 ? -20 : 0)), [1, 9]);
      const thresholds = graph.float([-12, -12, -12, -3e38, -12, -12, -12], [7]);
      const shifted = { ...add(graph, logits!, offsets), shape: logits!.shape };
      return tokenLogprob(graph, shifted, graph.int32([0, 8, 5, 3, 1, 7, 4]), graph.float([1]), thresholds);
    });
  },
};

for (const [name, check] of Object.entries(checks)) {
  Deno.test(`gradients() agrees with finite differences when the graph holds the block ${name}`, check);
}

Deno.test("BLOCK_RULES has a finite-difference case for each of its rules", () => {
  assert.deepEqual(Object.keys(checks).sort(), Object.keys(BLOCK_RULES).sort());
});
