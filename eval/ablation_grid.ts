/**
 * The grid of an ablation of SAGE: chain lengths by reward kinds by losses, each cell one configuration.
 *
 * Contract: a pure function of its axes. Cells of one configuration share their runs, so nothing is trained twice: with chains of one
 * task no bonus for skills can be earned, hence `skill` is there the same as `outcome` (arXiv 2512.17102, 2.2).
 * Choices: all cells roll out as nearly as possible the same number of episodes per step, so that lengths are compared at equal cost; the
 * groups of a step are scaled and rounded. Chains longer than a scenario has siblings get extra instances of it.
 *
 * @module
 */
import { type ChainGrpoConfig, chainGrpoConfigSchema, parseConfig } from "../train/config.ts";
import { RECIPE_LOSSES } from "../train/losses/loss_table.ts";
import type { RewardKind } from "../train/rewards.ts";
import { rlConfig, type Scale, type ScaleBase } from "./scales.ts";

/** Reward kinds by the words of the command line. */
export const REWARD_WORDS = {
  outcome: "outcome",
  chain: "chain",
  skill: "skillIntegrated",
} as const satisfies Readonly<
  Record<string, RewardKind>
>;
/** Losses by the words of the command line; `own` is that of the paper. */
export const LOSS_WORDS = ["own", ...RECIPE_LOSSES] as const;
/** Word for a loss. */
export type LossWord = typeof LOSS_WORDS[number];

/** Word for a reward kind. */
export type RewardWord = keyof typeof REWARD_WORDS;

/** Longest chain that can be asked for. */
export const LONGEST_CHAIN = 8;

/** Axes of the grid. */
export interface AblationAxes {
  /** K, each at least 1. */
  readonly chainLengths: readonly number[];
  /** What is rewarded. */
  readonly rewards: readonly RewardWord[];
  /** Which loss, with its own parts. @default {["own"]} */
  readonly losses?: readonly LossWord[];
}

/** One cell. */
export interface AblationCell {
  /** Name in tables: `K=2, skill`, or `K=2, skill, dapo`. */
  readonly name: string;
  /** Name of its runs in the record: `SAGE` where the configuration is that of the main table, else the cell's name. */
  readonly arm: string;
  /** K. */
  readonly chainLength: number;
  /** What is rewarded. */
  readonly reward: RewardWord;
  /** Which loss. */
  readonly loss: LossWord;
  /** How its runs are trained. */
  readonly train: ChainGrpoConfig;
}

/** An axis of a grid is empty, repeated or out of range. */
export class AblationGridError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "AblationGridError";
}

function checkAxis<T>(name: string, values: readonly T[], rule: string, holds: (value: T) => boolean): void {
  const fault = values.length === 0
    ? "nothing"
    : values.find((value, i) => !holds(value) || values.indexOf(value) !== i);
  if (fault !== undefined) {
    throw new AblationGridError(`Cannot build the grid: ${name} must be ${rule}, each once, got ${String(fault)}`);
  }
}

/**
 * Cells of a grid, chain length by chain length.
 *
 * @example Two lengths, two rewards
 * ```ts
 * import { ablationGrid } from "whetstone/eval/ablation_grid.ts";
 * import assert from "node:assert/strict";
 *
 * const base = { environment: { id: "apps", seed: 1, hash: "0" }, device: "cpu" } as const;
 * const cells = ablationGrid({ chainLengths: [1, 2], rewards: ["outcome", "skill"] }, "smoke", base, "sft-0");
 * assert.deepEqual(cells.map((cell) => cell.name), ["K=1, outcome", "K=1, skill", "K=2, outcome", "K=2, skill"]);
 * assert.deepEqual(cells[0]?.train, cells[1]?.train);
 * ```
 *
 * @param axes values of each axis.
 * @param scale how much of everything.
 * @param base environment and device.
 * @param parent warm start.
 * @throws {AblationGridError} if an axis is empty or repeats a value, or a length is not an integer from 1 to {@linkcode LONGEST_CHAIN}.
 */
export function ablationGrid(axes: AblationAxes, scale: Scale, base: ScaleBase, parent: string): AblationCell[] {
  const { chainLengths, rewards, losses = ["own"] } = axes;
  const lengthRule = `integers from 1 to ${LONGEST_CHAIN}`;
  checkAxis("--chain-length", chainLengths, lengthRule, (k) => Number.isInteger(k) && k >= 1 && k <= LONGEST_CHAIN);
  checkAxis("--reward", rewards, Object.keys(REWARD_WORDS).join(", "), (word) => Object.hasOwn(REWARD_WORDS, word));
  checkAxis("--loss", losses, LOSS_WORDS.join(", "), (word) => LOSS_WORDS.includes(word));
  const paper = rlConfig(scale, "SAGE", base, parent);
  const episodes = paper.groupsPerStep * paper.chainLength;
  return chainLengths.flatMap((chainLength) =>
    rewards.flatMap((reward) =>
      losses.map((loss) => {
        const name = [`K=${chainLength}`, reward, ...(loss === "own" ? [] : [loss])].join(", ");
        const rewarded = chainLength === 1 && reward === "skill" ? "outcome" : reward;
        const train = parseConfig(chainGrpoConfigSchema, {
          ...paper,
          chainLength,
          groupsPerStep: Math.max(1, Math.round(episodes / chainLength)),
          rewardKind: REWARD_WORDS[rewarded],
          ...(loss === "own" ? {} : { loss }),
        }, `cell ${name}`);
        const isPaper = chainLength === paper.chainLength && train.rewardKind === paper.rewardKind && loss === "own";
        return { name, arm: isPaper ? "SAGE" : name, chainLength, reward, loss, train };
      })
    )
  );
}
