/**
 * Demonstrations: a reference solution acted out in an agent's own format, in a real episode, with real observations.
 *
 * Contract: every turn is executed and the episode must end with full score, else {@linkcode DemonstrationError}; so a
 * demonstration is never wrong. Formats:
 * - `direct` (CodeAct): look up the documentation, run the procedure inline, finish.
 * - `define` (skill library, nothing stored): look up, define the procedure as a function and call it, finish.
 * - `reuse` (skill library, the function of a sibling is stored): call it, finish.
 * - `plain` (solver, where actions are text): the actions of the solution as they are.
 * - `aided`, `conclude` (ARISE): see arise_demonstration.ts.
 * Source of the format: arXiv 2512.17102, 3.1 and 5.1 (loss on assistant turns only).
 *
 * @module
 */
import type { Environment, Episode, Procedure, Task } from "../envs/contract.ts";
import { agentById, type AgentOptions } from "./agent.ts";
import type { Chat } from "./chat_format.ts";
import { fenced } from "./code_block.ts";

/** Format of a demonstration. */
export type DemonstrationFormat = "direct" | "define" | "reuse" | "plain" | "aided" | "conclude";
/** Formats of demonstrations, by what an environment takes as an action. */
export const DEMONSTRATION_FORMATS: Readonly<Record<Environment["actions"], readonly DemonstrationFormat[]>> = {
  code: ["direct", "define", "reuse"],
  text: ["plain"],
};

/** One acted-out solution. */
export interface Demonstration {
  readonly taskId: string;
  readonly format: DemonstrationFormat;
  readonly prompt: string;
  /** Assistant completions with the observation that followed each. */
  readonly turns: readonly { readonly completion: string; readonly observation: string }[];
}

/** A reference solution did not solve its task when acted out. */
export class DemonstrationError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "DemonstrationError";
}

/** Source of the procedure as a function. */
export function solutionFunction(solution: Procedure): string {
  const body = solution.body.split("\n").map((line) => `  ${line}`).join("\n");
  return `function ${solution.name}(${solution.params.join(", ")}) {\n${body}\n}`;
}

function callSource(solution: Procedure): string {
  const call = `${solution.name}(${solution.args.map((argument) => JSON.stringify(argument)).join(", ")})`;
  return solution.answers ? `print(${call});` : `${call};`;
}

function inlineSource(solution: Procedure): string {
  const constants = solution.params.map((name, i) => `const ${name} = ${JSON.stringify(solution.args[i])};`);
  const lines = solution.body.split("\n");
  const last = lines.at(-1) ?? "";
  if (solution.answers) {
    const returned = /^return (.*);$/s.exec(last);
    if (returned === null) {
      throw new DemonstrationError(`Cannot inline ${solution.name}: its last line is not a return`);
    }
    lines[lines.length - 1] = `print(${returned[1]});`;
  }
  return [...constants, ...lines].join("\n");
}

function lookupSource(solution: Procedure): string {
  return solution.lookups.map(({ app, q }) => `print(apis.guide.search_apis(${JSON.stringify({ app, q })}));`)
    .map((line) => line.replace('"app":', " app: ").replace(',"q":', ", q: ").replace("}));", " }));")).join("\n");
}

/** Source of the turn that finishes; a printed answer is repeated as a number if it is one. */
function finishSource(solution: Procedure, printed: string): string {
  if (!solution.answers) return "apis.principal.finish_task();";
  const isNumber = printed.trim() !== "" && String(Number(printed)) === printed;
  return `apis.principal.finish_task({ answer: ${isNumber ? printed : JSON.stringify(printed)} });`;
}

async function actProcedure(
  episode: Episode,
  solution: Procedure,
  format: DemonstrationFormat,
  act: (code: string) => Promise<string>,
): Promise<void> {
  const source = solutionFunction(solution);
  if (format === "reuse") await episode.preload?.(source, [solution.name]);
  else if (solution.lookups.length > 0) await act(lookupSource(solution));
  const call = callSource(solution);
  const program = format === "direct" ? inlineSource(solution) : format === "define" ? `${source}\n${call}` : call;
  await act(finishSource(solution, await act(program)));
}

/**
 * Acts out a task's reference solution.
 *
 * @param environment where the task lives.
 * @param task the task.
 * @param format see {@linkcode DEMONSTRATION_FORMATS}.
 * @param options how its prompt is written.
 * @throws {DemonstrationError} if there is no reference solution, or it does not reach the full score.
 */
export async function demonstrate(
  environment: Environment,
  task: Task,
  format: DemonstrationFormat,
  options: AgentOptions = {},
): Promise<Demonstration> {
  const episode = await environment.open(task);
  try {
    const solution = episode.solution();
    if (solution === undefined) throw new DemonstrationError(`Cannot demonstrate ${task.id}: it has no solution`);
    if ((solution.kind === "actions") !== (format === "plain")) {
      throw new DemonstrationError(
        `Cannot demonstrate ${task.id} as ${format}: its solution is of kind ${solution.kind}, and one of kind ${
          format === "plain" ? "actions" : "procedure"
        } is needed (of apps, --env-option suite=short has procedures)`,
      );
    }
    const agent = agentById(format === "plain" ? "solver" : format === "direct" ? "codeact" : "skill-library", options);
    const library = solution.kind === "procedure" && format === "reuse" ? [solutionFunction(solution)] : [];
    const turns: { completion: string; observation: string }[] = [];
    const act = async (action: string) => {
      const { observation } = await episode.step(action);
      turns.push({ completion: agent.actions === "code" ? fenced(action, task.language) : action, observation });
      return observation;
    };
    if (solution.kind === "actions") { for (const action of solution.actions) await act(action); }
    else await actProcedure(episode, solution, format, act);
    const evaluation = await episode.evaluate();
    if (!evaluation.success) {
      const failed = evaluation.tests.filter((test) => !test.passed).map((test) => test.requirement).join("; ");
      throw new DemonstrationError(
        `Cannot demonstrate ${task.id} as ${format}: failed ${failed}; last output: ${turns.at(-2)?.observation}`,
      );
    }
    return { taskId: task.id, format, prompt: agent.prompt(task, library), turns };
  } finally {
    episode.close();
  }
}

/** Token ids of a demonstration and whether each is the assistant's. */
export interface DemonstrationTokens {
  /** [T] */
  readonly ids: readonly number[];
  /** [T]; true where the loss applies. */
  readonly assistant: readonly boolean[];
}

/** Tokens of a demonstration; the observation after the last turn is left out, since nothing follows it. */
export function demonstrationTokens(demonstration: Demonstration, format: Chat): DemonstrationTokens {
  const ids: number[] = [];
  const assistant: boolean[] = [];
  const append = (more: readonly number[], isAssistant: boolean) => {
    for (const id of more) {
      ids.push(id);
      assistant.push(isAssistant);
    }
  };
  append(format.promptIds(demonstration.prompt), false);
  demonstration.turns.forEach((turn, i) => {
    append(format.turnIds(turn.completion), true);
    if (i < demonstration.turns.length - 1) append(format.observationIds(turn.observation, { closed: true }), false);
  });
  return { ids, assistant };
}

/** All text of a demonstration, for training a tokenizer. */
export function demonstrationText(demonstration: Demonstration): string[] {
  return [demonstration.prompt, ...demonstration.turns.flatMap((turn) => [turn.completion, turn.observation])];
}
