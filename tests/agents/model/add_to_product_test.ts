import assert from "node:assert/strict";
import { openDevice } from "../../../agents/model/device.ts";
import { GraphBuilder, type Value } from "../../../agents/model/graph.ts";
import { gemm, mul, reshape } from "../../../agents/model/ops.ts";

/** Results of a graph of c [2, 2], a [2, 3] and b [3, 2], and how many Add nodes it holds. */
async function run(build: (graph: GraphBuilder, c: Value, a: Value, b: Value) => Value) {
  const graph = new GraphBuilder("sum");
  const [c, a, b] = [graph.input("c", "float32", [2, 2]), graph.input("a", "float32", [2, 3])].concat(
    graph.input("b", "float32", [3, 2]),
  ) as [Value, Value, Value];
  graph.output("y", build(graph, c, a, b));
  const bytes = graph.serialize();
  const device = await openDevice("cpu");
  const session = await device.session(bytes);
  const { y } = await session.run({
    c: device.float(Float32Array.of(100, 200, 300, 400), [2, 2]),
    a: device.float(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
    b: device.float(Float32Array.of(1, 0, 0, 1, 1, 1), [3, 2]),
  });
  await session.release();
  return { values: [...y!.data], adds: graph.tape.filter(({ op }) => op === "Add").length };
}

// a · b = [[4, 5], [10, 11]]
const SUM = [104, 205, 310, 411];

Deno.test("addToProduct() leaves the sum to the product when nothing else uses that", async () => {
  assert.deepEqual(await run((graph, c, a, b) => graph.addToProduct(c, gemm(graph, a, b))), { values: SUM, adds: 0 });
});

Deno.test("addToProduct() sees through a reshape when the product is seen in another shape", async () => {
  const result = await run((graph, c, a, b) => {
    const seen = (x: Value) => reshape(graph, x, [1, 2, 2], [1, 2, 2]);
    const c3 = seen(c);
    return reshape(graph, graph.addToProduct(c3, seen(gemm(graph, a, b))), [2, 2], [2, 2]);
  });
  assert.deepEqual(result, { values: SUM, adds: 0 });
});

Deno.test("addToProduct() adds apart when the product is used already, is none, or is older than the other value", async () => {
  const used = await run((graph, c, a, b) => {
    const product = gemm(graph, a, b);
    const doubled = mul(graph, product, graph.float([2]));
    return graph.addToProduct(doubled, graph.addToProduct(c, product));
  });
  assert.deepEqual(used, { values: [112, 215, 330, 433], adds: 2 });
  const none = await run((graph, c) => graph.addToProduct(c, mul(graph, c, c)));
  assert.equal(none.adds, 1);
  const older = await run((graph, c, a, b) => {
    const product = gemm(graph, a, b);
    return graph.addToProduct(mul(graph, c, graph.float([1])), product);
  });
  assert.deepEqual(older, { values: SUM, adds: 1 });
});
