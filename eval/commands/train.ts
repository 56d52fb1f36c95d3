/**
 * `whet train`, `whet eval` and `whet ablate`.
 *
 * @module
 */
import { object } from "@optique/core/constructs";
import { commandLine, message } from "@optique/core/message";
import { optional, withDefault } from "@optique/core/modifiers";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, float, integer, string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import type { InferValue } from "@optique/core/parser";
import {
  ariseOptionWords,
  commaList,
  type CommandContext,
  device,
  environmentId,
  environmentOptions,
  environmentSource,
  given,
  json,
  prose,
  registry,
  scale,
  seed,
  seeds,
  workspace,
  worldSeed,
} from "./_shared.ts";
import { RECIPE_LOSSES } from "../../train/losses/loss_table.ts";
import { printed, usageError } from "../terminal.ts";
import { printedAriseOptions, usableAriseOptions } from "./_arise_options.ts";
import { checkpointOptions, checkpointTraining, samplingOptions, serverOptions } from "./_policy_options.ts";
import { updateChanges, updateOptions } from "./_update_options.ts";

/** `whet train` */
export const trainCommand = command(
  "train",
  object({
    command: constant("train"),
    recipe: argument(choice(["sft", "grpo"], { metavar: "RECIPE", suggest: "nearest" }), {
      description: message`sft: a warm start on worked solutions; grpo: that, then GRPO on the environment's score.`,
    }),
    environment: option("--env", string({ metavar: "ENV" }), {
      description: message`Environment by name; env list shows them.`,
    }),
    update: updateOptions,
    environmentOptions,
    registry,
    policy: withDefault(
      option("--policy", string({ metavar: "POLICY" }), {
        description: message`What is trained: nano, or the folder of a published checkpoint, also DIR+ADAPTER.`,
      }),
      "nano",
    ),
    checkpoint: checkpointOptions,
    scale,
    seeds,
    seed,
    worldSeed,
    device,
    workspace,
    json,
  }),
  {
    brief: message`Train a policy in an environment, and show how it learns.`,
    description:
      prose`Train the embedded policy from scratch: a warm start on worked solutions, then GRPO with the environment's own
      score as the reward; or a published checkpoint, in full or with an adapter, by GRPO alone. Prints Pass@1 on the test splits before and after, with intervals and paired differences, and writes the
      learning curve. Finished work is never repeated: after a stop, the same command goes on.`,
    footer: message`Example: ${commandLine("whet train grpo --env math --scale smoke")}`,
  },
);

/** `whet eval` */
export const evalCommand = command(
  "eval",
  object({
    command: constant("eval"),
    id: environmentId,
    policy: option("--policy", string({ metavar: "POLICY" }), {
      description:
        message`Who answers: a run (its last weights), reference (the reference solutions), nano, DIR or DIR+ADAPTER (a published checkpoint), openai:URL#MODEL, transformers:DIR or scripted:FILE.`,
    }),
    data: optional(
      option("--data", commaList("FILE", (word) => (word === "" ? undefined : word), "files or names of data sets"), {
        description: message`Problem sets instead of the environment's own tasks (math only), separated by commas.`,
      }),
    ),
    splits: optional(
      option("--split", commaList("SPLIT", (word) => (word === "" ? undefined : word), "names of splits"), {
        description: message`Splits, separated by commas; those whose names begin with test if left out.`,
      }),
    ),
    agent: optional(
      option(
        "--agent",
        choice(["solver", "arise", "codeact", "skill-library"], { metavar: "AGENT", suggest: "nearest" }),
        {
          description:
            message`Agent; solver where actions are text, codeact where they are code, if left out. arise is shown a skill document where the policy chooses one.`,
        },
      ),
    ),
    library: optional(
      option("--library", path({ metavar: "FILE", type: "file" }), {
        description:
          message`Skill documents for the agent arise: a library that a run saved, or a JSON list; that of the run if left out.`,
      }),
    ),
    samples: withDefault(
      option("--samples", integer({ metavar: "N", min: 1 }), { description: message`Samples per task.` }),
      4,
    ),
    temperature: withDefault(
      option("--temperature", float({ metavar: "T", min: 0 }), {
        description: message`Sampling temperature; 0 is greedy.`,
      }),
      1,
    ),
    maxTurns: withDefault(
      option("--max-turns", integer({ metavar: "N", min: 1 }), { description: message`Most turns of an episode.` }),
      5,
    ),
    maxTurnTokens: withDefault(
      option("--max-tokens", integer({ metavar: "N", min: 1 }), { description: message`Most tokens of a turn.` }),
      256,
    ),
    limit: optional(
      option("--limit", integer({ metavar: "N", min: 1 }), {
        description: message`Only so many tasks of each split, evenly spaced; all if left out.`,
      }),
    ),
    groupBy: optional(
      option("--by", string({ metavar: "LABEL" }), {
        description: message`Also Pass@1 by this label of tasks, such as domain or source.`,
      }),
    ),
    seed: withDefault(
      option("--seed", integer({ metavar: "SEED", min: 0 }), { description: message`Seed of the samples.` }),
      1,
    ),
    sampling: samplingOptions,
    server: serverOptions,
    environmentOptions,
    registry,
    worldSeed,
    device,
    workspace,
    json,
  }),
  {
    brief: message`Evaluate a policy, with several samples per task.`,
    description:
      prose`Evaluate a policy on splits of an environment, or on problem sets of your own, and print Pass@1, pass@k and maj@k with
      intervals. Every sample is recorded. Finished work is never repeated: after a stop, the same command goes on.`,
    footer: message`Example: ${commandLine("whet eval math --data problems.jsonl --policy reference --samples 1")}`,
  },
);

/** Losses of a grid. */
const LOSS_WORDS = ["own", ...RECIPE_LOSSES] as const;

/** `whet ablate` */
export const ablateCommand = command(
  "ablate",
  object({
    command: constant("ablate"),
    paper: argument(choice(["sage", "arise"], { metavar: "PAPER", suggest: "nearest" }), {
      description: message`Paper whose recipe is varied.`,
    }),
    variants: optional(
      option("--variant", commaList("NAME,NAME", (word) => (word === "" ? undefined : word), "names of ablations"), {
        description: message`Ablations of arise, separated by commas; all if left out.`,
      }),
    ),
    chainLengths: optional(
      option(
        "--chain-length",
        commaList("K,K", (word) => (/^\d+$/.test(word) ? Number(word) : undefined), "chain lengths from 1 to 8"),
        { description: message`Chain lengths of sage, separated by commas; 1,2,3 if left out.` },
      ),
    ),
    rewards: optional(
      option(
        "--reward",
        commaList(
          "R,R",
          (word) => (word === "outcome" || word === "chain" || word === "skill" ? word : undefined),
          "outcome, chain or skill",
        ),
        {
          description: message`Rewards of sage, separated by commas: outcome, chain, skill; outcome,skill if left out.`,
        },
      ),
    ),
    losses: optional(
      option(
        "--loss",
        commaList("LOSS,LOSS", (word) => LOSS_WORDS.find((name) => name === word), LOSS_WORDS.join(", ")),
        {
          description: message`Losses of sage by name, separated by commas; own, which is the paper's, if left out.`,
        },
      ),
    ),
    options: ariseOptionWords,
    scale,
    seeds,
    seed,
    device,
    workspace,
    json,
  }),
  {
    brief: message`Run variants of a paper's recipe, and compare them.`,
    description:
      prose`Train and evaluate every cell of a grid of chain lengths, rewards and losses (sage), or the recipe with one part changed at a time
      (arise), from one warm start per seed, and print the metrics of each and its paired difference to the reference, adjusted for how many
      there are. What exists is skipped; after a stop, the same command goes on.`,
    footer: message`Example: ${commandLine("whet ablate sage --chain-length 1,2,3 --reward outcome,skill --seeds 3")}`,
  },
);

/** Runs `whet train`. */
export async function runTrain(
  invocation: InferValue<typeof trainCommand>,
  { signal }: CommandContext,
): Promise<number> {
  const { train } = await import("../train.ts");
  const { terminalProgress } = await import("../terminal.ts");
  const { environmentOptions, registry, update, checkpoint, json, command: _, ...rest } = invocation;
  const { options, config } = await environmentSource(environmentOptions, registry);
  const report = await train({
    ...rest,
    changes: updateChanges(update),
    ...checkpointTraining(checkpoint),
    environmentOptions: options,
    ...given({ config }),
    signal,
    progress: terminalProgress(json ? "json" : "auto"),
  });
  return printed(json ? report.json : report.text);
}

/** Runs `whet eval`. */
export async function runEval(invocation: InferValue<typeof evalCommand>, { signal }: CommandContext): Promise<number> {
  const { evaluate } = await import("../evaluate.ts");
  const { createEnvironment } = await import("../../envs/registry.ts");
  const { terminalProgress } = await import("../terminal.ts");
  const { id, data, splits, agent, library, limit, groupBy, environmentOptions, registry, json, command: _, ...own } =
    invocation;
  const { sampling, server: { promptPrice, completionPrice, ...server }, ...rest } = own;
  const priced = promptPrice !== undefined || completionPrice !== undefined;
  const prices = { prompt: promptPrice ?? 0, completion: completionPrice ?? 0 };
  const source = await environmentSource(environmentOptions, registry);
  // The workspace is where this is run, not what is run: it stays out of what is recorded.
  const recorded = data === undefined ? source.options : { ...source.options, data };
  const placed = data === undefined ? recorded : { ...recorded, workspace: rest.workspace };
  const report = await evaluate({
    ...rest,
    ...given({ splits: splits, agent, library, limit, groupBy }),
    makeEnvironment: (seed) => createEnvironment(id, { ...source, options: placed, seed }),
    environmentOptions: recorded,
    ...given(sampling),
    server: { ...given(server), ...(priced ? { prices } : {}) },
    signal,
    progress: terminalProgress(json ? "json" : "auto"),
  });
  return printed(
    json
      ? { run: report.run, tables: report.json, ...(report.usage === undefined ? {} : { usage: { ...report.usage } }) }
      : report.text,
  );
}

/** Runs `whet ablate`. */
export async function runAblate(
  invocation: InferValue<typeof ablateCommand>,
  { signal }: CommandContext,
): Promise<number> {
  const { terminalProgress } = await import("../terminal.ts");
  const { json, command: _, paper, variants, chainLengths, rewards, losses, options: words, ...rest } = invocation;
  const shared = { ...rest, signal, progress: terminalProgress(json ? "json" : "auto") };
  if (paper === "sage") {
    if (variants !== undefined) {
      return usageError("--variant goes with arise; sage is varied by --chain-length, --reward and --loss");
    }
    if (words.length > 0) return usageError("--option goes with arise; sage has none");
    const { ablateSage } = await import("../ablate.ts");
    const axes = {
      chainLengths: chainLengths ?? [1, 2, 3],
      rewards: rewards ?? (["outcome", "skill"] as const),
      ...given({ losses }),
    };
    const report = await ablateSage({ ...shared, ...axes });
    return printed(json ? report.json : report.text);
  }
  const ofSage = { "--chain-length": chainLengths, "--reward": rewards, "--loss": losses };
  const [other] = Object.entries(ofSage).find(([, value]) => value !== undefined) ?? [];
  if (other !== undefined) return usageError(`${other} goes with sage; arise is varied by --variant`);
  if (words.includes("help")) return await printedAriseOptions();
  const { ariseAblations, checkAriseOptions, reproduceArise, UnknownArmError } = await import("../reproduce_arise.ts");
  const { ARISE_ABLATIONS } = await import("../arise_scales.ts");
  let chosen;
  try {
    chosen = ariseAblations(variants ?? Object.keys(ARISE_ABLATIONS));
  } catch (error) {
    if (error instanceof UnknownArmError) return usageError(error.message);
    throw error;
  }
  const arms = ["ARISE", ...chosen] as const;
  const read = await usableAriseOptions(words, (options) => checkAriseOptions({ arms, scale: rest.scale, options }));
  if (typeof read === "number") return read;
  const report = await reproduceArise({ ...shared, arms, options: read, table: "arise-ablation" });
  return printed(json ? report.json : report.text);
}
