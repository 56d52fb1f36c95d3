/**
 * `whet model generate`: samples of one prompt from a checkpoint.
 *
 * Contract: sample `i` depends on the checkpoint, the prompt's ids, the sampling and (seed, i) alone. The prompt goes through the chat
 * template, or with `raw` is continued as it is: control tokens written in it are recognised then.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import type { Sampling, Turn } from "../agents/policy.ts";
import { LocalPolicy } from "../agents/model/local_policy.ts";
import type { OpenedCheckpoint } from "./checkpoint.ts";

/** Options of {@linkcode generateTexts}. */
export interface GenerateOptions {
  /** Text of the user's message, or the beginning of a text with `raw`. */
  readonly prompt: string;
  /** Continue the prompt itself, without the chat template. @default {false} */
  readonly raw?: boolean;
  /** Divides logits; 0 is greedy. @default the checkpoint's own, or 1 */
  readonly temperature?: number | undefined;
  /** See {@linkcode Sampling}. @default the checkpoint's own, or none */
  readonly topK?: number | undefined;
  /** See {@linkcode Sampling}. @default the checkpoint's own, or none */
  readonly topP?: number | undefined;
  /** See {@linkcode Sampling}. @default none */
  readonly minP?: number | undefined;
  /** Texts that end a sample. @default {[]} */
  readonly stop?: readonly string[];
  /** Most tokens of a sample. @default {256} */
  readonly maxTokens?: number;
  /** Number of samples. @default {1} */
  readonly n?: number;
  /** Names the samples. @default {1} */
  readonly seed?: number;
  /** Stops between two tokens. */
  readonly signal?: AbortSignal | undefined;
}

/** One sample. */
export interface GeneratedText {
  /** Text, special tokens left out. */
  readonly text: string;
  readonly ids: readonly number[];
  /** Log-probability of each id under the distribution it was drawn from, nats, [T]. */
  readonly logprobs: readonly number[];
  readonly finish: Turn["finish"];
}

/** What was asked and what came. */
export interface GenerateReport {
  /** Ids that were continued. */
  readonly promptIds: readonly number[];
  readonly sampling: Sampling;
  readonly samples: readonly GeneratedText[];
  /** For `--json`. */
  readonly json: Json;
  /** For people: the texts, under headings where there are several. */
  readonly text: string;
}

/** Draws samples. @throws {RangeError} if a sampling option is out of its range; {PolicyInputError} if the prompt is too long. */
export async function generateTexts(checkpoint: OpenedCheckpoint, options: GenerateOptions): Promise<GenerateReport> {
  const { prompt, raw = false, stop = [], maxTokens = 256, n = 1, seed = 1, minP, signal } = options;
  const { model, tokenizer, chat, openingIds, folder: { generation } } = checkpoint;
  const temperature = options.temperature ?? generation.temperature ?? 1;
  // The checkpoint's own truncation belongs to its own temperature; whoever sets one decides on everything.
  const own = options.temperature === undefined ? generation : undefined;
  const [topK, topP] = [options.topK ?? own?.topK, options.topP ?? own?.topP];
  const sampling: Sampling = {
    temperature,
    ...(topK === undefined ? {} : { topK }),
    ...(topP === undefined ? {} : { topP }),
    ...(minP === undefined ? {} : { minP }),
  };
  const promptIds = raw ? [...openingIds, ...tokenizer.encodeSpecial(prompt)] : chat.promptIds(prompt);
  const samples: GeneratedText[] = [];
  const policy = new LocalPolicy(model, tokenizer, { slots: Math.min(n, 64) });
  await policy.converse(
    Array.from({ length: n }, (_, i) => ({
      key: ["generate", seed, i],
      promptIds,
      onTurn: ({ ids, logprobs, finish }: Turn) => {
        samples[i] = { text: chat.text(ids), ids, logprobs, finish };
        return Promise.resolve(null);
      },
    })),
    {
      sampling,
      maxTurnTokens: maxTokens,
      stopIds: chat.stopIds,
      ...(stop.length === 0 ? {} : { stopTexts: stop }),
      ...(signal === undefined ? {} : { signal }),
    },
  );
  const json: Json = {
    prompt_ids: [...promptIds],
    sampling: { ...sampling },
    samples: samples.map((sample) => ({ ...sample, ids: [...sample.ids], logprobs: [...sample.logprobs] })),
  };
  const text = n === 1
    ? `${samples[0]?.text ?? ""}\n`
    : samples.map((sample, i) =>
      `── ${i + 1} of ${n} (${sample.finish}, ${sample.ids.length} tokens)\n${sample.text}\n`
    )
      .join("");
  return { promptIds, sampling, samples, json, text };
}
