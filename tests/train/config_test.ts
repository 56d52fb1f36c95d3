import assert from "node:assert/strict";
import {
  chainGrpoConfigSchema,
  ConfigError,
  configHash,
  parseConfig,
  type RunConfig,
  runConfigSchema,
  runId,
} from "../../train/config.ts";
import { evaluationConfig, rlConfig, SCALES, sftConfig } from "../../eval/scales.ts";

const base = { environment: { id: "apps", seed: 1, hash: "abc" }, device: "cpu" } as const;

Deno.test("parseConfig() names the file, the key and the nearest known key when a key is unknown", () => {
  const { learningRate: _, ...rest } = rlConfig("ci", "SAGE", base, "sft-x");
  assert.throws(
    () => parseConfig(chainGrpoConfigSchema, { ...rest, learnigRate: 1 }, "my.json"),
    (error) =>
      error instanceof ConfigError && error.message.includes("my.json") &&
      error.message.includes("learnigRate: unknown key; did you mean learningRate?"),
  );
});

Deno.test("parseConfig() names a nested field and what was expected when a value is wrong", () => {
  const config = {
    train: { ...rlConfig("ci", "SAGE", base, "x"), groupSize: 0 },
    evaluation: evaluationConfig("ci", "SAGE"),
  };
  assert.throws(() => parseConfig(runConfigSchema, config, "x"), /train\.groupSize/);
});

Deno.test("runId() changes with the seed, the parent and any setting, and with nothing else", () => {
  const make = (change: Partial<ReturnType<typeof rlConfig>>): RunConfig => ({
    train: { ...rlConfig("ci", "SAGE", base, "sft-x"), ...change },
    evaluation: evaluationConfig("ci", "SAGE"),
  });
  const ids = [make({}), make({ parent: "sft-y" }), make({ chainLength: 3 })].map((config) => runId(config, 1));
  assert.equal(new Set([...ids, runId(make({}), 2)]).size, 4);
  const { recipe, ...rest } = make({}).train;
  assert.equal(
    configHash({ train: { ...rest, recipe } as RunConfig["train"], evaluation: make({}).evaluation }),
    configHash(make({})),
  );
});

Deno.test("scales give every arm the same number of rollouts per step", () => {
  for (const scale of SCALES) {
    const [grpo, sage] = (["SFT + GRPO", "SAGE"] as const).map((arm) => rlConfig(scale, arm, base, "x"));
    const rollouts = (config: typeof grpo) =>
      config === undefined ? 0 : config.groupsPerStep * config.groupSize * config.chainLength;
    assert.equal(rollouts(grpo), rollouts(sage));
    assert.ok(sftConfig(scale, base).firstVariant > 3, "demonstrations must not show the benchmark's own variants");
  }
});

Deno.test("runId() of a configuration that names no loss, truncation, epoch or schedule is what it was before these existed", () => {
  const ids = (["SFT + GRPO", "SAGE"] as const).map((arm) =>
    runId({ train: rlConfig("smoke", arm, base, "sft-x"), evaluation: evaluationConfig("smoke", arm) }, 1)
  );
  assert.deepEqual(ids, ["grpo-def4427060-s1", "sage-4aae96fb46-s1"]);
  const { loss, lossOptions, dynamicSampling, topP, ppoEpochs, miniBatches, schedule } = rlConfig(
    "ci",
    "SAGE",
    base,
    "x",
  );
  assert.deepEqual(
    [loss, lossOptions, dynamicSampling, topP, ppoEpochs, miniBatches, schedule],
    Array(7).fill(undefined),
  );
});

Deno.test("training configurations take precision and recompute, and have neither unless they are given", () => {
  const plain = rlConfig("ci", "SAGE", base, "sft-x");
  const parsed = parseConfig(chainGrpoConfigSchema, { ...plain }, "x");
  assert.deepEqual([parsed.precision, parsed.recompute], [undefined, undefined]);
  assert.ok(!("precision" in parsed) && !("recompute" in parsed) && !("precision" in sftConfig("ci", base)));
  const changed = parseConfig(chainGrpoConfigSchema, { ...plain, precision: "mixed", recompute: "on" }, "x");
  assert.deepEqual([changed.precision, changed.recompute], ["mixed", "on"]);
  assert.throws(() => parseConfig(chainGrpoConfigSchema, { ...plain, precision: "half" }, "x"), /precision/);
});

Deno.test("chainGrpoConfigSchema refuses what would be without effect, and names the field and its rule", () => {
  const refused: [Readonly<Record<string, unknown>>, RegExp][] = [
    [{ lossOptions: { clipLow: 0.1 } }, /lossOptions: expected only beside loss/],
    [{ loss: "grpo", stdNormalise: true }, /stdNormalise: expected to be left out beside loss/],
    [{ loss: "grpo", leaveOneOut: true }, /leaveOneOut: expected to be left out/],
    [{ loss: "grpo", clipEps: 0.1 }, /clipEps: expected to be left out .* clipLow and clipHigh/],
    [{ loss: "rloo", lossOptions: { clipHigh: 0.3 } }, /lossOptions\.clipHigh: .* rloo, which has no ratio/],
    [{ loss: "rloo", lossOptions: { dualClip: 3 } }, /lossOptions\.dualClip: expected only with a clipped loss/],
    [{ loss: "grpo", lossOptions: { dualClip: 1 } }, /lossOptions\.dualClip: .*found 1/],
    [{ loss: "grpo", lossOptions: { constantTokens: 9 } }, /lossOptions\.constantTokens: .* not with sequence/],
    [{ loss: "dr-grpo", lossOptions: { epsilon: 1 } }, /lossOptions\.epsilon: .* not with mean/],
    [{ loss: "sft" }, /loss: .*found "sft"/],
    [{ loss: "dpao" }, /loss: .*did you mean dapo\?/],
    [{ loss: "grpo", lossOptions: { clipHi: 1 } }, /clipHi: unknown key; did you mean clipHigh\?/],
    [{ loss: "grpo", lossOptions: { kl: { estimator: "k4", coefficient: 1 } } }, /lossOptions\.kl\.estimator/],
    [{ topP: 0 }, /topP/],
    [{ minP: 1.5 }, /minP/],
    [{ dynamicSampling: { maxRounds: 1 } }, /dynamicSampling\.maxRounds/],
    [{ schedule: { kind: "cosin" } }, /schedule\.kind: .*did you mean cosine\?/],
  ];
  for (const [change, expected] of refused) {
    assert.throws(
      () => parseConfig(chainGrpoConfigSchema, { ...rlConfig("ci", "SAGE", base, "sft-x"), ...change }, "x"),
      (error) => error instanceof ConfigError && expected.test(error.message),
      JSON.stringify(change),
    );
  }
  const good = { loss: "dr-grpo", lossOptions: { constantTokens: 64, kl: { estimator: "k3", coefficient: 0.04 } } };
  const parsed = parseConfig(chainGrpoConfigSchema, { ...rlConfig("ci", "SAGE", base, "sft-x"), ...good }, "x");
  assert.deepEqual(parsed.lossOptions, good.lossOptions);
});
