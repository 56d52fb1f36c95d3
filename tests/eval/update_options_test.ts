import assert from "node:assert/strict";
import { formatMessage } from "@optique/core/message";
import { parse } from "@optique/core/parser";
import { lossListing, updateChanges, updateOptions } from "../../eval/commands/_update_options.ts";
import { changedConfig, trainingConfigs } from "../../eval/training_scales.ts";
import { ConfigError } from "../../train/config.ts";
import { RECIPE_LOSSES } from "../../train/losses/loss_table.ts";

const base = { environment: { id: "math", seed: 1, hash: "abc" }, device: "cpu" } as const;
const grpo = trainingConfigs("ci", "text", base).grpo("sft-x");

function changesOf(line: string) {
  const result = parse(updateOptions, line.split(" ").filter((word) => word !== ""));
  assert.ok(result.success, result.success ? "" : formatMessage(result.error));
  return updateChanges(result.value);
}

function errorOf(line: string): string {
  const result = parse(updateOptions, line.split(" "));
  assert.ok(!result.success, `${line} was taken`);
  return formatMessage(result.error);
}

Deno.test("updateChanges() changes nothing when no option is given, so that the run keeps its id", () => {
  assert.deepEqual(changesOf(""), {});
  assert.equal(changedConfig(grpo, changesOf("")), grpo);
});

Deno.test("updateChanges() puts every option in its field of the configuration", () => {
  const changes = changesOf(
    "--loss dapo --advantage mean --clip 0.1,0.3 --dual-clip 3 --normalisation constant --constant-tokens 64 --kl k3:0.04 " +
      "--dynamic-sampling 3 --top-p 0.9 --top-k 40 --min-p 0.05 --epochs 2 --mini-batches 4 --schedule cosine:10 " +
      "--precision mixed --recompute on",
  );
  assert.deepEqual(changes, {
    loss: "dapo",
    lossOptions: {
      advantage: "mean",
      clipLow: 0.1,
      clipHigh: 0.3,
      dualClip: 3,
      normalisation: "constant",
      constantTokens: 64,
      kl: { estimator: "k3", coefficient: 0.04 },
    },
    dynamicSampling: { maxRounds: 3 },
    topP: 0.9,
    topK: 40,
    minP: 0.05,
    ppoEpochs: 2,
    miniBatches: 4,
    schedule: { kind: "cosine", warmup: 10 },
    precision: "mixed",
    recompute: "on",
  });
  assert.deepEqual(changedConfig(grpo, changes), { ...grpo, ...changes });
  assert.deepEqual(changesOf("--loss grpo --clip 0.1").lossOptions, { clipLow: 0.1, clipHigh: 0.1 });
  assert.deepEqual(changesOf("--schedule linear"), { schedule: { kind: "linear" } });
});

Deno.test("updateOptions refuses words that are not of the option's form", () => {
  for (
    const line of [
      "--clip 0.2,x",
      "--clip 0.1,0.2,0.3",
      "--clip -0.1",
      "--kl k3",
      "--kl k3:0",
      "--kl k4:1",
      "--schedule cosine:x",
      "--schedule step",
      "--dynamic-sampling 1",
      "--top-p 1.5",
    ]
  ) assert.match(errorOf(line), /[Ee]xpected/, line);
});

Deno.test("--loss help, or a name that is none, lists every loss with formula and source", () => {
  for (const word of ["help", "dpao"]) {
    const error = errorOf(`--loss ${word}`);
    for (const name of RECIPE_LOSSES) assert.ok(error.includes(`${name}: `), name);
    assert.ok(error.includes("arXiv 2503.14476"));
  }
  assert.equal(lossListing().split("\n\n").length, RECIPE_LOSSES.length);
});

Deno.test("changedConfig() names the field that does not fit the loss", () => {
  assert.throws(
    () => changedConfig(grpo, changesOf("--loss rloo --clip 0.2")),
    (error) => error instanceof ConfigError && error.message.includes("lossOptions.clipLow"),
  );
  assert.throws(
    () => changedConfig(grpo, changesOf("--kl k3:0.04")),
    (error) => error instanceof ConfigError && error.message.includes("lossOptions: expected only beside loss"),
  );
});
