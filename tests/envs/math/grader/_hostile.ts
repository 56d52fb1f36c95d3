/**
 * Inputs made to cost as much as they can.
 *
 * @module
 */

/** Pairs by what they attack. */
export const HOSTILE: readonly (readonly [name: string, gold: string, answer: string])[] = [
  ["tower", "9^9^9^9", "9^9^9^8"],
  ["tower of factorials", "9!!!!!!!!", "8!!!!!!!!"],
  ["large factorials", "5000!/4999!+4998!", "5000!/4999!+4997!"],
  ["product of large factorials", "5000!*4999!*4998!*4997!", "4997!*4998!*4999!*4998!"],
  ["many factorials", Array.from({ length: 60 }, (_, i) => `\\frac{1}{${4000 + i}!}`).join("+"), "1"],
  ["a million digits", "7".repeat(1_000_000), "1"],
  ["forty thousand digits", "7".repeat(40_000), "8".repeat(40_000)],
  ["a million brackets", "(".repeat(1_000_000), "1"],
  ["deep brackets", "(".repeat(5000) + "1" + ")".repeat(5000), "1"],
  [
    "deep fractions",
    "\\frac{1}{1+".repeat(55) + "x" + "}".repeat(55),
    "\\frac{1}{2+".repeat(55) + "x" + "}".repeat(55),
  ],
  ["deep roots", "\\sqrt{1+".repeat(55) + "x" + "}".repeat(55), "\\sqrt{2+".repeat(55) + "x" + "}".repeat(55)],
  ["deep exponents", "x^{".repeat(55) + "2" + "}".repeat(55), "x^{".repeat(55) + "3" + "}".repeat(55)],
  ["many signs", "-".repeat(100_000) + "1", "1"],
  ["many pluses", "1+".repeat(20_000) + "1", "20001"],
  ["many products", "x*".repeat(10_000) + "x", "x^{10001}"],
  ["many divisions", "1/".repeat(5000) + "2", "1"],
  ["many plus-minus", "1" + "\\pm x".repeat(5000), "1"],
  ["plus-minus below the limit", "1" + "\\pm x".repeat(50), "1" + "\\mp x".repeat(50)],
  ["sum to a power", "(a+b+c+d+f+g)^{1000}", "(a+b+c+d+f+g)^{999}"],
  [
    "product of sums",
    Array.from({ length: 30 }, (_, i) => `(x+a_{${i}})`).join(""),
    Array.from({ length: 30 }, (_, i) => `(y+a_{${i}})`).join(""),
  ],
  ["powers of powers", "((((((x+1)^9)^9)^9)^9)^9)^9", "((((((x+2)^9)^9)^9)^9)^9)^9"],
  ["large exponents", "2^{999999999}+3^{888888888}", "2^{999999998}+3^{888888888}"],
  ["large rational powers", "(\\frac{123456789}{987654321})^{1999}+1", "(\\frac{123456789}{987654322})^{1999}+1"],
  ["sum of fractions", Array.from({ length: 400 }, (_, i) => `\\frac{1}{${10007 + 2 * i}}`).join("+"), "\\frac{1}{3}"],
  [
    "sum of fractions of variables",
    Array.from({ length: 40 }, (_, i) => `\\frac{1}{x+${i}}`).join("+"),
    "\\frac{1}{x}",
  ],
  ["sum of roots", Array.from({ length: 300 }, (_, i) => `\\sqrt{${1000003 + 2 * i}}`).join("+"), "17"],
  [
    "product of sums of roots",
    Array.from({ length: 12 }, (_, i) => `(1+\\sqrt{${[2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37][i]}})`).join(""),
    "17",
  ],
  ["root of a large number", `\\sqrt{${"7".repeat(3000)}}`, `\\sqrt{${"8".repeat(3000)}}`],
  [
    "long list",
    Array.from({ length: 5000 }, (_, i) => `${i}`).join(", "),
    Array.from({ length: 5000 }, (_, i) => `${4999 - i}`).join(", "),
  ],
  [
    "list of roots",
    Array.from({ length: 300 }, (_, i) => `\\sqrt{${i}}`).join(", "),
    Array.from({ length: 300 }, (_, i) => `\\sqrt{${299 - i}}`).join(", "),
  ],
  [
    "union of intervals",
    Array.from({ length: 400 }, (_, i) => `(${2 * i},${2 * i + 1})`).join("\\cup"),
    "(0,1)\\cup(2,3)",
  ],
  ["nested set operations", "(0,1)" + "\\cup(1,2)\\cap(0,9)".repeat(2000), "(0,1)"],
  [
    "determinant",
    `\\begin{vmatrix}${
      Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 }, (_, j) => `x_{${i}}^{${j}}+y_{${j}}`).join("&"))
        .join("\\\\")
    }\\end{vmatrix}`,
    "0",
  ],
  [
    "large matrix",
    `\\begin{pmatrix}${
      Array.from({ length: 60 }, () => Array.from({ length: 60 }, () => "(x+1)^9").join("&")).join("\\\\")
    }\\end{pmatrix}`,
    `\\begin{pmatrix}${
      Array.from({ length: 60 }, () => Array.from({ length: 60 }, () => "(1+x)^9").join("&")).join("\\\\")
    }\\end{pmatrix}`,
  ],
  ["nested functions", "\\sin(".repeat(55) + "x" + ")".repeat(55), "\\cos(".repeat(55) + "x" + ")".repeat(55)],
  ["nested absolute values", "|x+".repeat(30) + "1" + "|".repeat(30), "1"],
  ["large exponent of ten", "1e99999", "1e99998"],
  ["long decimals", "0." + "3".repeat(30_000), "1/3"],
  ["long scientific", "1.5e9999+1.5e-9999", "1.5e9999+1.5e-9998"],
  ["binomials", "\\binom{1000000000}{4999}", "\\binom{1000000000}{4998}"],
  ["gcd of large numbers", `gcd(${"7".repeat(9000)}, ${"8".repeat(8999)}1)`, "1"],
  ["many words", "word ".repeat(50_000), "word"],
  ["many commands", "\\left".repeat(50_000), "1"],
  ["many text commands", "\\text{a}".repeat(20_000), "1"],
  ["open text", "\\text{".repeat(20_000), "1"],
  ["subscripts", "x_{".repeat(5000), "1"],
  ["primes", "x" + "'".repeat(50_000), "x"],
  ["thousands", "1" + ",000".repeat(50_000) + ",", "1"],
  ["spaces", " ".repeat(200_000) + "1", "1"],
  ["degree signs", "1" + "^\\circ".repeat(1000), "1"],
  [
    "repeating decimals",
    "0.\\overline{" + "123456789".repeat(22) + "}",
    "0.\\overline{" + "123456788".repeat(22) + "}",
  ],
  ["exponentials", Array.from({ length: 40 }, (_, i) => `(e^{x_{${i}}}+1)`).join(""), "e^x"],
  ["floor of a large power", "\\lfloor \\sqrt{2}^{4001} \\rfloor", "\\lfloor \\sqrt{2}^{4003} \\rfloor"],
];
