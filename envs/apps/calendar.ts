/**
 * Dates without zones: `YYYY-MM-DD` and `YYYY-MM-DDTHH:MM:SS` as texts that compare in order of time; and how people say them.
 *
 * Source: days from civil and back, proleptic Gregorian (H. Hinnant, "chrono-compatible low-level date algorithms").
 * Choices: texts and integers only, so that no machine clock or zone can enter a world.
 *
 * @module
 */

/** Days from 1970-01-01 to a date. */
export function dayNumber(date: string): number {
  const [y = 0, m = 0, d = 0] = date.slice(0, 10).split("-").map(Number);
  const year = m <= 2 ? y - 1 : y;
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/** Date of a day number. */
export function dateOfDay(day: number): string {
  const shifted = day + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const d = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const m = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const y = yearOfEra + era * 400 + (m <= 2 ? 1 : 0);
  return `${String(y).padStart(4, "0")}-${two(m)}-${two(d)}`;
}

/**
 * Date some days later.
 *
 * @example Over the end of a leap February
 * ```ts
 * import { addDays } from "whetstone/envs/apps/calendar.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(addDays("2028-02-28", 2), "2028-03-01");
 * ```
 *
 * @param date date or date and time; a time is dropped.
 * @param days may be negative.
 */
export function addDays(date: string, days: number): string {
  return dateOfDay(dayNumber(date) + days);
}

/** Date and time of a day number and seconds after midnight. */
export function dateTime(day: number, seconds: number): string {
  return `${dateOfDay(day)}T${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${
    two(seconds % 60)
  }`;
}

/** Whether a text is an existing date `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && dateOfDay(dayNumber(text)) === text;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Date and time some minutes later. */
export function addMinutes(at: string, minutes: number): string {
  const [h = 0, m = 0, s = 0] = at.slice(11).split(":").map(Number);
  const seconds = dayNumber(at) * 86_400 + h * 3600 + m * 60 + s + minutes * 60;
  const day = Math.floor(seconds / 86_400);
  return dateTime(day, seconds - day * 86_400);
}

/** Day of the week of a date: 0 is Monday. */
export function weekdayOf(date: string): number {
  return (dayNumber(date) + 3) % 7;
}

/** Months of a year, from January on. */
const MONTH_NAMES = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
/** Days of a week, from Monday on. */
export const DAY_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

/** `2027-03` (or a date in it) as `March`. */
export function monthName(month: string): string {
  return MONTH_NAMES[Number(month.slice(5, 7)) - 1] ?? "";
}

/** `2027-03` (or a date in it) as `March 2027`. */
export function sayMonth(month: string): string {
  return `${monthName(month)} ${month.slice(0, 4)}`;
}

/**
 * Date as people write it.
 *
 * @example The middle of March
 * ```ts
 * import { sayDate } from "whetstone/envs/apps/calendar.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(sayDate("2027-03-15"), "15 March 2027");
 * ```
 *
 * @param date date or date and time; a time is dropped.
 */
export function sayDate(date: string): string {
  return `${Number(date.slice(8, 10))} ${sayMonth(date)}`;
}

/** `2027-03-09` (or a time on it) as `Tuesday, 9 March`. */
export function sayDay(date: string): string {
  return `${DAY_NAMES[weekdayOf(date)]}, ${Number(date.slice(8, 10))} ${monthName(date)}`;
}
