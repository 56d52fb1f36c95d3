/**
 * Units of measure behind a number: which there are, what they measure, and how large they are.
 *
 * Contract: a unit text such as `cm`, `square meters`, `km/h`, `m s^{-2}`, `miles per hour`, `cents` becomes a list of dimensions
 * with exponents and an exact factor to the base units; two quantities can then be compared exactly. A word that is not
 * in the table ("apples") is a *count word*: it measures nothing and is never compared, since problems name things in many ways.
 * Choices: money converts only between cents and dollars, pence and pounds; years and months do not convert to days; the
 * degree is π/180, its π is left to the caller. Prefixes are spelled out, not composed.
 *
 * @module
 */

/** What a unit measures and its size: `numerator / denominator` base units. */
export interface Unit {
  /** Base dimensions with exponents, sorted, e.g. `length^2` or `length^1 time^-1`; empty for a count word. */
  readonly dimension: string;
  /** Exact factor to the base units. */
  readonly numerator: bigint;
  /** See `numerator`. */
  readonly denominator: bigint;
}

type Entry = readonly [dimension: string, numerator: bigint, denominator: bigint, names: string];

// Base units: metre, second, kilogram, dollar (and one base per other currency), degree, kelvin, and those of electricity.
const TABLE: readonly Entry[] = [
  ["length", 1n, 1n, "m meter meters metre metres"],
  ["length", 1n, 100n, "cm centimeter centimeters centimetre centimetres"],
  ["length", 1n, 1000n, "mm millimeter millimeters millimetre millimetres"],
  ["length", 1n, 10n, "dm decimeter decimeters decimetre decimetres"],
  ["length", 1000n, 1n, "km kilometer kilometers kilometre kilometres"],
  ["length", 1n, 1000000n, "μm micrometer micrometers micron microns"],
  ["length", 1n, 1000000000n, "nm nanometer nanometers nanometre nanometres"],
  ["length", 254n, 10000n, "inch inches"],
  ["length", 3048n, 10000n, "ft foot feet"],
  ["length", 9144n, 10000n, "yd yard yards"],
  ["length", 1609344n, 1000n, "mi mile miles"],
  ["time", 1n, 1n, "s sec secs second seconds"],
  ["time", 1n, 1000n, "ms millisecond milliseconds"],
  ["time", 60n, 1n, "min mins minute minutes"],
  ["time", 3600n, 1n, "h hr hrs hour hours"],
  ["time", 86400n, 1n, "day days"],
  ["time", 604800n, 1n, "week weeks"],
  ["month", 1n, 1n, "month months"],
  ["month", 12n, 1n, "year years yr yrs"],
  ["mass", 1n, 1n, "kg kilogram kilograms"],
  ["mass", 1n, 1000n, "g gm gram grams"],
  ["mass", 1n, 1000000n, "mg milligram milligrams"],
  ["mass", 1000n, 1n, "tonne tonnes"],
  ["pound", 1n, 1n, "lb lbs"],
  ["pound", 1n, 16n, "oz ounce ounces"],
  ["length^3", 1n, 1000n, "l liter liters litre litres"],
  ["length^3", 1n, 1000000n, "ml milliliter milliliters millilitre millilitres"],
  ["volume", 1n, 1n, "cup cups"],
  ["volume", 16n, 1n, "gallon gallons"],
  ["volume", 4n, 1n, "quart quarts"],
  ["volume", 2n, 1n, "pint pints"],
  ["dollar", 1n, 1n, "$ dollar dollars usd"],
  ["dollar", 1n, 100n, "cent cents ¢"],
  ["euro", 1n, 1n, "€ euro euros eur"],
  ["sterling", 1n, 1n, "£ gbp"],
  ["sterling", 1n, 100n, "pence"],
  ["yen", 1n, 1n, "¥ yen"],
  ["rupee", 1n, 1n, "₹ rupee rupees"],
  ["angle", 1n, 1n, "degree degrees deg ^\\circ"],
  ["radian", 1n, 1n, "rad rads radian radians"],
  ["force", 1n, 1n, "n newton newtons"],
  ["energy", 1n, 1n, "j joule joules"],
  ["energy", 1000n, 1n, "kj kilojoule kilojoules"],
  ["energy/time", 1n, 1n, "w watt watts"],
  ["energy/time", 1000n, 1n, "kw kilowatt kilowatts"],
  ["charge/time", 1n, 1n, "amp amps ampere amperes"],
  ["voltage", 1n, 1n, "v volt volts"],
  ["frequency", 1n, 1n, "hz hertz"],
  ["kelvin", 1n, 1n, "kelvin kelvins"],
  ["celsius", 1n, 1n, "celsius"],
  ["fahrenheit", 1n, 1n, "fahrenheit"],
];

const UNITS = new Map<string, Entry>(
  TABLE.flatMap((entry) => entry[3].split(" ").map((name) => [name, entry] as const)),
);
/** Symbols that are capital letters; other capitals are not looked up, so that "M" is no metre. */
const CAPITALS = new Map([["L", "l"], ["N", "n"], ["J", "j"], ["W", "w"], ["V", "v"], ["kW", "kw"], ["kJ", "kj"], [
  "mL",
  "ml",
], [
  "Hz",
  "hz",
]]);

/** Bare letters that stand for a unit behind a number and a space; elsewhere they are variables. */
export const UNIT_LETTERS = "msghLJNWV";

/**
 * The table's entry of a word.
 *
 * Case matters only in symbols: "Meters" is a unit, "M" is none.
 */
function lookUp(word: string): Entry | undefined {
  const exact = CAPITALS.get(word) ?? (word.length <= 2 ? word : word.toLowerCase());
  if (word.length === 1 && /[lnjwv]/.test(word)) return undefined;
  return UNITS.get(exact);
}

/** Whether a word names a unit of the table. */
export function isUnitWord(word: string): boolean {
  return lookUp(word) !== undefined;
}

/**
 * Reads a unit text; words that are no unit are passed over.
 *
 * @example Square centimetres
 * ```ts
 * import { readUnit } from "whetstone/envs/math/grader/_units.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(readUnit("cm^2"), { dimension: "length^2", numerator: 1n, denominator: 10000n });
 * assert.deepEqual(readUnit("square cm"), readUnit("cm^{2}"));
 * assert.equal(readUnit("apples").dimension, "");
 * ```
 *
 * @param text without the number, at most 200 characters are read.
 */
export function readUnit(text: string): Unit {
  const exponents = new Map<string, number>();
  let [numerator, denominator, sign, power] = [1n, 1n, 1, 1];
  const tokens = text.slice(0, 200).replace(/\bmph\b/g, "miles per hour").replace(/\bkph\b|\bkmh\b/g, "km/h").match(
    /\^\\circ|\/|[$€£¥₹¢]|[\p{L}μ]+|\^\{?-?\d\}?|[23]/gu,
  ) ?? [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? "";
    const word = token.toLowerCase();
    if (token === "/" || word === "per" || word === "an" || word === "a") {
      sign = token === "/" || word === "per" ? -1 : sign;
    } else if (word === "square" || word === "sq") power = 2;
    else if (word === "cubic" || word === "cu") power = 3;
    else {
      const entry = lookUp(token);
      if (entry === undefined) continue;
      const next = /^(?:\^\{?)?(-?\d)\}?$/.exec(tokens[i + 1] ?? "")?.[1];
      const word2 = { squared: 2, cubed: 3 }[(tokens[i + 1] ?? "").toLowerCase()];
      const exponent = sign * (next === undefined ? word2 ?? power : Number(next));
      power = 1;
      for (const part of entry[0].split("/").entries()) {
        const [base = "", own = "1"] = part[1].split("^");
        const value = Number(own) * exponent * (part[0] === 0 ? 1 : -1);
        exponents.set(base, (exponents.get(base) ?? 0) + value);
      }
      const times = BigInt(Math.abs(exponent));
      numerator *= (exponent > 0 ? entry[1] : entry[2]) ** times;
      denominator *= (exponent > 0 ? entry[2] : entry[1]) ** times;
    }
  }
  const dimension = [...exponents].filter(([, exponent]) => exponent !== 0).sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([base, exponent]) => `${base}^${exponent}`).join(" ");
  return { dimension, numerator, denominator };
}
