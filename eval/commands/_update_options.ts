/**
 * Options of `whet train grpo` that change how its policy is sampled and updated, and what they say in a configuration.
 *
 * @module
 */
import { object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import { option } from "@optique/core/primitives";
import { choice, float, integer, type ValueParser } from "@optique/core/valueparser";
import type { NonEmptyString } from "@optique/core/nonempty";
import type { InferValue } from "@optique/core/parser";
import { NORMALISATIONS } from "../../train/losses/batch_weights.ts";
import { LOSSES, RECIPE_LOSSES, type RecipeLoss } from "../../train/losses/loss_table.ts";
import { SCHEDULE_KINDS } from "../../train/optimizer/schedule.ts";
import type { UpdateChanges } from "../training_scales.ts";
import { given } from "./_shared.ts";

/** A value that is written as one word of a form of its own. */
function word<T>(
  metavar: NonEmptyString,
  rule: string,
  placeholder: T,
  one: (input: string) => T | undefined,
  format: (value: T) => string,
): ValueParser<"sync", T> {
  return {
    mode: "sync",
    metavar,
    placeholder,
    parse(input) {
      const value = one(input.trim());
      if (value === undefined) return { success: false, error: message`Expected ${text(rule)}, but got ${input}.` };
      return { success: true, value };
    },
    format,
  };
}

/** A number as people write it; undefined for anything else. */
function numberOf(input: string | undefined): number | undefined {
  return input !== undefined && /^\d*\.?\d+(e-?\d+)?$/i.test(input) ? Number(input) : undefined;
}

/** Formula and source of every loss of the recipe, for people: a paragraph each. */
export function lossListing(): string {
  return RECIPE_LOSSES.map((name) => {
    const { title, formula, source } = LOSSES[name];
    return `${name}: ${title}. ${formula}. Source: ${source}.`;
  }).join("\n\n");
}

/** A loss by its name; anything else, such as `help`, is answered with what there is. */
const lossName: ValueParser<"sync", RecipeLoss> = {
  mode: "sync",
  metavar: "LOSS",
  placeholder: "grpo",
  parse(input) {
    const value = RECIPE_LOSSES.find((name) => name === input);
    if (value !== undefined) return { success: true, value };
    return {
      success: false,
      error: message`Expected the name of a loss, but got ${input}.${text(` There are:\n\n${lossListing()}`)}`,
    };
  },
  format: (value) => value,
  *suggest(prefix) {
    for (const name of RECIPE_LOSSES) if (name.startsWith(prefix)) yield { kind: "literal", text: name };
  },
};

const clipRange = word(
  "LOW,HIGH",
  "two numbers from 0 with a comma between them, or one for both",
  { clipLow: 0.2, clipHigh: 0.2 },
  (input) => {
    const [low, high, more] = input.split(",");
    const [clipLow, clipHigh] = [numberOf(low), numberOf(high ?? low)];
    return clipLow === undefined || clipHigh === undefined || more !== undefined ? undefined : { clipLow, clipHigh };
  },
  ({ clipLow, clipHigh }) => `${clipLow},${clipHigh}`,
);

const penalty = word(
  "KIND:BETA",
  "k1, k2 or k3, a colon and a coefficient above 0",
  { estimator: "k3" as const, coefficient: 0.04 },
  (input) => {
    const [kind, beta, more] = input.split(":");
    const estimator = (["k1", "k2", "k3"] as const).find((name) => name === kind);
    const coefficient = numberOf(beta);
    if (estimator === undefined || coefficient === undefined || coefficient === 0 || more !== undefined) {
      return undefined;
    }
    return { estimator, coefficient };
  },
  ({ estimator, coefficient }) => `${estimator}:${coefficient}`,
) as ValueParser<"sync", { estimator: "k1" | "k2" | "k3"; coefficient: number }>;

const schedule = word<{ kind: typeof SCHEDULE_KINDS[number]; warmup?: number }>(
  "KIND[:WARMUP]",
  "constant, linear or cosine, and after a colon the steps of warm-up if there are any",
  { kind: "constant" },
  (input) => {
    const [name, steps, more] = input.split(":");
    const kind = SCHEDULE_KINDS.find((one) => one === name);
    if (kind === undefined || more !== undefined || (steps !== undefined && !/^\d+$/.test(steps))) return undefined;
    return { kind, ...(steps === undefined ? {} : { warmup: Number(steps) }) };
  },
  ({ kind, warmup }) => (warmup === undefined ? kind : `${kind}:${warmup}`),
);

/** The options, as a part of a command. */
export const updateOptions = object("Loss, sampling and updates of grpo", {
  loss: optional(option("--loss", lossName, {
    description:
      message`Loss by its name, in place of the recipe's own; --loss help shows all with formula and source.`,
  })),
  advantage: optional(
    option("--advantage", choice(["reward", "mean", "leave-one-out", "mean-std"], { suggest: "nearest" }), {
      description: message`How rewards become advantages; the loss's own if left out.`,
    }),
  ),
  clip: optional(option("--clip", clipRange, {
    description: message`The ratio stays between 1 - LOW and 1 + HIGH; the loss's own range if left out.`,
  })),
  dualClip: optional(option("--dual-clip", float({ metavar: "C", min: 1 }), {
    description:
      message`Where the advantage is negative, a token's term is at least C times it; acts with several updates a step.`,
  })),
  normalisation: optional(option("--normalisation", choice([...NORMALISATIONS], { suggest: "nearest" }), {
    description: message`What the loss is a mean over; the loss's own if left out.`,
  })),
  constantTokens: optional(option("--constant-tokens", integer({ metavar: "L", min: 1 }), {
    description: message`L of the constant normalisation; the most tokens of an episode if left out.`,
  })),
  kl: optional(option("--kl", penalty, {
    description: message`Penalty on the distance from the warm start, such as k3:0.04; none if left out.`,
  })),
  dynamicSampling: optional(option("--dynamic-sampling", integer({ metavar: "ROUNDS", min: 2 }), {
    description: message`Draw other groups in place of those with equal rewards, in so many rounds at most.`,
  })),
  topP: optional(option("--top-p", float({ metavar: "P", min: 0, max: 1 }), {
    description: message`Sample from, and train, the likeliest tokens that together have this probability.`,
  })),
  topK: optional(option("--top-k", integer({ metavar: "K", min: 1 }), {
    description: message`Sample from, and train, the K likeliest tokens.`,
  })),
  minP: optional(option("--min-p", float({ metavar: "P", min: 0, max: 1 }), {
    description: message`Sample from, and train, tokens at least P times as likely as the likeliest.`,
  })),
  ppoEpochs: optional(option("--epochs", integer({ metavar: "N", min: 1 }), {
    description: message`Times that a step's rollouts are trained on; 1 if left out.`,
  })),
  miniBatches: optional(option("--mini-batches", integer({ metavar: "N", min: 1 }), {
    description: message`Updates that each time is split into; 1 if left out.`,
  })),
  schedule: optional(option("--schedule", schedule, {
    description:
      message`Learning rate over the steps: constant, linear or cosine, such as cosine:10 with ten steps of warm-up.`,
  })),
  precision: optional(option("--precision", choice(["float32", "mixed"], { suggest: "nearest" }), {
    description:
      message`Element type of products and activations in updates; float32 if left out. Mixed saves time and memory only on a GPU with float16.`,
  })),
  recompute: optional(option("--recompute", choice(["on", "off"], { suggest: "nearest" }), {
    description:
      message`Compute activations again for the gradient instead of keeping them; if left out, where they would take more than 2 GiB.`,
  })),
});

/** What the options change in the configuration. */
export function updateChanges(options: InferValue<typeof updateOptions>): UpdateChanges {
  const { loss, advantage, clip, dualClip, normalisation, constantTokens, kl, dynamicSampling, ...rest } = options;
  const lossOptions = given({ advantage, ...clip, dualClip, normalisation, constantTokens, kl });
  return {
    ...given({ loss, ...rest }),
    ...(Object.keys(lossOptions).length === 0 ? {} : { lossOptions }),
    ...(dynamicSampling === undefined ? {} : { dynamicSampling: { maxRounds: dynamicSampling } }),
  };
}
