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
