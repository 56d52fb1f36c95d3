/**
 * Lanes: what several threads compute is what one computes, bit for bit, and a failure leaves them usable.
 *
 * @module
 */
import assert from "node:assert/strict";
import { nanoConfig } from "../../../agents/model/config.ts";
import { type Device, openDevice, openLaneDevice } from "../../../agents/model/device.ts";
import { LaneError, type ReceivedMessage } from "../../../agents/model/lane_channel.ts";
import { isSmall, Lanes } from "../../../agents/model/lanes.ts";
import { LocalPolicy } from "../../../agents/model/local_policy.ts";
import { createModel, type Model } from "../../../agents/model/model.ts";
import type { ConverseOptions } from "../../../agents/policy.ts";
import { LETTERS, livelyModel, type Seen, seenConversation, seenConversations } from "./_lively_model.ts";

const alone = await openLaneDevice();
/** Three lanes wherever this runs, so that one is not like the others. */
const laned: Device = { ...await openDevice("cpu"), lanes: new Lanes(3) };
const EVEN = nanoConfig(32, { layers: 2, width: 32, headSize: 16, hidden: 64, contextTokens: 256 });

const read = ({ numbers }: ReceivedMessage) => numbers;

async function seen(model: Model, slots: number, options: ConverseOptions, count = 21): Promise<Seen[]> {
  const all = seenConversations(count);
  const policy = new LocalPolicy(model, LETTERS, { slots });
  await policy.converse(all.map(({ conversation }) => conversation), options);
  return all;
}

const SAMPLINGS = [
  { temperature: 0 },
  { temperature: 1 },
  { temperature: 0.7, topK: 9, topP: 0.9, minP: 0.01 },
];

for (const sampling of SAMPLINGS) {
  Deno.test(`LocalPolicy.converse() gives the same turns with three lanes as with one when it draws with ${JSON.stringify(sampling)}`, async () => {
    const options = { sampling, maxTurnTokens: 14, stopIds: [0] };
    for (const make of [livelyModel, (device: Device) => createModel(device, EVEN, 4)]) {
      const [one, three] = [await make(alone), await make(laned)];
      const expected = (await seen(one, 12, options)).map(({ turns, ids }) => ({ turns, ids }));
      const found = (await seen(three, 12, options)).map(({ turns, ids }) => ({ turns, ids }));
      assert.deepEqual(found, expected);
      await three.release();
      await one.release();
    }
  });
}

Deno.test("LocalPolicy.converse() works in every lane when there are slots for all", async () => {
  const policy = new LocalPolicy(livelyModel(laned), LETTERS, { slots: 12 });
  const conversations = Array.from({ length: 12 }, (_, i) => seenConversation(i, [1, 2, 3, 4, 5]).conversation);
  await policy.converse(conversations, { sampling: { temperature: 1 }, maxTurnTokens: 3, stopIds: [] });
  // Each of the three runs the prompt and takes its own steps.
  assert.deepEqual([policy.stats.prefillTokens, policy.stats.steps, policy.stats.busyRows], [15, 6, 24]);
});

Deno.test("LocalPolicy.converse() ends turns at the same stop texts with three lanes as with one when they span tokens", async () => {
  const options = { sampling: { temperature: 1 }, maxTurnTokens: 14, stopIds: [0], stopTexts: ["ab", "q", "st"] };
  const [one, three] = [livelyModel(alone), livelyModel(laned)];
  const expected = (await seen(one, 12, options)).map(({ turns, ids }) => ({ turns, ids }));
  assert.deepEqual((await seen(three, 12, options)).map(({ turns, ids }) => ({ turns, ids })), expected);
  assert.ok(expected.some(({ turns }) => turns.some(({ stopText }) => stopText !== undefined)));
});

Deno.test("LocalPolicy.converse() decodes with the present weights in every lane when they were replaced since the last call", async () => {
  const options = { sampling: { temperature: 1 }, maxTurnTokens: 9, stopIds: [] };
  const model = livelyModel(laned);
  const before = (await seen(model, 12, options)).map(({ ids }) => ids);
  const values = [...await livelyModel(laned, 4).values()];
  model.replaceWeights(
    new Map(values.map(([name, data]) => [name, laned.place(data, model.weights.get(name)!.dims)])),
  );
  const after = (await seen(model, 12, options)).map(({ ids }) => ids);
  assert.deepEqual(after, (await seen(livelyModel(alone, 4), 12, options)).map(({ ids }) => ids));
  assert.notDeepEqual(after, before);
});

Deno.test("LocalPolicy.converse() gives its own turns when calls with two models are made at the same time, one from within the other", async () => {
  const options = { sampling: { temperature: 1 }, maxTurnTokens: 6, stopIds: [] };
  const [a, b] = [livelyModel(laned), livelyModel(laned, 9)];
  const inner: (readonly number[])[] = [];
  const outer = seenConversations(12);
  const nested = outer.map(({ conversation }, i) => ({
    ...conversation,
    onTurn: async (turn: Parameters<typeof conversation.onTurn>[0]) => {
      if (i === 5) inner.push(...(await seen(b, 8, options, 8)).map(({ ids }) => ids));
      return await conversation.onTurn(turn);
    },
  }));
  const together = Promise.all([
    new LocalPolicy(a, LETTERS, { slots: 12 }).converse(nested, options),
    seen(b, 8, options, 8),
  ]);
  const beside = (await together)[1].map(({ ids }) => ids);
  const expected = (await seen(livelyModel(alone, 9), 8, options, 8)).map(({ ids }) => ids);
  assert.deepEqual(beside, expected);
  assert.deepEqual(inner.slice(0, 8), expected);
  assert.deepEqual(
    outer.map(({ ids }) => ids),
    (await seen(livelyModel(alone), 12, options, 12)).map(({ ids }) => ids),
  );
});

Deno.test("LocalPolicy.converse() stops with the signal's reason and leaves lanes usable when it is aborted between tokens", async () => {
  const model = livelyModel(laned);
  const stop = new AbortController();
  const conversations = Array.from({ length: 12 }, (_, i) => seenConversation(i, [1, 2, 3], 4));
  let turns = 0;
  const counted = conversations.map(({ conversation }) => ({
    ...conversation,
    onTurn: (turn: Parameters<typeof conversation.onTurn>[0]) => {
      if (++turns === 5) stop.abort(new Error("enough"));
      return conversation.onTurn(turn);
    },
  }));
  const options = { sampling: { temperature: 1 }, maxTurnTokens: 6, stopIds: [] };
  const policy = new LocalPolicy(model, LETTERS, { slots: 12 });
  await assert.rejects(policy.converse(counted, { ...options, signal: stop.signal }), /enough/);
  const again = (await seen(model, 12, options)).map(({ ids }) => ids);
  assert.deepEqual(again, (await seen(livelyModel(alone), 12, options)).map(({ ids }) => ids));
});

Deno.test("Lanes.together() throws a LaneError and goes on working when a lane cannot do what it is asked", async () => {
  const lanes = new Lanes(2);
  const model = livelyModel(alone);
  const requests = (op: string) => () => [{ op, numbers: [1, 2] }];
  await assert.rejects(
    lanes.together(model, { requests: requests("dance"), own: () => Promise.resolve(1), read }),
    (error: unknown) => error instanceof LaneError && /dance/.test(error.message),
  );
  await assert.rejects(
    lanes.together(model, { requests: requests("take gradients"), own: () => Promise.resolve(1), read }),
    LaneError,
  );
  const { own, answers } = await lanes.together(model, {
    requests: () => [],
    own: () => Promise.resolve(3),
    read,
  });
  assert.deepEqual([own, answers], [3, [undefined, undefined]]);
});

Deno.test("Lanes.together() waits for its lanes before it throws when this thread's own share fails", async () => {
  const lanes = new Lanes(2);
  const model = livelyModel(alone);
  const open = { op: "decode open", texts: ['{"temperature":1}'] };
  await assert.rejects(
    lanes.together(model, {
      requests: (_, id) => [{ ...open, numbers: [50, 2, id] }],
      own: () => Promise.reject(new Error("own share")),
      read,
    }),
    /own share/,
  );
  const { answers } = await lanes.together(model, {
    requests: () => [{ op: "decode close", numbers: [50] }],
    own: () => Promise.resolve(),
    read,
  });
  assert.deepEqual(answers[1], [0, 0, 0, 0, 0]);
});

Deno.test("Lanes.forget() lets a lane free a model when the model is released", async () => {
  const lanes = new Lanes(2);
  const device: Device = { ...alone, lanes };
  const model = livelyModel(device);
  let number = 0;
  const hold = (id: number) => {
    number = id;
    return [{ op: "decode open", texts: ['{"temperature":1}'], numbers: [60, 2, id] }];
  };
  await lanes.together(model, { requests: (_, id) => hold(id), own: () => Promise.resolve(), read });
  await model.release();
  const other = livelyModel(device, 4);
  await assert.rejects(
    lanes.together(other, {
      requests: () => [{ op: "take gradients", numbers: [number, 1] }],
      own: () => Promise.resolve(),
      read,
    }),
    new RegExp(`no model ${number}`),
  );
});

Deno.test("isSmall() draws the line at sixteen million parameters", () => {
  assert.ok(isSmall(nanoConfig(1280)));
  assert.ok(!isSmall(nanoConfig(32_000, { width: 512, headSize: 128 })));
});
