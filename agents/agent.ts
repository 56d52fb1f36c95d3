/**
 * What an agent is: it turns a task and retrieved skills into a prompt, and a completion into code to run.
 *
 * Contract: pure functions, no state between episodes, no knowledge of an environment beyond its contract. Both agents act in
 * the CodeAct way (arXiv 2402.01030): each turn is one code block run in a stateful interpreter. They differ in what the prompt
 * says about functions:
 * - `codeact`: no library; code calls APIs directly.
 * - `skill-library`: the unified format of SAGE (arXiv 2512.17102, 3.1): define a function and call it at once, or call a stored one.
 * Choices: prompts are compact, because the embedded policy learns the protocol from demonstrations and not from prose.
 *
 * @module
 */
import type { Task } from "../envs/contract.ts";
import { codeBlock } from "./code_block.ts";

/** Names of the agents. */
export const AGENT_IDS = ["codeact", "skill-library"] as const;
/** Name of an agent. */
export type AgentId = typeof AGENT_IDS[number];

/** Turns tasks into prompts and completions into actions. */
export interface Agent {
  readonly id: AgentId;
  /** Whether functions are saved, retrieved and shown. */
  readonly usesLibrary: boolean;
  /** Text of the first message. `skillSources` are the sources of the retrieved functions; empty without a library. */
  prompt(task: Task, skillSources: readonly string[]): string;
  /** Code to run, or undefined when the completion has none. */
  action(completion: string): string | undefined;
}

function taskLines(task: Task): string {
  return `${task.user.name}, ${task.at.slice(0, 10)}\n${task.instruction}`;
}

/** CodeAct without a library. */
export const codeActAgent: Agent = {
  id: "codeact",
  usesLibrary: false,
  prompt: (task) => `code\n${taskLines(task)}`,
  action: codeBlock,
};

/** The skill-library agent; its prompt has a slot for the source of the retrieved functions. */
export const skillLibraryAgent: Agent = {
  id: "skill-library",
  usesLibrary: true,
  prompt: (task, skillSources) =>
    `skills\n${skillSources.length === 0 ? "none" : skillSources.join("\n")}\n${taskLines(task)}`,
  action: codeBlock,
};

/** Agent by name. */
export function agentById(id: AgentId): Agent {
  return id === "codeact" ? codeActAgent : skillLibraryAgent;
}
