import assert from "node:assert/strict";
import { managerPrompt } from "../../agents/arise_prompts.ts";
import { chatOf } from "../../agents/chat_format.ts";
import { openDevice } from "../../agents/model/device.ts";
import { LocalPolicy } from "../../agents/model/local_policy.ts";
import { SkillManager, type SkillManagerOptions } from "../../agents/skill_manager.ts";
import { documentText } from "../../agents/skills/skill_document.ts";
import { document, DOCUMENTS, entriesOf, numberTask, tinyModel, TOKENIZER, withoutSharedPrefix } from "./_arise_kit.ts";

const device = await openDevice("cpu");
const policy = new LocalPolicy(tinyModel(device), TOKENIZER);
const tasks = [numberTask(1), numberTask(2)];
const entries = entriesOf();
const sampled = { mode: "sample", epsilon: 0 } as const;

const prefixOf = (task: typeof tasks[number]) => chatOf(policy).promptIds(managerPrompt(task, { cap: 350 }));

/** Log-probabilities of a text after a prefix, from whole sequences. */
async function scored(prefix: readonly number[], text: string): Promise<number[]> {
  const [logprobs = []] = await policy.score([[...prefix, ...TOKENIZER.encode(text)]]);
  return logprobs.slice(prefix.length);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function close(actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < tolerance, `${i}: ${value}, ${expected[i]}`));
}

Deno.test("SkillManager scores a document by the mean log-probability of its tokens after the problem", async () => {
  for (const [i, { task, scores, documents }] of (await new SkillManager(policy).score(tasks, entries)).entries()) {
    const expected = await Promise.all(DOCUMENTS.map((one) => scored(prefixOf(tasks[i]!), documentText(one))));
    close(scores, expected.map(mean));
    documents.forEach(({ ids, prefixTokens, logprobs, counts, score }, k) => {
      assert.deepEqual(ids, [...prefixOf(task), ...TOKENIZER.encode(documentText(DOCUMENTS[k]!))]);
      assert.equal(prefixTokens, prefixOf(task).length);
      close(logprobs.slice(prefixTokens), expected[k]!);
      assert.deepEqual(counts, ids.map((_, t) => t >= prefixTokens));
      assert.equal(score, scores[k]);
    });
  }
});

Deno.test("SkillManager divides by the tokens that it scored, at most maxSkillTokens", async () => {
  const [{ scores, documents } = { scores: [], documents: [] }] = await new SkillManager(policy, { maxSkillTokens: 5 })
    .score(tasks.slice(0, 1), entries);
  const all = await Promise.all(DOCUMENTS.map((one) => scored(prefixOf(tasks[0]!), documentText(one))));
  close(scores, all.map((logprobs) => mean(logprobs.slice(0, 5))));
  assert.ok(documents.every(({ ids, prefixTokens }) => ids.length === prefixTokens + 5));
});

Deno.test("SkillManager counts the tokens of values alone with valuesOnly, whatever the values are", async () => {
  // Values that are parts of the names of keys.
  const tricky = document("name", { key_insight: "insight", method: ["type", "check"], check: 'a "b" \\c' });
  const text = documentText(tricky);
  const [{ documents: [one] } = { documents: [] }] = await new SkillManager(policy, { scoreTokens: "valuesOnly" })
    .score(tasks.slice(0, 1), entriesOf([tricky]));
  let at = 0;
  const inside = new Set<number>();
  for (const part of ["name", "general", "insight", "type", "check", 'a \\"b\\" \\\\c']) {
    at = text.indexOf(`"${part}"${part === "type" ? "," : ""}`, at) + 1;
    for (let i = 0; i < part.length; i++) inside.add(at + i);
    at += part.length;
  }
  let from = 0;
  const expected = TOKENIZER.encode(text).map((id) => {
    const to = from + TOKENIZER.decode([id]).length;
    const touches = Array.from({ length: to - from }, (_, i) => from + i).some((place) => inside.has(place));
    from = to;
    return touches;
  });
  assert.equal(from, text.length);
  assert.deepEqual(one!.counts.slice(one!.prefixTokens), expected);
  assert.ok(expected.includes(false) && expected.includes(true));
  const counted = one!.logprobs.slice(one!.prefixTokens).filter((_, j) => expected[j]);
  close([one!.score], [mean(counted)]);
});

Deno.test("SkillManager subtracts what a document scores for an empty problem with centering", async () => {
  const raw = await new SkillManager(policy).score(tasks, entries);
  const centred = await new SkillManager(policy, { scoreCentering: true }).score(tasks, entries);
  const empty = { ...tasks[0]!, instruction: "" };
  const centers = await Promise.all(
    DOCUMENTS.map(async (one) => mean(await scored(prefixOf(empty), documentText(one)))),
  );
  centred.forEach(({ scores, centers: documents }, i) => {
    close(scores, raw[i]!.scores.map((score, k) => score - centers[k]!));
    close(documents.map(({ score }) => score), centers);
  });
});

Deno.test("SkillManager scores the first candidateTopK candidates only", async () => {
  const [one] = await new SkillManager(policy, { candidateTopK: 2 }).score(tasks, entries);
  assert.deepEqual(one!.entries.map((entry) => entry.document.skill_name), ["good", "bad"]);
  assert.equal(one!.scores.length, 2);
});

Deno.test("SkillManager runs a shared prefix once, and scores as it would without", async () => {
  let calls = 0;
  let whole = 0;
  const watched = new Proxy(policy, {
    get(target, property) {
      if (property === "scoreContinuations") {
        return (...args: Parameters<LocalPolicy["scoreContinuations"]>) => {
          calls++;
          return target.scoreContinuations(...args);
        };
      }
      if (property === "score") whole++;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const shared = await new SkillManager(watched).score(tasks, entries);
  assert.deepEqual([calls, whole], [2, 0]);
  const apart = await new SkillManager(withoutSharedPrefix(policy)).score(tasks, entries);
  shared.forEach(({ scores }, i) => close(scores, apart[i]!.scores, 1e-5));
});

Deno.test("SkillManager gives a problem that fills the context no candidates", async () => {
  const long = { ...numberTask(1), instruction: "Say 1. ".repeat(400) };
  const manager = new SkillManager(policy, { delta: 0 });
  const scoredTasks = await manager.score([long, tasks[0]!], entries);
  assert.deepEqual(scoredTasks.map((one) => [one.entries.length, one.scores.length]), [[0, 0], [3, 3]]);
  const { choice, selection } = manager.choose(scoredTasks[0]!, ["x"], sampled);
  assert.equal(choice.chosen, null);
  assert.deepEqual(selection.candidates, []);
});

Deno.test("SkillManager.choose() depends on the key and on nothing else", async () => {
  const manager = new SkillManager(policy, { delta: 0, sigma: 2 });
  const forwards = await manager.score(tasks, entries);
  const backwards = await manager.score(tasks.toReversed(), entries);
  const keys = Array.from({ length: 40 }, (_, i) => i);
  const chosen = (scored: typeof forwards[number]) =>
    keys.map((key) => manager.choose(scored, ["k", key], { mode: "sample", epsilon: 0.3 }).choice.chosen);
  assert.deepEqual(chosen(forwards[0]!), chosen(backwards[1]!));
  assert.deepEqual(chosen(forwards[1]!), chosen(backwards[0]!));
  assert.ok(new Set(chosen(forwards[0]!)).size > 1);
});

Deno.test("SkillManager.choose() draws by softmax over scores / sigma, and records candidates best first", async () => {
  const manager = new SkillManager(policy, { delta: 0, sigma: 0.5 });
  const [one] = await manager.score(tasks, entries);
  const weights = one!.scores.map((score) => Math.exp(score / 0.5));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const { choice, selection } = manager.choose(one!, ["k"], sampled);
  close(choice.probabilities, weights.map((weight) => weight / total), 1e-12);
  const counts = [0, 0, 0];
  const draws = 3000;
  for (let i = 0; i < draws; i++) counts[manager.choose(one!, [i], sampled).choice.chosen!]!++;
  close(counts.map((count) => count / draws), choice.probabilities, 0.03);
  const ranked = selection.candidates.map(({ score }) => score);
  assert.deepEqual(ranked, one!.scores.toSorted((a, b) => b - a));
  assert.equal(selection.candidates.filter(({ chosen }) => chosen).length, 1);
  for (const { skill, probability } of selection.candidates) {
    const k = DOCUMENTS.findIndex(({ skill_name }) => skill_name === skill.name);
    assert.equal(probability, choice.probabilities[k]);
    assert.equal(skill.source, documentText(DOCUMENTS[k]!));
  }
  assert.deepEqual([selection.selector, selection.gated, selection.reserved], ["manager", false, false]);
});

const rival = async (options: SkillManagerOptions, instruction: string) => {
  const manager = new SkillManager(policy, { delta: 0.9, ...options });
  const [one] = await manager.score([{ ...tasks[0]!, instruction }], entries);
  return { manager, one: one! };
};

Deno.test("SkillManager takes the document that shares most with the problem in keyword mode, and none if nothing is shared", async () => {
  const { manager, one } = await rival({ scoreMode: "keyword" }, "Draw the triangle and measure it.");
  const { choice, selection } = manager.choose(one, ["k"], { mode: "sample", epsilon: 1 });
  assert.deepEqual([DOCUMENTS[choice.chosen!]!.skill_name, choice.explored, selection.selector], [
    "ugly",
    false,
    "keyword",
  ]);
  const nothing = await rival({ scoreMode: "keyword" }, "zz");
  const none = nothing.manager.choose(nothing.one, ["k"], sampled);
  assert.deepEqual([none.choice.chosen, none.choice.gated, none.selection.candidates.length], [null, false, 3]);
  assert.deepEqual(one.documents, []);
});

Deno.test("SkillManager draws uniformly and without a gate in random mode, in evaluation too", async () => {
  const { manager, one } = await rival({ scoreMode: "random" }, "zz");
  const counts = [0, 0, 0];
  for (let i = 0; i < 1500; i++) counts[manager.choose(one, [i], { mode: "argmax", epsilon: 0 }).choice.chosen!]!++;
  assert.ok(counts.every((count) => Math.abs(count - 500) < 80), counts.join());
  assert.equal(manager.selector, "random");
});

Deno.test("SkillManager.reserve() shows nothing and records what the candidates' chances were", async () => {
  const manager = new SkillManager(policy, { delta: 0.99 });
  const [one] = await manager.score(tasks, entries);
  const selection = manager.reserve(one!);
  assert.deepEqual([selection.reserved, selection.gated, selection.explored], [true, false, false]);
  assert.ok(selection.candidates.every(({ chosen }) => !chosen));
  const { choice } = manager.choose(one!, ["k"], sampled);
  assert.equal(choice.gated, true);
  close(
    selection.candidates.map(({ probability }) => probability!),
    choice.probabilities.toSorted((a, b) => b - a),
    1e-12,
  );
});
