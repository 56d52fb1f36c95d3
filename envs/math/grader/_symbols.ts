/**
 * Tables of the notation that the lexer knows: commands, characters, functions and words.
 *
 * @module
 */

function set(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}

/** Greek letters, by their LaTeX names. */
export const GREEK: ReadonlySet<string> = set(
  "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho sigma varsigma tau upsilon " +
    "phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega ell hbar partial nabla mho angle triangle odot star",
);

/** Functions by the names used in both notations, and what they are called in an expression. */
export const FUNCTIONS: ReadonlyMap<string, string> = new Map(
  ("sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth ln log exp gcd lcm min max det abs floor ceil binom " +
    "asin:arcsin acos:arccos atan:arctan arccot arcsec arccsc arcsinh arccosh arctanh lg:log cosec:csc ceiling:ceil arg sgn " +
    "sign:sgn Re Im deg dim")
    .split(" ").map((entry): [string, string] => {
      const [name = "", target = name] = entry.split(":");
      return [name, target];
    }),
);

/** Commands, and characters outside ASCII, that stand for one operator or bracket. */
export const OPERATORS: ReadonlyMap<string, string> = new Map(
  ("cdot:* times:* ast:* bullet:* div:/ pm:± mp:∓ le:<= leq:<= leqslant:<= ge:>= geq:>= geqslant:>= lt:< gt:> ne:!= neq:!= " +
    "cup:∪ cap:∩ setminus:∖ backslash:∖ smallsetminus:∖ in:in notin:!in subset:subset subseteq:subset approx:~ sim:~ simeq:~ cong:~ " +
    "equiv:≡ infty:∞ pi:π emptyset:∅ varnothing:∅ ldots:… dots:… cdots:… dotsc:… lfloor:⌊ rfloor:⌋ lceil:⌈ rceil:⌉ lvert:| rvert:| " +
    "vert:| mid:| lVert:| rVert:| langle:⟨ rangle:⟩ lbrace:\\{ rbrace:\\} lbrack:[ rbrack:] circ:° degree:° prime:' colon:: land:and " +
    "wedge:and lor:or vee:or mod:mod bmod:mod pmod:mod choose:choose over:over to:→ rightarrow:→ Rightarrow:→ implies:→ " +
    "iff:→ lparen:( rparen:) bigcup:∪ bigcap:∩")
    .split(" ").map((entry): [string, string] => {
      const colon = entry.indexOf(":");
      return [entry.slice(0, colon), entry.slice(colon + 1)];
    }),
);

/** Commands that only change how things look. */
export const IGNORED: ReadonlySet<string> = set(
  "quad qquad displaystyle textstyle scriptstyle limits nolimits left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl " +
    "Biggr middle rm bf it hfill null enspace thinspace",
);

/** Commands whose braces hold words or an upright symbol. */
export const TEXT_COMMANDS: ReadonlySet<string> = set(
  "text textrm textbf textit texttt textnormal textsf mbox hbox mathrm mathbf mathit mathsf mathcal mathscr boldsymbol bm operatorname " +
    "emph mathfrak mathtt",
);

/** Commands that put a mark over a symbol. */
export const ACCENTS: ReadonlySet<string> = set(
  "dot ddot hat bar vec tilde overline widehat underline overrightarrow widetilde",
);

/** Characters that are written out before lexing. */
export const CHARACTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "−": "-",
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
    "×": "*",
    "·": "*",
    "⋅": "*",
    "∙": "*",
    "∗": "*",
    "÷": "/",
    "⁄": "/",
    "∕": "/",
    "≤": "<=",
    "⩽": "<=",
    "≥": ">=",
    "⩾": ">=",
    "≠": "!=",
    "∈": " in ",
    "∉": "!in",
    "≈": "~",
    "∼": "~",
    "⊂": "subset",
    "⊆": "subset",
    "²": "^{2}",
    "³": "^{3}",
    "¹": "^{1}",
    "⁰": "^{0}",
    "⁴": "^{4}",
    "⁵": "^{5}",
    "⁶": "^{6}",
    "⁷": "^{7}",
    "⁸": "^{8}",
    "⁹": "^{9}",
    "ⁿ": "^{n}",
    "₀": "_{0}",
    "₁": "_{1}",
    "₂": "_{2}",
    "₃": "_{3}",
    "₄": "_{4}",
    "½": "\\frac{1}{2}",
    "⅓": "\\frac{1}{3}",
    "⅔": "\\frac{2}{3}",
    "¼": "\\frac{1}{4}",
    "¾": "\\frac{3}{4}",
    "⅕": "\\frac{1}{5}",
    "⅛": "\\frac{1}{8}",
    "⅙": "\\frac{1}{6}",
    "√": "\\sqrt ",
    "∛": "\\sqrt[3]",
    "α": "\\alpha ",
    "β": "\\beta ",
    "γ": "\\gamma ",
    "δ": "\\delta ",
    "ε": "\\epsilon ",
    "θ": "\\theta ",
    "λ": "\\lambda ",
    "μ": "\\mu ",
    "ρ": "\\rho ",
    "σ": "\\sigma ",
    "τ": "\\tau ",
    "φ": "\\phi ",
    "ϕ": "\\phi ",
    "ω": "\\omega ",
    "Δ": "\\Delta ",
    "Ω": "\\Omega ",
    "ℝ": "\\mathbb{R}",
    "ℤ": "\\mathbb{Z}",
    "ℚ": "\\mathbb{Q}",
    "ℕ": "\\mathbb{N}",
    "ℂ": "\\mathbb{C}",
    "∘": "°",
    "º": "°",
    "′": "'",
    "’": "'",
    "\u2009": " ",
    "\u202f": " ",
    "\u00a0": " ",
    "\u200b": "",
    "“": '"',
    "”": '"',
    "∧": " and ",
    "∨": " or ",
  }),
);

/** Words of two or three letters that are words, not products of letters. */
export const SHORT_WORDS: ReadonlySet<string> = set(
  "yes no red odd one two six ten all any not the is are day sun mon tue wed thu fri sat may jun jul aug sep oct nov dec jan feb mar " +
    "am pm tie low up off on hot old new big boy man men dne for if then with none cat dog",
);

/** Number words that stand for an answer. */
export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map(
  "zero one two three four five six seven eight nine ten eleven twelve".split(" ").map((word, index) => [word, index]),
);
