import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addDays,
  dateOfDay,
  dateTime,
  dayNumber,
  isDate,
  monthName,
  sayDate,
  sayDay,
  sayMonth,
} from "../../../envs/apps/calendar.ts";

Deno.test("dateOfDay() and dayNumber() are inverse and agree with the platform's calendar", () => {
  fc.assert(fc.property(fc.integer({ min: -20000, max: 60000 }), (day) => {
    assert.equal(dateOfDay(day), new Date(day * 86400000).toISOString().slice(0, 10));
    assert.equal(dayNumber(dateOfDay(day)), day);
  }));
});

Deno.test("isDate() accepts existing days only", () => {
  for (const text of ["2027-02-29", "2027-13-01", "2027-1-1", "2027-02-28T10:00:00", "today"]) {
    assert.equal(isDate(text), false, text);
  }
  assert.equal(isDate("2028-02-29"), true);
});

Deno.test("addDays() and dateTime() format with two digits", () => {
  assert.equal(addDays("2027-03-01T10:00:00", -1), "2027-02-28");
  assert.equal(dateTime(dayNumber("2027-03-01"), 7 * 3600 + 5 * 60 + 9), "2027-03-01T07:05:09");
});

Deno.test("sayDate(), sayDay(), sayMonth() and monthName() say a date, with or without a time", () => {
  for (const at of ["2027-03-09", "2027-03-09T18:30:00"]) {
    assert.equal(sayDate(at), "9 March 2027");
    assert.equal(sayDay(at), "Tuesday, 9 March");
    assert.equal(sayMonth(at), "March 2027");
  }
  assert.deepEqual(["2027-01", "2027-12"].map(monthName), ["January", "December"]);
});
