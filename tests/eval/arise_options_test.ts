/**
 * Options of ARISE's arms: what they change in which configuration, and that they change nothing where they say what is meant anyway.
 *
 * @module
 */
import assert from "node:assert/strict";
import { agentById } from "../../agents/agent.ts";
import { SEED_DOCUMENTS } from "../../agents/skills/seed_documents.ts";
import { type AriseOptions, ariseOptions, ariseOptionsListing, readAriseOptions } from "../../eval/arise_options.ts";
import {
  ARISE_ABLATIONS,
  ARISE_ARMS,
  type AriseAblation,
  type AriseArm,
  ariseCheckpointConfigs,
  ariseConfigs,
} from "../../eval/arise_scales.ts";
import { checkAriseOptions } from "../../eval/reproduce_arise.ts";
import { ariseFields } from "../../train/arise_config.ts";
import type { AriseRunConfig, ChainGrpoConfig } from "../../train/config.ts";
import { runId } from "../../train/config.ts";
import { document, numberTask, TINY } from "../agents/_arise_kit.ts";
import type { PublishedStart } from "../../eval/start_point.ts";

const base = { environment: { id: "math", seed: 1, hash: "abc" }, device: "cpu" } as const;
const ALL = [...ARISE_ARMS, ...Object.keys(ARISE_ABLATIONS) as AriseAblation[]].filter((arm) => arm !== "SFT");

function idsOf(options?: AriseOptions, scale: "smoke" | "nano" | "ci" = "smoke"): string[] {
  const configs = ariseConfigs(scale, base, options);
  return ALL.map((arm) => runId({ train: configs.arm(arm, "sft-x")!, evaluation: configs.evaluation(arm) }, 1));
}

function armOf(arm: AriseArm | AriseAblation, values: unknown) {
  return ariseConfigs("smoke", base, ariseOptions(values)).arm(arm, "sft-x")!;
}
const skilled = (arm: AriseArm | AriseAblation, values: unknown) => armOf(arm, values) as AriseRunConfig;

Deno.test("runId() of arms without options is what it was before there were any", () => {
  assert.deepEqual(idsOf().slice(0, 6), [
    "grpo-38bd5f58b5-s1",
    "grpo-327f05be19-s1",
    "arise-6a0cb480a8-s1",
    "arise-e17c0472b0-s1",
    "arise-b50bb605fc-s1",
    "arise-38d3c780c2-s1",
  ]);
  assert.equal(idsOf(undefined, "nano")[2], "arise-0727a2b386-s1");
});

Deno.test("ariseOptions() that say what is meant anyway are the same runs", () => {
  const said = {
    checker: "symbolic",
    answerFormatLine: true,
    evalSkills: true,
    evalGreedy: false,
    verify: true,
    rngSeed: 0,
    ppoEpochs: 1,
    miniBatches: 1,
    overlongPrompt: "reject",
    delta: 0.35,
    seeds: "five",
    selectionMode: { train: "sample" },
    clipLow: 0.2,
  };
  // What makes an ablation wins over them.
  assert.deepEqual(idsOf(ariseOptions(said)), idsOf());
  assert.deepEqual(idsOf(ariseOptions()), idsOf());
});

Deno.test("ariseOptions() change every field of ARISE from its default", () => {
  const changed: Readonly<Record<keyof typeof ariseFields, unknown>> = {
    warmupSteps: 3,
    conclude: false,
    useSkills: false,
    sigma: 2,
    epsExplore: 0.2,
    delta: 0.1,
    maxSkillTokens: 64,
    selectionScope: "query",
    unaidedPerGroup: 2,
    selectionMode: { train: "argmax", eval: "sample" },
    scoreMode: "random",
    scoreTokens: "valuesOnly",
    scoreCentering: true,
    candidateTopK: 4,
    nullScore: -2,
    selectionLossWeight: 0.1,
    rngSeed: 5,
    cacheCapacity: 5,
    reservoirCapacity: 50,
    emaBeta: 0.5,
    deletePercentile: 0.2,
    deleteRule: "reference",
    onDuplicate: "version",
    updateReward: "single",
    maintenance: "batch",
    seeds: "none",
    tracesInPrompt: 1,
    traceClipChars: 100,
    traceClip: "headTail",
    traceChoice: "shortestCorrect",
    documentCap: 220,
    extractor: "regex",
    fallback: "none",
    summaryTemperature: 0.5,
    summaryTopP: 0.8,
    summaryMaxTokens: 100,
    concludeWhen: "afterUpdate",
    extraUnaided: 1,
    goldTraceWhenAllWrong: true,
    verify: false,
    useQuality: false,
    rsLevels: [0, 1, 2, 3],
    rsInAdvantage: true,
    skillBonus: 0.5,
    baseOptimizer: "dapo",
    clipLow: 0.1,
    clipHigh: 0.28,
    dualClip: 10,
    ppoEpochs: 2,
    miniBatches: 2,
    dynamicSampling: false,
    maxRounds: 3,
    filterMetric: "totalReward",
  };
  const usual: Readonly<Record<string, unknown>> = { ...skilled("ARISE", {}) };
  for (const [name, value] of Object.entries(changed)) {
    const config: Readonly<Record<string, unknown>> = { ...skilled("ARISE", { [name]: value }) };
    assert.deepEqual(config[name], value, name);
    assert.notDeepEqual(config[name], usual[name], name);
    assert.notEqual(idsOf(ariseOptions({ [name]: value }))[2], idsOf()[2], name);
  }
});

Deno.test("ariseOptions() change what all arms share in all of them, and the loss's bounds in those with a loss of that form", () => {
  const shared = {
    groupSize: 4,
    learningRate: 1e-5,
    weightDecay: 0.01,
    promptTokens: 300,
    overlongPrompt: "truncateQuery",
  };
  const update = { clipLow: 0.1, dualClip: 3, ppoEpochs: 2, miniBatches: 4 };
  const values = { ...shared, ...update, topP: 0.95, schedule: { kind: "cosine", warmup: 50 } };
  for (const arm of ALL) {
    const config: Readonly<Record<string, unknown>> = { ...armOf(arm, values) };
    for (const [name, value] of Object.entries(shared)) assert.deepEqual(config[name], value, `${arm} ${name}`);
    assert.deepEqual([config["topP"], config["schedule"]], [0.95, { kind: "cosine", warmup: 50 }]);
  }
  const { lossOptions, ppoEpochs, miniBatches } = armOf("DAPO", values) as ChainGrpoConfig;
  assert.deepEqual(
    [lossOptions?.clipLow, lossOptions?.clipHigh, lossOptions?.dualClip, ppoEpochs, miniBatches],
    [0.1, 0.28, 3, 2, 4],
  );
  const { promptTokens, overlongPrompt } = ariseConfigs("smoke", base, ariseOptions(values)).evaluation("GRPO");
  assert.deepEqual([promptTokens, overlongPrompt], [300, "truncateQuery"]);
});

Deno.test("ariseOptions() with a preset give its values, under those of the command and of the arm", () => {
  const { baseOptimizer, useQuality, verify, seeds, cacheCapacity, sigma } = skilled("ARISE", { preset: "v1" });
  assert.deepEqual(
    [baseOptimizer, useQuality, verify, seeds, cacheCapacity, sigma],
    ["grpo", false, false, "twentyFour", 24, 0.15],
  );
  assert.equal(skilled("ARISE", { preset: "v1", cacheCapacity: 10 }).cacheCapacity, 10);
  assert.equal(skilled("ARISE + DAPO", { preset: "v1" }).baseOptimizer, "dapo");
  assert.equal(skilled("ARISE", { preset: "v2" }).baseOptimizer, "dapo");
  assert.equal(skilled("no gate", { delta: 0.5 }).delta, 0);
  assert.ok(!("preset" in skilled("ARISE", { preset: "v1" })));
});

Deno.test("ariseOptions() of evaluations: greedy, and without skills", () => {
  const evaluation = (values: unknown, arm: AriseArm = "ARISE") =>
    ariseConfigs("smoke", base, ariseOptions(values)).evaluation(arm);
  const { temperature, runs, topP } = evaluation({ evalGreedy: true, topP: 0.9 });
  assert.deepEqual([temperature, runs, topP], [0, 1, undefined]);
  assert.deepEqual([evaluation({}).agent, evaluation({ evalSkills: false }).agent], ["arise", "solver"]);
  assert.equal(evaluation({ evalSkills: false }, "GRPO").agent, "solver");
  assert.deepEqual(ariseOptions({ checker: "minervaString" }).environment, { checker: "minervaString" });
});

Deno.test("ariseOptions() without an answer's line show checkpoints of all arms the raw question", () => {
  const recorded = { folder: "models/x", weights: "w" };
  const published = { recorded, config: { ...TINY, hidden: 8 } } as unknown as PublishedStart;
  const styles = (values: unknown) => {
    const { arm, evaluation } = ariseCheckpointConfigs("ci", base, published, undefined, ariseOptions(values));
    const arms = (["GRPO", "ARISE", "no gate", "TF-IDF manager"] as const).map((name) => arm(name, null)?.promptStyle);
    return [...arms, evaluation("SFT").promptStyle, evaluation("ARISE").promptStyle];
  };
  assert.deepEqual(styles({}), Array(6).fill("instruct"));
  assert.deepEqual(styles({ answerFormatLine: false }), Array(6).fill("bare"));
  const prompt = (id: "solver" | "arise", skills: readonly string[]) =>
    agentById(id, { promptStyle: "bare" }).prompt(numberTask(1), skills);
  assert.deepEqual([prompt("solver", []), prompt("arise", []), prompt("arise", ["{}"])], [
    "Say 1.",
    "Say 1.",
    "SKILL:{}\nSay 1.",
  ]);
});

Deno.test("readAriseOptions() reads words as JSON or as they are, and a file of seeds", async () => {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    await Deno.writeTextFile(path, [document("one"), document("two")].map((one) => JSON.stringify(one)).join("\n"));
    const options = await readAriseOptions([`seedsPath=${path}`, "delta=0.5", "scoreMode=keyword", "verify=false"]);
    const { seeds, delta, scoreMode, verify } = ariseConfigs("smoke", base, options).arm(
      "ARISE",
      "x",
    ) as AriseRunConfig;
    assert.deepEqual([seeds, delta, scoreMode, verify], [[document("one"), document("two")], 0.5, "keyword", false]);
    // What the file says is the run, not where it lies.
    assert.deepEqual(
      options,
      ariseOptions({ seeds: [document("one"), document("two")], delta: 0.5, scoreMode: "keyword", verify: false }),
    );
    await Deno.writeTextFile(path, `${JSON.stringify(SEED_DOCUMENTS[0])}\n{"skill_name":"x"}`);
    await assert.rejects(
      readAriseOptions([`seedsPath=${path}`]),
      (error) =>
        error instanceof Error && error.name === "DocumentFileError" &&
        error.message.includes(`${path}: line 2: problem_type:`),
    );
    await assert.rejects(readAriseOptions([`seedsPath=${path}`, "documentCap=20"]), /expected at most 20 characters/);
    await assert.rejects(
      readAriseOptions([`seedsPath=${path}`, "seeds=none"]),
      /seeds: expected to be left out beside seedsPath/,
    );
    await assert.rejects(readAriseOptions([`seedsPath=${path}x`]), /seedsPath: .*there is no such file/);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("readAriseOptions() and checkAriseOptions() name the option, what was found and what was expected", async () => {
  const refused: [string, RegExp][] = [
    ["dualclip=3", /dualclip: unknown key; did you mean dualClip\?/],
    ["dualClip=0.5", /dualClip: .*found 0.5/],
    ["checker=minerva", /checker: .*found "minerva"/],
    ["preset=v3", /preset: .*found "v3"; did you mean v1\?/],
    ["overlongPrompt=drop", /overlongPrompt: .*"reject"\|"truncateQuery", found "drop"/],
    ["recipe=grpo", /recipe: unknown key/],
    ["delta", /ARISE option "delta": expected key=value/],
  ];
  for (const [word, message] of refused) await assert.rejects(readAriseOptions([word]), message, word);
  await assert.rejects(readAriseOptions(["delta=1", "delta=0"]), /ARISE options: delta is given twice/);
  const check = (values: unknown) =>
    checkAriseOptions({ arms: ["GRPO", "ARISE"], scale: "ci", options: ariseOptions(values) });
  assert.throws(() => check({ verify: false, rsInAdvantage: true }), /rsInAdvantage: expected false without verify/);
  assert.throws(
    () => check({ answerFormatLine: false }),
    /answerFormatLine: expected true without a published checkpoint/,
  );
  checkAriseOptions({
    arms: ["ARISE"],
    scale: "ci",
    checkpoint: { source: { folder: "x", adapter: undefined } },
    options: ariseOptions({ answerFormatLine: false }),
  });
});

Deno.test("ariseOptionsListing() has a line with default and kind for every option", () => {
  const lines = ariseOptionsListing().trimEnd().split("\n");
  for (
    const line of [
      "delta = 0.35 (number from 0 to 1)",
      "checker = symbolic (symbolic, minervaString)",
      "overlongPrompt = reject (reject, truncateQuery)",
      "preset (v1, v2)",
      "dualClip (number above 1)",
      "seeds = five (five, twentyFour, none, or a JSON list)",
      'selectionMode = {"train":"sample","eval":"argmax"} (JSON)',
      "rsLevels = [-1,0,0.5,1] (a JSON list)",
    ]
  ) assert.ok(lines.includes(line), line);
  for (const name of Object.keys(ariseFields)) assert.ok(lines.some((line) => line.startsWith(`${name} `)), name);
});
