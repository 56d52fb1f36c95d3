/**
 * What happens to a prompt that is longer than it may be: its episode is not played, or its question is cut to fit.
 *
 * Contract: pure functions. Skills are never cut: it is the question that gives way, from its beginning, because what is asked for stands at the end of most problems;
 * an ellipsis stands for what is missing. A prompt that does not fit even without its question stays as it is, and is refused.
 * Choices: without a limit of its own, a prompt that is cut leaves room for one turn of full length; one that is not cut may fill the context.
 *
 * @module
 */
import type { Task } from "../envs/contract.ts";
import { taskLines } from "./agent.ts";
import type { Chat } from "./chat_format.ts";

/** What to do with prompts over the limit. */
export const OVERLONG_PROMPTS = ["reject", "truncateQuery"] as const;
/** See {@linkcode OVERLONG_PROMPTS}. */
export type OverlongPrompt = typeof OVERLONG_PROMPTS[number];

/** Limit of prompts. */
export interface PromptLimit {
  /** Most tokens of a prompt, the chat's own included. @default {the context} */
  readonly promptTokens?: number | undefined;
  /** What to do with a longer one: its episode ends before its first turn, and counts as not solved; or its question is cut. @default {"reject"} */
  readonly overlongPrompt?: OverlongPrompt | undefined;
}

/** Places of a text where it can be cut without cutting a character in half. */
function isBoundary(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return !(code >= 0xdc00 && code <= 0xdfff);
}

/**
 * Prompt of a task, cut to a limit where that is asked for.
 *
 * @example The question loses its beginning, the skill nothing
 * ```ts
 * import { ariseAgent } from "whetstone/agents/agent.ts";
 * import { fittingPrompt } from "whetstone/agents/prompt_limit.ts";
 * import assert from "node:assert/strict";
 *
 * const task = { id: "t", scenario: "t", variant: 1, split: "train", difficulty: 1, instruction: "Once upon a time. What is 2 + 2?" };
 * // One token a character, for the example.
 * const chat = { promptIds: (prompt: string) => Array.from(prompt, () => 0) };
 * const prompt = fittingPrompt((task) => ariseAgent.prompt(task, ["{}"]), task, chat, 30);
 * assert.equal(prompt, "solve\nSKILL:{}\n…What is 2 + 2?");
 * ```
 *
 * @param prompt writes the prompt of a task.
 * @param limit most tokens.
 */
export function fittingPrompt(
  prompt: (task: Task) => string,
  task: Task,
  chat: Pick<Chat, "promptIds">,
  limit: number,
): string {
  const whole = prompt(task);
  const fits = (text: string) => chat.promptIds(text).length <= limit;
  if (fits(whole)) return whole;
  const query = taskLines(task);
  const { context: _, ...bare } = task;
  const without = (dropped: number) => prompt({ ...bare, instruction: `…${query.slice(dropped)}` });
  let [low, high] = [1, query.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(without(middle))) high = middle;
    else low = middle + 1;
  }
  // A longer text may by chance have fewer tokens, so what the search found is looked at again.
  while (low < query.length && !(isBoundary(query, low) && fits(without(low)))) low++;
  const cut = without(low);
  return fits(cut) ? cut : whole;
}

/** Most tokens that a prompt is cut to; undefined if it is not to be cut. */
export function cutLimit(
  { promptTokens, overlongPrompt }: PromptLimit,
  room: { readonly contextTokens: number; readonly maxTurnTokens: number },
): number | undefined {
  if (overlongPrompt !== "truncateQuery") return undefined;
  return promptTokens ?? Math.max(1, room.contextTokens - room.maxTurnTokens);
}
