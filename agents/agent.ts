/**
 * What an agent is: it turns a task and retrieved skills into a prompt, and a completion into code to run.
 *
 * Contract: pure functions, no state between episodes, no knowledge of an environment beyond its contract.
 * - `codeact`: acts in the CodeAct way (arXiv 2402.01030), each turn is one code block run in a stateful interpreter; no library.
 * - `skill-library`: the same with the unified format of SAGE (arXiv 2512.17102, 3.1): define a function and call it at once, or call a
 *   stored one.
 * - `solver`: for environments that take text; the whole completion is the action.
 * - `arise`: the same with a skill document before the question (arXiv 2603.16060, appendix C.4: the literal `SKILL:`, the document as compact
 *   JSON, a newline, the unchanged question); several, which only other methods show, each have a line; without one its prompt is the solver's.
 * Choices: prompts are compact, because the embedded policy learns the protocol from demonstrations and not from prose. A published,
 * instruction-tuned model was never shown them; for it there is the style `instruct`, which says in words how to answer. `bare` is the same without the words where the
 * whole completion is the action, as in papers that show a model the raw question.
 *
 * @module
 */
import type { Environment, Task } from "../envs/contract.ts";
import { codeBlock, fenced } from "./code_block.ts";

/** Names of the agents. */
export const AGENT_IDS = ["codeact", "skill-library", "solver", "arise"] as const;
/** Name of an agent. */
export type AgentId = typeof AGENT_IDS[number];

/** How prompts are written: for a policy that learned the protocol from demonstrations, or for one that follows instructions, with or without saying how to answer. */
export const PROMPT_STYLES = ["compact", "instruct", "bare"] as const;
/** Name of a style of prompts. */
export type PromptStyle = typeof PROMPT_STYLES[number];

/** Turns tasks into prompts and completions into actions. */
export interface Agent {
  readonly id: AgentId;
  /** What it writes; an environment takes one of the two. */
  readonly actions: Environment["actions"];
  /** Whether skills are shown; where actions are code, they are saved and retrieved too. */
  readonly usesLibrary: boolean;
  /** Text of the first message. `skillSources` are the sources of the skills to show; empty without a library. */
  prompt(task: Task, skillSources: readonly string[]): string;
  /** Action to take, or undefined when the completion has none. */
  action(completion: string): string | undefined;
}

/** Text of a task as prompts show it. */
export function taskLines(task: Task): string {
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

function skillLines(documents: readonly string[]): string {
  return documents.map((document) => `SKILL:${document}\n`).join("");
}

/** Answers in text, with the skill documents in its prompt that were chosen for it. */
export const ariseAgent: Agent = {
  ...solverAgent,
  id: "arise",
  usesLibrary: true,
  prompt: (task, documents) => `solve\n${skillLines(documents)}${taskLines(task)}`,
};

const AGENTS: Readonly<Record<AgentId, Agent>> = {
  "codeact": codeActAgent,
  "skill-library": skillLibraryAgent,
  "solver": solverAgent,
  "arise": ariseAgent,
};

/** Rules of code agents, in the language that the task takes. */
const codeRules = ({ language = "javascript" }: Task) =>
  `Solve the task by ${
    language === "python" ? "Python" : "JavaScript"
  } that is run for you. Answer with exactly one code block, opened by ` +
  `\`\`\`${language === "python" ? "python" : "js"} and closed by ` +
  "```. What it prints with print(…) is shown to you, and you may then answer with the next block; variables are kept. Take one step at a " +
  "time, look at what functions there are before you call them, and end the task as its functions provide.";

const LIBRARY_RULES =
  "Whenever a step may be of use again, define a function for it with parameters for everything that may differ, and " +
  "call it in the same block. Functions that were kept from earlier tasks are shown below and may be called as they are.";

const SOLVER_RULES = "Think step by step. Put the final answer in \\boxed{}, unless the task says how to end.";

const INSTRUCT_PROMPTS: Readonly<Record<AgentId, Agent["prompt"]>> = {
  "codeact": (task) => `${codeRules(task)}\n\nTask:\n${taskLines(task)}`,
  "skill-library": (task, skillSources) =>
    `${codeRules(task)} ${LIBRARY_RULES}\n\nFunctions:\n${
      skillSources.length === 0 ? "none" : fenced(skillSources.join("\n"), task.language)
    }\n\nTask:\n${taskLines(task)}`,
  "solver": (task) => `${taskLines(task)}\n\n${SOLVER_RULES}`,
  "arise": (task, documents) => `${skillLines(documents)}${taskLines(task)}\n\n${SOLVER_RULES}`,
};

const BARE_PROMPTS: Readonly<Record<AgentId, Agent["prompt"]>> = {
  ...INSTRUCT_PROMPTS,
  "solver": (task) => taskLines(task),
  "arise": (task, documents) => `${skillLines(documents)}${taskLines(task)}`,
};

/** Options of {@linkcode agentById}. */
export interface AgentOptions {
  /**
   * How its prompts are written.
   *
   * @default {"compact"}
   */
  readonly promptStyle?: PromptStyle | undefined;
}

/**
 * Agent by name.
 *
 * @example A prompt for a model that follows instructions
 * ```ts
 * import { agentById } from "whetstone/agents/agent.ts";
 * import { createEnvironment } from "whetstone/envs/registry.ts";
 * import assert from "node:assert/strict";
 *
 * const [task] = (await createEnvironment("math", { seed: 1 })).tasks("train");
 * assert.ok(task);
 * assert.match(agentById("solver", { promptStyle: "instruct" }).prompt(task, []), /boxed/);
 * ```
 */
export function agentById(id: AgentId, options: AgentOptions = {}): Agent {
  const { promptStyle = "compact" } = options;
  if (promptStyle === "compact") return AGENTS[id];
  return { ...AGENTS[id], prompt: (promptStyle === "bare" ? BARE_PROMPTS : INSTRUCT_PROMPTS)[id] };
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
