/**
 * `compose`: values, inputs and programs of nested opaque string functions, after arXiv 2509.25123.
 *
 * Contract: see `tasks.ts` for the splits, `play.ts` for the four modes, `generate.ts` for what an item has to fulfil. The seed decides
 * which function has which name, which are held out and which pairs training shows, so that what was learned under one seed says nothing
 * under another. Written with `defineEnvironment` alone, as an environment of anybody's would be.
 * Choices beyond the source: a function of two texts takes the input beside the inner value, so that depth is the number of calls;
 * answers are at most 24 letters long, in three bands that hold equally many compositions at every depth; the split `atoms`, in which
 * each function is defined and asked for alone, stands for the source's first stage.
 * Omitted: the letter-case methods that the source mixes in, since all texts here are lower-case.
 *
 * @module
 */
import { z } from "zod";
import type { Environment } from "../contract.ts";
import { defineEnvironment } from "../define_environment.ts";
import { playComposition } from "./play.ts";
import { type ComposeData, composeTasks, MODES } from "./tasks.ts";
import { composeWorld } from "./world.ts";

/** To be changed with functions, rules or words. */
const VERSION = "0.1.0";
/** Deepest composition. */
const MAX_DEPTH = 8;
/** Steps of an episode: twice as many as the deepest composition has calls, and some for trying. */
const MAX_STEPS = 24;

const depth = z.int().min(1).max(MAX_DEPTH);
const depthList = z.union([depth, z.array(depth).min(1)])
  .transform((value) => [...new Set(typeof value === "number" ? [value] : value)].sort((a, b) => a - b));

/** Options of the environment, as the command line and `whet.json` give them. */
export const composeOptionsSchema = z.strictObject({
  /** What is asked for: a value, an input, a program, or a value by calling the functions. */
  mode: z.enum(MODES).default("deduct"),
  /** Whether tasks say what the functions do; by default they do in all modes but `tool`. In `atoms` they always do. */
  definitions: z.enum(["shown", "hidden"]).optional(),
  /** Depths of `train`: one, or a list. */
  trainDepths: depthList.default([1, 2]),
  /** Depths of the test splits: one, or a list. */
  depths: depthList.default([1, 2, 3, 4, 5, 6, 7, 8]),
  /** Compositions in each cell of depth and length band of `train`. */
  trainScenarios: z.int().min(1).max(500).default(14),
  /** The same for the test splits. */
  testScenarios: z.int().min(1).max(500).default(3),
  /** Inputs of each composition; those above 3 are for demonstrations only. */
  variants: z.int().min(1).max(20).default(3),
});

/** Options of {@linkcode createComposeEnvironment}. */
export type ComposeOptions = z.input<typeof composeOptionsSchema> & {
  /**
   * Seed of names, held-out functions and tasks.
   *
   * @default {1}
   */
  seed?: number;
};

/**
 * Makes the environment.
 *
 * @example A worked solution is the reference
 * ```ts
 * import { createComposeEnvironment } from "whetstone/envs/compose/environment.ts";
 * import assert from "node:assert/strict";
 *
 * const environment = createComposeEnvironment({ depths: 3, testScenarios: 1 });
 * const [task] = environment.tasks("test_seen");
 * assert.ok(task !== undefined);
 * const episode = await environment.open(task);
 * const solution = episode.solution();
 * assert.ok(solution?.kind === "actions");
 * for (const action of solution.actions) await episode.step(action);
 * assert.equal((await episode.evaluate()).score, 1);
 * ```
 *
 * @throws {z.ZodError} if an option is not one or has no allowed value.
 */
export function createComposeEnvironment(options: ComposeOptions = {}): Environment {
  const { seed = 1, ...rest } = options;
  const checked = composeOptionsSchema.parse(rest);
  const { mode, definitions = mode === "tool" ? "hidden" : "shown" } = checked;
  const world = composeWorld(seed);
  return defineEnvironment<ComposeData>({
    id: "compose",
    version: VERSION,
    splits: composeTasks(world, { ...checked, definitions }),
    maxSteps: MAX_STEPS,
    play: (task) => playComposition(world, mode, task),
  });
}
