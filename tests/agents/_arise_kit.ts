/**
 * What tests of ARISE share: documents, a text environment of numbers, a tokenizer, tiny policies and libraries.
 *
 * @module
 */
import { CHAT_SPECIALS } from "../../agents/chat_format.ts";
import { initialWeights, nanoConfig, parameterList } from "../../agents/model/config.ts";
import type { Device } from "../../agents/model/device.ts";
import { type Model, modelFromValues } from "../../agents/model/model.ts";
import { trainBpe } from "../../agents/model/tokenizer.ts";
import type { Policy } from "../../agents/policy.ts";
import { documentText, type SkillDocument } from "../../agents/skills/skill_document.ts";
import { type LibraryEntry, TwoTierLibrary } from "../../agents/skills/two_tier_library.ts";
import { EnvFault, type Environment, type Episode, type Task } from "../../envs/contract.ts";

/** A document of few tokens. */
export function document(name: string, changes: Partial<SkillDocument> = {}): SkillDocument {
  return {
    skill_name: name,
    problem_type: "general",
    key_insight: `use ${name}`,
    method: ["look", "answer"],
    check: "",
    ...changes,
  };
}

/** Documents with words of their own, so that a policy can tell them apart. */
export const DOCUMENTS: readonly SkillDocument[] = [
  document("good", { key_insight: "say the number", method: ["read it", "say it"] }),
  document("bad", { key_insight: "guess wildly", method: ["close your eyes", "guess"] }),
  document("ugly", { key_insight: "draw a triangle", problem_type: "geometry", method: ["draw", "measure"] }),
];

/** Tokenizer of all tests. */
export const TOKENIZER = trainBpe([...DOCUMENTS.map(documentText), "solve\nSay 1.", "conclude\nSay 2."], {
  vocabularySize: 340,
  specials: [...CHAT_SPECIALS],
});

/** Shape of the tiny model. */
export const TINY = nanoConfig(TOKENIZER.vocabularySize, {
  width: 8,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headSize: 4,
  hidden: 7,
  contextTokens: 320,
});

/** A model whose distributions are neither flat nor certain, on native CPU. */
export function tinyModel(device: Device, seed = 3, spread = 1.5): Model {
  const weights = initialWeights(TINY, seed);
  for (const { name, decays } of parameterList(TINY)) {
    if (decays) { for (const [i, w] of weights.get(name)!.entries()) weights.get(name)![i] = w * spread; }
  }
  return modelFromValues(device, TINY, weights);
}

/** The same policy without its way to run a shared prefix once. */
export function withoutSharedPrefix(policy: Policy): Policy {
  return {
    id: policy.id,
    tokenizer: policy.tokenizer,
    contextTokens: policy.contextTokens,
    converse: (conversations, options) => policy.converse(conversations, options),
    score: (sequences, options) => policy.score(sequences, options),
  };
}

/** Entries as a library has them, best first. */
export function entriesOf(documents: readonly SkillDocument[] = DOCUMENTS): LibraryEntry[] {
  return new TwoTierLibrary(documents, { cacheCapacity: Math.max(1, documents.length) }).candidates();
}

/** Text in which a prompt shows a document, to ask whether it does. */
export function shows(prompt: string, name: string): boolean {
  return prompt.includes(`SKILL:{"skill_name":"${name}"`);
}

/** A task that wants its number said. */
export function numberTask(number: number, split = "train"): Task {
  const scenario = `${split}${number}`;
  return { id: scenario, scenario, variant: 1, split, difficulty: 1, instruction: `Say ${number}.` };
}

/** Options of {@linkcode numberEnvironment}. */
export interface NumberEnvironmentOptions {
  /** Tasks in each split. @default {4} */
  readonly tasks?: number;
}

/** Tasks `Say n.`, right if the action is `n`; `fault` breaks the world. Reference solutions are `It is n.`, then `n`. */
export function numberEnvironment({ tasks = 4 }: NumberEnvironmentOptions = {}): Environment {
  const all = (split: string) => Array.from({ length: tasks }, (_, i) => numberTask(i + 1, split));
  return {
    id: "numbers",
    version: "1",
    hash: "numbers",
    actions: "text",
    splits: ["train", "test"],
    tasks: (split) => all(split),
    task: (id) => all("train").find((task) => task.id === id) ?? numberTask(1),
    open: (task) => Promise.resolve(episode(task)),
  };
}

function episode(task: Task): Episode {
  const number = /\d+/.exec(task.instruction)?.[0] ?? "";
  let said = "";
  return {
    task,
    start: () => Promise.resolve(""),
    step: (action) => {
      if (action.includes("fault")) throw new EnvFault("the toy broke");
      said = action;
      return Promise.resolve({ observation: "", done: true });
    },
    evaluate: () => {
      const success = new RegExp(`\\b${number}\\b`).test(said);
      const passed = success ? 1 : 0;
      return Promise.resolve({ score: passed, success, passed, total: 1, tests: [] });
    },
    solution: () => ({ kind: "actions", actions: [`It is ${number}.`, number] }),
    close: () => {},
  };
}
