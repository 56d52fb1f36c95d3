/**
 * Splits an answer, LaTeX or plain text, into tokens.
 *
 * Contract: spends a step per character and never looks at one more than a fixed number of times. Spaces and commands of
 * looks vanish; synonyms become one operator. A comma between groups of three digits belongs to the number outside brackets.
 *
 * @module
 */
import type { NumberExpression } from "./expression.ts";
import type { Fuel } from "./fuel.ts";
import { ParseError } from "./_parse_error.ts";
import { ACCENTS, CHARACTERS, FUNCTIONS, GREEK, IGNORED, OPERATORS, SHORT_WORDS, TEXT_COMMANDS } from "./_symbols.ts";
import { readNumber } from "./_numbers.ts";

/** One token. */
export interface Token {
  /** `op` covers brackets; `command` is `frac`, `sqrt`, `binom`, `begin`, …; `word` is a name or text of several letters. */
  readonly type: "number" | "symbol" | "word" | "function" | "op" | "command" | "accent" | "set" | "end";
  /** The operator, name, word, or the characters of a number. */
  readonly text: string;
  /** Of a number. */
  readonly number?: NumberExpression;
  /** Whether space stood before it. */
  readonly gap: boolean;
}

/** Longest subscript, environment name or text in braces, in characters; longer ones are an error. */
const TEXT_LIMIT = 2000;
const OPEN = new Set(["(", "[", "\\{", "⟨"]);
const CLOSE = new Set([")", "]", "\\}", "⟩"]);

const DOUBLE: readonly string[] = ["<=", ">=", "!=", "==", "**", "->", "!in", "+-", "=>", "=<"];
const DOUBLE_NAMES: ReadonlyMap<string, string> = new Map([
  ["==", "="],
  ["**", "^"],
  ["->", "→"],
  ["=>", "→"],
  ["+-", "±"],
  ["=<", "<="],
]);
const SINGLE = new Set([..."+-*/^_!',;:=<>|()[]{}~π∞∅∪∩∖±∓°…≡⌊⌋⌈⌉⟨⟩&%→"]);

/** Replaces characters outside ASCII by their spelling; a step for each character of the text. */
function spellOut(text: string, fuel: Fuel): string {
  fuel.spend(text.length);
  // deno-lint-ignore no-control-regex
  return text.replace(/[^\x00-\x7f]/g, (character) => CHARACTERS.get(character) ?? character);
}

/**
 * Tokens of an answer, the last of type `end`.
 *
 * @throws {ParseError} if a character or a command has no meaning here.
 * @throws {FuelExhausted} if the text is too long for the budget.
 */
export function lex(input: string, fuel: Fuel): Token[] {
  const text = spellOut(input, fuel);
  const tokens: Token[] = [];
  let at = 0;
  let gap = false;
  let depth = 0;

  const push = (type: Token["type"], value: string, number?: NumberExpression) => {
    fuel.spend(1);
    if (OPEN.has(value) && type === "op") depth++;
    if (CLOSE.has(value) && type === "op") depth = Math.max(0, depth - 1);
    tokens.push(number === undefined ? { type, text: value, gap } : { type, text: value, gap, number });
    gap = false;
  };
  /** Content of the braces at `at`, or the one character there. */
  const argument = (): string => {
    while (text[at] === " ") at++;
    if (text[at] !== "{") {
      if (!/[A-Za-z\d]/.test(text.charAt(at))) {
        throw new ParseError("Cannot read the answer: a command lacks its braces");
      }
      return text.charAt(at++);
    }
    let level = 0;
    for (let end = at; end < text.length && end < at + TEXT_LIMIT; end++) {
      if (text[end] === "{" && text[end - 1] !== "\\") level++;
      if (text[end] === "}" && text[end - 1] !== "\\" && --level === 0) {
        const content = text.slice(at + 1, end);
        fuel.spend(content.length + 1);
        at = end + 1;
        return content;
      }
    }
    throw new ParseError("Cannot read the answer: a brace is never closed, or holds too much text");
  };
  const name = (word: string) => {
    if (OPERATORS.has(word) && /^(in|mod|cup|cap)$/.test(word)) push("op", OPERATORS.get(word) ?? word);
    else if (word === "and" || word === "or") push("op", word);
    else if (word === "pi" || word === "Pi") push("op", "π");
    else if (/^(oo|inf|infinity|infty|Infinity|Inf)$/.test(word)) push("op", "∞");
    else if (word === "sqrt" || word === "cbrt") push("command", word);
    else if (word === "union" || word === "Union") push("op", "∪");
    else if (word === "times") push("op", "*");
    else if (word === "degrees" || word === "degree") push("op", "°");
    else if (FUNCTIONS.has(word) && word.length > 1) push("function", FUNCTIONS.get(word) ?? word);
    else if (GREEK.has(word)) push("symbol", word);
    else if (word.length === 1) push("symbol", word);
    else if (SHORT_WORDS.has(word.toLowerCase())) push("word", word);
    else {
      // "sinx", "lnx" and "pir" are a function or constant and one letter.
      const head = word.slice(0, -1);
      if (word.length <= 5 && (head === "pi" || head === "sqrt" || (FUNCTIONS.has(head) && head.length > 1))) {
        name(head);
        push("symbol", word.slice(-1));
      } else if (word.length > 3) push("word", word);
      else for (const letter of word) push("symbol", letter);
    }
  };
  const command = (word: string) => {
    const operator = OPERATORS.get(word);
    if (IGNORED.has(word)) {
      gap = true;
      // "\left." and "\right." have no bracket.
      if ((word === "left" || word === "right") && text[at] === ".") at++;
    } else if (operator !== undefined) push("op", operator);
    else if (GREEK.has(word)) push("symbol", word);
    else if (FUNCTIONS.has(word) && word !== "binom") push("function", FUNCTIONS.get(word) ?? word);
    else if (/^[dtc]?frac$/.test(word)) push("command", "frac");
    else if (/^[dt]?binom$/.test(word)) push("command", "binom");
    else if (word === "sqrt") push("command", "sqrt");
    else if (word === "begin" || word === "end") push("command", `${word} ${argument().trim()}`);
    else if (word === "mathbb" || word === "Bbb") push("set", argument().trim());
    else if (word === "not") {
      const rest = /\s*(=|\\in(?![a-z])|\\equiv)/y;
      rest.lastIndex = at;
      const match = rest.exec(text);
      if (match === null) throw new ParseError("Cannot read the answer: \\not without a relation");
      at = rest.lastIndex;
      push("op", match[1] === "=" ? "!=" : match[1] === "\\in" ? "!in" : "!≡");
    } else if (ACCENTS.has(word)) push("accent", word);
    else if (TEXT_COMMANDS.has(word)) {
      const content = argument().replace(/\\[ ,;!]|~/g, " ").trim();
      if (content === "") gap = true;
      else if (/^(and|or|in|mod)$/i.test(content.replace(/^,\s*/, ""))) {
        push("op", content.replace(/^,\s*/, "").toLowerCase());
      } else if (/^[A-Za-z]$/.test(content)) push("symbol", content);
      else if (FUNCTIONS.has(content)) push("function", FUNCTIONS.get(content) ?? content);
      else if (/^[-+]?[\d.,/]+$/.test(content) || /^[\\$^_{}()\d+\-*/=. ]+$/.test(content)) {
        for (const token of lex(content, fuel)) if (token.type !== "end") tokens.push(token);
      } else push("word", content.replace(/[{}\\$_^|[\]]/g, ""));
    } else if (word === "phantom" || word === "hspace" || word === "vspace" || word === "tag") argument();
    else throw new ParseError(`Cannot read the answer: the command \\${word.slice(0, 40)} has no meaning here`);
  };

  while (at < text.length) {
    fuel.spend(1);
    const character = text.charAt(at);
    if (character === " " || character === "\n" || character === "\t" || character === "\r" || character === "$") {
      gap = true;
      at++;
      continue;
    }
    if (/[\d.]/.test(character)) {
      // "np.pi" and "math.sqrt" come from code.
      const read = readNumber(text, at, depth === 0, fuel);
      if (read !== null) {
        at = read.end;
        push("number", read.text, read.number);
        continue;
      }
      if (text.startsWith("...", at)) {
        at += 3;
        push("op", "…");
        continue;
      }
      throw new ParseError("Cannot read the answer: a point stands without digits");
    }
    if (/[A-Za-z]/.test(character)) {
      const run = /[A-Za-z]+/y;
      run.lastIndex = at;
      const word = run.exec(text)?.[0] ?? character;
      at += word.length;
      fuel.spend(word.length);
      if ((word === "np" || word === "math") && text[at] === ".") at++;
      else name(word);
      continue;
    }
    if (character === "\\") {
      const run = /\\([A-Za-z]+)\*?/y;
      run.lastIndex = at;
      const word = run.exec(text)?.[1];
      if (word !== undefined) {
        at = run.lastIndex - (text[run.lastIndex - 1] === "*" && word !== "operatorname" ? 1 : 0);
        fuel.spend(word.length);
        command(word);
        continue;
      }
      const next = text.charAt(at + 1);
      at += 2;
      if (next === "\\") push("op", "\\\\");
      else if (next === "{" || next === "}") push("op", `\\${next}`);
      else if (next === "|") push("op", "|");
      else if (next === "%") push("op", "%");
      else if (/^[ ,;:!>$\n]?$/.test(next)) gap = true;
      else throw new ParseError(`Cannot read the answer: \\${next} has no meaning here`);
      continue;
    }
    const pair = DOUBLE.find((candidate) => text.startsWith(candidate, at));
    // "3!=" followed by a value is a factorial in an equation as often as an inequality; the reading as != wins.
    if (pair !== undefined) {
      at += pair.length;
      push("op", DOUBLE_NAMES.get(pair) ?? pair);
      continue;
    }
    if (text.startsWith("subset", at)) {
      at += 6;
      push("op", "subset");
      continue;
    }
    if (SINGLE.has(character)) {
      at++;
      push("op", character);
      continue;
    }
    if (character === '"' || character === "`") {
      at++;
      gap = true;
      continue;
    }
    const other = /[^\x20-\x7e]+/y;
    other.lastIndex = at;
    const run = other.exec(text)?.[0];
    // Letters of other alphabets are words.
    if (run !== undefined && /^\p{L}+$/u.test(run)) {
      at += run.length;
      push("word", run);
      continue;
    }
    throw new ParseError(`Cannot read the answer: the character ${JSON.stringify(character)} has no meaning here`);
  }
  push("end", "");
  return tokens;
}
