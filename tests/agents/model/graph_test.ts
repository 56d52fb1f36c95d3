/**
 * Graph builder: repeatable bytes, names, and the errors of parts that do not fit.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openDevice } from "../../../agents/model/device.ts";
import { broadcastShape, GraphBuilder, GraphError } from "../../../agents/model/graph.ts";
import { add, gemm, matMul, mul } from "../../../agents/model/ops.ts";

function twice(): GraphBuilder {
  const graph = new GraphBuilder("twice");
  const x = graph.input("x", "float32", ["N", 3]);
  graph.output("y", mul(graph, add(graph, x, x), graph.float([2])));
  return graph;
}

Deno.test("GraphBuilder.serialize() gives the same bytes when the same calls are made", () => {
  assert.deepEqual(twice().serialize(), twice().serialize());
});

Deno.test("GraphBuilder.serialize() makes constants of stored inputs, in the file or beside it", async () => {
  const graph = new GraphBuilder("stored");
  const [x, w] = [graph.input("x", "float32", [2]), graph.input("w", "float32", [2])];
  graph.output("y", mul(graph, x, w));
  const bytes = new Uint8Array(Float32Array.of(3, 5).buffer);
  const device = await openDevice("cpu");
  const session = await device.session(graph.serialize(new Map([["w", { bytes }]])));
  const { y } = await session.run({ x: device.float(Float32Array.of(1, 2), [2]) });
  assert.deepEqual(await y!.getData(), Float32Array.of(3, 10));
  await session.release();
  const text = new TextDecoder("latin1").decode(
    graph.serialize(new Map([["w", { file: "weights.bin", offset: 4096, length: 8 }]])),
  );
  for (const part of ["weights.bin", "4096", "offset", "length"]) assert.ok(text.includes(part), part);
});

Deno.test("GraphBuilder stores a constant once when it is used twice", () => {
  const graph = new GraphBuilder("constants");
  assert.equal(graph.float([1, 2], [2]), graph.float([1, 2], [2]));
  assert.notEqual(graph.float([1, 2], [2]), graph.float([1, 2], [1, 2]));
  assert.throws(() => graph.float([1, 2], [3]), GraphError);
});

Deno.test("GraphBuilder.output() keeps a value that is an output, an operand, and an output under a second name", async () => {
  const graph = new GraphBuilder("outputs");
  const x = graph.input("x", "float32", [2]);
  const sum = add(graph, x, x);
  graph.output("a", sum);
  graph.output("b", sum);
  graph.output("c", mul(graph, sum, sum));
  graph.output("d", x);
  const device = await openDevice("cpu");
  const session = await device.session(graph.serialize());
  const results = await session.run({ x: device.float(Float32Array.of(1, 2), [2]) });
  const numbers = Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, [...data]]));
  assert.deepEqual(numbers, { a: [2, 4], b: [2, 4], c: [4, 16], d: [1, 2] });
  await session.release();
});

Deno.test("GraphBuilder.input() throws when a name is declared twice", () => {
  const graph = new GraphBuilder("inputs");
  graph.input("x", "float32", []);
  assert.throws(() => graph.input("x", "float32", []), /Cannot declare input x twice/);
});

Deno.test("broadcastShape() follows NumPy when dimensions are numbers and names", () => {
  assert.deepEqual(broadcastShape(["B", 1, 3], ["T", 1]), ["B", "T", 3]);
  assert.throws(() => broadcastShape(["B"], ["T"]), GraphError);
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }), (shape) => {
    assert.deepEqual(broadcastShape(shape, []), shape);
    assert.deepEqual(broadcastShape(shape.map(() => 1), shape), shape);
  }));
});

Deno.test("matMul() and gemm() throw when inner dimensions differ", () => {
  const graph = new GraphBuilder("products");
  const [a, b] = [graph.input("a", "float32", [7, 8]), graph.input("b", "float32", [7, 8])];
  assert.throws(() => matMul(graph, a, b), /inner dimensions must be equal/);
  assert.throws(() => gemm(graph, a, b), /inner dimensions must be equal/);
  assert.deepEqual(gemm(graph, a, b, { transposeA: true }).shape, [8, 8]);
});
