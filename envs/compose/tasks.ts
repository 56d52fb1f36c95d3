/**
 * Tasks of each split, in words.
 *
 * Contract: `atoms` has every function alone, always with its definition; `train` has compositions of seen functions in seen pairs;
 * `test_seen` the same with new inputs, at more depths; `test_pairs` compositions of seen functions of which all pairs of neighbours
 * are unseen; `test_atoms` compositions of held-out functions. A scenario is a composition, its variants are inputs of it. Labels
 * `depth`, `band` (of the answer's length) and `length` make accuracy per cell a query.
 *
 * @module
 */
import type { TaskDefinition } from "../define_environment.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import { type Band, BANDS, callsOf, type Composition, CompositionSource } from "./generate.ts";
import { evaluate, type Expression, expressionText, INPUT } from "./expression.ts";
import { drawText } from "./functions.ts";
import type { ComposeWorld } from "./world.ts";

/** What is asked for. */
export const MODES = ["deduct", "backward", "induce", "tool"] as const;
/** See {@linkcode MODES}. */
export type Mode = typeof MODES[number];

/** Splits in order. */
export const SPLITS = ["atoms", "train", "test_seen", "test_pairs", "test_atoms"] as const;
/** See {@linkcode SPLITS}. */
export type Split = typeof SPLITS[number];

/** What the rules know of a task. */
export interface ComposeData {
  /** The composition, as text. */
  readonly expression: string;
  /** Value of the variable. */
  readonly input: string;
  /** Value of the composition on it. */
  readonly output: string;
  /** Inputs whose outputs the task shows; empty but in mode `induce`. */
  readonly examples: readonly string[];
}

/** What tasks are made for. */
export interface TaskSettings {
  /** What is asked for. */
  readonly mode: Mode;
  /** Whether tasks say what the functions do; in `atoms` they always do. */
  readonly definitions: "shown" | "hidden";
  /** Depths of `train`. */
  readonly trainDepths: readonly number[];
  /** Depths of the test splits. */
  readonly depths: readonly number[];
  /** Compositions in each cell of depth and band. */
  readonly trainScenarios: number;
  /** The same for the test splits. */
  readonly testScenarios: number;
  /** Inputs of each composition. */
  readonly variants: number;
}

/** Draws of one function for one band of lengths before it counts as not having such values. */
const ATOM_ATTEMPTS = 150;
/** Lengths of the inputs that an induction task shows besides its own, letters. */
const EXAMPLE_LENGTHS = [4, 6, 8, 10, 12] as const;

/** The lines that say what functions do. */
function definitionLines(world: ComposeWorld, names: readonly string[]): string {
  const lines = [...new Set(names)].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))).map((name) => {
    const definition = world.functions.get(name);
    if (definition === undefined) return "";
    const parameter = definition.parameter === undefined ? [] : [definition.parameter === "number" ? "k" : "w"];
    const params = ["s", ...(definition.texts === 2 ? ["t"] : []), ...parameter];
    return `${name}(${params.join(", ")}) is ${definition.definition}.`;
  });
  return `Functions (s, t and w are texts of lower-case letters, k is a whole number):\n${lines.join("\n")}\n`;
}

function question(mode: Mode, expression: Expression, data: ComposeData, world: ComposeWorld): string {
  const text = expressionText(expression);
  switch (mode) {
    case "deduct":
      return `What is ${text} for ${INPUT} = "${data.input}"? End with a line: Answer: "…"`;
    case "backward":
      return `Find a text ${INPUT} of lower-case letters for which ${text} is "${data.output}". End with a line: Answer: "…"`;
    case "tool":
      return `What is ${text} for ${INPUT} = "${data.input}"? Functions can be called, on values, one in a turn: ` +
        `call NAME("…", …). End with: answer "…"`;
    case "induce": {
      const names = [...new Set(callsOf(expression).flatMap((call) => (call.kind === "call" ? [call.name] : [])))];
      const shown = data.examples.map((input) => `"${input}" gives "${evaluate(expression, input, world.functions)}"`);
      return `Write a program that computes y from ${INPUT}. It has to call each of ` +
        `${
          names.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))).join(", ")
        } and may define none of them anew.\n` +
        `Examples:\n${shown.join("\n")}\n` +
        `A program is an expression of calls, ${INPUT}, texts in double quotes and whole numbers; before it there may be ` +
        `lines such as: def g(p) = EXPRESSION\n` +
        `To see what a program gives on the examples: try PROGRAM. To end: answer PROGRAM`;
    }
  }
}

/** Tasks of one composition. */
function tasksOf(
  world: ComposeWorld,
  settings: TaskSettings,
  split: Split,
  scenario: string,
  composition: Composition,
  band: Band,
): TaskDefinition<ComposeData>[] {
  const { mode } = settings;
  const { chain, expression } = composition;
  const shown = split === "atoms" || settings.definitions === "shown";
  return composition.items.map(({ input, output }, index) => {
    const random = keyedRandom(world.seed, "compose", "examples", scenario, index);
    const examples = mode === "induce"
      ? [input, ...EXAMPLE_LENGTHS.map((length) => drawText(random, length, length))]
      : [];
    const data = { expression: expressionText(expression), input, output, examples };
    return {
      id: `${scenario}_${index + 1}`,
      scenario,
      variant: index + 1,
      difficulty: chain.length,
      instruction: (shown ? definitionLines(world, chain) : "") + question(mode, expression, data, world),
      labels: { mode, depth: chain.length, band, length: output.length, inputLength: input.length, functions: chain },
      data,
    };
  });
}

/** What a split's compositions are made of. */
function familyOf(world: ComposeWorld, split: Split) {
  const anyPair = () => true;
  if (split === "atoms") return { functions: [...world.functions.keys()], isAllowed: anyPair };
  if (split === "test_atoms") return { functions: world.heldOut, isAllowed: anyPair };
  const isAllowed = split === "test_pairs"
    ? (outer: string, inner: string) => !world.isSeenPair(outer, inner)
    : world.isSeenPair;
  return { functions: world.seen, isAllowed };
}

/** All tasks by split. */
export function composeTasks(
  world: ComposeWorld,
  settings: TaskSettings,
): Record<Split, TaskDefinition<ComposeData>[]> {
  const source = new CompositionSource(world);
  const bands = Object.keys(BANDS) as Band[];
  const made = (split: Split): TaskDefinition<ComposeData>[] => {
    const { functions, isAllowed } = familyOf(world, split);
    const base = { isAllowed, inputs: settings.variants };
    if (split === "atoms") {
      return functions.flatMap((name) =>
        bands.flatMap((band) => {
          // Some functions give no long texts.
          const found = source.find({ ...base, functions: [name], depth: 1, band }, [split, name, band], ATOM_ATTEMPTS);
          return found === undefined ? [] : tasksOf(world, settings, split, `${split}-${name}-${band}`, found, band);
        })
      );
    }
    const depths = (split === "train" ? settings.trainDepths : settings.depths)
      // A function alone makes no pair.
      .filter((depth) => split !== "test_pairs" || depth > 1);
    const count = split === "train" ? settings.trainScenarios : settings.testScenarios;
    return depths.flatMap((depth) =>
      bands.flatMap((band) =>
        Array.from({ length: count }, (_, index) => {
          const scenario = `${split}-d${depth}-${band}-${String(index + 1).padStart(3, "0")}`;
          const drawn = source.draw({ ...base, functions, depth, band }, [split, depth, band, index]);
          return tasksOf(world, settings, split, scenario, drawn, band);
        }).flat()
      )
    );
  };
  const entries = SPLITS.map((split) => [split, made(split)] as const).filter(([, tasks]) => tasks.length > 0);
  return Object.fromEntries(entries) as Record<Split, TaskDefinition<ComposeData>[]>;
}
