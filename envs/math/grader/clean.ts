/**
 * Takes everything off an answer that is not mathematics: markdown, delimiters, spacing commands, units, percent signs.
 *
 * Contract: the text keeps its value; what is taken off and could matter is reported (`percent`, `unit`). Works in time linear
 * in the text. Applied to reference and answer alike.
 * - A **unit** is what stands behind a number: a known unit (`_units.ts`), `^\circ`, a currency sign before or behind it, text in
 *   `\text{…}`, or up to four bare words behind a plain number ("12 apples"). A single bare letter is a unit only behind a plain
 *   number and a space ("5 m^2", but not "5m"); `keepUnits` leaves all units in, for the case that the letter is a variable.
 * - Degrees inside a trigonometric function are not a unit; they become multiples of π/180.
 * - Thousands: `1{,}000`, `1,\!000`, `1\,000` and `1 000` lose their separators. `1,000` stays, since it may be a list; the parser
 *   decides.
 * - `(A)`, `option B`, `\text{(C)}` become the letter; `5^{th}` and `3rd` become the number; "seven" becomes 7; "2 million" becomes
 *   a product.
 *
 * @module
 */
import { trimMarks } from "./_trim.ts";
import { spellUnicode } from "./_unicode.ts";
import { isUnitWord, UNIT_LETTERS } from "./_units.ts";

/** A cleaned answer. */
export interface CleanAnswer {
  /** What is left for the parser. */
  readonly text: string;
  /** A percent sign, or the word, stood behind it. */
  readonly percent: boolean;
  /** The unit as written, without LaTeX wrappers; null if there was none. */
  readonly unit: string | null;
}

/** Options of {@linkcode cleanAnswer}. */
export interface CleanAnswerOptions {
  /**
   * Leave units in the text; `unit` is null then.
   *
   * @default {false}
   */
  keepUnits?: boolean;
}

const TEXT_COMMANDS =
  "text|textbf|textit|textrm|textsf|texttt|textnormal|emph|mbox|hbox|mathrm|mathbf|mathit|mathsf|mathtt|boldsymbol|bm|operatorname\\*?|rm";
/** Words behind a number that are mathematics, not units. */
const NO_UNIT = new Set(
  ("and or mod in pi sqrt root sin cos tan cot sec csc log ln exp max gcd lcm infinity infty inf base times plus minus over to " +
    "if for where with when am pm choose divided not is million thousand billion trillion hundred dozen frac cdot theta alpha beta " +
    "gamma phi union cup cap factorial half halves third thirds quarter fourth fourths fifth fifths sixth sixths seventh sevenths " +
    "eighth eighths ninth ninths tenth tenths hundredth hundredths thousandth thousandths below negative zero inverse")
    .split(" "),
);
const SCALES: Readonly<Record<string, string>> = {
  hundred: "100",
  thousand: "1000",
  million: "1000000",
  billion: "1000000000",
  trillion: "1000000000000",
  dozen: "12",
};
const SMALL =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
    .split(" ");
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** Text between a pair of delimiters that enclose it all; repeated until nothing changes. */
function unwrapOuter(raw: string): string {
  let text = raw;
  for (let turn = 0; turn < 12; turn++) {
    const before = text;
    text = trimMarks(text, " \t\n\r`:", " \t\n\r`,;:");
    // Two marks or more are emphasis; one in front may be, too, as nothing begins with a product sign. A power is inside.
    text = trimMarks(text, "*_", "*_");
    // A full stop behind a digit ends a sentence, since "5." as a decimal means the same.
    if (text.endsWith(".") && !text.endsWith("\\ldots.")) text = text.replace(/\.{1,3}$/, "");
    if (/[a-z]{4}!$/i.test(text.slice(-6))) text = text.slice(0, -1);
    text = text.replace(/\\\\$/, "");
    if (text.startsWith("\\(") && text.endsWith("\\)") && text.indexOf("\\)") === text.length - 2) {
      text = text.slice(2, -2);
    }
    if (text.startsWith("\\[") && text.endsWith("\\]") && text.indexOf("\\]") === text.length - 2) {
      text = text.slice(2, -2);
    }
    const boxed = /^\\(?:boxed|fbox)\s{0,4}\{/.exec(text);
    if (boxed !== null && closes(text, boxed[0].length - 1)) text = text.slice(boxed[0].length, -1);
    if (text === before) break;
  }
  return text;
}

/** Whether the brace at `open` is closed by the last character. */
function closes(text: string, open: number): boolean {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return i === text.length - 1;
  }
  return false;
}

/** Removes dollar signs that delimit mathematics; tells whether one was money. */
function dropDollars(text: string): { text: string; money: boolean } {
  const escaped = text.includes("\\$");
  const plain = text.replaceAll("\\$", "");
  const count = plain.split("$").length - 1;
  // "$18" has one sign that closes nothing; "$18.50 and $20" is the usual pair of prices, and then the unit is not reported.
  const money = escaped || count === 1 && /\$\s?[-+]?[\d.]/.test(plain);
  return { text: plain.replaceAll("$", ""), money };
}

/** Spelling variants of one and the same notation. */
function respell(raw: string): string {
  let text = raw.replace(/\\(?:left|right|bigl|bigr|Bigl|Bigr|biggl|biggr|big|Big|bigg|Bigg)(?![a-zA-Z])\s?/g, "")
    .replace(/\\(?:displaystyle|textstyle|scriptstyle|limits|nolimits|hfill|rm|bf|it)(?![a-zA-Z])/g, " ")
    .replace(/\\[dtc]frac(?![a-zA-Z])/g, "\\frac").replace(/\\[dt]binom(?![a-zA-Z])/g, "\\binom")
    .replace(/\\h?phantom\{[^{}]{0,40}\}|\\[hv]space\*?\{[^{}]{0,20}\}|\\label\{[^{}]{0,40}\}/g, " ")
    .replace(/(\d)\s?(?:\{,\}|,\s?\\[!,]|\\,)\s?(?=\d{3}(?!\d))/g, "$1")
    .replace(/\\(?:quad|qquad|thinspace|enspace|nobreakspace)(?![a-zA-Z])|(?<!\\)\\[;:,> ~\n]/g, " ").replace(
      /\\!/g,
      "",
    )
    .replace(/~/g, " ").replace(/\\(?:degree|deg)(?![a-zA-Z])/g, "^\\circ").replace(/\^\^\\circ/g, "^\\circ")
    .replace(/\^\{?\s?\\circ\s?\}?/g, "^\\circ ");
  text = text.replace(/\{\s?([^{}\\]{1,40}?)\s?\\choose(?![a-zA-Z])\s?([^{}\\]{1,40}?)\s?\}/g, "\\binom{$1}{$2}");
  if (/^[-+]?\d{1,3}(?: \d{3}){1,10}(?:\.\d+)?$/.test(text.trim())) text = text.replaceAll(" ", "");
  return text.trim();
}

type Token = { readonly start: number; readonly text: string; readonly kind: "wrapped" | "degree" | "word" | "join" };

/** Everything at the end of a text that could belong to a unit, last token first. */
function tailTokens(text: string): Token[] {
  const from = Math.max(0, text.length - 160);
  const tail = text.slice(from);
  const tokens: Token[] = [];
  let end = tail.length;
  const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
    ["wrapped", new RegExp(`\\\\(?:${TEXT_COMMANDS})\\s?\\{[^{}]{0,60}\\}(?:\\s?\\^\\{?-?[1-9]\\}?)?$`)],
    ["degree", /\^\\circ(?:\s?[CF])?$/],
    ["word", /(?<![\\a-zA-Z])[\p{L}][\p{L}'’-]{0,30}(?:\^\{?-?[1-9]\}?)?$/u],
    ["word", /[€£¥₹¢]$/],
    ["join", /(?:\/|\\cdot|\s)$/],
  ];
  outer: while (end > 0 && tokens.length < 24) {
    const rest = tail.slice(0, end);
    for (const [kind, pattern] of patterns) {
      const found = pattern.exec(rest);
      if (found === null || found.index + found[0].length !== rest.length) continue;
      tokens.push({ start: from + found.index, text: found[0], kind });
      end = found.index;
      continue outer;
    }
    break;
  }
  return tokens;
}

/** Single letters that are units if LaTeX sets them upright. */
const UPRIGHT_UNITS = `${UNIT_LETTERS}lAKCF`;

const WRAPPED = new RegExp(`\\\\(?:${TEXT_COMMANDS})\\s?\\{([^{}]{0,60})\\}`);

function wordsOf(token: Token): string[] {
  const content = token.kind === "wrapped" ? WRAPPED.exec(token.text)?.[1] ?? "" : token.text;
  return content.replace(/\^\{?-?\d\}?/g, "").match(/[\p{L}€£¥₹¢]+/gu) ?? [];
}

/** Splits a unit off the end. */
function splitUnit(text: string): { text: string; unit: string } | undefined {
  const tokens = tailTokens(text);
  let cut = -1;
  for (const [index, token] of tokens.entries()) {
    if (token.kind === "join") continue;
    const names = wordsOf(token);
    if (names.length === 1 && /^(?:st|nd|rd|th)$/.test(names[0] ?? "")) break;
    // "12 meters squared" has a unit, "3 squared" a power.
    const power = names.some((word) => /^(?:squared|cubed)$/i.test(word));
    if (power && !tokens.slice(index + 1, index + 3).some((other) => wordsOf(other).some(isUnitWord))) break;
    // A union needs a set on its right; the last "cup" is one for sugar.
    const isLast = tokens.slice(index + 1).every((other) => other.kind === "join");
    if (names.some((word) => NO_UNIT.has(word.toLowerCase()) && !(isLast && word === "cup"))) break;
    if (token.kind === "wrapped" && (names.length === 0 || /\d/.test(WRAPPED.exec(token.text)?.[1] ?? ""))) break;
    // A wrapped capital in parentheses is a choice, not a unit.
    if (token.kind === "wrapped" && /\{\s*\(?[A-Z]\)?\s*\}/.test(token.text) && !/[NJWVL]/.test(token.text)) break;
    // \mathrm{i}, \mathrm{e} and the like are constants and variables, set upright.
    if (
      token.kind === "wrapped" && names.length === 1 && /^[a-zA-Z]$/.test(names[0] ?? "") &&
      !UPRIGHT_UNITS.includes(names[0] ?? "")
    ) break;
    const single = token.kind === "word" && names[0]?.length === 1 && /[a-zA-Z]/.test(names[0]);
    const compound = tokens[index + 1]?.text === "/" || tokens[index - 1]?.text === "/";
    if (single && !UNIT_LETTERS.includes(names[0] ?? "")) break;
    if (single && !compound && !/^\s$/.test(tokens[index + 1]?.text ?? "")) break;
    cut = index;
  }
  // Words of which the first ones fail would leave a number with half of its words; so take less until the rest is a value.
  for (; cut >= 0; cut--) {
    const token = tokens[cut];
    if (token === undefined || token.kind === "join") continue;
    const before = text.slice(0, token.start).trimEnd().replace(/(?:\\cdot|\\ )$/, "").trimEnd();
    const used = tokens.slice(0, cut + 1);
    if (endsInValue(before, used)) return { text: before, unit: unitText(text.slice(token.start)) };
  }
  return undefined;
}

/** Whether a text may have the unit behind it: digits at least, and a plain number if the unit is an unknown word or a letter. */
function endsInValue(before: string, unit: readonly Token[]): boolean {
  if (!/[\d})a-zA-Z\]]$/.test(before) || before === "") return false;
  const bare = unit.filter(({ kind }) => kind === "word");
  const plain = /^[^a-zA-Z]*$/.test(before.replace(/\\[a-zA-Z]+/g, "")) && /\d|\\pi/.test(before);
  const assigned = /^\\?[a-zA-Z]{1,12}(?:_\{?\w\}?)?\s*=\s*[^a-zA-Z]*$/.test(before) && /\d/.test(before);
  if (bare.length === 0) return /\d|\\(?:pi|sqrt|frac)/.test(before) || /^[a-zA-Z]$/.test(before);
  if (bare.length > 5) return false;
  const known = bare.every((token) =>
    wordsOf(token).every((word) => word.length > 1 && isUnitWord(word) || !/[a-zA-Z]/.test(word))
  );
  if (known) {
    // "3 hours and 20" in front of "minutes" is no value; the unit itself may stand there, in a list.
    const own = new Set(unit.flatMap(wordsOf));
    const others = before.match(/(?<![\\a-zA-Z])[a-zA-Z]{3,}/g)?.filter((word) =>
      !own.has(word) && !NO_UNIT.has(word)
    ) ?? [];
    return /\d|\\pi/.test(before) && others.length === 0;
  }
  // Products of two variables are not words; a count word has at least three letters.
  const countable = bare.every((token) =>
    wordsOf(token).every((word) =>
      word.length > 2 || /^(?:of|sq|cu|by|a|an|m|s|g|h|L|J|N|W|V|cm|km|mm|kg)$/.test(word) || isUnitWord(word)
    )
  );
  return countable && (plain || assigned) && /[\d}]$/.test(before);
}

/** A unit without its wrappers. */
function unitText(raw: string): string {
  return raw.replace(new RegExp(`\\\\(?:${TEXT_COMMANDS})\\s?\\{`, "g"), " ").replace(
    /(?<!\^|\^\{-?\d)\}(?=\^|\s|\/|$)/g,
    "",
  )
    .replace(/\\cdot/g, " ").replace(/[{}]/g, "").replace(/\s+/g, " ").trim();
}

/** Contents of text commands, without them; numbers and single symbols need no wrapper, words become plain. */
function unwrapText(raw: string): string {
  const pattern = new RegExp(`\\\\(?:${TEXT_COMMANDS})\\s?\\{([^{}]*)\\}`, "g");
  let text = raw;
  for (let turn = 0; turn < 4 && text.includes("\\"); turn++) {
    const next = text.replace(
      pattern,
      (_, content: string) => / |[a-zA-Z]{2}/.test(content) ? ` ${content.trim()} ` : content,
    );
    if (next === text) break;
    text = next;
  }
  return text.trim();
}

/** A number in words. */
function wordNumber(text: string): string | undefined {
  const word = text.toLowerCase();
  const small = SMALL.indexOf(word);
  if (small >= 0) return String(small);
  const [tens = "", ones = "zero", more] = word.split(/[- ]/);
  const ten = TENS.indexOf(tens);
  const one = SMALL.indexOf(ones);
  if (ten < 0 || one < 0 || one > 9 || more !== undefined) return undefined;
  return String(20 + 10 * ten + one);
}

/** Forms that stand for a letter or a number as a whole. */
function wholeForms(text: string): string {
  const choice = /^(?:(?:option|choice|answer)\s+)?[([]?\s?([A-Z])\s?[)\].]?$/.exec(text)?.[1] ??
    /^\(\s?([a-z])\s?\)$/.exec(text)?.[1];
  if (choice !== undefined) return choice;
  const based = /^\(\s?(\w{1,400})\s?\)(_\{?\d{1,2}\}?)$/.exec(text);
  if (based !== null) return `${based[1]}${based[2]}`;
  const ordinal = /^(-?\d{1,12})\s?(?:\^\{?\s?)?(?:\\(?:text|mathrm|mbox)\s?\{\s?)?(?:st|nd|rd|th)\s?\}?\}?$/.exec(text)
    ?.[1];
  if (ordinal !== undefined) return ordinal;
  const scaled = /^([-+]?[\d.,]{1,30})\s?(hundred|thousand|million|billion|trillion|dozen)$/i.exec(text);
  if (scaled !== null) return `${scaled[1]} \\times ${SCALES[(scaled[2] ?? "").toLowerCase()]}`;
  // "(x, y) = (1, 2)": the names say nothing as long as they stand in their usual order.
  const names = /^\(\s?([a-z](?:\s?,\s?[a-z]){1,9})\s?\)\s?=\s?(?=\()/.exec(text);
  const letters = names?.[1]?.match(/[a-z]/g) ?? [];
  if (names !== null && letters.every((letter, index) => index === 0 || (letters[index - 1] ?? "") < letter)) {
    return text.slice(names[0].length);
  }
  const article = /^(?:an?|the)\s+(?=[a-zA-Z]{3}[a-zA-Z ]{0,60}$)/i.exec(text);
  if (article !== null) return text.slice(article[0].length);
  return text.length < 20 ? wordNumber(text) ?? text : text;
}

/**
 * Cleans an answer; see the module comment.
 *
 * @example A unit in LaTeX, a percent sign, markdown
 * ```ts
 * import { cleanAnswer } from "whetstone/envs/math/grader/clean.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(cleanAnswer("$12\\text{ cm}^2$."), { text: "12", percent: false, unit: "cm^2" });
 * assert.deepEqual(cleanAnswer("**50\\%**"), { text: "50", percent: true, unit: null });
 * assert.deepEqual(cleanAnswer("\\text{13}"), { text: "13", percent: false, unit: null });
 * ```
 *
 * @param raw reference answer, or what `extractAnswer` found.
 * @param options see {@linkcode CleanAnswerOptions}.
 */
export function cleanAnswer(raw: string, options: CleanAnswerOptions = {}): CleanAnswer {
  const { keepUnits = false } = options;
  let text = unwrapOuter(
    spellUnicode(raw.replace(/```[a-z]{0,12}/g, " ").replace(/\*\*([^*\n]{1,200})\*\*(?![\d\s({a-z\\])/g, "$1")),
  );
  const dollars = dropDollars(text.replace(/\\\(|\\\)(?!\))|\\\[|\\\]/g, " "));
  text = unwrapOuter(respell(unwrapOuter(dollars.text)));
  // "28 (see above)": a remark of several words.
  text = text.replace(/[ \t]{1,8}\((?!mod\b)[a-zA-Z'’]{2,20}(?:,? [a-zA-Z'’]{1,20}){1,12}[.!]?\)$/, "");
  text = text.replace(/^(?:=>?|⇒|→|\\(?:therefore|implies|Rightarrow|rightarrow)(?![a-zA-Z]))\s?/, "")
    .replace(/^(?:\\approx\s?|approximately\s|approx\.?\s|about\s|roughly\s|exactly\s)/i, "");
  const percent = /(?:\\?%|\b(?:percent|per cent)\b\s?\}?)$/i.test(text.slice(-20));
  if (percent) {
    text = unwrapOuter(text.replace(/(?:\\text\s?\{)?\s?(?:\\?%|\bpercent\b|\bper cent\b)\s?\}?(?=\s|,|;|$)/gi, ""));
  }
  let unit: string | null = null;
  if (/\\(?:sin|cos|tan|cot|sec|csc)|\b(?:sin|cos|tan)\b/.test(text)) {
    text = text.replace(/(\d+(?:\.\d+)?)\s?\^\\circ /g, "($1\\pi/180)").replace(
      /(\d+(?:\.\d+)?)\s?\^\\circ$/,
      "($1\\pi/180)",
    );
  }
  if (!keepUnits) {
    const found = splitUnit(text);
    const currency = /^(-?)([€£¥₹])\s?(?=[\d.])/.exec(text);
    if (found !== undefined) {
      ({ text, unit } = found);
      // "3 cm, 4 cm" and "90^\circ, 60^\circ": the same unit behind each part of a list.
      if (text.includes(",") || /\b(?:and|or)\b/.test(text)) text = dropInside(text, unit);
    }
    if (currency !== null) {
      unit ??= currency[2] ?? null;
      text = (currency[1] ?? "") + text.slice(currency[0].length);
    }
    // A price per something has a unit of its own that is not compared.
    if (dollars.money) unit = unit === null || /^(?:dollars?|usd)$/i.test(unit) ? "$" : unit;
  }
  text = wholeForms(unwrapOuter(unwrapText(text)));
  return { text, percent, unit };
}

/** Removes a unit behind the earlier parts of a list. */
function dropInside(text: string, unit: string): string {
  const name = unit.startsWith("^\\circ") ? "\\^\\\\circ" : unit.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(
    new RegExp(
      `(?<=[\\d})])\\s?(?:\\\\(?:text|mathrm|mbox)\\{\\s?)?${name}\\s?\\}?(?=\\s?(?:,|;|and\\b|or\\b|\\\\text))`,
      "g",
    ),
    "",
  );
}
