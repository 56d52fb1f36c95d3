/**
 * A small model whose distributions are neither flat nor certain, and conversations that keep what they saw.
 *
 * @module
 */
import { initialWeights, nanoConfig, parameterList } from "../../../agents/model/config.ts";
import type { Device } from "../../../agents/model/device.ts";
import { type Model, modelFromValues } from "../../../agents/model/model.ts";
import type { Conversation, Turn } from "../../../agents/policy.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";

/** Its shape: awkward on purpose, and a context of several cache capacities. */
export const LIVELY_CONFIG = nanoConfig(29, {
  width: 24,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 8,
  hidden: 40,
  contextTokens: 400,
});
/** Tokenizer of the model: letters, id 0 for the stop token. */
export const LETTERS = {
  vocabularySize: 29,
  specials: {},
  encode: (text: string) => [...text].map((letter) => letter.charCodeAt(0) - 96),
  decode: (ids: readonly number[]) => ids.map((id) => (id === 0 ? "" : String.fromCharCode(96 + id))).join(""),
};

/** The model. */
export function livelyModel(device: Device, seed = 3): Model {
  const weights = initialWeights(LIVELY_CONFIG, seed);
  for (const { name, decays } of parameterList(LIVELY_CONFIG)) {
    const values = weights.get(name)!;
    if (decays) { for (const [i, w] of values.entries()) values[i] = w * 1.5; }
  }
  return modelFromValues(device, LIVELY_CONFIG, weights);
}

/** A conversation and what it saw. */
export interface Seen {
  readonly conversation: Conversation;
  readonly turns: Turn[];
  /** Prompt, turns and observations. */
  readonly ids: number[];
}

/** A conversation of a few turns; its observations depend on its index only. */
export function seenConversation(index: number, promptIds: readonly number[], turns = 1): Seen {
  const seen: Omit<Seen, "conversation"> = { turns: [], ids: [...promptIds] };
  const onTurn = (turn: Turn): Promise<readonly number[] | null> => {
    seen.turns.push(turn);
    seen.ids.push(...turn.ids);
    if (seen.turns.length === turns || turn.finish === "context") return Promise.resolve(null);
    const random = keyedRandom("observation", index, seen.turns.length);
    const observation = Array.from({ length: random.int(0, 30) }, () => random.int(1, 28));
    seen.ids.push(...observation);
    return Promise.resolve(observation);
  };
  return { ...seen, conversation: { key: ["seen", index], promptIds, onTurn } };
}

/** Conversations of one to four turns in groups of four with the same prompt; the longest prompts pass a cache's capacity. */
export function seenConversations(count: number): Seen[] {
  return Array.from({ length: count }, (_, i) => {
    const random = keyedRandom("prompt", Math.floor(i / 4));
    return seenConversation(i, Array.from({ length: random.int(1, 200) }, () => random.int(1, 28)), 1 + i % 4);
  });
}
