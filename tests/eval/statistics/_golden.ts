/**
 * Golden files of the statistics, and what "equal" means for numbers.
 *
 * @module
 */
import assert from "node:assert/strict";

/** Cases of `tests/fixtures/statistics/NAME.json`. */
export function golden<T>(name: string): T[] {
  const file = new URL(`../../fixtures/statistics/${name}.json`, import.meta.url);
  const cases = JSON.parse(Deno.readTextFileSync(file)) as T[];
  assert.ok(cases.length > 0, `${name} holds no cases`);
  return cases;
}

/** Fails unless two numbers agree to `relative`, or to `absolute` where that is wider. */
export function close(actual: number | null | undefined, expected: number, relative = 1e-12, absolute = 0): void {
  assert.ok(typeof actual === "number", `${actual} is not a number`);
  const allowed = Math.max(absolute, relative * Math.abs(expected));
  assert.ok(Math.abs(actual - expected) <= allowed, `${actual} is not ${expected}, off by ${actual - expected}`);
}
