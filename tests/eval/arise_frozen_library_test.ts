import assert from "node:assert/strict";
import type { ChainRequest } from "../../agents/rollout.ts";
import { ScriptedPolicy } from "../../agents/scripted_policy.ts";
import { SkillManager } from "../../agents/skill_manager.ts";
import { TwoTierLibrary } from "../../agents/skills/two_tier_library.ts";
import { frozenLibrary } from "../../eval/frozen_library.ts";
import { DOCUMENTS, numberTask, TOKENIZER } from "../agents/_arise_kit.ts";

/** Scores every token alike, so that all documents do, and counts the sequences. */
function counting() {
  const policy = new ScriptedPolicy(TOKENIZER, () => "");
  let sequences = 0;
  const score = policy.score.bind(policy);
  policy.score = (all) => {
    sequences += all.length;
    return score(all);
  };
  return { policy, sequences: () => sequences };
}

const requests: ChainRequest[] = [1, 2].flatMap((number, group) =>
  [0, 1, 2, 3, 4, 5].map((sample) => ({ group, sample, tasks: [numberTask(number)] }))
);
const chosen = (made: readonly ChainRequest[]) =>
  made.map(({ selection }) => selection?.candidates.find(({ chosen }) => chosen)?.skill.name);

Deno.test("frozenLibrary() scores each task once, however it is asked, and changes nothing", async () => {
  const { policy, sequences } = counting();
  const library = new TwoTierLibrary(DOCUMENTS);
  const before = library.toJson();
  const choose = frozenLibrary(new SkillManager(policy, { delta: 0 }), library, { mode: "argmax", key: [1] });
  const whole = await choose(requests, "eval/test");
  assert.equal(sequences(), 2 * DOCUMENTS.length);
  const parts = [...await choose(requests.slice(0, 5), "eval/test"), ...await choose(requests.slice(5), "eval/test")];
  assert.deepEqual(parts, whole);
  assert.equal(sequences(), 2 * DOCUMENTS.length);
  // Equal scores: the first candidate.
  assert.deepEqual(chosen(whole), requests.map(() => "good"));
  assert.ok(whole.every(({ selection }) => selection?.explored === false && selection.reserved === false));
  assert.deepEqual(library.toJson(), before);
});

Deno.test("frozenLibrary() draws by the identity of a sample and the phase, whatever else is asked", async () => {
  const { policy } = counting();
  const fresh = () =>
    frozenLibrary(new SkillManager(policy, { delta: 0 }), new TwoTierLibrary(DOCUMENTS), { mode: "sample", key: [1] });
  const whole = chosen(await fresh()(requests, "eval/test"));
  const backwards = chosen(await fresh()(requests.toReversed(), "eval/test")).toReversed();
  assert.deepEqual(backwards, whole);
  assert.ok(new Set(whole).size > 1);
  assert.notDeepEqual(chosen(await fresh()(requests, "eval/other")), whole);
});

Deno.test("frozenLibrary() shows nothing where the gate is closed or the library is empty", async () => {
  const { policy } = counting();
  const closed = frozenLibrary(new SkillManager(policy), new TwoTierLibrary(DOCUMENTS), { mode: "argmax", key: [1] });
  // Three equal candidates have a third each, below 0.35.
  const made = await closed(requests, "eval/test");
  assert.ok(made.every(({ selection }) => selection?.gated === true && selection.candidates.length === 3));
  assert.ok(chosen(made).every((name) => name === undefined));
  const empty = frozenLibrary(new SkillManager(policy), new TwoTierLibrary(), { mode: "argmax", key: [1] });
  assert.ok((await empty(requests, "eval/test")).every(({ selection }) => selection?.candidates.length === 0));
});
