/**
 * Truncated sampling, stop texts, shared prompts and continuations of the local policy, on native CPU.
 *
 * @module
 */
import assert from "node:assert/strict";
import { adapterList } from "../../../agents/model/adapter.ts";
import { nanoConfig } from "../../../agents/model/config.ts";
import { openDevice, openLaneDevice } from "../../../agents/model/device.ts";
import { LocalPolicy, PolicyInputError } from "../../../agents/model/local_policy.ts";
import { createModel } from "../../../agents/model/model.ts";
import type { ConverseOptions } from "../../../agents/policy.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { LETTERS, livelyModel, type Seen, seenConversation, seenConversations } from "./_lively_model.ts";

const device = await openDevice("cpu");
const model = livelyModel(device);
const TRUNCATED: ConverseOptions = {
  sampling: { temperature: 1.2, topK: 12, topP: 0.9, minP: 0.02 },
  maxTurnTokens: 12,
  stopIds: [0],
};

async function converse(records: readonly Seen[], slots: number, options: ConverseOptions): Promise<LocalPolicy> {
  const policy = new LocalPolicy(model, LETTERS, { slots });
  await policy.converse(records.map(({ conversation }) => conversation), options);
  return policy;
}

Deno.test("LocalPolicy.converse() gives the same bits whatever slots, order and neighbours there are when it truncates", async () => {
  const all = seenConversations(24);
  await converse(all, 64, TRUNCATED);
  const expected = all.map(({ turns }) => turns);
  for (const slots of [1, 2, 5, 16]) {
    const order = keyedRandom("order", slots).shuffle([...all.keys()]);
    const shuffled = seenConversations(24);
    await converse(order.map((i) => shuffled[i]!), slots, TRUNCATED);
    assert.deepEqual(shuffled.map(({ turns }) => turns), expected, `${slots} slots`);
  }
  const few = seenConversations(24);
  for (const i of [3, 10, 23]) {
    await converse([few[i]!], 64, TRUNCATED);
    assert.deepEqual(few[i]!.turns, expected[i]);
  }
});

Deno.test("LocalPolicy.converse() gives the same bits whatever slots there are when widths are those of nano", async () => {
  // At these widths, products of few rows have other last bits than those of many where weights are not constants.
  const nano = await createModel(device, nanoConfig(1024, { layers: 1, contextTokens: 256 }), 1);
  const run = async (slots: number, which: readonly number[]) => {
    const records = which.map((i) =>
      seenConversation(i, Array.from({ length: 20 + i }, (_, t) => 1 + (t * 7 + i) % 28))
    );
    const policy = new LocalPolicy(nano, LETTERS, { slots });
    const options = { sampling: { temperature: 1 }, maxTurnTokens: 4, stopIds: [] };
    await policy.converse(records.map(({ conversation }) => conversation), options);
    return records.map(({ turns }) => turns);
  };
  const all = Array.from({ length: 30 }, (_, i) => i);
  const expected = await run(64, all);
  for (const slots of [1, 2, 5, 7, 13]) assert.deepEqual(await run(slots, all), expected, `${slots} slots`);
  for (const i of [0, 17]) assert.deepEqual(await run(64, [i]), [expected[i]]);
});

Deno.test("LocalPolicy.converse() gives the same bits whatever slots there are when the model has an adapter", async () => {
  const nano = await createModel(device, nanoConfig(64, { layers: 1, contextTokens: 256 }), 1);
  const spec = { rank: 3, alpha: 6, targets: ["query", "down"] } as const;
  const random = keyedRandom("adapter of few rows");
  const adapted = nano.withAdapterValues(
    spec,
    new Map(
      adapterList(nano.config, spec).map(({ name, shape }) => {
        return [name, Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal() / 8)];
      }),
    ),
  );
  const run = async (slots: number) => {
    const records = [...Array(13).keys()].map((i) => seenConversation(i, [1 + i, 2, 3]));
    const options = { sampling: { temperature: 1 }, maxTurnTokens: 6, stopIds: [0, 5, 9] };
    await new LocalPolicy(adapted, LETTERS, { slots }).converse(
      records.map(({ conversation }) => conversation),
      options,
    );
    return records.map(({ turns }) => turns);
  };
  const expected = await run(16);
  for (const slots of [2, 3, 5, 7]) assert.deepEqual(await run(slots), expected, `${slots} slots`);
});

Deno.test("LocalPolicy.converse() reports the drawn distribution, the full one and the threshold between kept and dropped when it truncates", async () => {
  const record = seenConversation(1, [4, 5, 6]);
  const sampling = { temperature: 1.2, topP: 0.8 };
  const policy = await converse([record], 2, { sampling, maxTurnTokens: 8, stopIds: [] });
  const { ids, logprobs, fullLogprobs, thresholds } = record.turns[0]!;
  assert.equal(thresholds!.length, ids.length);
  for (const [j, id] of ids.entries()) {
    const prefix = record.ids.slice(0, 3 + j);
    const scores = await policy.scoreContinuations(prefix, Array.from({ length: 29 }, (_, next) => [next]), {
      temperature: sampling.temperature,
    });
    const full = scores.map(([logprob]) => logprob!);
    assert.ok(Math.abs(full[id]! - fullLogprobs![j]!) < 1e-5);
    const sorted = full.toSorted((a, b) => b - a);
    let [count, mass] = [0, 0];
    while (mass < sampling.topP) mass += Math.exp(sorted[count++]!);
    assert.ok(Math.abs(thresholds![j]! - (sorted[count - 1]! + sorted[count]!) / 2) < 1e-5);
    assert.ok(full[id]! > thresholds![j]!);
    assert.ok(Math.abs(full[id]! - Math.log(mass) - logprobs[j]!) < 1e-5);
  }
});

Deno.test("LocalPolicy.converse() gives the bits of plain sampling and no thresholds when truncation keeps all", async () => {
  const [plain, kept] = [seenConversations(8), seenConversations(8)];
  const options = { maxTurnTokens: 12, stopIds: [0] };
  await converse(plain, 8, { ...options, sampling: { temperature: 1 } });
  await converse(kept, 8, { ...options, sampling: { temperature: 1, topK: 0, topP: 1, minP: 0 } });
  assert.deepEqual(kept.map(({ turns }) => turns), plain.map(({ turns }) => turns));
  assert.equal(kept[0]!.turns[0]!.thresholds, undefined);
});

Deno.test("LocalPolicy.converse() ends a turn with the token that completes a stop text, and keeps its ids", async () => {
  const free = seenConversation(2, [4, 5, 6]);
  const options = { sampling: { temperature: 1 }, maxTurnTokens: 30, stopIds: [] };
  await converse([free], 2, options);
  const text = LETTERS.decode(free.turns[0]!.ids);
  const stopText = text.slice(10, 13);
  const end = text.indexOf(stopText) + 3;
  const stopped = seenConversation(2, [4, 5, 6]);
  await converse([stopped], 2, { ...options, stopTexts: ["?", stopText] });
  const [turn] = stopped.turns;
  assert.equal(LETTERS.decode(turn!.ids), text.slice(0, end));
  assert.deepEqual([turn!.finish, turn!.stopText], ["stop", stopText]);
  assert.deepEqual(turn!.logprobs, free.turns[0]!.logprobs.slice(0, turn!.ids.length));
});

Deno.test("LocalPolicy.converse() runs a shared prompt once when several conversations begin with it", async () => {
  const prompt = Array.from({ length: 150 }, (_, t) => 1 + (t * 5) % 28);
  const records = () => Array.from({ length: 16 }, (_, i) => seenConversation(i, prompt));
  const options = { sampling: { temperature: 1 }, maxTurnTokens: 5, stopIds: [] };
  const alone = new LocalPolicy(livelyModel(await openLaneDevice()), LETTERS, { slots: 16 });
  await alone.converse(records().map(({ conversation }) => conversation), options);
  // The first token of each turn comes from the prompt's own run, the other four from lockstep runs over all sixteen.
  assert.deepEqual(alone.stats, { prefillTokens: 150, reusedTokens: 15 * 150, steps: 4, rows: 64, busyRows: 64 });
  // Each lane runs the prompt for its own conversations, and its own steps.
  const { stats } = await converse(records(), 16, options);
  const lanes = Math.min(4, device.lanes?.count ?? 1);
  assert.deepEqual(
    [stats.prefillTokens, stats.reusedTokens, stats.steps, stats.busyRows],
    [lanes * 150, (16 - lanes) * 150, lanes * 4, 64],
  );
});

Deno.test("LocalPolicy.converse() runs as many rows as conversations need where sizes are even, else eight at least, and not one per slot", async () => {
  const options = { sampling: { temperature: 1 }, maxTurnTokens: 11, stopIds: [] };
  const conversations = () => [0, 1, 2].map((i) => seenConversation(i, [1, 2]));
  const odd = await converse(conversations(), 64, options);
  assert.deepEqual([odd.stats.steps, odd.stats.rows, odd.stats.busyRows], [10, 80, 30]);
  const nano = await createModel(device, nanoConfig(64, { layers: 1, contextTokens: 256 }), 1);
  const even = new LocalPolicy(nano, LETTERS);
  await even.converse(conversations().map(({ conversation }) => conversation), options);
  assert.deepEqual([even.stats.steps, even.stats.rows, even.stats.busyRows], [10, 30, 30]);
});

Deno.test("LocalPolicy.scoreContinuations() equals score() and runs the prefix once when prefixes are short, long or of one token", async () => {
  const random = keyedRandom("continuations");
  const text = (length: number) => Array.from({ length }, () => random.int(0, 28));
  for (const length of [1, 2, 63, 64, 65, 200]) {
    const prefix = text(length);
    const continuations = [text(1), text(40), [], text(17), text(5), text(100), text(16)];
    const policy = new LocalPolicy(model, LETTERS);
    for (const temperature of [1, 0.7]) {
      const before = policy.stats.prefillTokens;
      const found = await policy.scoreContinuations(prefix, continuations, { temperature });
      assert.equal(policy.stats.prefillTokens - before, length - 1);
      const whole = await policy.score(continuations.map((ids) => [...prefix, ...ids]), { temperature });
      for (const [i, scores] of found.entries()) {
        assert.equal(scores.length, continuations[i]!.length);
        for (const [t, score] of scores.entries()) {
          assert.ok(Math.abs(score - whole[i]![length + t]!) < 1e-5, `prefix ${length}, continuation ${i}, token ${t}`);
        }
      }
    }
  }
});

Deno.test("LocalPolicy.score() gives log-probabilities of the tempered distribution when a temperature is given", async () => {
  const policy = new LocalPolicy(model, LETTERS);
  const all = await policy.score(Array.from({ length: 29 }, (_, id) => [3, 4, id]));
  const halves = all.map((scores) => scores[2]! / 2);
  const sum = Math.log(halves.reduce((total, half) => total + Math.exp(half), 0));
  const [scores] = await policy.score([[3, 4, 5]], { temperature: 2 });
  assert.ok(Math.abs(scores![2]! - (halves[5]! - sum)) < 1e-5);
});

Deno.test("LocalPolicy decodes and scores with an adapter when the model has one", async () => {
  const spec = { rank: 3, alpha: 6, targets: ["query", "value", "down"] } as const;
  const random = keyedRandom("adapter");
  const values = new Map(
    adapterList(model.config, spec).map(({ name, shape }) => {
      return [name, Float32Array.from({ length: shape[0]! * shape[1]! }, () => 0.3 * random.normal())];
    }),
  );
  const policy = new LocalPolicy(model.withAdapterValues(spec, values), LETTERS);
  const record = seenConversation(4, [1, 2, 3]);
  const options = { sampling: { temperature: 1 }, maxTurnTokens: 20, stopIds: [] };
  await policy.converse([record.conversation], options);
  const [[adapted], [plain]] = [
    await policy.score([record.ids]),
    await new LocalPolicy(model, LETTERS).score([record.ids]),
  ];
  const [continued] = await policy.scoreContinuations([1, 2, 3], [record.turns[0]!.ids]);
  for (const [j, logprob] of record.turns[0]!.logprobs.entries()) {
    assert.ok(Math.abs(logprob - adapted![3 + j]!) < 1e-5);
    assert.ok(Math.abs(logprob - continued![j]!) < 1e-5);
  }
  assert.ok(adapted!.some((score, t) => Math.abs(score - plain![t]!) > 0.01));
});

Deno.test("LocalPolicy throws a typed error when sampling, stop texts, prefixes or temperatures are out of range", async () => {
  const policy = new LocalPolicy(model, LETTERS);
  const run = (options: Partial<ConverseOptions>) => {
    return policy.converse([seenConversation(0, [1]).conversation], { ...TRUNCATED, ...options });
  };
  await assert.rejects(run({ sampling: { temperature: 1, topP: 1.5 } }), /topP must be above 0 and at most 1.*got 1.5/);
  await assert.rejects(run({ stopTexts: [""] }), RangeError);
  await assert.rejects(policy.scoreContinuations([], [[1]]), PolicyInputError);
  await assert.rejects(policy.scoreContinuations([1], [[29]]), PolicyInputError);
  await assert.rejects(
    policy.scoreContinuations(Array(390).fill(1), [Array(11).fill(1)]),
    /the context holds 400, got 401/,
  );
  await assert.rejects(policy.score([[1, 2]], { temperature: 0 }), /temperature must be a number above 0, got 0/);
});
