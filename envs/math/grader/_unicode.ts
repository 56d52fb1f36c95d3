/**
 * Unicode mathematics as LaTeX.
 *
 * Contract: signs, vulgar fractions, super- and subscripts, Greek letters and full-width forms get the LaTeX spelling that the
 * parser reads; invisible characters go; everything else stays. One linear pass.
 *
 * @module
 */

const SIGNS: Readonly<Record<string, string>> = {
  "−": "-",
  "–": "-",
  "—": "-",
  "‐": "-",
  "‑": "-",
  "﹣": "-",
  "×": "\\times ",
  "⨯": "\\times ",
  "✕": "\\times ",
  "÷": "\\div ",
  "·": "\\cdot ",
  "⋅": "\\cdot ",
  "∙": "\\cdot ",
  "•": "\\cdot ",
  "⁄": "/",
  "∕": "/",
  "∶": ":",
  "π": "\\pi ",
  "∞": "\\infty ",
  "≤": "\\le ",
  "⩽": "\\le ",
  "≥": "\\ge ",
  "⩾": "\\ge ",
  "≠": "\\ne ",
  "±": "\\pm ",
  "∓": "\\mp ",
  "≈": "\\approx ",
  "≡": "\\equiv ",
  "∪": "\\cup ",
  "∩": "\\cap ",
  "∈": "\\in ",
  "∖": "\\setminus ",
  "∅": "\\emptyset ",
  "°": "^\\circ ",
  "º": "^\\circ ",
  "′": "'",
  "ℝ": "\\mathbb{R}",
  "ℤ": "\\mathbb{Z}",
  "ℚ": "\\mathbb{Q}",
  "ℕ": "\\mathbb{N}",
  "ℂ": "\\mathbb{C}",
  "⌊": "\\lfloor ",
  "⌋": "\\rfloor ",
  "⌈": "\\lceil ",
  "⌉": "\\rceil ",
  "…": "\\ldots ",
  "“": '"',
  "”": '"',
  "‘": "'",
  "’": "'",
  "α": "\\alpha ",
  "β": "\\beta ",
  "γ": "\\gamma ",
  "δ": "\\delta ",
  "ε": "\\epsilon ",
  "θ": "\\theta ",
  "λ": "\\lambda ",
  "ρ": "\\rho ",
  "σ": "\\sigma ",
  "τ": "\\tau ",
  "φ": "\\phi ",
  "ϕ": "\\phi ",
  "ω": "\\omega ",
  "Δ": "\\Delta ",
  "Ω": "\\Omega ",
  "𝑖": "i",
};

const FRACTIONS: Readonly<Record<string, string>> = {
  "½": "1/2",
  "⅓": "1/3",
  "⅔": "2/3",
  "¼": "1/4",
  "¾": "3/4",
  "⅕": "1/5",
  "⅖": "2/5",
  "⅗": "3/5",
  "⅘": "4/5",
  "⅙": "1/6",
  "⅚": "5/6",
  "⅛": "1/8",
  "⅜": "3/8",
  "⅝": "5/8",
  "⅞": "7/8",
};

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿˣ";
const SUPERSCRIPT_TEXT = "0123456789+-nx";
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/**
 * Spells Unicode mathematics in LaTeX.
 *
 * @example A mixed number and a root
 * ```ts
 * import { spellUnicode } from "whetstone/envs/math/grader/_unicode.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(spellUnicode("1½"), "1\\frac{1}{2}");
 * assert.equal(spellUnicode("x² − √13"), "x^{2} - \\sqrt{13}");
 * ```
 */
export function spellUnicode(text: string): string {
  // deno-lint-ignore no-control-regex -- everything beyond ASCII, which is what the rest of this function is about
  if (/^[\x00-\x7F]*$/.test(text)) return text;
  return text
    .replace(/[\u200B-\u200F\u2060\uFEFF\u00AD\u2061-\u2064]/g, "")
    .replace(/[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g, " ")
    // Full-width forms lie at a fixed distance from ASCII.
    .replace(/[\uFF01-\uFF5E]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xFEE0))
    .replace(
      /[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿˣ]+/g,
      (run) => `^{${[...run].map((c) => SUPERSCRIPT_TEXT[SUPERSCRIPTS.indexOf(c)]).join("")}}`,
    )
    .replace(/[₀₁₂₃₄₅₆₇₈₉]+/g, (run) => `_{${[...run].map((c) => SUBSCRIPTS.indexOf(c)).join("")}}`)
    .replace(/[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]/g, (sign) => (FRACTIONS[sign] ?? sign).replace(/(\d)\/(\d)/, "\\frac{$1}{$2}"))
    .replace(/∛\s?(\d+|[a-zA-Z])/g, "\\sqrt[3]{$1}").replace(/√\s?(\d+(?:\.\d+)?|[a-zA-Z])/g, "\\sqrt{$1}")
    .replace(/√\s?\{/g, "\\sqrt{").replace(/√\s?\(/g, "sqrt(").replace(/√\s?\\/g, "\\sqrt\\")
    .replace(/[^\p{ASCII}]/gu, (sign) => SIGNS[sign] ?? sign);
}
