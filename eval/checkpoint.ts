/**
 * A published checkpoint with all that a policy needs of it: weights on a device, tokenizer, chat, and a hash that tells one content from
 * another.
 *
 * Contract: the hash is SHA-256 over the names, sizes and contents of every file that changes what the policy says (weights,
 * configuration, tokenizer, template), read in pieces; nothing is cached, so that a changed file is always seen.
 * Choices: a folder without a chat template is spoken to in plain text; one with the embedded model's special tokens in their format.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { type Chat, CHAT_SPECIALS, ChatFormat } from "../agents/chat_format.ts";
import { templateChat } from "../agents/chat_template.ts";
import type { Device } from "../agents/model/device.ts";
import { type HfFolder, HfFolderError, loadHfModel, openHfFolder } from "../agents/model/hf_folder.ts";
import { type HfTokenizer, loadHfTokenizer } from "../agents/model/hf_tokenizer.ts";
import type { Model } from "../agents/model/model.ts";
import { loadPeftAdapter } from "../agents/model/peft_folder.ts";
import { plainChat } from "../agents/plain_chat.ts";

/** Where a checkpoint lies. */
export interface CheckpointSource {
  /** Folder with `config.json`, weights and tokenizer. */
  readonly folder: string;
  /** Folder with adapter weights to put on top, in PEFT's layout. */
  readonly adapter?: string | undefined;
}

/** How a checkpoint is spoken to. */
export type ChatKind = "template" | "whetstone" | "plain";

/** Text side of a checkpoint. */
export interface CheckpointText {
  readonly tokenizer: HfTokenizer;
  readonly chat: Chat;
  /** How it is spoken to. */
  readonly chatKind: ChatKind;
  /** Ids that the tokenizer puts before every plain text; mostly the one that begins a text, or none. */
  readonly openingIds: readonly number[];
}

/** A checkpoint on a device. */
export interface OpenedCheckpoint extends CheckpointText {
  /** What the folder says of itself. */
  readonly folder: HfFolder;
  readonly model: Model;
}

/** Files that change what a policy says; weights are matched by their ending. */
const HASHED_FILES = [
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
  "chat_template.json",
  "adapter_config.json",
];

/** Weights in the forms of this package and of transformers.js. */
const WEIGHTS = /\.(?:safetensors|onnx|onnx_data(?:_\d+)?)$/;

async function hashFolder(hash: ReturnType<typeof createHash>, folder: string): Promise<void> {
  const names: string[] = [];
  for (const part of ["", "onnx/"]) {
    if (part !== "" && !names.includes("onnx")) continue;
    for await (const { name, isDirectory } of Deno.readDir(`${folder}/${part}`)) {
      if (isDirectory ? part === "" && name === "onnx" : HASHED_FILES.includes(name) || WEIGHTS.test(name)) {
        names.push(`${part}${name}`);
      }
    }
  }
  const piece = new Uint8Array(1 << 20);
  for (const name of names.filter((name) => name !== "onnx").sort()) {
    using file = await Deno.open(`${folder}/${name}`);
    hash.update(`${name}\0${(await file.stat()).size}\0`);
    for (let read = await file.read(piece); read !== null; read = await file.read(piece)) {
      hash.update(piece.subarray(0, read));
    }
  }
}

/**
 * Hash of a checkpoint's content, the same wherever it lies.
 *
 * @returns first 16 hexadecimal digits of the SHA-256.
 * @throws {Deno.errors.NotFound} if there is no such folder.
 */
export async function checkpointHash({ folder, adapter }: CheckpointSource): Promise<string> {
  const hash = createHash("sha256");
  await hashFolder(hash, folder);
  if (adapter !== undefined) {
    hash.update("\0adapter\0");
    await hashFolder(hash, adapter);
  }
  return hash.digest("hex").slice(0, 16);
}

const processorSchema = z.object({
  type: z.string(),
  single: z.array(z.looseObject({ SpecialToken: z.object({ id: z.string() }).optional() })).optional(),
  special_tokens: z.record(z.string(), z.object({ ids: z.array(z.int()) })).optional(),
});
const postProcessorSchema = z.object({
  post_processor: z.union([processorSchema.extend({ processors: z.array(processorSchema).optional() }), z.null()])
    .optional(),
});

/** Ids that a `tokenizer.json` puts before a text: what its template has before the text itself. */
function openingIds(file: unknown): number[] {
  const processor = postProcessorSchema.safeParse(file).data?.post_processor;
  const all = processor === null || processor === undefined ? [] : [processor, ...processor.processors ?? []];
  const template = all.find(({ type }) => type === "TemplateProcessing");
  const parts = template?.single ?? [];
  const text = parts.findIndex(({ SpecialToken }) => SpecialToken === undefined);
  return parts.slice(0, Math.max(0, text)).flatMap(({ SpecialToken }) => {
    return template?.special_tokens?.[SpecialToken?.id ?? ""]?.ids ?? [];
  });
}

/**
 * Tokenizer and chat of a checkpoint's folder; no weights are read.
 *
 * @param folder what the folder says of itself.
 * @throws {Error} of the tokenizer's or the template's boundary if they cannot be used.
 */
export async function checkpointText(folder: Pick<HfFolder, "path" | "generation">): Promise<CheckpointText> {
  const tokenizer = await loadHfTokenizer(folder.path);
  const opening = openingIds(JSON.parse(await Deno.readTextFile(`${folder.path}/tokenizer.json`)));
  const own = tokenizer.eosId === undefined ? [] : [tokenizer.eosId];
  const eosIds = folder.generation.eosIds.length > 0 ? folder.generation.eosIds : own;
  if (tokenizer.chatTemplate !== undefined) {
    return { tokenizer, chat: templateChat(tokenizer, { eosIds }), chatKind: "template", openingIds: opening };
  }
  if (CHAT_SPECIALS.every((special) => tokenizer.specials[special] !== undefined)) {
    return { tokenizer, chat: new ChatFormat(tokenizer), chatKind: "whetstone", openingIds: opening };
  }
  return {
    tokenizer,
    chat: plainChat(tokenizer, { openingIds: opening, eosIds }),
    chatKind: "plain",
    openingIds: opening,
  };
}

/** What a folder says of ends of texts; one that holds a tokenizer alone says nothing. */
export async function folderText(path: string): Promise<Pick<HfFolder, "path" | "generation">> {
  try {
    return await openHfFolder(path);
  } catch (error) {
    if (!(error instanceof HfFolderError)) throw error;
    return { path, generation: { eosIds: [] } };
  }
}

/**
 * Opens a checkpoint.
 *
 * @throws {HfFolderError} if the folder does not hold what it has to, or a configuration that is not supported.
 * @throws {AdapterError} if the adapter does not fit.
 */
export async function openCheckpoint(device: Device, source: CheckpointSource): Promise<OpenedCheckpoint> {
  const folder = await openHfFolder(source.folder);
  // Before the weights, which take long: a tokenizer that cannot be used stops here.
  const text = await checkpointText(folder);
  const base = await loadHfModel(device, folder);
  const model = source.adapter === undefined ? base : await loadPeftAdapter(device, base, source.adapter);
  return { ...text, folder, model };
}
