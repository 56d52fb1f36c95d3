/**
 * Texts and figures of the record as pages show them.
 *
 * Contract: what comes from the record passes through {@linkcode shown} before it reaches a page: characters that move the cursor, change
 * the direction of writing or are invisible become readable escapes, so that a text cannot look like something else. Escaping of markup is
 * `hono/html`'s, which escapes every value that is not itself markup.
 *
 * @module
 */
import { html } from "hono/html";
import type { Json } from "../../data/canonical.ts";

/** A piece of markup. */
export type Markup = ReturnType<typeof html>;

/** `html` under another name, whose templates the formatter leaves as they are: for places where white space shows. */
export const inline = html;

/** What may stand in a place of a template. */
export type Content = Markup | string | number | null | undefined | false | readonly Content[];

/** Longest text that a cell of a list shows, characters. */
export const CELL_CHARS = 160;

/** Control characters except tab and line feed; marks of direction; invisible ones. */
const UNSEEN =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/**
 * A text with its invisible characters made visible.
 *
 * @example A terminal's escape character and an override of direction
 * ```ts
 * import { shown } from "whetstone/eval/viewer/text.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(shown("a\u001b[31mb\u202ec"), "a\\x1b[31mb\\u202ec");
 * ```
 */
export function shown(text: string): string {
  return text.replaceAll(UNSEEN, (character) => {
    const code = character.charCodeAt(0);
    if (character === "\r") return "\\r";
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** A value of the record as text; null is a dash. */
export function valueText(value: Json | undefined): string {
  if (value === null || value === undefined) return "—";
  return shown(typeof value === "string" ? value : JSON.stringify(value));
}

/** A text cut to a length, with an ellipsis where something is missing. */
export function clipped(text: string, length: number = CELL_CHARS): string {
  if (text.length <= length) return text;
  // Twice as many UTF-16 units hold the characters, and what may be cut in half is beyond them.
  const characters = [...text.slice(0, 2 * length + 1)];
  return characters.length <= length ? text : `${characters.slice(0, length).join("")}…`;
}

/** A figure with four significant digits at most, groups of thousands apart; null is a dash. */
export function figure(value: number | null, digits = 4): string {
  if (value === null || !Number.isFinite(value)) return "—";
  if (Number.isInteger(value)) return grouped(String(Math.abs(value)), value < 0);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(digits - 2).replace("-", "−");
  const text = String(Number(size.toPrecision(Math.max(digits, Math.ceil(Math.log10(size))))));
  return grouped(text, value < 0);
}

function grouped(text: string, negative: boolean): string {
  const [whole = "", fraction] = text.split(".");
  const groups = whole.length > 4 ? whole.replaceAll(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  return `${negative ? "−" : ""}${groups}${fraction === undefined ? "" : `.${fraction}`}`;
}

/** A share in [0, 1] as percent with one decimal; null is a dash. */
export function percent(share: number | null): string {
  return share === null || !Number.isFinite(share) ? "—" : `${(share * 100).toFixed(1)} %`;
}

/** A duration in the largest fitting unit; null is a dash. */
export function duration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return "—";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A difference with its sign. */
export function signed(value: number | null, decimals: number): string {
  if (value === null) return "—";
  const text = Math.abs(value).toFixed(decimals);
  return `${Number(text) === 0 ? "" : value < 0 ? "−" : "+"}${text}`;
}
