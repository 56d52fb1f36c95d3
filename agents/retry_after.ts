/**
 * How long a server asks to be left alone.
 *
 * Contract: pure but for the date form, which needs the time; the wait never reaches a result. Source: RFC 9110, section 10.2.3.
 *
 * @module
 */

/**
 * Milliseconds of a `Retry-After` header, given in seconds or as a date.
 *
 * @example Seconds
 * ```ts
 * import { retryAfterMs } from "whetstone/agents/retry_after.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(retryAfterMs("2"), 2000);
 * assert.equal(retryAfterMs("soon"), undefined);
 * ```
 *
 * @returns undefined if there is no header, or none that can be read.
 */
export function retryAfterMs(header: string | null): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? 1000 * seconds : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
