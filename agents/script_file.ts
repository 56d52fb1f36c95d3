/**
 * Scripts from files: what a scripted policy says to which prompt, one JSON object a line.
 *
 *     {"prompt": "solve\n1 + 1", "turns": ["Answer: 2"]}      to this very prompt
 *     {"task": "sum-1", "turns": ["Answer: 2"]}               to the prompt of this task
 *     {"turns": ["I do not know."]}                           to all others
 *
 * Contract: turn `t` of a conversation is `turns[t]`, and nothing after the last one. A prompt that no line is for is an error, so that a
 * script that covers too little is not taken for a policy that fails.
 *
 * @module
 */
import { z } from "zod";
import { inputProblems } from "../data/parse_input.ts";
import type { Script } from "./scripted_policy.ts";

/** A script's file cannot be used, or does not cover a prompt. */
export class ScriptFileError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ScriptFileError";
}

const entrySchema = z.strictObject({
  prompt: z.string().optional(),
  task: z.string().optional(),
  turns: z.array(z.string()).min(1),
});

/** Options of {@linkcode parseScript}. */
export interface ParseScriptOptions {
  /** Prompts that a task may have; lines that name tasks are errors if left out. */
  readonly promptsOf?: (task: string) => readonly string[];
}

/**
 * Reads a script.
 *
 * @example One line
 * ```ts
 * import { parseScript } from "whetstone/agents/script_file.ts";
 * import assert from "node:assert/strict";
 *
 * const script = parseScript('{"prompt":"hi","turns":["hello"]}', "greetings.jsonl");
 * assert.equal(script({ prompt: "hi", observations: [], key: [] }), "hello");
 * ```
 *
 * @param text content of the file.
 * @param path file, for messages.
 * @throws {ScriptFileError} naming file, line and field.
 */
export function parseScript(text: string, path: string, options: ParseScriptOptions = {}): Script {
  const turnsOf = new Map<string, readonly string[]>();
  let others: readonly string[] | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const refused = (problem: string) =>
      new ScriptFileError(
        `Cannot use the script ${path}: line ${index + 1}: ${problem}; a line is like {"prompt":"…","turns":["…"]}`,
      );
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw refused(`it must be JSON, got ${line.slice(0, 60)}`);
    }
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw refused(inputProblems(entrySchema, value, parsed.error).join("; "));
    const { prompt, task, turns } = parsed.data;
    if (prompt !== undefined && task !== undefined) throw refused("it must name a prompt or a task, got both");
    if (prompt !== undefined) turnsOf.set(prompt, turns);
    else if (task !== undefined) {
      const prompts = options.promptsOf?.(task) ?? [];
      if (prompts.length === 0) throw refused(`there is no task ${JSON.stringify(task)} in what is played`);
      for (const own of prompts) turnsOf.set(own, turns);
    } else others = turns;
  }
  return ({ prompt, observations }) => {
    const turns = turnsOf.get(prompt) ?? others;
    if (turns === undefined) {
      throw new ScriptFileError(
        `Cannot answer with the script ${path}: no line is for the prompt ${
          JSON.stringify(prompt.slice(0, 80))
        }; add one without prompt and task for all others`,
      );
    }
    return turns[observations.length] ?? "";
  };
}
