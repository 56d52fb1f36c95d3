/**
 * Added tokens of a published tokenizer: pieces of text that become one id before anything else looks at the text.
 *
 * Contract: the rules of Python's `tokenizers`: the leftmost match counts, the longest of those; tokens with `normalized` false are
 * looked for in the text as it is, the others, in their normalised form, in what is left once it is normalised; `lstrip` and
 * `rstrip` take the white space beside a token with it; `single_word` wants no word character beside it.
 *
 * @module
 */

/** An added token as `tokenizer.json` lists it. */
export interface AddedToken {
  /** Its id. */
  readonly id: number;
  /** Its text. */
  readonly content: string;
  /** Whether it is a control token, which plain text may not write and decoding leaves out. */
  readonly special: boolean;
  /** Whether it is looked for in normalised text. */
  readonly normalized: boolean;
  /** Whether it takes the white space before it. */
  readonly lstrip: boolean;
  /** Whether it takes the white space after it. */
  readonly rstrip: boolean;
  /** Whether it counts only where no word character is beside it. */
  readonly single_word: boolean;
}

/** A stretch of a text: an added token, or text between them. */
export interface TextPiece {
  /** Its token; undefined for text. */
  readonly token: AddedToken | undefined;
  /** Where it starts, in UTF-16 units. */
  readonly start: number;
  /** Where it ends, exclusive. */
  readonly end: number;
}

interface Node {
  readonly next: Map<number, Node>;
  token: AddedToken | undefined;
}

// White space as Unicode has it: unlike `\s` of JavaScript, with U+0085 and without U+FEFF.
const SPACE_BEFORE = /\p{White_Space}*$/u;
const SPACE_AFTER = /^\p{White_Space}*/u;
const WORD_BEFORE = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const WORD_AFTER = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** Finds added tokens in texts. */
export class AddedTokenSplitter {
  readonly #root: Node = { next: new Map(), token: undefined };

  /** @param tokens tokens with the text to look for. */
  constructor(tokens: Iterable<readonly [text: string, token: AddedToken]>) {
    for (const [text, token] of tokens) {
      if (text === "") continue;
      let node = this.#root;
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        let next = node.next.get(unit);
        if (next === undefined) node.next.set(unit, next = { next: new Map(), token: undefined });
        node = next;
      }
      node.token ??= token;
    }
  }

  /**
   * Cuts a text into tokens and what is between them.
   *
   * @param accepts says whether a match counts; it is skipped as a whole if not.
   */
  split(text: string, accepts: (token: AddedToken, start: number, end: number) => boolean): TextPiece[] {
    const pieces: TextPiece[] = [];
    let done = 0;
    for (let i = 0; i < text.length;) {
      const match = this.#longest(text, i);
      if (match === undefined) {
        i++;
        continue;
      }
      const { token, end: after } = match;
      const begin = i;
      i = after;
      if (!accepts(token, begin, after)) continue;
      if (token.single_word && (WORD_BEFORE.test(text.slice(0, begin)) || WORD_AFTER.test(text.slice(after)))) continue;
      const left = token.lstrip ? SPACE_BEFORE.exec(text.slice(done, begin))?.[0].length ?? 0 : 0;
      const right = token.rstrip ? SPACE_AFTER.exec(text.slice(after))?.[0].length ?? 0 : 0;
      const start = Math.max(done, begin - left);
      if (start > done) pieces.push({ token: undefined, start: done, end: start });
      done = after + right;
      pieces.push({ token, start, end: done });
    }
    if (done < text.length) pieces.push({ token: undefined, start: done, end: text.length });
    return pieces;
  }

  #longest(text: string, start: number): { token: AddedToken; end: number } | undefined {
    let node: Node | undefined = this.#root;
    let found: { token: AddedToken; end: number } | undefined;
    for (let i = start; i < text.length; i++) {
      node = node.next.get(text.charCodeAt(i));
      if (node === undefined) break;
      if (node.token !== undefined) found = { token: node.token, end: i + 1 };
    }
    return found;
  }
}
