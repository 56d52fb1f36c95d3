/**
 * Where a run's weights come from when it begins, and what it takes to speak with them: a warm start of the embedded model, or a published
 * checkpoint, as it is or after a warm start of its own.
 *
 * Contract: every call gives weights of its own to train, equal to those of every other call. A run that trains an adapter shares the
 * weights under it with the frozen policy that a penalty compares with; any other has a second copy.
 *
 * @module
 */
import type { Chat } from "../agents/chat_format.ts";
import type { AdapterSpec } from "../agents/model/adapter.ts";
import type { Device } from "../agents/model/device.ts";
import { openHfFolder } from "../agents/model/hf_folder.ts";
import type { ModelConfig } from "../agents/model/config.ts";
import { loadAdapter, loadModel, type Model } from "../agents/model/model.ts";
import type { Tokenizer } from "../agents/policy.ts";
import { checkpointHash, type CheckpointSource, checkpointText } from "./checkpoint.ts";
import { openStart, type StartCheckpoint } from "./trained_run.ts";

/** Weights to begin with. */
export interface StartPoint {
  readonly tokenizer: Tokenizer;
  /** The chat of a published checkpoint; undefined where the tokenizer's special tokens make one. */
  readonly chat: Chat | undefined;
  /** Weights to train; `seed` names a fresh adapter's. */
  model(seed: number): Promise<Model>;
  /** The same weights, to be left as they are. */
  frozen(): Promise<Model>;
}

/** A finished warm start of the embedded model, or of a full checkpoint. */
export function fileStart(
  device: Device,
  { weights, tokenizer, chat }: { readonly weights: string; readonly tokenizer: Tokenizer; readonly chat?: Chat },
): StartPoint {
  const open = () => loadModel(device, weights);
  return { tokenizer, chat, model: open, frozen: open };
}

/** A published checkpoint that runs start from. */
export interface PublishedStart {
  /** As configurations record it. */
  readonly recorded: StartCheckpoint;
  /** Shape of the model. */
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly chat: Chat;
  /**
   * The weights.
   *
   * @param lora adapter to train; all weights are trained if left out.
   * @param after checkpoint file of a run that trained the same part of them before.
   */
  start(lora: AdapterSpec | undefined, after?: string): StartPoint;
}

/**
 * Reads and hashes a published checkpoint; its weights are loaded when a run needs them.
 *
 * @throws {HfFolderError} if the folder does not hold a checkpoint that is supported.
 */
export async function publishedStart(device: Device, { folder, adapter }: CheckpointSource): Promise<PublishedStart> {
  const found = await openHfFolder(folder);
  const { tokenizer, chat } = await checkpointText(found);
  const weights = await checkpointHash({ folder, adapter });
  const recorded = { folder, weights, ...(adapter === undefined ? {} : { adapter }) };
  const load = async () => (await openStart(folder, recorded, device)).model;
  return {
    recorded,
    config: found.config,
    tokenizer,
    chat,
    start(lora, after) {
      if (lora === undefined) {
        const open = after === undefined ? load : () => loadModel(device, after);
        return { tokenizer, chat, model: open, frozen: open };
      }
      // Adapters come and go; what is under them is loaded once.
      let base: Promise<Model> | undefined;
      const under = () => base ??= load();
      const tuned = async () => loadAdapter(await under(), after ?? "");
      return {
        tokenizer,
        chat,
        model: async (seed) => after === undefined ? (await under()).withAdapter(lora, seed) : await tuned(),
        frozen: after === undefined ? under : tuned,
      };
    },
  };
}
