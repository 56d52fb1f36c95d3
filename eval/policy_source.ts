/**
 * Policies by name, for commands that evaluate: the last weights of a recorded run, or the reference solutions themselves.
 *
 * Contract: a run is named by its id; its tokenizer is that of the warm start that it descends from. `reference` answers every task with
 * its reference solution, turn by turn, so that what it does not reach is the grader's or the data's fault, not a policy's.
 * Omitted: servers and published checkpoints.
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
import { loadModel } from "../agents/model/model.ts";
import { type BpeTokenizer, SPLIT_PATTERN, trainBpe } from "../agents/model/tokenizer.ts";
import type { Policy } from "../agents/policy.ts";
import { ScriptedPolicy } from "../agents/scripted_policy.ts";
import { sqlText } from "./query_rows.ts";
import { readTokenizer, tokenizerPath } from "./training_bench.ts";

/** Name of the policy that answers with reference solutions. */
export const REFERENCE_POLICY = "reference";

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
  /** First 16 hexadecimal digits of the SHA-256 of the weights' file; null without weights. */
  readonly weights: string | null;
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
}

interface RecordedWeights {
  readonly parent: string | null;
  readonly checkpoint: string | null;
}

async function lookUp(run: string, { query }: Pick<PolicySources, "query">): Promise<RecordedWeights | undefined> {
  const { rows: [row] } = await query(
    `SELECT parent_run_id, (SELECT arg_max(checkpoint, seq) FILTER (checkpoint IS NOT NULL) FROM unit WHERE unit.run_id = run.run_id)
     FROM run WHERE run_id = ${sqlText(run)}`,
  );
  if (row === undefined) return undefined;
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return { parent: text(row[0]), checkpoint: text(row[1]) };
}

async function unknown(name: string, { query, workspace }: PolicySources): Promise<UnknownPolicyError> {
  const { rows } = await query("SELECT run_id FROM run WHERE recipe <> 'frozen' ORDER BY started_at DESC");
  const names = [...rows.map(([id]) => String(id)), REFERENCE_POLICY];
  const [closest = REFERENCE_POLICY] = [...names].sort((a, b) => editDistance(name, a) - editDistance(name, b));
  return new UnknownPolicyError(
    `Cannot open the policy: --policy must be a run with weights in ${workspace} or ${REFERENCE_POLICY}, got ${name}; ` +
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
    const turns = agent.actions === "code" ? solution.actions.map(fenced) : solution.actions;
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
  const tokenizer = trainBpe([], {
    vocabularySize: 256 + CHAT_SPECIALS.length,
    specials: [...CHAT_SPECIALS],
    pattern: SPLIT_PATTERN,
  });
  return new ScriptedPolicy(
    tokenizer,
    ({ prompt, observations }) => completions.get(prompt)?.[observations.length] ?? "",
  );
}

/**
 * Tokenizer of a run: its own, or that of the nearest run that it descends from.
 *
 * @returns undefined if there is none, or no such run.
 */
export async function tokenizerOfRun(
  run: string,
  sources: Pick<PolicySources, "workspace" | "query">,
): Promise<BpeTokenizer | undefined> {
  for (let name: string | null = run; name !== null; name = (await lookUp(name, sources))?.parent ?? null) {
    const tokenizer = await readTokenizer(tokenizerPath(sources.workspace, name));
    if (tokenizer !== undefined) return tokenizer;
  }
  return undefined;
}

/**
 * Opens a policy.
 *
 * @param name id of a run, or {@linkcode REFERENCE_POLICY}.
 * @throws {UnknownPolicyError} if there is no such run, or it has no weights or no tokenizer; names the closest one.
 */
export async function openPolicy(name: string, sources: PolicySources): Promise<OpenedPolicy> {
  if (name === REFERENCE_POLICY) return { policy: await referencePolicy(sources), run: null, weights: null };
  const found = await lookUp(name, sources);
  if (found?.checkpoint === undefined || found.checkpoint === null) throw await unknown(name, sources);
  const path = `${sources.workspace}/checkpoints/${name}/${found.checkpoint}`;
  const tokenizer = await tokenizerOfRun(name, sources);
  if (tokenizer === undefined) throw await unknown(name, sources);
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return {
    policy: new LocalPolicy(await loadModel(sources.device, path), tokenizer),
    run: name,
    weights: new Uint8Array(digest).toHex().slice(0, 16),
  };
}
