/**
 * Where a recipe reports what it did; the record behind it is not this room's business.
 *
 * Contract: everything reported since the last {@linkcode RunLog.commit} becomes durable together with the name of the finished
 * unit of work, or not at all. A unit that {@linkcode RunLog.isDone} is never run again; an unfinished one is run again in full
 * and, since all draws are keyed by identity, reports the same rows.
 *
 * @module
 */
import type { Chain } from "../agents/rollout.ts";
import type { ChainReward } from "./rewards.ts";
import type { UpdateStats } from "./example.ts";

/** Reward and advantage of one rollout. */
export interface RolloutCredit {
  readonly reward: ChainReward;
  /** Mean reward of the group at this position. */
  readonly baseline: number;
  readonly advantage: number;
  /**
   * The trainer's log-probability of each generated token just before the first update with it, nats, [T], temperature and truncation as in
   * sampling; undefined where a rollout was not run through the trainer or its loss has no name.
   */
  readonly trainLogprobs?: readonly number[];
}

/** A chain with the credit of each of its rollouts; no credit in evaluation. */
export interface CreditedChain {
  readonly chain: Chain;
  /** One per rollout; undefined where an environment fault took the chain out of its group. */
  readonly credits: readonly (RolloutCredit | undefined)[];
}

/** One of several updates of a step. */
export interface UpdatePart {
  /** Which time through the step's rollouts, from 0. */
  readonly epoch: number;
  /** Mini-batch of that time, from 0. */
  readonly miniBatch: number;
  /** The trainer's figures. */
  readonly stats: UpdateStats;
}

/** What is known of one update beside the trainer's own figures. */
export interface UpdateReport {
  readonly phase: string;
  readonly step: number;
  readonly learningRate: number;
  /** The trainer's figures; undefined when no token had an advantage and no update was made. */
  readonly stats: UpdateStats | undefined;
  /** Mean total reward over rollouts; undefined in SFT. */
  readonly meanReward?: number;
  /** Share of rollouts with full score; undefined in SFT. */
  readonly successRate?: number;
  /** Groups (task pair and position) in the batch. */
  readonly groups?: number;
  /** Groups whose rewards were all equal, which give no gradient. */
  readonly zeroVarianceGroups?: number;
  /** What dynamic sampling did: rounds played, task groups drawn and kept; undefined without it. */
  readonly draws?: { readonly rounds: number; readonly drawn: number; readonly kept: number };
  /** The step's updates one by one, where the configuration asks for several; their figures are then combined in `stats`. */
  readonly parts?: readonly UpdatePart[];
}

/** Receives what a run does. */
export interface RunLog {
  /** Whether a unit of work was committed, in this process or before. */
  isDone(unit: string): boolean;
  chains(chains: readonly CreditedChain[]): void;
  update(report: UpdateReport): void;
  /** Makes everything reported so far durable, with the unit's name and the checkpoint that belongs to it. */
  commit(unit: string, checkpoint?: string): Promise<void>;
}

/** What a running recipe shows of itself. */
export interface RecipeProgress {
  /** Work done so far and in all, in the recipe's unit. */
  readonly done: number;
  readonly total: number;
  /** Tokens trained on or generated since the last report. */
  readonly tokens: number;
  readonly reward?: number;
  readonly success?: number;
  readonly loss?: number;
}
