/**
 * JSON without loss: numbers keep the digits that the file has.
 *
 * Contract: `number` mode gives a number for every JSON number that is no integer beyond 2^53, and a bigint for those that are, so that a
 * schema for numbers refuses them rather than seeing another integer. `exact` mode gives a number only where it prints as written
 * (`27`, `0.5`), and an {@linkcode ExactNumber} otherwise (`27.0`, `1e400`, twenty digits).
 *
 * @module
 */

/** A JSON number that JavaScript would print otherwise than it is written. */
export class ExactNumber {
  /** As written, e.g. `27.0`. */
  readonly text: string;

  /**
   * A number of a text.
   *
   * @param text as written.
   */
  constructor(text: string) {
    this.text = text;
  }

  /** As written. */
  toString(): string {
    return this.text;
  }

  /** As written, in a text. */
  toJSON(): string {
    return this.text;
  }
}

/** How JSON numbers come. */
export type NumberMode = "number" | "exact";

/** Texts without a match hold only integers of at most 15 digits, which need no second look. */
const MAY_DIFFER = /\d\.\d|\d[eE][-+\d]|-0|\d{16}/;

/** What the engine tells a reviver about a primitive value. */
interface ReviverContext {
  readonly source?: string;
}

/**
 * Parses JSON.
 *
 * @example A decimal as written, and an integer that no number can hold
 * ```ts
 * import { ExactNumber, parseExactJson } from "whetstone/data/exact_json.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseExactJson('{"a": 27.0}', "exact"), { a: new ExactNumber("27.0") });
 * assert.deepEqual(parseExactJson('{"a": 27.0, "b": 9007199254740993}', "number"), { a: 27, b: 9007199254740993n });
 * ```
 *
 * @throws {SyntaxError} if the text is not JSON.
 */
export function parseExactJson(text: string, mode: NumberMode): unknown {
  if (!MAY_DIFFER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key: string, value: unknown, context?: ReviverContext): unknown => {
    const source = context?.source;
    if (typeof value !== "number" || source === undefined || String(value) === source) return value;
    if (mode === "exact") return new ExactNumber(source);
    return /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? BigInt(source) : value;
  });
}
