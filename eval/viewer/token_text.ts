/**
 * Texts of single ids, for transcripts.
 *
 * Contract: the texts of a rollout's ids joined are its text; an id whose bytes end within a character gets none, and the id that
 * completes the character gets it. Special tokens show their name. Where the tokenizer is not there, ids stand for themselves.
 *
 * @module
 */
import { BpeTokenizer } from "../../agents/model/tokenizer.ts";

/** Most ids that one character is spread over: its UTF-8 has at most four bytes. */
const MOST_PARTS = 4;

/** One id with its text. */
export interface ShownToken {
  /** Id. */
  readonly id: number;
  /** Text; empty where the character is completed by a later id. */
  readonly text: string;
  /** Whether it is a special token, whose text is its name. */
  readonly isSpecial: boolean;
}

/** Gives the texts of ids, one each. */
export type TokenText = (ids: readonly number[]) => ShownToken[];

/** What is needed of a tokenizer. */
export interface TokenNames {
  /** Text of ids. */
  decode(ids: readonly number[]): string;
  /** Special tokens by their text. */
  readonly specials: Readonly<Record<string, number>>;
}

/** Texts by a tokenizer. */
export function tokenTextOf(tokenizer: TokenNames): TokenText {
  const names = new Map(Object.entries(tokenizer.specials).map(([text, id]) => [id, text]));
  return (ids) => {
    const tokens: ShownToken[] = [];
    let open: number[] = [];
    // A character that was never completed: its last id shows what there is.
    const flush = () => {
      const last = tokens.at(-1);
      if (open.length > 0 && last !== undefined) tokens[tokens.length - 1] = { ...last, text: tokenizer.decode(open) };
      open = [];
    };
    for (const id of ids) {
      const name = names.get(id);
      if (name !== undefined) {
        flush();
        tokens.push({ id, text: name, isSpecial: true });
        continue;
      }
      open.push(id);
      const text = tokenizer.decode(open);
      const isBroken = text.includes("\ufffd") && open.length < MOST_PARTS;
      tokens.push({ id, text: isBroken ? "" : text, isSpecial: false });
      if (!isBroken) open = [];
    }
    flush();
    return tokens;
  };
}

/** Files of tokenizers that were read, by path. */
const cache = new Map<string, Promise<TokenText | undefined>>();

/**
 * Texts by the tokenizer of the first of the runs that has one.
 *
 * @param checkpoints folder with a folder per run.
 * @param runs a run, the run that it starts from, and so on.
 * @returns undefined if none has one that can be read.
 */
export async function loadTokenText(checkpoints: string, runs: readonly string[]): Promise<TokenText | undefined> {
  for (const run of runs) {
    // Ids of runs come from addresses: a name that leads out of the folder is none.
    if (!/^[\w.-]+$/.test(run) || /^\.+$/.test(run)) continue;
    const path = `${checkpoints}/${run}/tokenizer.json`;
    let text = cache.get(path);
    if (text === undefined) {
      text = Deno.readTextFile(path).then((json) => tokenTextOf(BpeTokenizer.fromJson(JSON.parse(json))))
        .catch(() => undefined);
      cache.set(path, text);
    }
    const found = await text;
    if (found !== undefined) return found;
    cache.delete(path);
  }
  return undefined;
}
