/**
 * Byte-level BPE tokenizer, read from and written to the layout of a Hugging Face `tokenizer.json`.
 *
 * Contract: `decode(encode(text))` is `text` for every well-formed string (unless the file asks for NFC). A special token's
 * text inside a text is encoded as plain characters, so that no observation can forge a turn. No merge crosses a pre-token.
 * Choices: ids are the 256 bytes in order, then merges, then specials; `\s` is avoided in our own pattern because engines
 * differ in what it holds. Omitted: other models (WordPiece, Unigram), lone surrogates (they become U+FFFD), dropout.
 *
 * @module
 */
import { z } from "zod";
import type { Tokenizer } from "../policy.ts";
import { learnMerges, PAIR_BASE, pretokens, replacePair } from "./_bpe.ts";
import { bytesToText, textToBytes } from "./_byte_alphabet.ts";

/**
 * Pre-token pattern, valid in JavaScript (`u`) and in Oniguruma: a word with at most one leading space, one digit, a run of
 * punctuation with at most one leading space, newlines with the indent after them, other white space.
 */
export const SPLIT_PATTERN =
  " ?[\\p{L}\\p{M}_]+|\\p{N}| ?[^ \\t\\r\\n\\p{L}\\p{M}\\p{N}_]+|[\\r\\n]+[ \\t]*|[ \\t]+(?![^ \\t\\r\\n])|[ \\t]+";

const LETTERS = "[\\p{L}\\p{M}]+";
// A word of a chunk is not part of an identifier with underscores: those are cut into their words, which prose has too.
const WORD = `(?<!_)${LETTERS}(?![\\p{L}\\p{M}_])`;
const KEYWORD = "(?:(?:const|let|return|function|x of) )";
// One character at a time: a repeated run inside a repeated group would backtrack exponentially. A full stop that ends a sentence
// stays outside, so that a word has the same tokens there as between quotes.
const JOINT = "(?: *(?![.?!](?:[ \\n]|$))[^ \\t\\r\\n\\p{L}\\p{M}\\p{N}_\"'])";

/**
 * Pre-token pattern for text that is mostly code: words joined by punctuation are one pre-token (`page.length === `), so that the
 * idioms of a code base become single tokens. Digits, quotes, line breaks, the words of prose and those of an identifier (`accept_ask`)
 * stand alone, so that a name or a verb has nearly the same tokens in a sentence and in code, which makes it easy to copy.
 * Our choice, after superword tokenization (arXiv 2503.13423); it halves the length of an episode of API code.
 */
export const CODE_SPLIT_PATTERN =
  `(?: ?${KEYWORD}+${WORD}| ?${KEYWORD}| ?${WORD}|${JOINT})(?:${JOINT}+ *${KEYWORD}*${WORD})*${JOINT}*|` +
  `[ _]?${LETTERS}|_|\\p{N}| ?[^ \\t\\r\\n\\p{L}\\p{M}\\p{N}_]+|[\\r\\n]+[ \\t]*|[ \\t]+(?![^ \\t\\r\\n])|[ \\t]+`;

/** Pattern of a ByteLevel pre-tokenizer with `use_regex` (GPT-2). */
const GPT2_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Longest pre-token (UTF-16 units) and most entries that the word cache keeps. */
const CACHE_WORD_LENGTH = 64;
const CACHE_ENTRIES = 1 << 17;

/** A `tokenizer.json` is not a byte-level BPE that this reader knows. */
export class TokenizerFormatError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "TokenizerFormatError";
}

const splitSchema = z.object({
  type: z.literal("Split"),
  pattern: z.object({ Regex: z.string() }),
  behavior: z.literal("Isolated"),
  invert: z.literal(false).optional(),
});
const byteLevelSchema = z.object({
  type: z.literal("ByteLevel"),
  add_prefix_space: z.literal(false).optional(),
  use_regex: z.boolean().optional(),
});
const fileSchema = z.object({
  added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string(), special: z.boolean() })),
  normalizer: z.union([z.null(), z.object({ type: z.literal("NFC") })]).optional(),
  pre_tokenizer: z.union([
    byteLevelSchema,
    z.object({ type: z.literal("Sequence"), pretokenizers: z.tuple([splitSchema, byteLevelSchema]) }),
  ]),
  model: z.object({
    type: z.literal("BPE").optional(),
    ignore_merges: z.boolean().optional(),
    vocab: z.record(z.string(), z.int().nonnegative()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
});

/** A `tokenizer.json` as {@linkcode BpeTokenizer.toJson} writes it. */
export interface TokenizerJson {
  /** Format version, "1.0". */
  readonly version: string;
  /** Special tokens. */
  readonly added_tokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
  /** Vocabulary and merges. */
  readonly model: {
    readonly type: "BPE";
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (readonly [string, string])[];
  };
  /** Normalizer, pre-tokenizer, decoder and other fields of the layout. */
  readonly [field: string]: unknown;
}

/** What a {@linkcode BpeTokenizer} is made of. */
export interface BpeTokenizerParts {
  /** Bytes of each id; undefined for specials and unused ids. */
  readonly tokens: readonly (Uint8Array | undefined)[];
  /** Pairs of ids in order of rank, with the id that each makes. */
  readonly merges: readonly (readonly [left: number, right: number, merged: number])[];
  /** Special tokens by their text. */
  readonly specials: Readonly<Record<string, number>>;
  /**
   * Pre-token pattern, JavaScript syntax with the flag `u`.
   *
   * @default {SPLIT_PATTERN}
   */
  readonly pattern?: string;
  /**
   * Put text into NFC first; then `decode(encode(text))` is the NFC form.
   *
   * @default {false}
   */
  readonly nfc?: boolean;
  /**
   * Take a whole pre-token that is in the vocabulary as it is, without merging.
   *
   * @default {false}
   */
  readonly ignoreMerges?: boolean;
}

/**
 * Byte-level BPE tokenizer.
 *
 * @example Round trip through the file format
 * ```ts
 * import { BpeTokenizer, trainBpe } from "whetstone/agents/model/tokenizer.ts";
 * import assert from "node:assert/strict";
 *
 * const trained = trainBpe(["let total = 0;", "let rest = 1;"], { vocabularySize: 260, specials: ["<|end|>"] });
 * const read = BpeTokenizer.fromJson(trained.toJson());
 * assert.equal(read.decode(read.encode("let it be; <|end|>")), "let it be; <|end|>");
 * assert.deepEqual(read.specials, { "<|end|>": 259 });
 * ```
 */
export class BpeTokenizer implements Tokenizer {
  /** Number of ids, special tokens included. */
  readonly vocabularySize: number;
  /** Special tokens by their text. */
  readonly specials: Readonly<Record<string, number>>;
  readonly #parts: BpeTokenizerParts;
  readonly #pattern: RegExp;
  readonly #byteIds = new Int32Array(256);
  readonly #merged = new Map<number, { readonly rank: number; readonly id: number }>();
  readonly #whole: ReadonlyMap<string, number>;
  readonly #cache = new Map<string, readonly number[]>();
  readonly #encoder = new TextEncoder();

  /**
   * @param parts see {@linkcode BpeTokenizerParts}.
   * @throws {TokenizerFormatError} if a byte has no id, or the pattern does not compile.
   */
  constructor(parts: BpeTokenizerParts) {
    this.#parts = parts;
    this.specials = { ...parts.specials };
    this.vocabularySize = parts.tokens.length;
    try {
      this.#pattern = new RegExp(parts.pattern ?? SPLIT_PATTERN, "gu");
    } catch (cause) {
      throw new TokenizerFormatError(`Cannot make a tokenizer: bad pattern ${parts.pattern}`, { cause });
    }
    this.#byteIds.fill(-1);
    const whole = new Map<string, number>();
    parts.tokens.forEach((bytes, id) => {
      if (bytes === undefined) return;
      if (bytes.length === 1) this.#byteIds[bytes[0] ?? 0] = id;
      if (parts.ignoreMerges === true) whole.set(bytesToText(bytes), id);
    });
    this.#whole = whole;
    const missing = this.#byteIds.indexOf(-1);
    if (missing >= 0) throw new TokenizerFormatError(`Cannot make a tokenizer: byte ${missing} has no id`);
    parts.merges.forEach(([left, right, id], rank) => {
      const key = left * PAIR_BASE + right;
      if (!this.#merged.has(key)) this.#merged.set(key, { rank, id });
    });
  }

  /** Ids of a text; the text of a special token gets the ids of its characters. */
  encode(text: string): number[] {
    const source = this.#parts.nfc === true ? text.normalize("NFC") : text;
    const ids: number[] = [];
    for (const word of pretokens(source, this.#pattern)) {
      for (const id of this.#encodeWord(word)) ids.push(id);
    }
    return ids;
  }

  /** Text of ids; specials and unknown ids are left out, broken UTF-8 becomes U+FFFD. */
  decode(ids: readonly number[]): string {
    const parts = ids.map((id) => this.#parts.tokens[id]);
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
    let offset = 0;
    for (const part of parts) {
      if (part === undefined) continue;
      bytes.set(part, offset);
      offset += part.length;
    }
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }

  /** The tokenizer as a Hugging Face `tokenizer.json`. There, unlike here, specials inside a text are recognised. */
  toJson(): TokenizerJson {
    const { tokens, merges, nfc = false, ignoreMerges = false, pattern = SPLIT_PATTERN } = this.#parts;
    const texts = tokens.map((bytes) => (bytes === undefined ? undefined : bytesToText(bytes)));
    const vocab: Record<string, number> = {};
    texts.forEach((text, id) => {
      if (text !== undefined) vocab[text] = id;
    });
    return {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: Object.entries(this.specials).sort((a, b) => a[1] - b[1]).map(([content, id]) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: nfc ? { type: "NFC" } : null,
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
          { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
        ],
      },
      post_processor: null,
      decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: ignoreMerges,
        vocab,
        merges: merges.map(([left, right]) => [texts[left] ?? "", texts[right] ?? ""] as const),
      },
    } as TokenizerJson;
  }

  /**
   * Reads a parsed `tokenizer.json`: byte-level BPE with a Split pattern or GPT-2's own (Qwen, Llama 3, GPT-2 families).
   *
   * @throws {TokenizerFormatError} if it is another kind of tokenizer or its parts do not fit together.
   */
  static fromJson(json: unknown): BpeTokenizer {
    const parsed = fileSchema.safeParse(json);
    if (!parsed.success) {
      throw new TokenizerFormatError(`Cannot read tokenizer.json: ${z.prettifyError(parsed.error)}`);
    }
    const { added_tokens, model, normalizer, pre_tokenizer } = parsed.data;
    const tokens: (Uint8Array | undefined)[] = [];
    const ids = new Map(Object.entries(model.vocab));
    const added = new Map(added_tokens.map((token) => [token.content, token.id]));
    let size = 0;
    for (const id of [...ids.values(), ...added.values()]) size = Math.max(size, id + 1);
    for (let id = 0; id < size; id++) tokens.push(undefined);
    for (const [text, id] of ids) {
      if (added.get(text) === id) continue;
      const bytes = textToBytes(text);
      if (bytes === undefined) throw new TokenizerFormatError(`Cannot read tokenizer.json: token ${id} is not bytes`);
      tokens[id] = bytes;
    }
    const specials: Record<string, number> = {};
    for (const token of added_tokens) specials[token.content] = token.id;
    const merges = model.merges.map((merge) => {
      const [left = "", right = ""] = typeof merge === "string" ? merge.split(" ") : merge;
      const [a, b, merged] = [ids.get(left), ids.get(right), ids.get(left + right)];
      if (a === undefined || b === undefined || merged === undefined) {
        throw new TokenizerFormatError(`Cannot read tokenizer.json: merge "${left} ${right}" is not in the vocabulary`);
      }
      return [a, b, merged] as const;
    });
    const pattern = pre_tokenizer.type === "ByteLevel" ? GPT2_PATTERN : pre_tokenizer.pretokenizers[0].pattern.Regex;
    return new BpeTokenizer({
      tokens,
      merges,
      specials,
      pattern,
      nfc: (normalizer ?? null) !== null,
      ignoreMerges: model.ignore_merges ?? false,
    });
  }

  #encodeWord(word: string): readonly number[] {
    const cached = this.#cache.get(word);
    if (cached !== undefined) return cached;
    const bytes = this.#encoder.encode(word);
    const whole = this.#parts.ignoreMerges === true ? this.#whole.get(bytesToText(bytes)) : undefined;
    const ids = whole === undefined ? this.#merge(Array.from(bytes, (byte) => this.#byteIds[byte] ?? 0)) : [whole];
    if (word.length <= CACHE_WORD_LENGTH) {
      if (this.#cache.size >= CACHE_ENTRIES) this.#cache.clear();
      this.#cache.set(word, ids);
    }
    return ids;
  }

  /** Applies merges, lowest rank first. One pass merges every occurrence: a merge makes only pairs of higher rank. */
  #merge(ids: number[]): number[] {
    while (ids.length > 1) {
      let best: { rank: number; id: number } | undefined;
      let bestKey = -1;
      for (let i = 1; i < ids.length; i++) {
        const key = (ids[i - 1] ?? 0) * PAIR_BASE + (ids[i] ?? 0);
        const found = this.#merged.get(key);
        if (found !== undefined && (best === undefined || found.rank < best.rank)) [best, bestKey] = [found, key];
      }
      if (best === undefined) break;
      ids = replacePair(ids, bestKey, best.id);
    }
    return ids;
  }
}

/** Options of {@linkcode trainBpe}. */
export interface TrainBpeOptions {
  /** Most ids, the 256 bytes and the specials included; fewer when no pair is left to merge. */
  readonly vocabularySize: number;
  /** Texts of the special tokens; they get the last ids, in this order. */
  readonly specials: readonly string[];
  /**
   * A pair that is rarer is not merged.
   *
   * @default {2}
   */
  readonly minCount?: number;
  /**
   * Pre-token pattern, JavaScript syntax with the flag `u`; each character of any text must be in some match.
   *
   * @default {SPLIT_PATTERN}
   */
  readonly pattern?: string;
}

/**
 * Learns a byte-level BPE vocabulary: the most frequent pair is merged first, the smaller ids first among equals.
 *
 * @example A repeated word becomes one id
 * ```ts
 * import { trainBpe } from "whetstone/agents/model/tokenizer.ts";
 * import assert from "node:assert/strict";
 *
 * const tokenizer = trainBpe(["token token token"], { vocabularySize: 300, specials: [] });
 * assert.equal(tokenizer.encode(" token").length, 1);
 * ```
 *
 * @param texts what to learn from.
 * @param options see {@linkcode TrainBpeOptions}.
 * @throws {RangeError} if the vocabulary cannot hold the bytes and the specials, or a special is listed twice.
 */
export function trainBpe(texts: readonly string[], options: TrainBpeOptions): BpeTokenizer {
  const { vocabularySize, specials, minCount = 2, pattern = SPLIT_PATTERN } = options;
  const room = vocabularySize - 256 - specials.length;
  if (!Number.isInteger(room) || room < 0 || vocabularySize > PAIR_BASE) {
    throw new RangeError(
      `Cannot train a tokenizer: vocabularySize must be an integer from ${
        256 + specials.length
      }, got ${vocabularySize}`,
    );
  }
  if (new Set(specials).size !== specials.length) {
    throw new RangeError(`Cannot train a tokenizer: specials must differ, got ${specials.join(" ")}`);
  }
  const counts = new Map<string, number>();
  const matcher = new RegExp(pattern, "gu");
  for (const text of texts) {
    for (const word of pretokens(text, matcher)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const encoder = new TextEncoder();
  const words = Array.from(counts, ([word, count]) => ({ ids: Array.from(encoder.encode(word)), count }));
  const merges = learnMerges(words, room, minCount);
  const tokens: (Uint8Array | undefined)[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  for (const [left, right] of merges) {
    tokens.push(Uint8Array.of(...(tokens[left] ?? []), ...(tokens[right] ?? [])));
  }
  const ids = specials.map((special, i) => [special, tokens.length + i] as const);
  for (const _ of specials) tokens.push(undefined);
  return new BpeTokenizer({ tokens, merges, specials: Object.fromEntries(ids), pattern });
}
