/**
 * Conclude, verify, score: how a group of rollouts becomes a new skill with a first utility (arXiv 2603.16060, section 2.5).
 *
 * Contract: in this order, since the verification needs the document and the quality needs the verification. The concluder's tokens and the verification's get
 * no gradient. A group without a success gives nothing, unless the configuration lets the reference solution stand in. A document that was refused is replaced
 * by a trace as the configuration says, and both are reported. Without `verify` it ends after the first. All draws are keyed by (seed, step, group).
 * Choices: the verification is one rollout of the same problem with the document in its prompt, sampled as the group's rollouts were.
 *
 * @module
 */
import { contentHash } from "../../data/canonical.ts";
import type { Environment, Task } from "../../envs/contract.ts";
import { type Agent, type PromptStyle, taskLines } from "../../agents/agent.ts";
import { clipTrace, concludePrompt } from "../../agents/arise_prompts.ts";
import { chatOf } from "../../agents/chat_format.ts";
import type { Policy, Turn } from "../../agents/policy.ts";
import { type Chain, type ChainRequest, rollOutChains, type RollOutOptions } from "../../agents/rollout.ts";
import { sameScenario } from "../../agents/skills/retrieve.ts";
import {
  documentText,
  readSkillDocument,
  type SkillDocument,
  traceAbstract,
} from "../../agents/skills/skill_document.ts";
import type { AriseSettings } from "../arise_config.ts";
import type { Conclusion } from "../arise_log.ts";
import { skillQuality } from "../arise_rewards.ts";
import { allWrong, type AriseGroup, creditRewards, outcomeOf, successTraces } from "./arise_group.ts";

/** Settings that concluding reads. */
export type ConcludeSettings = Pick<
  AriseSettings,
  | "tracesInPrompt"
  | "traceClipChars"
  | "traceClip"
  | "traceChoice"
  | "documentCap"
  | "extractor"
  | "fallback"
  | "summaryTemperature"
  | "summaryTopP"
  | "summaryMaxTokens"
  | "extraUnaided"
  | "goldTraceWhenAllWrong"
  | "verify"
  | "useQuality"
  | "rsLevels"
>;

/** What concluding works on. */
export interface ConcludeContext {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly agent: Agent;
  /** How rollouts of the step are played; verifications are played alike. */
  readonly play: Omit<RollOutOptions, "environment" | "policy" | "agent" | "retriever" | "phase">;
  readonly promptStyle?: PromptStyle | undefined;
}

/** What a step's conclusions came to. */
export interface Conclusions {
  /** One per group that had a trace. */
  readonly conclusions: Conclusion[];
  /** Rollouts with the new documents. */
  readonly verifications: Chain[];
  /** Further rollouts without a skill. */
  readonly baselines: Chain[];
}

interface Draft {
  readonly group: AriseGroup;
  readonly task: Task;
  readonly prompt: string;
  readonly traces: readonly string[];
  readonly source: Conclusion["traces"];
}

interface Draw extends Draft {
  readonly promptIds: readonly number[];
  readonly outputIds: readonly number[];
  readonly output: string;
  readonly read: ReturnType<typeof readSkillDocument>;
  readonly document: SkillDocument | undefined;
}

async function drafts(
  config: ConcludeSettings,
  groups: readonly AriseGroup[],
  { environment, promptStyle }: ConcludeContext,
): Promise<Draft[]> {
  const made: Draft[] = [];
  for (const group of groups) {
    const task = group.chains[0]?.request.tasks[0];
    if (task === undefined) continue;
    let traces = successTraces(group, config.traceChoice);
    let source: Conclusion["traces"] = "successes";
    if (config.goldTraceWhenAllWrong && allWrong(group.chains)) {
      const episode = await environment.open(task);
      const solution = episode.solution();
      episode.close();
      if (solution?.kind === "actions") traces = [solution.actions.join("\n")];
      source = "reference";
    }
    if (traces.length === 0) continue;
    const shown = traces.slice(0, config.tracesInPrompt)
      .map((trace) => clipTrace(trace, config.traceClipChars, config.traceClip));
    const prompt = concludePrompt(task, shown, { style: promptStyle, cap: config.documentCap });
    made.push({ group, task, prompt, traces, source });
  }
  return made;
}

async function write(config: ConcludeSettings, all: readonly Draft[], context: ConcludeContext): Promise<Draw[]> {
  const { policy, play } = context;
  const chat = chatOf(policy);
  const turns: (Turn | undefined)[] = all.map(() => undefined);
  const promptIds = all.map(({ prompt }) => chat.promptIds(prompt));
  await policy.converse(
    all.map(({ group }, i) => ({
      key: [play.seed, "conclude", play.step, group.group],
      promptIds: promptIds[i] ?? [],
      onTurn: (turn: Turn) => {
        turns[i] = turn;
        return Promise.resolve(null);
      },
    })),
    {
      sampling: { temperature: config.summaryTemperature, topP: config.summaryTopP },
      maxTurnTokens: config.summaryMaxTokens,
      stopIds: chat.stopIds,
      ...(play.signal === undefined ? {} : { signal: play.signal }),
    },
  );
  return all.map((draft, i) => {
    const outputIds = turns[i]?.ids ?? [];
    const output = chat.text(outputIds);
    const read = readSkillDocument(output, { cap: config.documentCap, extractor: config.extractor });
    const [trace = ""] = draft.traces;
    const document = "document" in read
      ? read.document
      : traceAbstract(trace, config.fallback, contentHash(trace, 8), config.documentCap);
    return { ...draft, promptIds: promptIds[i] ?? [], outputIds, output, read, document };
  });
}

/** A chain request that shows one document. */
function withDocument(task: Task, group: number, document: SkillDocument): ChainRequest {
  const origin = { taskId: task.id, scenario: task.scenario, instruction: taskLines(task), position: 1, turn: -1 };
  const skill = {
    name: document.skill_name,
    kind: "document" as const,
    source: documentText(document),
    version: 1,
    origin,
  };
  return {
    group,
    sample: 0,
    tasks: [task],
    selection: {
      selector: "verification",
      candidates: [{ skill, score: 0, chosen: true }],
      gated: false,
      explored: false,
      reserved: false,
    },
  };
}

/** Whether some rollout without a skill was right; undefined if none was played. */
function unaided(chains: readonly Chain[]): boolean | undefined {
  const outcomes = chains.flatMap((chain) => outcomeOf(chain) ?? []).filter(({ aided }) => !aided);
  return outcomes.length === 0 ? undefined : outcomes.some(({ right }) => right);
}

/** Concludes a skill from every group that allows it, verifies and scores it. */
export async function concludeSkills(
  config: ConcludeSettings,
  groups: readonly AriseGroup[],
  context: ConcludeContext,
): Promise<Conclusions> {
  const { environment, policy, agent, play } = context;
  const drawn = await write(config, await drafts(config, groups, context), context);
  const common = { ...play, environment, policy, agent, retriever: sameScenario };
  const concluded = drawn.flatMap((draw) => (draw.document === undefined ? [] : [{ draw, document: draw.document }]));
  const requests = config.verify === false
    ? []
    : concluded.map(({ draw, document }) => withDocument(draw.task, draw.group.group, document));
  const verifications = await rollOutChains(requests, { ...common, phase: "verify" });
  const extra = concluded.flatMap(({ draw }) =>
    Array.from({ length: config.extraUnaided }, (_, sample) => ({
      group: draw.group.group,
      sample,
      tasks: [draw.task],
    }))
  );
  const baselines = await rollOutChains(extra, { ...common, phase: "baseline" });
  const conclusions = drawn.map((draw): Conclusion => {
    const { group: { group, chains }, task, read } = draw;
    const own = (chain: Chain) => chain.request.group === group;
    const verification = verifications.find(own);
    const verified = verification === undefined ? undefined : outcomeOf(verification)?.right;
    const before = unaided([...chains, ...baselines.filter(own)]);
    const known = config.useQuality && verified !== undefined && before !== undefined;
    return {
      step: play.step,
      group,
      taskId: task.id,
      prompt: draw.prompt,
      promptIds: draw.promptIds,
      output: draw.output,
      outputIds: draw.outputIds,
      traces: draw.source,
      refused: "stage" in read ? read.stage : null,
      reason: "stage" in read ? read.reason : "",
      fallback: "stage" in read && draw.document !== undefined,
      document: draw.document ?? null,
      unaidedRight: before ?? null,
      verifiedRight: verified ?? null,
      quality: known ? skillQuality(before, verified, config.rsLevels) : null,
    };
  });
  return { conclusions, verifications, baselines };
}

/** A group with the verification of its new skill as one more rollout, whose reward is R_s; the group itself where there is none. */
export function withVerification(group: AriseGroup, { conclusions, verifications }: Conclusions): AriseGroup {
  const quality = conclusions.find((conclusion) => conclusion.group === group.group)?.quality ?? null;
  const verification = verifications.find((chain) => chain.request.group === group.group);
  if (quality === null || verification === undefined) return group;
  const terms = { outcome: 0, generation: quality.value, usage: 0, chain: 0, penalty: 0, total: quality.value };
  const rewards = [...group.credits.map((credit) => credit?.reward), terms];
  return { ...group, chains: [...group.chains, verification], credits: creditRewards(rewards) };
}
