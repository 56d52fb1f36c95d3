/**
 * Text of token strings, by the `decoder` of a `tokenizer.json`.
 *
 * Contract: the rules of Python's `tokenizers`, broken UTF-8 included: a byte-level decoder joins the bytes of all tokens and
 * replaces what is broken; byte fallback gives one U+FFFD per byte of a run that is not UTF-8. A byte-order mark is kept.
 * Known: ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace, and sequences of these. `clean_up_tokenization_spaces` of
 * the configuration is not obeyed: it would change the text that a policy wrote.
 *
 * @module
 */
import { z } from "zod";
import { textToBytes } from "./_byte_alphabet.ts";

const patternSchema = z.union([
  z.object({ String: z.string() }),
  z.object({ Regex: z.string() }),
]);
const stepSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ByteLevel") }),
  z.object({ type: z.literal("Replace"), pattern: patternSchema, content: z.string() }),
  z.object({ type: z.literal("ByteFallback") }),
  z.object({ type: z.literal("Fuse") }),
  z.object({ type: z.literal("Strip"), content: z.string(), start: z.int(), stop: z.int() }),
  z.object({
    type: z.literal("Metaspace"),
    replacement: z.string().default("\u2581"),
    prepend_scheme: z.enum(["always", "first", "never"]).default("always"),
  }),
]);
type Step = z.infer<typeof stepSchema>;

/** Accepts the decoders that {@linkcode decodeTokens} knows. */
export const decoderSchema = z.union([
  stepSchema,
  z.object({ type: z.literal("Sequence"), decoders: z.array(stepSchema) }),
]);
/** A decoder. */
export type DecoderSpec = z.infer<typeof decoderSchema>;

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();

function joinBytes(tokens: readonly string[]): string {
  const parts = tokens.map((token) => textToBytes(token) ?? encoder.encode(token));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return lenient.decode(bytes);
}

function fallBackToBytes(tokens: readonly string[]): string[] {
  const result: string[] = [];
  let run: number[] = [];
  const flush = () => {
    if (run.length === 0) return;
    try {
      result.push(strict.decode(Uint8Array.from(run)));
    } catch {
      for (const _ of run) result.push("\ufffd");
    }
    run = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (byte === undefined) {
      flush();
      result.push(token);
    } else run.push(parseInt(byte, 16));
  }
  flush();
  return result;
}

function strip(
  token: string,
  step: { readonly content: string; readonly start: number; readonly stop: number },
): string {
  const characters = Array.from(token);
  let start = 0;
  while (start < step.start && characters[start] === step.content) start++;
  let stop = characters.length;
  while (characters.length - stop < step.stop && stop > start && characters[stop - 1] === step.content) stop--;
  return characters.slice(start, stop).join("");
}

function replace(token: string, step: Extract<Step, { type: "Replace" }>): string {
  const { pattern, content } = step;
  return "String" in pattern
    ? token.replaceAll(pattern.String, () => content)
    : token.replace(new RegExp(pattern.Regex, "gu"), () => content);
}

function apply(tokens: readonly string[], step: Step): string[] {
  switch (step.type) {
    case "ByteLevel":
      return [joinBytes(tokens)];
    case "Replace":
      return tokens.map((token) => replace(token, step));
    case "ByteFallback":
      return fallBackToBytes(tokens);
    case "Fuse":
      return [tokens.join("")];
    case "Strip":
      return tokens.map((token) => strip(token, step));
    case "Metaspace":
      return tokens.map((token, i) => {
        const text = token.replaceAll(step.replacement, " ");
        return i === 0 && step.prepend_scheme !== "never" && token.startsWith(step.replacement) ? text.slice(1) : text;
      });
  }
}

/** Text of token strings. */
export function decodeTokens(tokens: readonly string[], decoder: DecoderSpec): string {
  const steps = decoder.type === "Sequence" ? decoder.decoders : [decoder];
  return steps.reduce<readonly string[]>(apply, tokens).join("");
}
