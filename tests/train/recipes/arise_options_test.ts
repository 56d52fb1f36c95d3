/**
 * Options of ARISE that the published defaults leave alone: each changes what a run does.
 *
 * @module
 */
import assert from "node:assert/strict";
import { openDevice } from "../../../agents/model/device.ts";
import { LocalPolicy } from "../../../agents/model/local_policy.ts";
import { parameterList } from "../../../agents/model/config.ts";
import { TWENTY_FOUR_SEEDS } from "../../../agents/skills/seed_documents.ts";
import { documentText } from "../../../agents/skills/skill_document.ts";
import { ariseDefaults } from "../../../train/arise_config.ts";
import { ARISE_PRESET_VALUES } from "../../../train/arise_presets.ts";
import { ariseRunConfigSchema, ConfigError, parseConfig } from "../../../train/config.ts";
import type { PolicyLossSpec } from "../../../train/example.ts";
import { OnnxTrainer } from "../../../train/onnx_trainer.ts";
import { MANAGER_LOSS } from "../../../train/recipes/arise_group.ts";
import { newLibrary } from "../../../train/recipes/arise.ts";
import { createEnvironment } from "../../fixtures/parity_environment.ts";
import { document, DOCUMENTS, numberEnvironment, shows, TINY, tinyModel, TOKENIZER } from "../../agents/_arise_kit.ts";
import { ariseConfig, type Asked, ranArise, wanted } from "./_arise_run.ts";

const FRESH = documentText(document("fresh"));
const right = ({ prompt }: Asked) => wanted(prompt);
/** The first rollout and the fifth are right; documents are always the same. */
const script = (asked: Asked) => {
  if (asked.phase === "conclude") return FRESH;
  return asked.phase !== "rl" || asked.sample % 4 === 0 ? right(asked) : "0";
};

Deno.test("runArise() starts with the seeds that are named, and with documents of one's own", async () => {
  const names = (changes: Readonly<Record<string, unknown>>) =>
    newLibrary(ariseConfig(changes)).candidates().map(({ document }) => document.skill_name);
  assert.deepEqual(names({ seeds: DOCUMENTS }), ["good", "bad", "ugly"]);
  assert.deepEqual(
    names({ seeds: "twentyFour", cacheCapacity: 24 }),
    TWENTY_FOUR_SEEDS.map(({ skill_name }) => skill_name),
  );
  assert.equal(names({ seeds: "twentyFour" }).length, 10);
  assert.deepEqual(names({ seeds: "none" }), []);
  const { log } = await ranArise(ariseConfig({ seeds: [DOCUMENTS[0]!] }), { script });
  assert.ok(log.of("rl").slice(4).every(({ chain }) => shows(chain.rollouts[0]!.prompt, "good")));
});

Deno.test("runArise() plays no verification without verify, so that a new skill starts at 0", async () => {
  const { log, library, events } = await ranArise(ariseConfig({ verify: false }), { script });
  assert.deepEqual(events, ["rl 0", "conclude 0", "update", "commit rl/0"]);
  const { verifiedRight, unaidedRight, quality } = log.concluded[0]!;
  assert.deepEqual([verifiedRight, unaidedRight, quality, log.of("verify").length], [null, true, null, 0]);
  assert.equal(library.entry("fresh")?.utility, 0);
  const verified = await ranArise(ariseConfig({ verify: true }), { script });
  assert.equal(verified.library.entry("fresh")?.utility, 0.5);
});

Deno.test("runArise() varies the manager's draws alone with rngSeed", async () => {
  const played = async (changes: Readonly<Record<string, unknown>>) => {
    const { log } = await ranArise(ariseConfig({ groupsPerStep: 4, ...changes }), { script });
    const rollouts = log.of("rl").map(({ chain }) => chain.rollouts[0]!);
    return { tasks: rollouts.map(({ task }) => task.id), skills: rollouts.map(({ skillsUsed }) => skillsUsed[0]) };
  };
  const usual = await played({});
  assert.deepEqual(await played({ rngSeed: 0 }), usual);
  const other = await played({ rngSeed: 1 });
  assert.deepEqual(other.tasks, usual.tasks);
  assert.notDeepEqual(other.skills, usual.skills);
});

Deno.test("runArise() refuses or cuts overlong prompts in rollouts and verifications, and keeps the skill", async () => {
  const tasks = numberEnvironmentWithStories();
  const played = async (changes: Readonly<Record<string, unknown>>) => {
    const { log, trainer } = await ranArise(ariseConfig({ seeds: [DOCUMENTS[0]!], ...changes }), {
      script,
      environment: tasks,
    });
    return { trainer, log, rollouts: log.of("rl").map(({ chain }) => chain.rollouts[0]!) };
  };
  const whole = await played({});
  assert.ok(whole.rollouts.every(({ finish }) => finish === "finished"));
  const longest = Math.max(...whole.rollouts.slice(0, 4).map(({ turns }) => turns[0]!.contextIds.length));
  // Room for the question, not for a skill before it.
  const refused = await played({ promptTokens: longest });
  assert.deepEqual(refused.rollouts.map(({ turns }) => turns.length), [1, 1, 1, 1, 0, 0, 0, 0]);
  assert.ok(refused.rollouts.slice(4).every(({ evaluation, finish }) => !evaluation!.success && finish === "context"));
  assert.equal(refused.log.of("verify")[0]!.chain.rollouts[0]!.finish, "context");
  // R = 1 once in eight; only rollouts with tokens are trained on.
  assert.equal(refused.trainer.given[0]!.batch.length, 4);
  const cut = await played({ promptTokens: longest, overlongPrompt: "truncateQuery" });
  assert.ok(cut.rollouts.slice(0, 4).every(({ prompt }, i) => prompt === whole.rollouts[i]!.prompt));
  for (const { prompt, turns, evaluation } of cut.rollouts.slice(4)) {
    assert.ok(shows(prompt, "good") && prompt.includes("\n…") && /Say \d\.$/.test(prompt));
    assert.ok(turns[0]!.contextIds.length <= longest && evaluation !== undefined);
  }
  assert.ok(cut.log.of("verify").every(({ chain }) => shows(chain.rollouts[0]!.prompt, "fresh")));
});

/** Numbers to say, after a story. */
function numberEnvironmentWithStories() {
  const environment = numberEnvironment();
  const told = (task: ReturnType<typeof environment.task>) => ({
    ...task,
    instruction: `${"There was a king who counted. ".repeat(12)}${task.instruction}`,
  });
  return { ...environment, tasks: (split: string) => environment.tasks(split).map(told) };
}

Deno.test("runArise() makes several updates a step, of whole groups, the manager's in the first round only", async () => {
  const { trainer, log } = await ranArise(
    ariseConfig({ groupsPerStep: 4, ppoEpochs: 3, miniBatches: 2, dualClip: 3 }),
    { script },
  );
  assert.equal(trainer.updates, 6);
  assert.deepEqual(trainer.given.map(({ batch }) => batch.length), Array(6).fill(16));
  assert.deepEqual(trainer.given.map(({ also }) => also.length), [1, 1, 0, 0, 0, 0]);
  assert.ok(trainer.given[0]!.also.every(({ loss }) => loss === MANAGER_LOSS));
  assert.ok(trainer.given.every(({ loss }) => (loss as PolicyLossSpec).dualClip === 3));
  const order = log.updates[0]!.parts!.map(({ epoch, miniBatch }) => [epoch, miniBatch]);
  assert.deepEqual(order, [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]]);
  // Each time all groups are trained on once: both halves of a round are all of it.
  const idsOf = (updates: readonly number[]) =>
    updates.flatMap((u) => trainer.given[u]!.batch.map(({ ids }) => ids.join())).sort();
  assert.deepEqual(idsOf([0, 1]), idsOf([2, 3]));
  const once = await ranArise(ariseConfig({ groupsPerStep: 4 }), { script });
  assert.deepEqual([once.trainer.updates, once.log.updates[0]!.parts], [1, undefined]);
  assert.ok(!("dualClip" in once.trainer.given[0]!.loss));
});

Deno.test("runArise() with a dual clip ends in other weights where a step makes several updates, and in the same where it makes one", async () => {
  const device = await openDevice("cpu");
  const ended = async (changes: Readonly<Record<string, unknown>>) => {
    const model = tinyModel(device);
    const log = await ranArise(
      ariseConfig({
        groupSize: 4,
        groupsPerStep: 2,
        unaidedPerGroup: 2,
        conclude: false,
        maxTurnTokens: 6,
        maxSkillTokens: 8,
        learningRate: 0.05,
        ...changes,
      }),
      {
        policy: new LocalPolicy(model, TOKENIZER),
        trainer: new OnnxTrainer(model),
        environment: createEnvironment({ seed: 1 }),
      },
    );
    assert.ok(log.log.updates[0]!.stats !== undefined);
    const weights = parameterList(TINY).flatMap(({ name }) => [...model.weights.get(name)!.data as Float32Array]);
    await model.release();
    return { weights, error: log.log.updates[0]!.stats.maxRatioError };
  };
  const several = { ppoEpochs: 4 };
  const [free, capped] = [await ended(several), await ended({ ...several, dualClip: 1.05 })];
  assert.ok(free.error > 0.05, `the ratios strayed by ${free.error} only`);
  assert.notDeepEqual(capped.weights, free.weights);
  assert.deepEqual((await ended({ dualClip: 1.05 })).weights, (await ended({})).weights);
});

Deno.test("ariseDefaults() expands a preset into values, and values that are named win", () => {
  const v1 = ariseDefaults({ preset: "v1", delta: 0.5 });
  assert.deepEqual(
    [v1.baseOptimizer, v1.useQuality, v1.verify, v1.seeds, v1.cacheCapacity, v1.delta],
    ["grpo", false, false, "twentyFour", 24, 0.5],
  );
  assert.equal(ariseDefaults({ preset: "v1", cacheCapacity: 10 }).cacheCapacity, 10);
  assert.deepEqual(ariseDefaults({ preset: "v2" }), ariseDefaults());
  assert.ok(!("preset" in v1));
  // What one version fixes, the other says too, or leaves out to mean its own.
  const { verify: _, ...both } = ARISE_PRESET_VALUES.v1;
  assert.deepEqual(Object.keys(both).sort(), Object.keys(ARISE_PRESET_VALUES.v2).sort());
});

Deno.test("ariseRunConfigSchema names the field and the rule of values that are wrong or without effect", () => {
  const refused: [Readonly<Record<string, unknown>>, RegExp][] = [
    [{ dualClip: 1 }, /dualClip: .*>1, found 1/],
    [{ ppoEpochs: 0 }, /ppoEpochs: .*found 0/],
    [{ miniBatches: 1.5 }, /miniBatches: .*found 1.5/],
    [{ verify: "no" }, /verify: expected boolean, found "no"/],
    [{ verify: false, rsInAdvantage: true }, /rsInAdvantage: expected false without verify/],
    [{ verify: false, extraUnaided: 2 }, /extraUnaided: expected 0 without verify/],
    [{ seeds: "fife" }, /seeds: /],
    [{ seeds: [] }, /seeds: /],
    [{ seeds: [{ ...DOCUMENTS[0], metod: [] }] }, /seeds\[0\]\.metod: unknown key; did you mean method\?/],
    [{ seeds: DOCUMENTS, cacheCapacity: 2 }, /seeds: expected at most cacheCapacity \(2\) documents, got 3/],
    [{ overlongPrompt: "truncate" }, /overlongPrompt: .*found "truncate"/],
    [{ promptTokens: 0 }, /promptTokens: /],
    [{ rngSeed: -1 }, /rngSeed: /],
    [{ dualclip: 3 }, /dualclip: unknown key; did you mean dualClip\?/],
    [{ preset: "v1" }, /preset: unknown key/],
  ];
  const config = ariseConfig();
  for (const [changes, message] of refused) {
    assert.throws(
      () => parseConfig(ariseRunConfigSchema, { ...config, ...changes }, "a file"),
      (error) => error instanceof ConfigError && message.test(error.message),
      `${JSON.stringify(changes)} ${message}`,
    );
  }
});
