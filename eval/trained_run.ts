/**
 * Weights that a run left behind, with what it takes to speak with them.
 *
 * Contract: a run of the embedded model has a tokenizer beside its checkpoints, or its warm start has; a run from a published
 * checkpoint reads tokenizer and chat template from that folder, whose content must still be what it was. A run that trained an
 * adapter keeps the adapter alone; its weights are the folder's with the adapter on top.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { PROMPT_STYLES, type PromptStyle } from "../agents/agent.ts";
import type { Chat } from "../agents/chat_format.ts";
import type { Device } from "../agents/model/device.ts";
import { type HfFolder, openHfFolder } from "../agents/model/hf_folder.ts";
import { loadHfTokenizer } from "../agents/model/hf_tokenizer.ts";
import { loadAdapter, loadModel, type Model } from "../agents/model/model.ts";
import type { BpeTokenizer } from "../agents/model/tokenizer.ts";
import type { Tokenizer } from "../agents/policy.ts";
import { startCheckpointSchema } from "../train/config.ts";
import { checkpointHash, checkpointText, openCheckpoint, type OpenedCheckpoint } from "./checkpoint.ts";
import { parsePolicyName } from "./policy_name.ts";
import { sqlText } from "./query_rows.ts";
import { readTokenizer, tokenizerPath } from "./workspace_files.ts";

/** Where runs are found. */
export interface RunSources {
  /** Folder of the database and the checkpoints. */
  readonly workspace: string;
  /** Runs a query on the workspace's database. */
  readonly query: (sql: string) => Promise<{ readonly rows: readonly (readonly unknown[])[] }>;
}

/** The published checkpoint that a run started from is not what it was. */
export class StartCheckpointError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "StartCheckpointError";
}

/** Published checkpoint that a run started from, as its configuration names it. */
export interface StartCheckpoint {
  /** Its folder. */
  readonly folder: string;
  /** Adapter that was merged into it first. */
  readonly adapter?: string | undefined;
  /** Hash of its content. */
  readonly weights: string;
}

/** What the record says of a run. */
export interface RecordedWeights {
  /** Run that it started from. */
  readonly parent: string | null;
  /** Newest checkpoint file, inside the run's folder; null if it has none. */
  readonly checkpoint: string | null;
  /** Published checkpoint that it started from. */
  readonly start: StartCheckpoint | undefined;
  /** Whether it trained an adapter. */
  readonly adapter: boolean;
  /** Folder that a frozen policy's texts were tokenized with; undefined where it was the embedded tokenizer, or none. */
  readonly textFolder: string | undefined;
  /** How its prompts were written; undefined where nobody said. */
  readonly promptStyle: PromptStyle | undefined;
}

/** A run's weights, ready. */
export interface TrainedModel {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  /** Its own chat, where it has one. */
  readonly chat: Chat | undefined;
  /** Published folder that it descends from. */
  readonly folder: HfFolder | undefined;
  /** First 16 hexadecimal digits of the SHA-256 of the checkpoint's file. */
  readonly weights: string;
}

/** Folder in a frozen policy's name, if it names one. */
function folderOf(name: string): string | undefined {
  try {
    const parsed = parsePolicyName(name);
    return parsed.kind === "checkpoint" || parsed.kind === "transformers" ? parsed.folder : undefined;
  } catch {
    // A folder that is gone by now.
    return undefined;
  }
}

/** What the record says of a run; undefined if there is none. */
export async function recordedWeights(run: string, { query }: RunSources): Promise<RecordedWeights | undefined> {
  const { rows: [row] } = await query(
    "SELECT parent_run_id, (SELECT arg_max(checkpoint, seq) FILTER (checkpoint IS NOT NULL) FROM unit WHERE unit.run_id = run.run_id), " +
      "CAST(config -> '$.train.policy' AS VARCHAR), CAST(config -> '$.train.lora' AS VARCHAR), config ->> '$.train.tokenizer', " +
      "coalesce(config ->> '$.train.promptStyle', config ->> '$.evaluation.promptStyle') " +
      `FROM run WHERE run_id = ${sqlText(run)}`,
  );
  if (row === undefined) return undefined;
  const [parent, checkpoint, policy, lora, tokenizer, style] = row.map((
    value,
  ) => (typeof value === "string" ? value : null));
  // A frozen policy has a name there.
  const named: unknown = JSON.parse(policy ?? "null");
  const start = startCheckpointSchema.safeParse(named);
  return {
    parent: parent ?? null,
    checkpoint: checkpoint ?? null,
    start: start.success ? start.data : undefined,
    adapter: lora !== null && lora !== "null",
    textFolder: tokenizer ?? (typeof named === "string" ? folderOf(named) : undefined),
    promptStyle: PROMPT_STYLES.find((name) => name === style),
  };
}

/**
 * Tokenizer of a run of the embedded model: its own, or that of the nearest run that it descends from.
 *
 * @returns undefined if there is none, or no such run.
 */
export async function tokenizerOfRun(run: string, sources: RunSources): Promise<BpeTokenizer | undefined> {
  for (let name: string | null = run; name !== null; name = (await recordedWeights(name, sources))?.parent ?? null) {
    const tokenizer = await readTokenizer(tokenizerPath(sources.workspace, name));
    if (tokenizer !== undefined) return tokenizer;
  }
  return undefined;
}

/**
 * Tokenizer with which a run's ids are text again, whatever its policy was.
 *
 * @returns undefined if there is none, or no such run, or the published checkpoint is gone.
 */
export async function textOfRun(run: string, sources: RunSources): Promise<Tokenizer | undefined> {
  for (let name: string | null = run; name !== null;) {
    const found: RecordedWeights | undefined = await recordedWeights(name, sources);
    const folder = found?.start?.folder ?? found?.textFolder;
    if (folder !== undefined) return await loadHfTokenizer(folder).catch(() => undefined);
    const tokenizer = await readTokenizer(tokenizerPath(sources.workspace, name));
    if (tokenizer !== undefined) return tokenizer;
    name = found?.parent ?? null;
  }
  return undefined;
}

/** Refuses a folder whose content is not what it was. @throws {StartCheckpointError} if it is gone or has changed. */
export async function checkStart(run: string, start: StartCheckpoint): Promise<void> {
  let found: string;
  try {
    found = await checkpointHash(start);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new StartCheckpointError(
      `Cannot open ${run}: the checkpoint that it was trained from must be in ${start.folder}, there is no such folder; put it back there`,
      { cause },
    );
  }
  if (found !== start.weights) {
    throw new StartCheckpointError(
      `Cannot open ${run}: the content of ${start.folder} must have the hash ${start.weights} with which it was trained, got ${found}`,
    );
  }
}

/** The published checkpoint that a run started from, its adapter merged. @throws {StartCheckpointError} if it has changed. */
export async function openStart(run: string, start: StartCheckpoint, device: Device): Promise<OpenedCheckpoint> {
  await checkStart(run, start);
  const opened = await openCheckpoint(device, start);
  if (opened.model.adapter === undefined) return opened;
  const model = await opened.model.mergeAdapter();
  await opened.model.release();
  return { ...opened, model };
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex").slice(0, 16);
}

/**
 * Opens a run's newest weights.
 *
 * @returns undefined if there is no such run, or it has no weights or no tokenizer.
 * @throws {StartCheckpointError} if the published checkpoint that it descends from is gone or has changed.
 */
export async function openTrainedRun(
  run: string,
  device: Device,
  sources: RunSources,
): Promise<TrainedModel | undefined> {
  const found = await recordedWeights(run, sources);
  if (found === undefined || found.checkpoint === null) return undefined;
  const path = `${sources.workspace}/checkpoints/${run}/${found.checkpoint}`;
  const weights = await fileHash(path);
  if (found.start === undefined) {
    const tokenizer = await tokenizerOfRun(run, sources);
    if (tokenizer === undefined) return undefined;
    return { model: await loadModel(device, path), tokenizer, chat: undefined, folder: undefined, weights };
  }
  if (!found.adapter) {
    await checkStart(run, found.start);
    const folder = await openHfFolder(found.start.folder);
    const { tokenizer, chat } = await checkpointText(folder);
    return { model: await loadModel(device, path), tokenizer, chat, folder, weights };
  }
  const { model: base, folder, tokenizer, chat } = await openStart(run, found.start, device);
  const model = await loadAdapter(base, path);
  // The tensors under the adapter are shared, and stay.
  await base.release();
  return { model, tokenizer, chat, folder, weights };
}
