/**
 * `whet eval ENV --policy P`: any policy on any splits of an environment, or on problem sets of one's own, with several samples per task.
 *
 * Contract: an evaluation is a run of its own (recipe `frozen`), named by policy, weights, tasks and sampling, so that it is never done
 * twice and the same command after a kill goes on with the next unit. What it prints comes from the record alone.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import type { Environment } from "../envs/contract.ts";
import { agentById, type AgentId, checkAgent, type PromptStyle } from "../agents/agent.ts";
import type { ServerUsage } from "../agents/server_policy.ts";
import {
  ConfigError,
  type EvaluationConfig,
  evaluationConfigSchema,
  type FrozenConfig,
  frozenConfigSchema,
  parseConfig,
} from "../train/config.ts";
import { managerOf } from "../train/recipes/arise.ts";
import { evaluatePolicy } from "./evaluate_policy.ts";
import { type PassReport, passReport, tablesReport } from "./pass_report.ts";
import { checkpointHash } from "./checkpoint.ts";
import { evaluationLibrary, shownSkillsTable } from "./evaluation_library.ts";
import { frozenLibrary } from "./frozen_library.ts";
import { serverCost, type ServerSettings, usageText } from "./open_server.ts";
import { parsePolicyName } from "./policy_name.ts";
import { openPolicy, REFERENCE_POLICY } from "./policy_source.ts";
import type { Progress } from "./progress.ts";
import { recordedWeights, type RunSources } from "./trained_run.ts";
import { phaseName, planRun, withTrainingBench } from "./training_bench.ts";

/** Options of {@linkcode evaluate}. */
export interface EvaluateOptions {
  /** Makes the environment with the worlds of a seed. */
  readonly makeEnvironment: (seed: number) => Promise<Environment>;
  /** The environment's own options, recorded with the run. */
  readonly environmentOptions?: Readonly<Record<string, Json>>;
  /** Seed of the worlds. */
  readonly worldSeed: number;
  /** Splits; those that begin with `test` if left out, or all where there is none. */
  readonly splits?: readonly string[];
  /** Policy by name, see {@linkcode openPolicy}. */
  readonly policy: string;
  /** Agent; `solver` where the environment takes text, else `codeact`, if left out. */
  readonly agent?: AgentId;
  /** Samples per task. */
  readonly samples: number;
  /** Sampling temperature; 0 is greedy. */
  readonly temperature: number;
  /** Truncation of the distribution that is sampled. @default none */
  readonly topP?: number;
  /** Truncation of the distribution that is sampled. @default none */
  readonly topK?: number;
  /** Truncation of the distribution that is sampled. @default none */
  readonly minP?: number;
  /** How prompts are written. @default what the policy was trained with; instruct for published checkpoints and servers, else compact */
  readonly promptStyle?: PromptStyle;
  /** How stored skills are found. @default {"sameScenario"} */
  readonly retrieval?: EvaluationConfig["retrieval"];
  /** Folder of the embedding model; needed by the retrievers by embedding. */
  readonly embedding?: string;
  /** File of skill documents for the agent `arise`. @default the library of the run that is evaluated */
  readonly library?: string;
  /** How a server is used. @default its defaults */
  readonly server?: ServerSettings;
  /** Most tokens of a turn. */
  readonly maxTurnTokens: number;
  /** Most turns of an episode. */
  readonly maxTurns: number;
  /** Only so many tasks of each split, evenly spaced; with a library, only the first so many scenarios. */
  readonly limit?: number;
  /** Label of tasks by which Pass@1 is broken down. */
  readonly groupBy?: string;
  /** Seed of the samples. */
  readonly seed: number;
  /** Where a model runs. */
  readonly device: "auto" | "webgpu" | "cpu" | "wasm";
  /** Folder of the database and the checkpoints. */
  readonly workspace: string;
  /** Stops between two units. */
  readonly signal: AbortSignal;
  /** Shows how far it is. */
  readonly progress: Progress;
}

/** See {@linkcode PassReport}; with the id of the run. */
export interface EvaluateReport extends PassReport {
  /** Id of the evaluation in the record. */
  readonly run: string;
  /** What was asked of a server in this call, and its cost where prices were given. */
  readonly usage?: ServerUsage & { readonly cost?: number };
}

/** More than any reference solution has. */
const REFERENCE_TOKENS = 1_000_000;
const REFERENCE_TURNS = 1000;

/** Chains of a unit: what is lost at most when an evaluation is killed. */
const UNIT_CHAINS = 256;

/** Splits whose names begin with `test`, or all where there is none. */
export function testSplits(environment: Environment): string[] {
  const tests = environment.splits.filter((split) => split.startsWith("test"));
  return tests.length > 0 ? tests : [...environment.splits];
}

/**
 * Evaluates, or does what is left of it, and builds the report.
 *
 * @throws {UnknownPolicyError} if there is no such policy; {RangeError} if there is no such split; {AgentMismatchError} if the agent does
 * not go with the environment; the signal's reason when aborted, with everything committed so far kept.
 */
export function evaluate(options: EvaluateOptions): Promise<EvaluateReport> {
  const { policy: name, samples, temperature, maxTurnTokens, maxTurns, limit, workspace, signal, progress } = options;
  const splits: string[] = [];
  return withTrainingBench({ ...options, splits }, async (bench) => {
    const { environment, recorder, device } = bench;
    splits.push(...options.splits ?? testSplits(environment));
    // An unknown split and an agent that does not fit stop here, before anything is recorded.
    for (const split of splits) environment.tasks(split);
    const agent = options.agent ?? (environment.actions === "text" ? "solver" : "codeact");
    checkAgent(agentById(agent), environment);
    const query = (sql: string) => recorder.query(sql);
    const promptStyle = options.promptStyle ?? await ownPromptStyle(name, { workspace, query });
    const { retrieval, server = {} } = options;
    if (agent !== "arise" && options.library !== undefined) {
      throw new ConfigError(`Cannot use --library: the agent ${agent} is shown no skill documents; add --agent arise`);
    }
    const embedding = await embeddingOf(retrieval, options.embedding);
    const sources = {
      workspace,
      query,
      device,
      environment,
      splits,
      agent: agentById(agent, { promptStyle }),
      server,
      seed: options.seed,
    };
    const skills = agent === "arise" ? await evaluationLibrary(name, options.library, { workspace, query }) : undefined;
    const { policy, run: parent, weights, usage } = await openPolicy(name, sources);
    await bench.recordTasks(splits);
    const train: FrozenConfig = parseConfig(frozenConfigSchema, {
      recipe: "frozen",
      ...bench.base,
      policy: name,
      weights,
      ...(server.tokenizer === undefined ? {} : { tokenizer: server.tokenizer }),
      ...(skills === undefined ? {} : { library: skills.config }),
    }, "the command line");
    const evaluation: EvaluationConfig = parseConfig(evaluationConfigSchema, {
      agent,
      // Without a library tasks do not touch each other, and short chains are played side by side.
      chains: agentById(agent).usesLibrary && skills === undefined ? "scenario" : "task",
      unitChains: UNIT_CHAINS,
      runs: samples,
      temperature,
      // A reference solution is not cut off.
      maxTurns: name === REFERENCE_POLICY ? REFERENCE_TURNS : maxTurns,
      maxTurnTokens: name === REFERENCE_POLICY ? REFERENCE_TOKENS : maxTurnTokens,
      ...(limit === undefined ? {} : { scenarios: limit }),
      ...(options.topP === undefined ? {} : { topP: options.topP }),
      ...(options.topK === undefined ? {} : { topK: options.topK }),
      ...(options.minP === undefined ? {} : { minP: options.minP }),
      ...(promptStyle === "compact" ? {} : { promptStyle }),
      ...(retrieval === undefined ? {} : { retrieval }),
      ...(embedding === undefined ? {} : { embedding }),
    }, "the command line");
    const run = planRun(name, options.seed, parent, train, evaluation);
    const log = await bench.log(run);
    progress.plan([{ name: phaseName(run.seed, name), weight: 1, kind: "evaluation" }]);
    const display = progress.phase(phaseName(run.seed, name), "splits");
    await evaluatePolicy(evaluation, splits, {
      environment,
      policy,
      seed: run.seed,
      log,
      signal,
      ...(skills === undefined ? {} : {
        choose: frozenLibrary(managerOf({ ...skills.config.manager, promptStyle }, policy), skills.library, {
          mode: skills.config.manager.selectionMode.eval,
          key: [run.seed],
        }),
      }),
      onProgress: (update) => display.update(update),
    });
    progress.finish();
    const pass = await passReport(query, {
      arms: [{ name, runs: [run.id] }],
      splits,
      ...(options.groupBy === undefined ? {} : { groupBy: options.groupBy }),
    });
    const report = skills === undefined
      ? pass
      : tablesReport([...pass.tables, await shownSkillsTable(query, run.id, splits)]);
    const text = `${report.text}\nRun: ${run.id}\n`;
    if (usage === undefined) return { ...report, text, run: run.id };
    const used = usage();
    const cost = server.prices === undefined ? {} : { cost: serverCost(used, server.prices) };
    return { ...report, text: `${text}${usageText(used, server.prices)}\n`, run: run.id, usage: { ...used, ...cost } };
  });
}

/** How prompts are written for a policy that nobody chose a style for: as in its training, or in words if that is not known. */
async function ownPromptStyle(name: string, sources: RunSources): Promise<PromptStyle> {
  const { kind } = parsePolicyName(name);
  if (kind === "run") return (await recordedWeights(name, sources))?.promptStyle ?? "compact";
  return kind === "checkpoint" || kind === "server" || kind === "transformers" ? "instruct" : "compact";
}

/** The embedding model that a retriever needs. @throws {ConfigError} if it needs one and none is given, or needs none. */
async function embeddingOf(
  retrieval: EvaluationConfig["retrieval"] | undefined,
  folder: string | undefined,
): Promise<EvaluationConfig["embedding"]> {
  const needed = retrieval === "queryEmbedding" || retrieval === "skillEmbedding";
  if (needed && folder === undefined) {
    throw new ConfigError(
      `Cannot retrieve by ${retrieval}: it needs the folder of an embedding model that transformers.js loads; give --embedding DIR`,
    );
  }
  if (!needed && folder !== undefined) {
    throw new ConfigError(
      `Cannot use --embedding: the retriever ${
        retrieval ?? "sameScenario"
      } embeds nothing; add --retrieval queryEmbedding or skillEmbedding`,
    );
  }
  return folder === undefined ? undefined : { folder, weights: await checkpointHash({ folder }) };
}
