/**
 * What an agent is: it turns a task and retrieved skills into a prompt, and a completion into code to run.
 *
 * Contract: pure functions, no state between episodes, no knowledge of an environment beyond its contract.
 * - `codeact`: acts in the CodeAct way (arXiv 2402.01030), each turn is one code block run in a stateful interpreter; no library.
 * - `skill-library`: the same with the unified format of SAGE (arXiv 2512.17102, 3.1): define a function and call it at once, or call a
 *   stored one.
 * - `solver`: for environments that take text; the whole completion is the action.
 * Choices: prompts are compact, because the embedded policy learns the protocol from demonstrations and not from prose.
 *
 * @module
 */
import type { Environment, Task } from "../envs/contract.ts";
import { codeBlock } from "./code_block.ts";

/** Names of the agents. */
export const AGENT_IDS = ["codeact", "skill-library", "solver"] as const;
/** Name of an agent. */
export type AgentId = typeof AGENT_IDS[number];

/** Turns tasks into prompts and completions into actions. */
export interface Agent {
  readonly id: AgentId;
  /** What it writes; an environment takes one of the two. */
  readonly actions: Environment["actions"];
  /** Whether functions are saved, retrieved and shown. */
  readonly usesLibrary: boolean;
  /** Text of the first message. `skillSources` are the sources of the retrieved functions; empty without a library. */
  prompt(task: Task, skillSources: readonly string[]): string;
  /** Action to take, or undefined when the completion has none. */
  action(completion: string): string | undefined;
}

function taskLines(task: Task): string {
  return task.context === undefined ? task.instruction : `${task.context}\n${task.instruction}`;
}

/** CodeAct without a library. */
export const codeActAgent: Agent = {
  id: "codeact",
  actions: "code",
  usesLibrary: false,
  prompt: (task) => `code\n${taskLines(task)}`,
  action: codeBlock,
};

/** The skill-library agent; its prompt has a slot for the source of the retrieved functions. */
export const skillLibraryAgent: Agent = {
  id: "skill-library",
  actions: "code",
  usesLibrary: true,
  prompt: (task, skillSources) =>
    `skills\n${skillSources.length === 0 ? "none" : skillSources.join("\n")}\n${taskLines(task)}`,
  action: codeBlock,
};

/** Answers in text, without a library. */
export const solverAgent: Agent = {
  id: "solver",
  actions: "text",
  usesLibrary: false,
  prompt: (task) => `solve\n${taskLines(task)}`,
  action: (completion) => completion,
};

const AGENTS: Readonly<Record<AgentId, Agent>> = {
  "codeact": codeActAgent,
  "skill-library": skillLibraryAgent,
  "solver": solverAgent,
};

/** Agent by name. */
export function agentById(id: AgentId): Agent {
  return AGENTS[id];
}

/** An agent and an environment do not go together. */
export class AgentMismatchError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "AgentMismatchError";
}

/**
 * Refuses an agent whose actions an environment does not take.
 *
 * @throws {AgentMismatchError} naming the agents that go with the environment.
 */
export function checkAgent(agent: Agent, environment: Environment): void {
  if (agent.actions === environment.actions) return;
  const fitting = AGENT_IDS.filter((id) => AGENTS[id].actions === environment.actions).join(", ");
  throw new AgentMismatchError(
    `Cannot play ${environment.id}: it takes ${environment.actions}, and the agent must be one of ${fitting}, got ${agent.id}`,
  );
}
