/**
 * Runs of the ARISE recipe for tests: scripted policies, a trainer that keeps what it was given, a log that keeps what it was told.
 *
 * @module
 */
import type { Policy } from "../../../agents/policy.ts";
import { type ScriptContext, ScriptedPolicy } from "../../../agents/scripted_policy.ts";
import type { TwoTierLibrary } from "../../../agents/skills/two_tier_library.ts";
import type { Environment } from "../../../envs/contract.ts";
import type { AriseLog, ComponentTokens, Conclusion, LibraryReport } from "../../../train/arise_log.ts";
import { type AriseRunConfig, ariseRunConfigSchema, parseConfig } from "../../../train/config.ts";
import type { LossPart, LossSpec, Trainer, TrainExample, UpdateStats } from "../../../train/example.ts";
import { runArise } from "../../../train/recipes/arise.ts";
import type { CreditedChain, UpdateReport } from "../../../train/run_log.ts";
import { numberEnvironment, TOKENIZER } from "../../agents/_arise_kit.ts";

/** A configuration with small sizes, no warm-up, no gate and no exploration. */
export function ariseConfig(changes: Readonly<Record<string, unknown>> = {}): AriseRunConfig {
  return parseConfig(ariseRunConfigSchema, {
    recipe: "arise",
    environment: { id: "numbers", seed: 1, hash: "numbers" },
    device: "cpu",
    parent: "sft",
    agent: "arise",
    groupSize: 8,
    groupsPerStep: 1,
    steps: 1,
    warmupSteps: 0,
    delta: 0,
    epsExplore: 0,
    baseOptimizer: "grpo",
    learningRate: 0.01,
    maxTurns: 1,
    maxTurnTokens: 60,
    summaryMaxTokens: 300,
    ...changes,
  }, "a test");
}

/** Keeps everything that a run reports, and in which order. */
export class KeptLog implements AriseLog {
  readonly all: CreditedChain[] = [];
  readonly updates: UpdateReport[] = [];
  readonly concluded: Conclusion[] = [];
  readonly libraries: LibraryReport[] = [];
  readonly components: ComponentTokens[] = [];
  readonly units = new Set<string>();

  constructor(readonly events: string[] = []) {}

  /** Chains of a phase. */
  of(phase: string): CreditedChain[] {
    return this.all.filter(({ chain }) => chain.rollouts[0]?.key.phase === phase);
  }

  isDone(unit: string): boolean {
    return this.units.has(unit);
  }

  chains(chains: readonly CreditedChain[]): void {
    this.all.push(...chains);
  }

  update(report: UpdateReport): void {
    this.updates.push(report);
  }

  commit(unit: string): Promise<void> {
    this.units.add(unit);
    this.events.push(`commit ${unit}`);
    return Promise.resolve();
  }

  conclusions(conclusions: readonly Conclusion[]): void {
    this.concluded.push(...conclusions);
  }

  library(report: LibraryReport): void {
    this.libraries.push(report);
  }

  tokens(tokens: readonly ComponentTokens[]): void {
    this.components.push(...tokens);
  }
}

const STATS: UpdateStats = {
  loss: 0,
  weightSum: 1,
  lossTokens: 1,
  tokens: 1,
  gradNorm: 1,
  clipShare: 0,
  klK1: 0,
  klK3: 0,
  maxRatioError: 0,
  klK2: 0,
  ess: 1,
  numerator: 0,
  denominator: 1,
  temperature: 1,
};

/** A trainer that changes nothing and keeps what it was given. */
export class KeptTrainer implements Trainer {
  updates = 0;
  readonly given: { batch: readonly TrainExample[]; loss: LossSpec; also: readonly LossPart[] }[] = [];

  constructor(readonly events: string[] = []) {}

  update(batch: readonly TrainExample[], loss: LossSpec, _optimizer: unknown, also: readonly LossPart[] = []) {
    this.updates++;
    this.events.push("update");
    this.given.push({ batch, loss, also });
    return Promise.resolve(STATS);
  }

  async save(path: string): Promise<void> {
    await Deno.writeTextFile(path, String(this.updates));
  }

  async load(path: string): Promise<void> {
    this.updates = Number(await Deno.readTextFile(path));
  }
}

/** What a script is asked for: an episode's answer, or a document. */
export interface Asked extends ScriptContext {
  /** `rl`, `verify`, `baseline` or `conclude`. */
  readonly phase: string;
  readonly step: number;
  readonly group: number;
  /** Rollout of the group; 0 for a document. */
  readonly sample: number;
}

/** A policy by a script; the first question of each phase of a step is an event. */
export function scripted(script: (asked: Asked) => string, events: string[] = []): ScriptedPolicy {
  return new ScriptedPolicy(TOKENIZER, (context) => {
    const [, kind, ...rest] = context.key;
    const [phase, step, group, sample] = kind === "conclude" ? ["conclude", ...rest, 0] : rest;
    const event = `${phase} ${step}`;
    if (!events.includes(event)) events.push(event);
    return script({
      ...context,
      phase: String(phase),
      step: Number(step),
      group: Number(group),
      sample: Number(sample),
    });
  });
}

/** What a run is made with; everything has a default. */
export interface RunParts {
  readonly policy?: Policy;
  readonly script?: (asked: Asked) => string;
  readonly trainer?: Trainer;
  readonly environment?: Environment;
}

/** A run's traces. */
export interface Ran {
  readonly log: KeptLog;
  readonly trainer: KeptTrainer;
  readonly library: TwoTierLibrary;
  readonly events: readonly string[];
}

/** Runs the recipe in a folder that is removed afterwards. */
export async function ranArise(config: AriseRunConfig, parts: RunParts = {}): Promise<Ran> {
  const events: string[] = [];
  const log = new KeptLog(events);
  const kept = new KeptTrainer(events);
  const { script = () => "0", policy = scripted(script, events), trainer = kept, environment = numberEnvironment() } =
    parts;
  const checkpointFolder = await Deno.makeTempDir();
  try {
    const context = { environment, policy, trainer, seed: 1, run: "arise-test", checkpointFolder, log };
    return { log, trainer: kept, library: await runArise(config, context), events };
  } finally {
    await Deno.remove(checkpointFolder, { recursive: true });
  }
}

/** Number that a prompt's problem asks for. */
export function wanted(prompt: string): string {
  return /Say (\d+)\./.exec(prompt)?.[1] ?? "";
}
