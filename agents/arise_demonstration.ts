/**
 * Demonstrations of the three behaviours that ARISE needs of a policy: solve plainly, solve with a skill, conclude a skill from traces.
 *
 * Contract: as {@linkcode demonstrate}: what is demonstrated really solves its task. The skill is the one that the environment states for the task's solution, the
 * traces of a conclusion are the worked solution itself, as often as the task's variant says (0, 1 or 2 times), so that the manager's prompt, which has none, is
 * demonstrated too. Pretrained policies that follow instructions need none of this.
 *
 * @module
 */
import type { Environment, MethodSkill, Task } from "../envs/contract.ts";
import { ariseAgent, solverAgent } from "./agent.ts";
import { clipTrace, concludePrompt } from "./arise_prompts.ts";
import { demonstrate, type Demonstration, DemonstrationError } from "./demonstration.ts";
import { DOCUMENT_CAP, documentText, readSkillDocument } from "./skills/skill_document.ts";

/** The three behaviours. */
export const ARISE_BEHAVIOURS = ["plain", "aided", "conclude"] as const;
/** See {@linkcode ARISE_BEHAVIOURS}. */
export type AriseBehaviour = typeof ARISE_BEHAVIOURS[number];

/** Traces in a demonstrated conclusion, at most. */
const MOST_TRACES = 2;

async function skillOf(environment: Environment, task: Task): Promise<MethodSkill> {
  const episode = await environment.open(task);
  const solution = episode.solution();
  episode.close();
  if (solution?.kind !== "actions" || solution.skill === undefined) {
    throw new DemonstrationError(`Cannot demonstrate a skill on ${task.id}: ${environment.id} states none for it`);
  }
  return solution.skill;
}

/**
 * Acts out one behaviour on a task.
 *
 * @throws {DemonstrationError} if there is no reference solution, it does not solve the task, or the environment states no skill for it.
 */
export async function demonstrateBehaviour(
  environment: Environment,
  task: Task,
  behaviour: AriseBehaviour,
): Promise<Demonstration> {
  const solved = await demonstrate(environment, task, "plain");
  if (behaviour === "plain") return { ...solved, prompt: solverAgent.prompt(task, []) };
  const read = readSkillDocument(JSON.stringify(await skillOf(environment, task)));
  if (!("document" in read)) {
    throw new DemonstrationError(`Cannot demonstrate a skill on ${task.id}: its document is refused: ${read.reason}`);
  }
  const document = documentText(read.document);
  if (behaviour === "aided") {
    return { ...solved, format: "aided", prompt: ariseAgent.prompt(task, [document]) };
  }
  const trace = clipTrace(solved.turns.map(({ completion }) => completion).join("\n"));
  const traces = Array.from({ length: task.variant % (MOST_TRACES + 1) }, () => trace);
  return {
    taskId: task.id,
    format: "conclude",
    prompt: concludePrompt(task, traces, { cap: DOCUMENT_CAP }),
    turns: [{ completion: document, observation: "" }],
  };
}
