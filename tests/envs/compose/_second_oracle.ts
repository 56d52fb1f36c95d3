/**
 * The string functions and the evaluation of compositions, written a second time in another way: loops over characters, and evaluation
 * of the text itself from the inside out by replacing calls of values with their values.
 *
 * @module
 */

function split(s: string): [string, string] {
  const left: string[] = [], right: string[] = [];
  for (let i = 0; i < s.length; i++) (2 * i < s.length ? left : right).push(s.charAt(i));
  return [left.join(""), right.join("")];
}

function backwards(s: string): string {
  let out = "";
  for (const c of s) out = c + out;
  return out;
}

function zipped(s: string, t: string): string {
  let out = "";
  for (let i = 0; i < s.length || i < t.length; i++) out += s.charAt(i) + t.charAt(i);
  return out;
}

function moved(c: string, by: number): string {
  let code = c.charCodeAt(0);
  for (let i = 0; i < by; i++) code = code === 122 ? 97 : code + 1;
  return String.fromCharCode(code);
}

/** Functions by key. */
export const SECOND: Readonly<Record<string, (s: string, p: string) => string>> = {
  reverse: backwards,
  swap_halves: (s) => split(s).reverse().join(""),
  sort: (s) => {
    const counts = new Map<string, number>();
    for (const c of s) counts.set(c, (counts.get(c) ?? 0) + 1);
    let out = "";
    for (let code = 97; code < 123; code++) {
      out += String.fromCharCode(code).repeat(counts.get(String.fromCharCode(code)) ?? 0);
    }
    return out;
  },
  swap_pairs: (s) => s.replace(/(.)(.)/g, "$2$1"),
  mirror_alphabet: (s) => s.replace(/./g, (c) => String.fromCharCode(219 - c.charCodeAt(0))),
  outside_in: (s) => {
    let out = "";
    for (let i = 0, j = s.length - 1; i <= j; i++, j--) out += i === j ? s.charAt(i) : s.charAt(i) + s.charAt(j);
    return out;
  },
  odd_then_even: (s) => s.replace(/(.).?/g, "$1") + s.replace(/.(.?)/g, "$1"),
  distinct: (s) => {
    let out = "";
    for (const c of s) if (out.indexOf(c) < 0) out += c;
    return out;
  },
  double_letters: (s) => s.replace(/./g, "$&$&"),
  palindrome: (s) => s + backwards(s),
  shift: (s, k) => s.replace(/./g, (c) => moved(c, Number(k))),
  rotate: (s, k) => {
    for (let i = 0; i < Number(k); i++) s = s.replace(/^(.)(.*)$/, "$2$1");
    return s;
  },
  reverse_blocks: (s, k) => s.replace(new RegExp(`.{1,${k}}`, "g"), backwards),
  drop_first: (s, k) => s.replace(new RegExp(`^.{${k}}(?=.)`), ""),
  keep_first: (s, k) => s.replace(new RegExp(`^(.{${k}}).*$`), "$1"),
  repeat_first: (s, k) => s + (new RegExp(`^.{0,${k}}`).exec(s)?.[0] ?? ""),
  every_kth_twice: (s, k) => s.replace(new RegExp(`(.{${Number(k) - 1}})(.)`, "g"), "$1$2$2"),
  append: (s, w) => `${s}${w}`,
  insert_middle: (s, w) => split(s).join(w),
  replace_vowels: (s, w) => s.replace(/[aeiou]/g, () => w),
  concatenate: (s, t) => `${s}${t}`,
  interleave: zipped,
  add_letters: (s, t) => {
    let out = "", i = 0;
    for (const c of s) out += moved(c, t.charCodeAt(i++ % t.length) - 97);
    return out;
  },
  ends_then_begins: (s, t) => split(s)[1] + split(t)[0],
  interleave_backwards: (s, t) => zipped(backwards(s), backwards(t)),
};

/** Value of a composition's text, by rewriting; `keyOf` gives a function's key by its name. */
export function secondValue(expression: string, input: string, keyOf: (name: string) => string): string {
  const call = /(f\d+)\((?:"([a-z]*)"|(\d+))(?:, (?:"([a-z]*)"|(\d+)))?\)/;
  let text = expression.replaceAll(/(?<!")\bx\b(?!")/g, `"${input}"`);
  while (!/^"[a-z]*"$/.test(text)) {
    const next = text.replace(call, (_, name: string, s?: string, _n?: string, t?: string, k?: string) => {
      const run = SECOND[keyOf(name)];
      if (run === undefined || s === undefined) throw new Error(`no function ${name}`);
      return `"${run(s, t ?? k ?? "")}"`;
    });
    if (next === text) throw new Error(`cannot reduce ${text}`);
    text = next;
  }
  return text.slice(1, -1);
}
