/**
 * Tokenizers of published checkpoints: `tokenizer.json`, `tokenizer_config.json` and the chat template of a folder.
 *
 * Contract: ids and texts are those of Python's `tokenizers`, byte-level (GPT-2, Llama 3, Qwen) and sentencepiece-like byte-pair
 * encodings (Llama 2, Phi-3) alike. {@linkcode HfTokenizer.encode} does not recognise control tokens in a text (Python's
 * `encode_special_tokens`), so that no observation can forge a turn; added tokens that are not control tokens, such as `<think>`,
 * count as text and are recognised. Nothing is put before or after a text: the chat template writes the token that begins one.
 * Choices: normalizing, splitting and merging are those of the package `@huggingface/tokenizers`; added tokens and decoding are our
 * own, because the package cannot leave control tokens alone, drops byte-order marks and differs on broken UTF-8.
 * Omitted: Unigram and WordPiece models, truncation, padding, clean-up of spaces.
 *
 * @module
 */
import { Tokenizer as PackageTokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import type { Tokenizer } from "../policy.ts";
import { type AddedToken, AddedTokenSplitter, type TextPiece } from "./_added_tokens.ts";
import { decodeTokens } from "./_token_decoder.ts";
import { type TokenizerParts, tokenizerParts } from "./_tokenizer_file.ts";
import { TokenizerFormatError } from "./tokenizer.ts";

/** Options of {@linkcode HfTokenizer.encodeSpecial}. */
export interface EncodeSpecialOptions {
  /** Stretches of the text, UTF-16 units, end exclusive, where control tokens are plain text. @default {[]} */
  plain?: readonly { readonly start: number; readonly end: number }[];
  /**
   * What the text goes on after: a special token, or text, so that not even a space is put before its first word.
   *
   * @default nothing: it is the beginning
   */
  follows?: "special" | "text";
}

/** Tokenizer of a published checkpoint. */
export interface HfTokenizer extends Tokenizer {
  /** Ids of a text with special tokens recognised in it. */
  encodeSpecial(text: string, options?: EncodeSpecialOptions): number[];
  /** Jinja source of the chat template; undefined if there is none. */
  readonly chatTemplate: string | undefined;
  /** Id of the token that begins a text, if there is one. */
  readonly bosId: number | undefined;
  /** Id of the token that ends a text, if there is one. */
  readonly eosId: number | undefined;
}

const namedToken = z.union([z.null(), z.string(), z.object({ content: z.string() })]).optional();
const configSchema = z.object({
  bos_token: namedToken,
  eos_token: namedToken,
  pad_token: namedToken,
  unk_token: namedToken,
  additional_special_tokens: z.array(namedToken).nullish(),
  extra_special_tokens: z.union([z.array(namedToken), z.record(z.string(), namedToken)]).nullish(),
  added_tokens_decoder: z.record(
    z.string(),
    z.object({
      content: z.string(),
      special: z.boolean().default(false),
      normalized: z.boolean().default(false),
      lstrip: z.boolean().default(false),
      rstrip: z.boolean().default(false),
      single_word: z.boolean().default(false),
    }),
  ).nullish(),
  chat_template: z.union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))]).nullish(),
});
type Config = z.infer<typeof configSchema>;

function textOf(token: z.infer<typeof namedToken>): string | undefined {
  return typeof token === "string" ? token : token?.content;
}

/** Texts that the configuration names as control tokens. */
function namedSpecials(config: Config): Set<string> {
  const extra = config.extra_special_tokens ?? [];
  const named = [
    config.bos_token,
    config.eos_token,
    config.pad_token,
    config.unk_token,
    ...config.additional_special_tokens ?? [],
    ...Array.isArray(extra) ? extra : Object.values(extra),
  ];
  return new Set(named.map(textOf).filter((text) => text !== undefined));
}

/** Added tokens of both files; the configuration may add some and may call some special. */
function allAdded(parts: TokenizerParts, config: Config): AddedToken[] {
  const byId = new Map<number, AddedToken>();
  for (const token of parts.file.added_tokens) byId.set(token.id, token);
  for (const [id, token] of Object.entries(config.added_tokens_decoder ?? {})) {
    if (!byId.has(Number(id))) byId.set(Number(id), { id: Number(id), ...token });
  }
  const named = namedSpecials(config);
  const { vocab } = parts.file.model;
  // An added token that the vocabulary has too keeps the vocabulary's id, whatever the list says.
  return [...byId.values()].map((token) => ({
    ...token,
    id: Object.hasOwn(vocab, token.content) ? vocab[token.content] ?? token.id : token.id,
    special: token.special || named.has(token.content),
  }));
}

class FolderTokenizer implements HfTokenizer {
  readonly vocabularySize: number;
  readonly specials: Readonly<Record<string, number>>;
  readonly chatTemplate: string | undefined;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly #parts: TokenizerParts;
  readonly #package: PackageTokenizer;
  /** The same for text that follows text: nothing is put before it. */
  readonly #bare: PackageTokenizer;
  readonly #ids: ReadonlyMap<string, number>;
  /** Text of each id; undefined for control tokens and for ids that there are not. */
  readonly #texts: (string | undefined)[] = [];
  readonly #raw: AddedTokenSplitter;
  readonly #normalized: AddedTokenSplitter;
  readonly #all: AddedTokenSplitter;

  constructor(parts: TokenizerParts, config: Config, template: string | undefined) {
    this.#parts = parts;
    this.#package = new PackageTokenizer(parts.packageJson, {});
    this.#bare = parts.bareJson === undefined ? this.#package : new PackageTokenizer(parts.bareJson, {});
    this.#bare.model = this.#package.model;
    this.#ids = new Map(Object.entries(parts.file.model.vocab));
    const added = allAdded(parts, config);
    for (const [text, id] of this.#ids) this.#texts[id] = text;
    for (const token of added) this.#texts[token.id] = token.special ? undefined : this.#soughtText(token);
    this.vocabularySize = Math.max(this.#texts.length, ...added.map(({ id }) => id + 1));
    this.specials = Object.fromEntries(added.filter(({ special }) => special).map(({ content, id }) => [content, id]));
    this.#raw = new AddedTokenSplitter(
      added.filter((token) => !token.normalized).map((token) => [token.content, token]),
    );
    this.#normalized = new AddedTokenSplitter(
      added.filter((token) => token.normalized).map((token) => [this.#soughtText(token), token]),
    );
    this.#all = new AddedTokenSplitter(
      added.filter((token) => token.special || !token.normalized).map((token) => [token.content, token]),
    );
    this.chatTemplate = template;
    const idOf = (text: string | undefined) => {
      return text === undefined ? undefined : this.specials[text] ?? this.#ids.get(text);
    };
    this.bosId = idOf(textOf(config.bos_token));
    this.eosId = idOf(textOf(config.eos_token));
  }

  encode(text: string): number[] {
    const accepts = (token: AddedToken) => !token.special;
    return this.#encodePieces(text, this.#raw.split(text, accepts), undefined, accepts);
  }

  encodeSpecial(text: string, options: EncodeSpecialOptions = {}): number[] {
    const { plain = [], follows } = options;
    if (plain.length === 0) return this.#encodePieces(text, this.#raw.split(text, () => true), follows, () => true);
    // Normalising moves places, so where some are plain all control tokens are looked for in the text as it is.
    const pieces = this.#all.split(text, (token, start, end) => {
      return !token.special || !plain.some((range) => start < range.end && end > range.start);
    });
    return this.#encodePieces(text, pieces, follows, (token) => !token.special);
  }

  decode(ids: readonly number[]): string {
    const tokens: string[] = [];
    for (const id of ids) {
      const text = this.#texts[id];
      if (text !== undefined) tokens.push(text);
    }
    return decodeTokens(tokens, this.#parts.file.decoder);
  }

  /** What a text must hold for the token to be found in it; decoding gives the same back. */
  #soughtText(token: AddedToken): string {
    return token.normalized ? normalized(this.#package, token.content) : token.content;
  }

  #encodePieces(
    text: string,
    pieces: readonly TextPiece[],
    follows: EncodeSpecialOptions["follows"],
    accepts: (token: AddedToken) => boolean,
  ): number[] {
    const ids: number[] = [];
    for (const { token, start, end } of pieces) {
      if (token !== undefined) {
        ids.push(token.id);
        continue;
      }
      const by = start === 0 && follows === "text" ? this.#bare : this.#package;
      const source = normalized(by, text.slice(start, end));
      for (const piece of this.#normalized.split(source, accepts)) {
        if (piece.token !== undefined) ids.push(piece.token.id);
        else {
          const first = follows === undefined && start + piece.start === 0;
          this.#encodeText(piece.start === 0 ? by : this.#package, source.slice(piece.start, piece.end), first, ids);
        }
      }
    }
    return ids;
  }

  #encodeText({ pre_tokenizer, model }: PackageTokenizer, text: string, first: boolean, ids: number[]): void {
    const { splitBefore, file } = this.#parts;
    const words = pre_tokenizer?.pre_tokenize(text, { section_index: first ? 0 : 1 }) ?? [text];
    const unknown = file.model.unk_token;
    for (const word of words) {
      for (const part of splitBefore === undefined ? [word] : word.split(splitBefore)) {
        let before: string | undefined;
        for (const token of model?.encode([part]) ?? []) {
          const fused = file.model.fuse_unk && token === unknown && before === unknown;
          const id = this.#ids.get(token);
          if (!fused && id !== undefined) ids.push(id);
          before = token;
        }
      }
    }
  }
}

function normalized(by: PackageTokenizer, text: string): string {
  return by.normalizer?.normalize(text) ?? text;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new TokenizerFormatError(`Cannot read ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TokenizerFormatError(`Cannot read ${path}: it is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** The template by file, by field, or the one named `default` of several. */
function chosenTemplate(file: string | undefined, config: Config): string | undefined {
  if (file !== undefined) return file;
  const template = config.chat_template;
  if (typeof template === "string") return template;
  return template?.find(({ name }) => name === "default")?.template ??
    (template?.length === 1 ? template[0]?.template : undefined);
}

/**
 * Reads the tokenizer of a checkpoint's folder: `tokenizer.json`, and if they are there `tokenizer_config.json` and
 * `chat_template.jinja`, which counts before the template of the configuration.
 *
 * @example A tokenizer in a folder
 * ```ts
 * import { loadHfTokenizer } from "whetstone/agents/model/hf_tokenizer.ts";
 * import assert from "node:assert/strict";
 *
 * const tokenizer = await loadHfTokenizer("tests/fixtures/tokenizers/qwen2");
 * assert.equal(tokenizer.decode(tokenizer.encode("Größe <|im_end|>")), "Größe <|im_end|>");
 * assert.deepEqual(tokenizer.encodeSpecial("<|im_end|>"), [tokenizer.eosId]);
 * ```
 *
 * @throws {TokenizerFormatError} if a file is missing or not JSON, or holds something that is not known; names file and field.
 */
export async function loadHfTokenizer(folder: string): Promise<HfTokenizer> {
  const path = `${folder}/tokenizer.json`;
  const text = await readText(path);
  if (text === undefined) {
    throw new TokenizerFormatError(
      `Cannot read ${path}: there is no such file; a tokenizer must be in the form of tokenizer.json, ` +
        "which save_pretrained() of Python's transformers writes from the other forms",
    );
  }
  const parts = tokenizerParts(parse(text, path), path);
  const configPath = `${folder}/tokenizer_config.json`;
  const configText = await readText(configPath);
  const config = configSchema.safeParse(configText === undefined ? {} : parse(configText, configPath));
  if (!config.success) throw new TokenizerFormatError(`Cannot read ${configPath}: ${z.prettifyError(config.error)}`);
  const template = chosenTemplate(await readText(`${folder}/chat_template.jinja`), config.data);
  try {
    return new FolderTokenizer(parts, config.data, template);
  } catch (cause) {
    throw new TokenizerFormatError(`Cannot use ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
