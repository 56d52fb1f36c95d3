/**
 * Gradients of what published decoders have and `nano` has not: biases, norms of heads, partly rotated heads, tables made in the graph.
 *
 * @module
 */
import { headNorm, rotary } from "../../../agents/model/blocks.ts";
import { nanoConfig } from "../../../agents/model/config.ts";
import { add, mul } from "../../../agents/model/ops.ts";
import { ropeTables } from "../../../agents/model/rope.ts";
import { checkGradients } from "./_finite_differences.ts";

Deno.test("gradients() agrees with finite differences when a bias is broadcast over rows and tokens", () =>
  checkGradients(
    "bias",
    { x: { shape: [2, 3, 5], declared: ["B", "T", 5] }, b: { shape: [5] } },
    (graph, { x, b }) => {
      // The product makes the gradient that reaches the bias differ from place to place.
      return mul(graph, add(graph, x!, b!), x!);
    },
  ));

Deno.test("gradients() agrees with finite differences when each head is normed with one weight", () =>
  checkGradients(
    "HeadNorm",
    { x: { shape: [2, 3, 12], declared: ["B", "T", 12] }, w: { shape: [4] } },
    (graph, { x, w }) => headNorm(graph, x!, w!, { epsilon: 1e-5 }),
  ));

Deno.test("gradients() agrees with finite differences when a part of each head is rotated", () =>
  checkGradients("partial Rotary", { x: { shape: [2, 5, 14], declared: ["B", "T", 14] } }, (graph, { x }) => {
    const table = (f: (angle: number) => number) => {
      return graph.float(Array.from({ length: 10 }, (_, i) => f(Math.floor(i / 2) * (i % 2 === 0 ? 1 : 0.1))), [5, 2]);
    };
    const negativeSin = table((angle) => -Math.sin(angle));
    const tables = { cos: table(Math.cos), sin: table(Math.sin), negativeSin };
    return rotary(graph, x!, { positions: graph.int([0]), ...tables, heads: 2, size: 4 });
  }));

Deno.test("gradients() agrees with finite differences when rows take short and long factors", () => {
  const scaling = { kind: "longrope", shortFactor: [1, 2], longFactor: [3, 5], originalContext: 4 } as const;
  const shape = { heads: 2, keyValueHeads: 1, headSize: 6, rotarySize: 4, contextTokens: 300 };
  const config = nanoConfig(8, { ...shape, ropeScaling: scaling });
  return checkGradients("longrope", { x: { shape: [2, 5, 12], declared: ["B", "T", 12] } }, (graph, { x }) => {
    const ids = graph.input("ids", "int32", ["B", "T"]);
    const longRows = graph.input("long_rows", "int64", ["B", 1]);
    return rotary(graph, x!, ropeTables(graph, config, { positions: graph.int([0]), ids, longRows }).query);
  }, (device) => ({
    ids: device.int32(new Int32Array(10), [2, 5]),
    long_rows: device.int64(BigInt64Array.of(0n, 1n), [2, 1]),
  }));
});
