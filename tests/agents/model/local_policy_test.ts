/**
 * The local policy on native CPU: log-probabilities, repeatability, limits, and shared weights.
 *
 * @module
 */
import assert from "node:assert/strict";
import { initialWeights, nanoConfig, parameterList } from "../../../agents/model/config.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { LocalPolicy, PolicyInputError } from "../../../agents/model/local_policy.ts";
import { type Model, modelFromValues } from "../../../agents/model/model.ts";
import type { Conversation, ConverseOptions, Turn } from "../../../agents/policy.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";

const device = await openDevice("cpu");
const CONFIG = nanoConfig(29, {
  width: 24,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 8,
  hidden: 40,
  contextTokens: 400,
});
const TOKENIZER = { vocabularySize: 29, specials: {}, encode: () => [], decode: () => "" };
const STOP = 0;
const OPTIONS: ConverseOptions = { sampling: { temperature: 1 }, maxTurnTokens: 12, stopIds: [STOP] };

/** Weights whose distributions are neither flat nor certain. */
function lively(seed = 3, config = CONFIG): Model {
  const weights = initialWeights(config, seed);
  for (const { name, decays } of parameterList(config)) {
    if (decays) { for (const [i, w] of weights.get(name)!.entries()) weights.get(name)![i] = w * 1.5; }
  }
  return modelFromValues(device, config, weights);
}

interface Record {
  readonly conversation: Conversation;
  readonly ids: number[];
  readonly logprobs: (number | undefined)[];
  readonly turns: Turn[];
}

/** A conversation of a few turns that keeps what it saw; its observations depend on its own index only. */
function conversation(index: number, promptIds: readonly number[], turns: number): Record {
  const record: Omit<Record, "conversation"> = {
    ids: [...promptIds],
    logprobs: promptIds.map(() => undefined),
    turns: [],
  };
  return {
    ...record,
    conversation: {
      key: ["policy-test", index],
      promptIds,
      onTurn(turn) {
        record.ids.push(...turn.ids);
        record.logprobs.push(...turn.logprobs);
        record.turns.push(turn);
        if (record.turns.length === turns || turn.finish === "context") return Promise.resolve(null);
        const random = keyedRandom("observation", index, record.turns.length);
        const observation = Array.from({ length: random.int(0, 30) }, () => random.int(1, 28));
        record.ids.push(...observation);
        record.logprobs.push(...observation.map(() => undefined));
        return Promise.resolve(observation);
      },
    },
  };
}

/** Conversations in groups of four with the same prompt; the longest prompts pass several cache capacities. */
function conversations(count: number): Record[] {
  return Array.from({ length: count }, (_, i) => {
    const random = keyedRandom("prompt", Math.floor(i / 4));
    return conversation(i, Array.from({ length: random.int(1, 200) }, () => random.int(1, 28)), 1 + i % 4);
  });
}

async function converse(model: Model, slots: number, records: readonly Record[], options = OPTIONS): Promise<void> {
  await new LocalPolicy(model, TOKENIZER, { slots }).converse(records.map((record) => record.conversation), options);
}

Deno.test("LocalPolicy.converse() gives the log-probabilities of score() over several turns when the temperature is 1", async () => {
  const model = lively();
  const records = conversations(20);
  await converse(model, 8, records);
  const scores = await new LocalPolicy(model, TOKENIZER).score(records.map(({ ids }) => ids));
  let compared = 0;
  for (const [i, { logprobs, turns }] of records.entries()) {
    assert.equal(turns.length, 1 + i % 4);
    for (const [t, logprob] of logprobs.entries()) {
      if (logprob === undefined) continue;
      compared++;
      assert.ok(Math.abs(Math.exp(logprob - scores[i]![t]!) - 1) < 1e-5, `conversation ${i}, token ${t}`);
    }
  }
  assert.ok(compared > 300);
});

Deno.test("LocalPolicy.converse() gives the same bits whatever slots, order and neighbours a conversation has", async () => {
  const model = lively();
  const all = conversations(20);
  await converse(model, 64, all);
  const few = conversations(20);
  await converse(model, 3, few);
  const turned = conversations(20);
  await converse(model, 16, turned.toReversed());
  const alone = conversations(20).filter((_, i) => i % 7 === 0);
  for (const record of alone) await converse(model, 64, [record]);
  assert.deepEqual(few.map(({ turns }) => turns), all.map(({ turns }) => turns));
  assert.deepEqual(turned.map(({ turns }) => turns), all.map(({ turns }) => turns));
  assert.deepEqual(alone.map(({ turns }) => turns), all.filter((_, i) => i % 7 === 0).map(({ turns }) => turns));
});

Deno.test("LocalPolicy.converse() ends turns at a stop token, at the turn's limit, and where the context is full", async () => {
  const model = lively();
  const records = conversations(20);
  await converse(model, 8, records);
  const seen = new Set<string>();
  for (const { turns } of records) {
    for (const { ids, logprobs, finish } of turns) {
      seen.add(finish);
      assert.equal(logprobs.length, ids.length);
      assert.equal(ids.indexOf(STOP), finish === "stop" ? ids.length - 1 : -1);
      if (finish === "length") assert.equal(ids.length, 12);
    }
  }
  assert.deepEqual([...seen].sort(), ["length", "stop"]);
  const never = { ...OPTIONS, stopIds: [], maxTurnTokens: 1000 };
  const full = conversation(0, [1, 2, 3], 9);
  await converse(model, 2, [full], never);
  assert.deepEqual(full.turns.map(({ finish, ids }) => [finish, ids.length]), [["context", 397]]);
});

Deno.test("LocalPolicy.converse() tells an empty turn when a prompt or an observation leaves no room", async () => {
  const model = lively();
  const long = conversation(0, Array(400).fill(1), 1);
  const turns: Turn[] = [];
  const flooded: Conversation = {
    key: ["flooded"],
    promptIds: [1, 2],
    onTurn(turn) {
      turns.push(turn);
      return Promise.resolve(Array(400).fill(3));
    },
  };
  await new LocalPolicy(model, TOKENIZER, { slots: 1 }).converse([long.conversation, flooded], OPTIONS);
  assert.deepEqual(long.turns, [{ ids: [], logprobs: [], finish: "context" }]);
  assert.equal(turns.length, 2);
  assert.deepEqual(turns[1], { ids: [], logprobs: [], finish: "context" });
});

Deno.test("LocalPolicy.converse() takes the most probable tokens when the temperature is 0", async () => {
  const model = lively();
  const record = conversation(0, [4, 5, 6], 1);
  await converse(model, 2, [record], { ...OPTIONS, sampling: { temperature: 0 } });
  const policy = new LocalPolicy(model, TOKENIZER);
  for (const t of record.logprobs.keys()) {
    const logprob = record.logprobs[t];
    if (logprob === undefined) continue;
    const prefix = record.ids.slice(0, t);
    const scores = await policy.score(Array.from({ length: 29 }, (_, id) => [...prefix, id]));
    const last = scores.map((score) => score.at(-1)!);
    assert.equal(last.indexOf(Math.max(...last)), record.ids[t]);
    assert.ok(Math.abs(Math.max(...last) - logprob) < 1e-5);
  }
});

Deno.test("LocalPolicy.converse() reports log-probabilities of the tempered distribution when the temperature is not 1", async () => {
  const model = lively();
  const record = conversation(0, [4, 5, 6], 1);
  await converse(model, 2, [record], { ...OPTIONS, sampling: { temperature: 2 }, maxTurnTokens: 3 });
  const policy = new LocalPolicy(model, TOKENIZER);
  for (const t of [3, 4, 5]) {
    if (t >= record.ids.length) break;
    const scores = await policy.score(Array.from({ length: 29 }, (_, id) => [...record.ids.slice(0, t), id]));
    const halves = scores.map((score) => score.at(-1)! / 2);
    const expected = halves[record.ids[t]!]! - Math.log(halves.reduce((sum, half) => sum + Math.exp(half), 0));
    assert.ok(Math.abs(expected - record.logprobs[t]!) < 1e-5);
  }
});

Deno.test("LocalPolicy.converse() draws other tokens when the key differs, and different ones for samples of one prompt", async () => {
  const model = lively();
  const prompt = [7, 8, 9];
  const records = [0, 1, 2, 3].map((index) => conversation(index, prompt, 1));
  await converse(model, 4, records);
  assert.ok(new Set(records.map(({ ids }) => ids.join())).size > 1);
});

Deno.test("LocalPolicy sees new weights at once when the model's weights are replaced", async () => {
  const model = lively(3);
  const policy = new LocalPolicy(model, TOKENIZER);
  const [[before]] = [await policy.score([[1, 2, 3]])];
  model.replaceWeights(lively(4).weights);
  const [[after], [fresh]] = [
    await policy.score([[1, 2, 3]]),
    await new LocalPolicy(lively(4), TOKENIZER).score([[1, 2, 3]]),
  ];
  assert.deepEqual(after, fresh);
  assert.notDeepEqual(after, before);
});

Deno.test("LocalPolicy.converse() stops between tokens with the signal's reason when aborted", async () => {
  const model = lively();
  const controller = new AbortController();
  const reason = new Error("enough");
  const endless: Conversation = {
    key: ["endless"],
    promptIds: [1],
    onTurn() {
      controller.abort(reason);
      return Promise.resolve([]);
    },
  };
  const options = { ...OPTIONS, signal: controller.signal };
  await assert.rejects(new LocalPolicy(model, TOKENIZER).converse([endless], options), reason);
});

Deno.test("LocalPolicy.converse() reports progress up to the last token and conversation", async () => {
  const model = lively();
  const records = conversations(6);
  const seen: { tokens: number; ended: number }[] = [];
  await converse(model, 2, records, { ...OPTIONS, onProgress: (progress) => seen.push(progress) });
  const tokens = records.flatMap(({ turns }) => turns.map(({ ids }) => ids.length)).reduce((a, b) => a + b, 0);
  assert.deepEqual(seen.at(-1), { tokens, ended: 6 });
});

Deno.test("LocalPolicy.score() gives 0 for first tokens, and nothing for empty sequences", async () => {
  const scores = await new LocalPolicy(lively(), TOKENIZER).score([[], [3], [3, 4]]);
  assert.deepEqual(scores.map((list) => list.length), [0, 1, 2]);
  assert.equal(scores[1]![0], 0);
  assert.ok(scores[2]![1]! < 0);
});

Deno.test("LocalPolicy throws a typed error when ids, prompts or options are out of range", async () => {
  const model = lively();
  const policy = new LocalPolicy(model, TOKENIZER);
  const run = (promptIds: readonly number[], options = OPTIONS) =>
    policy.converse([conversation(0, promptIds, 1).conversation], options);
  await assert.rejects(run([29]), PolicyInputError);
  await assert.rejects(run([]), /a prompt must have a token/);
  await assert.rejects(run([1], { ...OPTIONS, sampling: { temperature: -1 } }), /temperature must be/);
  await assert.rejects(run([1], { ...OPTIONS, maxTurnTokens: 0 }), /maxTurnTokens must be/);
  await assert.rejects(policy.score([Array(401).fill(1)]), /the context holds 400, got 401/);
  assert.throws(
    () => new LocalPolicy(model, { ...TOKENIZER, vocabularySize: 30 }),
    /the model has 29 ids, the tokenizer 30/,
  );
  assert.throws(() => new LocalPolicy(model, TOKENIZER, { slots: 0 }), /slots must be a positive integer/);
});
