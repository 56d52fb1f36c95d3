/**
 * Messages between threads: what goes in comes out, and what does not fit is refused.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { arrayOf, type LaneArray, LaneChannel, LaneError, laneMemory } from "../../../agents/model/lane_channel.ts";

const ARRAY: fc.Arbitrary<LaneArray> = fc.oneof(
  fc.float32Array({ maxLength: 40 }),
  fc.float64Array({ maxLength: 40 }),
  fc.int32Array({ maxLength: 40 }),
  fc.bigInt64Array({ maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }),
);
const MESSAGE = fc.record({
  op: fc.string(),
  texts: fc.array(fc.string({ unit: "binary" })),
  numbers: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0))),
  arrays: fc.array(ARRAY, { maxLength: 5 }),
}, { noNullPrototype: true });

Deno.test("LaneChannel hands over requests and answers as they are when messages of any kind follow each other", () => {
  fc.assert(fc.property(fc.array(fc.tuple(MESSAGE, MESSAGE), { minLength: 1, maxLength: 4 }), (pairs) => {
    const memory = laneMemory();
    const [caller, worker] = [new LaneChannel(memory), new LaneChannel(memory)];
    for (const [request, answer] of pairs) {
      caller.request(request);
      const { op, texts, numbers, arrays } = worker.awaitRequest();
      assert.deepEqual({ op, texts, numbers, arrays }, request);
      worker.answer(answer);
      const got = caller.awaitAnswer();
      assert.deepEqual(
        { op: got.op, texts: got.texts, numbers: got.numbers, arrays: got.arrays },
        answer,
      );
    }
  }));
});

Deno.test("LaneChannel makes room when a message is larger than its memory", () => {
  const memory = laneMemory();
  const [caller, worker] = [new LaneChannel(memory), new LaneChannel(memory)];
  const numbers = Float32Array.from({ length: 2 ** 18 }, (_, i) => i);
  caller.request({ op: "large", arrays: [numbers, Int32Array.of(7)] });
  const { arrays } = worker.awaitRequest();
  assert.deepEqual(arrays[0], numbers);
  assert.deepEqual(arrays[1], Int32Array.of(7));
});

Deno.test("LaneChannel copies an array over another when type and length agree, and throws a LaneError when not", () => {
  const memory = laneMemory();
  new LaneChannel(memory).request({ op: "x", arrays: [Float32Array.of(1, 2), Float32Array.of(3, 4)] });
  const message = new LaneChannel(memory).awaitRequest();
  const target = new Float32Array(3);
  message.copyOver(1, target.subarray(1));
  assert.deepEqual(target, Float32Array.of(0, 3, 4));
  for (
    const [index, wrong] of [[0, new Float32Array(3)], [0, new Int32Array(2)], [2, target], [0, undefined]] as const
  ) {
    assert.throws(() => message.copyOver(index, wrong), LaneError);
  }
});

Deno.test("arrayOf() gives an array of the wanted type and throws a LaneError for any other", () => {
  const types = [Float32Array, Float64Array, Int32Array, BigInt64Array, Uint8Array];
  const arrays = types.map((type) => new type(1));
  for (const [i, type] of types.entries()) {
    for (const [j, array] of [...arrays, undefined, [1]].entries()) {
      const take = () => arrayOf<LaneArray>(array, type);
      if (i === j) assert.equal(take(), array);
      else assert.throws(take, LaneError);
    }
  }
});
