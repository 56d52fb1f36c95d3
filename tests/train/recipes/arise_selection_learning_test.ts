/**
 * That the gradient through the choice is what teaches to choose: answers are scripted and cannot improve, documents are scored by a real model.
 *
 * @module
 */
import assert from "node:assert/strict";
import { openDevice } from "../../../agents/model/device.ts";
import { LocalPolicy } from "../../../agents/model/local_policy.ts";
import type { Policy } from "../../../agents/policy.ts";
import { SEED_DOCUMENTS } from "../../../agents/skills/seed_documents.ts";
import { OnnxTrainer } from "../../../train/onnx_trainer.ts";
import { shows, tinyModel, TOKENIZER } from "../../agents/_arise_kit.ts";
import { ariseConfig, ranArise, scripted, wanted } from "./_arise_run.ts";

const device = await openDevice("cpu");
const GOOD = SEED_DOCUMENTS[3]!.skill_name;
const STEPS = 24;

/** Right exactly where the prompt shows the one good document. */
const answers = scripted(({ prompt }) => (shows(prompt, GOOD) ? wanted(prompt) : "0"));

/** Mean probability of the good document and success of the rollouts that were free to choose, first and last quarter. */
async function learn(selectionLossWeight: number) {
  const model = tinyModel(device, 5, 1);
  const scorer = new LocalPolicy(model, TOKENIZER);
  const policy: Policy & Pick<LocalPolicy, "scoreContinuations"> = {
    id: "half scripted",
    tokenizer: TOKENIZER,
    contextTokens: scorer.contextTokens,
    converse: (conversations, options) => answers.converse(conversations, options),
    score: (sequences, options) => scorer.score(sequences, options),
    scoreContinuations: (prefix, continuations) => scorer.scoreContinuations(prefix, continuations),
  };
  const config = ariseConfig({
    steps: STEPS,
    groupsPerStep: 2,
    unaidedPerGroup: 1,
    conclude: false,
    maxSkillTokens: 24,
    selectionLossWeight,
    // So that a gradient of nearly nothing moves nothing: the scripted answers have no ratio worth the name.
    epsilon: 1e-2,
    learningRate: 0.02,
  });
  const { log } = await ranArise(config, { policy, trainer: new OnnxTrainer(model) });
  await model.release();
  const free = log.of("rl").flatMap(({ chain }) => chain.rollouts).filter(({ selection }) =>
    selection?.reserved === false
  );
  const figures = (first: number, last: number) => {
    const rollouts = free.filter(({ key }) => key.step >= first && key.step < last);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      chance: mean(
        rollouts.map(({ candidates }) => candidates.find(({ skill }) => skill.name === GOOD)?.probability ?? 0),
      ),
      success: mean(rollouts.map(({ evaluation }) => evaluation?.score ?? 0)),
    };
  };
  return { early: figures(0, STEPS / 4), late: figures(3 * STEPS / 4, STEPS) };
}

Deno.test("runArise() learns to choose the one document that helps where only the choice can be learned", async () => {
  const { early, late } = await learn(1);
  assert.ok(late.chance > 0.8 && late.chance > early.chance + 0.3, JSON.stringify({ early, late }));
  assert.ok(late.success > 0.8 && late.success > early.success + 0.3, JSON.stringify({ early, late }));
});

Deno.test("runArise() does not learn it without the manager's term", async () => {
  const { early, late } = await learn(0);
  assert.ok(late.chance < early.chance + 0.1, JSON.stringify({ early, late }));
  assert.ok(late.success < 0.5, JSON.stringify({ early, late }));
});
