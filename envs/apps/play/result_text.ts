/**
 * Results as a person reads them: JSON with a short row on one line, cut where it gets long.
 *
 * @module
 */
import type { Json } from "../../../data/canonical.ts";

/** A value that fits on a line of so many characters stays on it. */
const LINE_CHARACTERS = 140;
/** Most lines that are shown at a time. */
const SHOWN_LINES = 40;
/** Most characters that are shown at a time. */
const SHOWN_CHARACTERS = 6_000;

/**
 * A value as indented JSON.
 *
 * @example Rows of a list have a line each
 * ```ts
 * import { resultText } from "whetstone/envs/apps/play/result_text.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(resultText({ note: "Done." }), '{ "note": "Done." }');
 * assert.equal(resultText([{ id: 1 }, { id: 2 }]), '[\n  { "id": 1 },\n  { "id": 2 }\n]');
 * ```
 */
export function resultText(value: Json, indent = ""): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const inner = `${indent}  `;
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const entries = isList
    ? value.map((item: Json) => ["", item] as const)
    : Object.entries(value as Readonly<Record<string, Json>>).map(([key, item]) =>
      [`${JSON.stringify(key)}: `, item] as const
    );
  if (entries.length === 0) return `${open}${close}`;
  const flat = flatText(value);
  const rows = isList && value.some((item: Json) => typeof item === "object" && item !== null);
  if (!rows && indent.length + flat.length <= LINE_CHARACTERS) return flat;
  return `${open}\n${
    entries.map(([key, item]) => `${inner}${key}${resultText(item, inner)}`).join(",\n")
  }\n${indent}${close}`;
}

function flatText(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => flatText(item)).join(", ")}]`;
  const fields = Object.entries(value as Readonly<Record<string, Json>>);
  return fields.length === 0
    ? "{}"
    : `{ ${fields.map(([key, item]) => `${JSON.stringify(key)}: ${flatText(item)}`).join(", ")} }`;
}

/** A text in two parts. */
export interface CutText {
  readonly head: string;
  /** What did not fit; empty if all did. */
  readonly rest: string;
  /** Lines of the rest. */
  readonly lines: number;
}

/** The part of a text that is shown at once, and the rest. */
export function cutText(text: string): CutText {
  const lines = text.split("\n");
  let shown = 0;
  let characters = 0;
  while (shown < lines.length && shown < SHOWN_LINES && characters <= SHOWN_CHARACTERS) {
    characters += (lines[shown++] ?? "").length + 1;
  }
  const rest = lines.slice(shown);
  return { head: lines.slice(0, shown).join("\n"), rest: rest.join("\n"), lines: rest.length };
}
