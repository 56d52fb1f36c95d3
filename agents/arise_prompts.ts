/**
 * Prompts of the two roles that ARISE adds to solving: the manager, which scores documents, and the concluder, which writes one
 * (arXiv 2603.16060, sections 1.3 and 2.5).
 *
 * Contract: pure functions of their arguments. One template makes the concluder's prompt, and the character budget in it is the one that the validator
 * holds documents to. With the compact style, which small policies learn from demonstrations, the manager's prompt is the concluder's without traces, so that
 * teaching to conclude teaches to select; with the instruct style it is the solver's own prompt, as published.
 *
 * @module
 */
import type { Task } from "../envs/contract.ts";
import { agentById, type PromptStyle, taskLines } from "./agent.ts";

/** Most characters of a trace in the concluder's prompt (table 5). */
export const TRACE_CLIP = 400;

/** How a trace that is too long is cut: its beginning, or half from either end. */
export type TraceClip = "head" | "headTail";

/** A trace within the limit, an ellipsis where something was cut. */
export function clipTrace(trace: string, limit: number = TRACE_CLIP, clip: TraceClip = "head"): string {
  const text = trace.trim();
  if (text.length <= limit) return text;
  // A character that was cut in half becomes a replacement character.
  if (clip === "head") return `${text.slice(0, limit)}…`.toWellFormed();
  const half = Math.floor(limit / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`.toWellFormed();
}

/** Options of {@linkcode concludePrompt}. */
export interface ConcludePromptOptions {
  /** How it is written. @default {"compact"} */
  style?: PromptStyle | undefined;
  /** Most characters of a document, told to the model. */
  cap: number;
}

/**
 * Prompt that asks for one document from a problem and successful traces.
 *
 * @example The compact form
 * ```ts
 * import { concludePrompt } from "whetstone/agents/arise_prompts.ts";
 * import assert from "node:assert/strict";
 *
 * const task = { id: "t", scenario: "t", variant: 1, split: "train", difficulty: 1, instruction: "2 + 2?" };
 * assert.equal(concludePrompt(task, ["2+2=4"], { cap: 350 }), "conclude\n2 + 2?\n1: 2+2=4");
 * ```
 *
 * @param traces clipped traces, at most two in the published form.
 */
export function concludePrompt(task: Task, traces: readonly string[], options: ConcludePromptOptions): string {
  const { style = "compact", cap } = options;
  if (style === "compact") {
    return ["conclude", taskLines(task), ...traces.map((trace, i) => `${i + 1}: ${trace}`)].join("\n");
  }
  const shown = traces.map((trace, i) => `Success ${i + 1}:\n${trace}`).join("\n\n");
  return [
    "Distil one reusable skill of mathematical reasoning from solved problems.",
    `Question:\n${taskLines(task)}`,
    shown,
    "Answer with exactly one JSON object, without a code fence, with the fields skill_name (snake case), problem_type (algebra, " +
    "geometry, combinatorics, number_theory, calculus or general), key_insight (one sentence), method (a list of two or three short steps) " +
    "and check (one sentence).",
    `The skill must help with other problems of the kind: no number of this question may occur in it. key_insight matters most. ` +
    `All values together must stay within ${cap} characters. It is about being right, not about style.`,
  ].filter((part) => part !== "").join("\n\n");
}

/** Prompt under which documents are scored for a task. */
export function managerPrompt(task: Task, options: ConcludePromptOptions): string {
  return (options.style ?? "compact") === "compact"
    ? concludePrompt(task, [], options)
    : agentById("solver", { promptStyle: options.style }).prompt(task, []);
}
