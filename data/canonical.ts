/**
 * Canonical JSON and content hashes: the identity of configs, worlds, tasks and rows.
 *
 * Contract: equal values give equal text whatever the order of their keys; undefined fields are left out.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * JSON text with sorted keys.
 *
 * @example Key order does not matter
 * ```ts
 * import { canonicalJson } from "whetstone/data/canonical.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(canonicalJson({ b: 1, a: [2] }), '{"a":[2],"b":1}');
 * ```
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(",")}]`;
  const fields = Object.entries(value as Record<string, Json | undefined>).filter((entry): entry is [string, Json] =>
    entry[1] !== undefined
  );
  fields.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}

/** First `length` hexadecimal digits of the SHA-256 of a text. */
export function contentHash(text: string, length = 12): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
