/**
 * Published results of ARISE (arXiv 2603.16060, first version) that its tables show beside ours.
 *
 * Contract: every number is from a third party's reading of the paper's main table, since the full text was not at hand: all are `secondary`. A value that is not there
 * is not known. Pass@1 in percent is a mean of 32 runs, of models of about 4 billion parameters.
 *
 * @module
 */
import type { PaperValue } from "./paper_values.ts";

/** Models of the paper. */
export const ARISE_PAPER_MODELS = ["Qwen3-4B-Instruct-2507", "Phi-4-mini-instruct"] as const;
/** Benchmarks of the paper; the first three are in distribution, Omni-MATH by domain is out of it. */
export const ARISE_PAPER_BENCHMARKS = [
  "AMC23",
  "AIME24",
  "AIME25",
  "Omni algebra",
  "Omni number theory",
  "Omni combinatorics",
  "Omni geometry",
  "Omni mean",
] as const;

const MAIN = "arXiv 2603.16060 v1, main table, from a third party's reading";
const ABLATION = "arXiv 2603.16060 v1, ablation, from a third party's reading";

function secondary(value: number, source: string): PaperValue {
  return { value, spread: null, source, confidence: "secondary" };
}

const FIGURES = {
  "Qwen3-4B-Instruct-2507": {
    "GRPO": [72.9, 54.1, 46.5, 33.5, 24.3, 15.1, 22.8, 23.9],
    "ARISE": [75.4, 56.4, 48.3, 37.0, 27.2, 17.6, 25.5, 26.8],
  },
  "Phi-4-mini-instruct": {
    "GRPO": [42.7, 10.3, 4.7, 13.2, 9.5, 6.0, 8.8, 9.4],
    "ARISE": [45.3, 12.6, 5.9, 15.9, 11.5, 7.7, 10.6, 11.4],
  },
} as const;

/** Published Pass@1 of a model, method and benchmark; null where it is not known. */
export function arisePaperValue(
  model: typeof ARISE_PAPER_MODELS[number],
  method: "GRPO" | "ARISE",
  benchmark: typeof ARISE_PAPER_BENCHMARKS[number],
): PaperValue | null {
  const value = FIGURES[model][method][ARISE_PAPER_BENCHMARKS.indexOf(benchmark)];
  return value === undefined ? null : secondary(value, MAIN);
}

/** Published share of rollouts with a skill, by ablation; null where it is not known. */
export function arisePaperUtilisation(arm: string): PaperValue | null {
  const known: Readonly<Record<string, number>> = { "ARISE": 0.73, "binary reward": 0.31, "no gate": 0.91 };
  const value = known[arm];
  return value === undefined ? null : secondary(value, ABLATION);
}
