/**
 * Rotary frequencies against those of Python's transformers, and the tables of a graph against direct computation.
 *
 * @module
 */
import assert from "node:assert/strict";
import { nanoConfig } from "../../../agents/model/config.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { GraphBuilder, GraphError } from "../../../agents/model/graph.ts";
import { parseHfConfig } from "../../../agents/model/hf_config.ts";
import { isLongRow, longRowsByPosition, ropeFrequencies, ropeLimit, ropeTables } from "../../../agents/model/rope.ts";

interface Case {
  readonly title: string;
  readonly config: Record<string, unknown>;
  readonly attentionFactor: number;
  readonly frequencies: readonly number[];
  readonly longFrequencies?: readonly number[];
}

const FIXTURES = new URL("../../fixtures/checkpoints/", import.meta.url);
const cases: readonly Case[] = JSON.parse(await Deno.readTextFile(new URL("rope.json", FIXTURES)));

function assertNear(found: Iterable<number>, expected: readonly number[]): void {
  const values = [...found];
  assert.equal(values.length, expected.length);
  // transformers takes powers in float32; two units in the last place.
  for (const [i, value] of values.entries()) assert.ok(Math.abs(value / expected[i]! - 1) < 2.5e-7, `${i}: ${value}`);
}

for (const { title, config, attentionFactor, frequencies, longFrequencies } of cases) {
  Deno.test(`ropeFrequencies() agrees with transformers when the variant is ${title}`, () => {
    const parsed = parseHfConfig(config, "config.json");
    const found = ropeFrequencies(parsed);
    assertNear(found.frequencies, frequencies);
    assert.ok(Math.abs(found.attentionFactor - attentionFactor) < 1e-12);
    if (longFrequencies !== undefined) assertNear(ropeFrequencies(parsed, "long").frequencies, longFrequencies);
  });
}

const LONG = nanoConfig(16, {
  headSize: 8,
  rotarySize: 4,
  contextTokens: 131072,
  ropeScaling: { kind: "longrope", shortFactor: [1, 1.5], longFactor: [3, 7], originalContext: 4096 },
});

Deno.test("isLongRow() and ropeLimit() change at the original context when the model has two sets of factors", () => {
  assert.deepEqual([4096, 4097].map((tokens) => isLongRow(LONG, tokens)), [false, true]);
  assert.deepEqual([1, 4096, 4097].map((tokens) => ropeLimit(LONG, tokens)), [4096, 4096, 131072]);
  assert.equal(ropeLimit({ ...LONG, contextTokens: 1024 }, 1), 1024);
  assert.equal(isLongRow({ ...LONG, contextTokens: 4096 }, 4096), false);
  assert.equal(ropeLimit(nanoConfig(16), 1), 2048);
});

Deno.test("ropeTables() gives cos and sin of position times frequency when positions go to the end of a long context", async () => {
  const graph = new GraphBuilder("tables");
  const positions = graph.input("positions", "int64", ["R", 3]);
  const { key, queryScale } = ropeTables(graph, LONG, {
    positions,
    ids: graph.input("ids", "int32", ["R", 3]),
    longRows: longRowsByPosition(graph, LONG, positions),
  });
  for (const [name, value] of Object.entries({ cos: key.cos, sin: key.sin, at: key.positions })) {
    graph.output(name, value);
  }
  const device = await openDevice("cpu");
  const session = await device.session(graph.serialize());
  const rows = [[0, 255, 4095], [256, 70001, 131071]];
  const { cos, sin, at } = await session.run({
    positions: device.int64(BigInt64Array.from(rows.flat(), BigInt), [2, 3]),
    ids: device.int32(new Int32Array(6), [2, 3]),
  });
  await session.release();
  assert.equal(queryScale, 1 / Math.sqrt(8));
  for (const [row, list] of rows.entries()) {
    const { frequencies, attentionFactor } = ropeFrequencies(LONG, row === 0 ? "short" : "long");
    for (const [t, position] of list.entries()) {
      const place = Number((at!.data as BigInt64Array)[row * 3 + t]);
      for (const [i, frequency] of frequencies.entries()) {
        for (const [table, f] of [[cos!, Math.cos], [sin!, Math.sin]] as const) {
          const found = (table.data as Float32Array)[place * 2 + i]!;
          assert.ok(Math.abs(found - attentionFactor * f(position * frequency)) < 3e-7, `${position}, ${i}: ${found}`);
        }
      }
    }
  }
});

Deno.test("ropeTables() throws when a model with two sets of factors is not told which rows are long", () => {
  const graph = new GraphBuilder("tables");
  const places = { positions: graph.int([0]), ids: graph.input("ids", "int32", ["B", "T"]) };
  assert.throws(() => ropeTables(graph, LONG, places), GraphError);
});
