/**
 * The lockstep decoder: how tokens reach a slot changes no bit.
 *
 * @module
 */
import assert from "node:assert/strict";
import { nanoConfig } from "../../../agents/model/config.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { createModel } from "../../../agents/model/model.ts";
import { SlotDecoder } from "../../../agents/model/slot_decoder.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { LIVELY_CONFIG } from "./_lively_model.ts";

const device = await openDevice("cpu");
const CONFIGS = [
  nanoConfig(1280, { width: 128, headSize: 32, hidden: 320, contextTokens: 256 }),
  nanoConfig(1280, { contextTokens: 256 }),
  nanoConfig(496, { layers: 2, width: 48, heads: 6, keyValueHeads: 3, headSize: 16, hidden: 80, contextTokens: 256 }),
  nanoConfig(1008, { layers: 2, width: 208, headSize: 48, hidden: 336, contextTokens: 256 }),
  LIVELY_CONFIG,
];
const LENGTHS = [64, 3, 100, 16, 17, 33, 64, 70, 1, 50, 64, 40, 130];

for (const config of CONFIGS) {
  Deno.test(`SlotDecoder.appendAll() gives the bits of append() for each slot when widths are ${config.width} and ${config.hidden}`, async () => {
    const model = await createModel(device, config, 1);
    const random = keyedRandom("slot-decoder-test", config.width);
    const runs = LENGTHS.map((length, slot) => ({
      slot,
      ids: Array.from({ length }, () => random.int(0, config.vocabularySize - 1)),
    }));
    // A prompt that two slots share, and one that begins like another.
    runs.push({ slot: runs.length, ids: runs[2]!.ids }, { slot: runs.length + 1, ids: [...runs[0]!.ids, 5, 6] });
    const [one, all] = [new SlotDecoder(model, runs.length, 0.8), new SlotDecoder(model, runs.length, 0.8)];
    const apart: Float32Array[] = [];
    for (const { slot, ids } of runs) apart.push(await one.append(slot, ids));
    const together = await all.appendAll(runs);
    for (const [i, probabilities] of apart.entries()) assert.deepEqual(together[i], probabilities, `run ${i}`);
    assert.deepEqual(all.stats, one.stats);
    const tokens = runs.map(() => 3);
    assert.deepEqual(await all.step(tokens), await one.step(tokens));
    // Slots that hold something take what follows alone.
    const more = runs.map(({ slot, ids }) => ({ slot, ids: ids.slice(0, 20) }));
    const after: Float32Array[] = [];
    for (const { slot, ids } of more) after.push(await one.append(slot, ids));
    assert.deepEqual(await all.appendAll(more), after);
    await model.release();
  });
}
