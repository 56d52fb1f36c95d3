/**
 * What a `tokenizer.json` must hold to be read, put into the form that the encoder of `@huggingface/tokenizers` follows exactly.
 *
 * Contract: byte-pair encodings only, with the parts listed below; another part is a {@linkcode TokenizerFormatError} that names the
 * file and the field. GPT-2's built-in pattern and digit splitting become the same patterns spelled out, because the package's own
 * differ from Python's in white space and digits outside of ASCII.
 *
 * @module
 */
import { z } from "zod";
import { decoderSchema } from "./_token_decoder.ts";
import { TokenizerFormatError } from "./tokenizer.ts";

/** Pattern of a ByteLevel pre-tokenizer with `use_regex`, in Oniguruma's syntax. */
const GPT2_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const patternSchema = z.union([z.object({ String: z.string() }), z.object({ Regex: z.string() })]);
const normalizerStep = z.discriminatedUnion("type", [
  z.object({ type: z.literal("NFC") }),
  z.object({ type: z.literal("NFD") }),
  z.object({ type: z.literal("NFKC") }),
  z.object({ type: z.literal("NFKD") }),
  z.object({ type: z.literal("Prepend"), prepend: z.string() }),
  z.object({ type: z.literal("Replace"), pattern: patternSchema, content: z.string() }),
]);
const splitterStep = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ByteLevel"),
    add_prefix_space: z.boolean().default(false),
    use_regex: z.boolean().default(true),
  }),
  z.object({
    type: z.literal("Split"),
    pattern: patternSchema,
    behavior: z.enum(["Isolated", "Removed"]),
    invert: z.boolean().default(false),
  }).refine(({ behavior, invert }) => !(invert && behavior === "Isolated"), {
    error: "a Split that is inverted must have the behavior Removed",
    path: ["behavior"],
  }),
  z.object({ type: z.literal("Digits"), individual_digits: z.boolean().default(false) }),
  z.object({
    type: z.literal("Metaspace"),
    replacement: z.string().default("\u2581"),
    prepend_scheme: z.enum(["always", "first", "never"]).default("always"),
    split: z.boolean().default(true),
  }),
]);
const addedToken = z.object({
  id: z.int().nonnegative(),
  content: z.string(),
  special: z.boolean().default(false),
  normalized: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  single_word: z.boolean().default(false),
});

type Merge = string | readonly [string, string];

function isVocabulary(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((id) => Number.isInteger(id) && id >= 0);
}

function isMerges(value: unknown): boolean {
  return Array.isArray(value) && value.every((merge: unknown) => {
    const parts: unknown = typeof merge === "string" ? merge.split(" ") : merge;
    return Array.isArray(parts) && parts.length === 2 && parts.every((part) => typeof part === "string");
  });
}

/** Accepts the tokenizers that can be read. */
const fileSchema = z.object({
  added_tokens: z.array(addedToken).default([]),
  normalizer: z.union([
    z.null(),
    normalizerStep,
    z.object({ type: z.literal("Sequence"), normalizers: z.array(normalizerStep) }),
  ])
    .default(null),
  pre_tokenizer: z.union([
    z.null(),
    splitterStep,
    z.object({ type: z.literal("Sequence"), pretokenizers: z.array(splitterStep) }),
  ]).default(null),
  decoder: decoderSchema,
  model: z.object({
    type: z.literal("BPE").default("BPE"),
    dropout: z.union([z.null(), z.literal(0)]).default(null),
    unk_token: z.union([z.null(), z.string()]).default(null),
    continuing_subword_prefix: z.union([z.null(), z.literal("")]).default(null),
    end_of_word_suffix: z.union([z.null(), z.literal("")]).default(null),
    fuse_unk: z.boolean().default(false),
    byte_fallback: z.boolean().default(false),
    ignore_merges: z.boolean().default(false),
    // Of up to 200,000 entries each: one plain check takes a tenth of the time of a schema per entry.
    vocab: z.custom<Readonly<Record<string, number>>>(
      isVocabulary,
      "must give an id, an integer from 0, to each token",
    ),
    merges: z.custom<readonly Merge[]>(isMerges, 'must be a list of pairs, ["a", "b"] or "a b"'),
  }),
});

/** A `tokenizer.json` that can be read. */
export type TokenizerFile = z.infer<typeof fileSchema>;
type Splitter = z.infer<typeof splitterStep>;

/** The same splitting in parts that the package follows exactly. */
function spelledOut(step: Splitter): Record<string, unknown>[] {
  if (step.type === "Digits") {
    const pattern = { Regex: step.individual_digits ? "\\p{N}" : "\\p{N}+" };
    return [{ type: "Split", pattern, behavior: "Isolated", invert: false }];
  }
  if (step.type !== "ByteLevel" || !step.use_regex || step.add_prefix_space) return [step];
  return [
    { type: "Split", pattern: { Regex: GPT2_PATTERN }, behavior: "Isolated", invert: false },
    { ...step, use_regex: false },
  ];
}

/** Parts of a tokenizer, checked. */
export interface TokenizerParts {
  /** The file's fields with their defaults. */
  readonly file: TokenizerFile;
  /** What the package's constructor takes. */
  readonly packageJson: Record<string, unknown>;
  /** The same without what is put before a text, and without vocabulary; undefined if nothing is put before a text. */
  readonly bareJson: Record<string, unknown> | undefined;
  /** Where a Metaspace splits, if it splits. */
  readonly splitBefore: RegExp | undefined;
}

/**
 * Checks a parsed `tokenizer.json`.
 *
 * @param path where it comes from, for messages.
 * @throws {TokenizerFormatError} that names the field at fault.
 */
export function tokenizerParts(json: unknown, path: string): TokenizerParts {
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    throw new TokenizerFormatError(
      `Cannot read ${path}: it is not a byte-pair tokenizer of a kind that is known: ${z.prettifyError(parsed.error)}`,
    );
  }
  const file = parsed.data;
  const { pre_tokenizer: splitter, normalizer, decoder, model } = file;
  const steps = splitter === null ? [] : splitter.type === "Sequence" ? splitter.pretokenizers : [splitter];
  const metaspace = steps.find((step) => step.type === "Metaspace");
  if (metaspace !== undefined && steps.length > 1) {
    throw new TokenizerFormatError(
      `Cannot read ${path}: field pre_tokenizer has a Metaspace beside other steps; it must stand alone`,
    );
  }
  const packageJson = (bare: boolean) => {
    const normalizers = normalizer === null
      ? []
      : (normalizer.type === "Sequence" ? normalizer.normalizers : [normalizer]).filter(({ type }) => {
        return !(bare && type === "Prepend");
      });
    const pretokenizers = steps.flatMap(spelledOut).map((step) => {
      if (!bare) return step;
      return step["type"] === "Metaspace" ? { ...step, prepend_scheme: "never" } : { ...step, add_prefix_space: false };
    });
    return {
      version: "1.0",
      added_tokens: [],
      normalizer: normalizers.length === 0 ? null : { type: "Sequence", normalizers },
      pre_tokenizer: pretokenizers.length === 0 ? null : { type: "Sequence", pretokenizers },
      post_processor: null,
      decoder,
      model: bare ? { ...model, vocab: {}, merges: [] } : model,
    };
  };
  const text = JSON.stringify({ normalizer, steps });
  const puts = /"prepend"|"prepend_scheme":"(first|always)"|"add_prefix_space":true/.test(text);
  return {
    file,
    packageJson: packageJson(false),
    bareJson: puts ? packageJson(true) : undefined,
    splitBefore: metaspace?.split === true ? new RegExp(`(?=${RegExp.escape(metaspace.replacement)})`, "u") : undefined,
  };
}
