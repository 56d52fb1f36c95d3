/**
 * Options of commands that take a policy: how a published checkpoint is trained, how a server is used, how tokens are drawn and skills
 * are found.
 *
 * @module
 */
import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { option } from "@optique/core/primitives";
import { choice, float, integer, string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import { parseLora } from "../lora_option.ts";
import type { TrainOptions } from "../train.ts";
import { given } from "./_shared.ts";

const promptStyle = option(
  "--prompt-style",
  choice(["compact", "instruct", "bare"], { metavar: "STYLE", suggest: "nearest" }),
  {
    description:
      message`How prompts are written: compact, as the embedded model learns them; instruct, in words; or bare, instruct without a word on how to answer in text.`,
  },
);

/** Options of `whet train` for published checkpoints. */
export const checkpointOptions = object("Published checkpoints", {
  lora: optional(
    option("--lora", string({ metavar: "RANK[:ALPHA[:TARGETS]]" }), {
      description: message`Train an adapter, such as 16:32:query,value; all weights if left out.`,
    }),
  ),
  sft: option("--sft", { description: message`Warm start on worked solutions before grpo.` }),
  promptStyle: optional(promptStyle),
  steps: optional(
    option("--steps", integer({ metavar: "N", min: 1 }), {
      description: message`Steps of grpo; those of the scale if left out.`,
    }),
  ),
  learningRate: optional(
    option("--learning-rate", float({ metavar: "RATE", min: 0 }), {
      description: message`Learning rate of grpo; 1e-6, or 2e-5 for an adapter, if left out.`,
    }),
  ),
  maxTurnTokens: optional(
    option("--max-tokens", integer({ metavar: "N", min: 1 }), {
      description: message`Most tokens of a turn; those of the scale if left out.`,
    }),
  ),
});

/** What the options say; nothing if none was given. */
export function checkpointTraining(
  { lora, sft, ...rest }: InferValue<typeof checkpointOptions>,
): Pick<TrainOptions, "checkpoint"> {
  const checkpoint = {
    ...given(rest),
    ...(lora === undefined ? {} : { lora: parseLora(lora) }),
    ...(sft ? { sft } : {}),
  };
  return Object.keys(checkpoint).length === 0 ? {} : { checkpoint };
}

/** Options of `whet eval` that change how tokens are drawn, and what prompts look like. */
export const samplingOptions = object("Sampling and prompts", {
  topP: optional(
    option("--top-p", float({ metavar: "P", min: 0, max: 1 }), {
      description: message`Only the most probable tokens that sum to this.`,
    }),
  ),
  topK: optional(
    option("--top-k", integer({ metavar: "K", min: 1 }), {
      description: message`Only so many of the most probable tokens.`,
    }),
  ),
  minP: optional(
    option("--min-p", float({ metavar: "P", min: 0, max: 1 }), {
      description: message`Only tokens at least this fraction as probable as the most probable one.`,
    }),
  ),
  promptStyle: optional(promptStyle),
  retrieval: optional(
    option(
      "--retrieval",
      choice(["sameScenario", "queryNgram", "queryEmbedding", "skillEmbedding"], {
        metavar: "METHOD",
        suggest: "nearest",
      }),
      { description: message`How stored skills are found; sameScenario if left out.` },
    ),
  ),
  embedding: optional(
    option("--embedding", path({ metavar: "DIR", type: "directory", mustExist: true }), {
      description:
        message`Folder of the embedding model, as transformers.js loads it; for the retrievers by embedding.`,
    }),
  ),
});

/** Options of `whet eval` for the policy openai:URL#MODEL. */
export const serverOptions = object("Servers", {
  tokenizer: optional(
    option("--tokenizer", path({ metavar: "DIR", type: "directory", mustExist: true }), {
      description: message`Folder of the served model's tokenizer: tokens are exchanged, and text if left out.`,
    }),
  ),
  concurrency: optional(
    option("--concurrency", integer({ metavar: "N", min: 1 }), {
      description: message`Most requests at the same time; 16 if left out.`,
    }),
  ),
  requestsPerMinute: optional(
    option("--rate", integer({ metavar: "N", min: 1 }), { description: message`Most requests in a minute.` }),
  ),
  logprobs: optional(
    option("--server-logprobs", choice(["raw", "processed"], { metavar: "KIND", suggest: "nearest" }), {
      description:
        message`What the server's log-probabilities are of, before temperature and truncation or after; raw if left out.`,
    }),
  ),
  promptPrice: optional(
    option("--price-in", float({ metavar: "PRICE", min: 0 }), {
      description: message`Price of a million prompt tokens.`,
    }),
  ),
  completionPrice: optional(
    option("--price-out", float({ metavar: "PRICE", min: 0 }), {
      description: message`Price of a million completion tokens.`,
    }),
  ),
});
