/**
 * A policy that follows a script: for tests, baselines and adversaries with known behaviour.
 *
 * Contract: the script sees the text of the conversation so far and returns the next completion; its tokens have log-probability 0,
 * as they are certain. Deterministic if the script is.
 *
 * @module
 */
import type { Conversation, ConverseOptions, Policy, Tokenizer } from "./policy.ts";
import { StopTexts } from "./stop_text.ts";

/** What a script knows when it is asked for a completion. */
export interface ScriptContext {
  /** Text of the prompt. */
  readonly prompt: string;
  /** Text appended after each finished turn. */
  readonly observations: readonly string[];
  /** Identity of the conversation. */
  readonly key: Conversation["key"];
}

/** Returns the next completion. */
export type Script = (context: ScriptContext) => string;

/** Runs a {@linkcode Script}. */
export class ScriptedPolicy implements Policy {
  readonly id = "scripted";
  readonly contextTokens: number;

  /**
   * @param tokenizer turns completions into ids.
   * @param script decides what to say.
   * @param options `contextTokens`: longest conversation in tokens, 1,000,000 if left out.
   */
  constructor(
    readonly tokenizer: Tokenizer,
    readonly script: Script,
    options: { readonly contextTokens?: number } = {},
  ) {
    this.contextTokens = options.contextTokens ?? 1_000_000;
  }

  async converse(conversations: readonly Conversation[], options: ConverseOptions): Promise<void> {
    let tokens = 0;
    const stops = new StopTexts(this.tokenizer, options.stopTexts ?? []);
    for (const [ended, conversation] of conversations.entries()) {
      const observations: string[] = [];
      const prompt = this.tokenizer.decode(conversation.promptIds);
      let length = conversation.promptIds.length;
      let appended: readonly number[] | null = conversation.promptIds;
      while (appended !== null) {
        options.signal?.throwIfAborted();
        const text = this.script({ prompt, observations, key: conversation.key });
        const { ids: wanted, stopText } = untilStop(
          [...this.tokenizer.encode(text), ...options.stopIds.slice(0, 1)],
          stops,
        );
        const room = Math.min(options.maxTurnTokens, this.contextTokens - length);
        const ids = wanted.slice(0, Math.max(0, room));
        const finish = ids.length === wanted.length ? "stop" : room < options.maxTurnTokens ? "context" : "length";
        length += ids.length;
        tokens += ids.length;
        const stop = finish !== "stop" || stopText === undefined ? {} : { stopText };
        appended = await conversation.onTurn({ ids, logprobs: ids.map(() => 0), finish, ...stop });
        if (appended !== null) {
          length += appended.length;
          observations.push(this.tokenizer.decode(appended));
        }
      }
      options.onProgress?.({ tokens, ended: ended + 1 });
    }
  }

  score(sequences: readonly (readonly number[])[]): Promise<number[][]> {
    return Promise.resolve(sequences.map((sequence) => sequence.map(() => 0)));
  }
}

/** Ids up to the first stop text, or all. */
function untilStop(ids: readonly number[], stops: StopTexts) {
  for (let count = 1; stops.any && count <= ids.length; count++) {
    const stopText = stops.find(ids.slice(0, count));
    if (stopText !== undefined) return { ids: ids.slice(0, count), stopText };
  }
  return { ids, stopText: undefined };
}
