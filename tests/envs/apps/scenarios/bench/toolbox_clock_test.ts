import assert from "node:assert/strict";
import { clockTime, isoDate, minutesOf } from "../../../../../envs/apps/scenarios/bench/_toolbox.ts";

Deno.test("isoDate() reads a day in words", () => {
  assert.equal(isoDate("12 March 1984"), "1984-03-12");
  assert.equal(isoDate("1 December 2027"), "2027-12-01");
});

Deno.test("minutesOf() and clockTime() are each other's reverse within a day", () => {
  for (const time of ["00:00", "07:30", "23:59"]) assert.equal(clockTime(minutesOf(time)), time);
});

Deno.test("clockTime() goes round at midnight, either way", () => {
  assert.equal(clockTime(-15), "23:45");
  assert.equal(clockTime(1440 + 5), "00:05");
});
