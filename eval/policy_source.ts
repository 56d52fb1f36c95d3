/**
 * Policies by name, for commands that evaluate; the grammar of names is that of `policy_name.ts`.
 *
 * Contract: everything that decides what a policy says is hashed and told: a run's checkpoint file, the content of a published folder, a
 * script. `reference` answers every task with its reference solution, turn by turn, so that what it does not reach is the grader's or
 * the data's fault, not a policy's. `nano` is the baseline before training. A server's weights are its own business.
 *
 * @module
 */
import { editDistance } from "../data/edit_distance.ts";
import type { Environment, Task } from "../envs/contract.ts";
import type { Agent } from "../agents/agent.ts";
import { CHAT_SPECIALS } from "../agents/chat_format.ts";
import { fenced } from "../agents/code_block.ts";
import { demonstrate, DemonstrationError, type DemonstrationFormat } from "../agents/demonstration.ts";
import type { Device } from "../agents/model/device.ts";
import { LocalPolicy } from "../agents/model/local_policy.ts";
import { nanoConfig } from "../agents/model/config.ts";
import { createModel } from "../agents/model/model.ts";
import { CODE_SPLIT_PATTERN, SPLIT_PATTERN, trainBpe } from "../agents/model/tokenizer.ts";
import type { Policy } from "../agents/policy.ts";
import { parseScript } from "../agents/script_file.ts";
import { ScriptedPolicy } from "../agents/scripted_policy.ts";
import type { ServerUsage } from "../agents/server_policy.ts";
import { standInTokenizer } from "../agents/stand_in_tokenizer.ts";
import { checkpointHash, checkpointText, folderText, openCheckpoint } from "./checkpoint.ts";
import { openServer, type ServerSettings } from "./open_server.ts";
import { parsePolicyName, type PolicyName, REFERENCE_POLICY } from "./policy_name.ts";
import { openTrainedRun } from "./trained_run.ts";

export { REFERENCE_POLICY } from "./policy_name.ts";

const FRESH_TASKS = 256;
const FRESH_VOCABULARY = 1024;

/** There is no policy of that name. */
export class UnknownPolicyError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "UnknownPolicyError";
}

/** A policy, ready to be evaluated. */
export interface OpenedPolicy {
  /** The policy. */
  readonly policy: Policy;
  /** Run that its weights come from; null without weights. */
  readonly run: string | null;
  /** First 16 hexadecimal digits of the SHA-256 of what decides what it says; null where nothing does, or it is not known. */
  readonly weights: string | null;
  /** What a server has counted so far; left out for others. */
  readonly usage?: () => ServerUsage;
}

/** Where {@linkcode openPolicy} looks. */
export interface PolicySources {
  /** Folder of the database and the checkpoints. */
  readonly workspace: string;
  /** Runs a query on the workspace's database. */
  readonly query: (sql: string) => Promise<{ readonly rows: readonly (readonly unknown[])[] }>;
  /** Where a model runs. */
  readonly device: Device;
  /** Whose reference solutions `reference` gives. */
  readonly environment: Environment;
  /** Splits whose tasks will be played. */
  readonly splits: readonly string[];
  /** Whose prompts will be answered. */
  readonly agent: Agent;
  /** How a server is used. */
  readonly server?: ServerSettings;
  /**
   * Names the fresh weights of `nano`.
   *
   * @default {1}
   */
  readonly seed?: number;
}

async function unknown(name: string, { query, workspace }: PolicySources): Promise<UnknownPolicyError> {
  const { rows } = await query("SELECT run_id FROM run WHERE recipe <> 'frozen' ORDER BY started_at DESC");
  const names = [...rows.map(([id]) => String(id)), REFERENCE_POLICY];
  const [closest = REFERENCE_POLICY] = [...names].sort((a, b) => editDistance(name, a) - editDistance(name, b));
  return new UnknownPolicyError(
    `Cannot open the policy: --policy must be a run with weights in ${workspace}, a folder or ${REFERENCE_POLICY}, got ${name}; ` +
      `did you mean ${closest}? Runs: ${names.slice(0, -1).join(", ") || "none yet"}`,
  );
}

/** Prompts that an agent may be shown, with the completions that follow the task's reference solution, turn by turn. */
async function referenceTurns(
  environment: Environment,
  task: Task,
  agent: Agent,
): Promise<(readonly [prompt: string, completions: readonly string[]])[]> {
  const episode = await environment.open(task);
  const solution = episode.solution();
  episode.close();
  if (solution === undefined) return [];
  if (solution.kind === "actions") {
    const turns = agent.actions === "code"
      ? solution.actions.map((action) => fenced(action, task.language))
      : solution.actions;
    return [[agent.prompt(task, []), turns]];
  }
  // With a library, the function of a sibling may be shown.
  const formats: DemonstrationFormat[] = agent.usesLibrary ? ["define", "reuse"] : ["direct"];
  const shown: (readonly [string, readonly string[]])[] = [];
  for (const format of formats) {
    try {
      const { prompt, turns } = await demonstrate(environment, task, format);
      shown.push([prompt, turns.map(({ completion }) => completion)]);
    } catch (error) {
      // A solution that does not solve its task is left to be scored so.
      if (!(error instanceof DemonstrationError)) throw error;
    }
  }
  return shown;
}

async function referencePolicy({ environment, splits, agent }: PolicySources): Promise<Policy> {
  const completions = new Map<string, readonly string[]>();
  for (const split of splits) {
    for (const task of environment.tasks(split)) {
      for (const [prompt, turns] of await referenceTurns(environment, task, agent)) completions.set(prompt, turns);
    }
  }
  return new ScriptedPolicy(
    standInTokenizer(),
    ({ prompt, observations }) => completions.get(prompt)?.[observations.length] ?? "",
  );
}

/** The embedded model as it is before training, with a tokenizer of the environment's own text. */
async function freshPolicy({ environment, agent, device, seed = 1 }: PolicySources): Promise<OpenedPolicy> {
  const texts: string[] = [];
  // A few hundred tasks hold the words of all.
  for (const task of environment.tasks("train").slice(0, FRESH_TASKS)) {
    for (const [prompt, turns] of await referenceTurns(environment, task, agent)) texts.push(prompt, ...turns);
  }
  const tokenizer = trainBpe(texts, {
    vocabularySize: FRESH_VOCABULARY,
    specials: [...CHAT_SPECIALS],
    pattern: environment.actions === "code" ? CODE_SPLIT_PATTERN : SPLIT_PATTERN,
  });
  const model = await createModel(device, nanoConfig(tokenizer.vocabularySize), seed);
  return { policy: new LocalPolicy(model, tokenizer), run: null, weights: await model.fingerprint() };
}

async function scriptedPolicy(
  file: string,
  { environment, splits, agent }: PolicySources,
): Promise<OpenedPolicy> {
  const content = await Deno.readFile(file);
  const weights = new Uint8Array(await crypto.subtle.digest("SHA-256", content)).toHex().slice(0, 16);
  const tasks = new Map(splits.flatMap((split) => environment.tasks(split)).map((task) => [task.id, task]));
  const script = parseScript(new TextDecoder().decode(content), file, {
    promptsOf: (id) => {
      const task = tasks.get(id);
      return task === undefined ? [] : [agent.prompt(task, [])];
    },
  });
  return { policy: new ScriptedPolicy(standInTokenizer(), script), run: null, weights };
}

/** Opens what {@linkcode parsePolicyName} found. */
async function opened(name: PolicyName, text: string, sources: PolicySources): Promise<OpenedPolicy> {
  const { device } = sources;
  switch (name.kind) {
    case "reference":
      return { policy: await referencePolicy(sources), run: null, weights: null };
    case "nano":
      return await freshPolicy(sources);
    case "run": {
      const found = await openTrainedRun(name.run, device, sources);
      if (found === undefined) throw await unknown(text, sources);
      const { model, tokenizer, chat, weights } = found;
      return {
        policy: new LocalPolicy(model, tokenizer, chat === undefined ? {} : { chat }),
        run: name.run,
        weights,
      };
    }
    case "checkpoint": {
      const weights = await checkpointHash(name);
      const { model, tokenizer, chat } = await openCheckpoint(device, name);
      return { policy: new LocalPolicy(model, tokenizer, { chat }), run: null, weights };
    }
    case "server":
      return await openServer(name, sources.server);
    case "transformers": {
      const { openTransformersPolicy } = await import("../agents/transformers_policy.ts");
      const { tokenizer, chat } = await checkpointText(await folderText(name.folder));
      const policy = await openTransformersPolicy(name.folder, { tokenizer, chat });
      return { policy, run: null, weights: await checkpointHash(name) };
    }
    case "scripted":
      return await scriptedPolicy(name.file, sources);
  }
}

/**
 * Opens a policy.
 *
 * @param name see {@linkcode parsePolicyName}.
 * @throws {PolicyNameError} if the name is none; {UnknownPolicyError} if it would be a run, and there is no such run or it has no weights
 * or no tokenizer; and what opening a folder, a file or a server throws.
 */
export async function openPolicy(name: string, sources: PolicySources): Promise<OpenedPolicy> {
  return await opened(parsePolicyName(name), name, sources);
}
