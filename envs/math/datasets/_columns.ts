/**
 * Columns of data files as schemas: what a layout accepts in a field, and what it makes of it.
 *
 * Contract: a message is what was expected, for `BadRow.expected`. An empty text counts as missing, as CSV has no other way to say so.
 *
 * @module
 */
import { z } from "zod";
import { isScalar, plainNumber, type Scalar, withoutDelimiters } from "./_text.ts";

/** What a layout makes of a row: a {@linkcode Problem} that has not got its data set's name yet. */
export interface ProblemDraft {
  /** The row's own id; undefined: its number serves. */
  readonly own?: string | undefined;
  /** See `Problem.statement`. */
  readonly statement: string;
  /** See `Problem.answer`. */
  readonly answer: string;
  /** See `Problem.tolerance`. */
  readonly tolerance?: number | undefined;
  /** See `Problem.solution`. */
  readonly solution?: string | undefined;
  /** See `Problem.difficulty`; undefined: the source says nothing. */
  readonly difficulty?: number | undefined;
  /** See `Problem.labels`; undefined ones are left out. */
  readonly labels: Readonly<Record<string, string | undefined>>;
}

const scalar = z.custom<Scalar>(isScalar, { error: "text or a number" });

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

/** Text that must be there. */
export const text = z.custom<string>((value) => typeof value === "string" && value.trim() !== "", {
  error: "text that is not empty",
}).transform((value) => value.trim());

/** Text or a number, or undefined where it is missing. */
export const optionalText = z.custom<Scalar | null | undefined>((value) => isMissing(value) || isScalar(value), {
  error: "text, a number or nothing",
}).optional().transform((value) => (isMissing(value) ? undefined : String(value).trim()));

/** An answer: text without delimiters, or a number. */
export const answer = scalar.transform((value) =>
  typeof value === "string" ? withoutDelimiters(value) : plainNumber(String(value))
).refine((value) => value !== "", { error: "an answer that is not empty" });

/** An answer that is a number by the nature of the source, whether it is written as a number or as text. */
export const numericAnswer = answer.transform((value) => plainNumber(value.replaceAll(/(?<=\d),(?=\d{3})/g, "")));

/** A list of answers as one, or a single answer. */
export const answers = z.union([answer, z.array(answer).min(1, { error: "at least one answer" })]).transform((value) =>
  typeof value === "string" ? value : value.join(", ")
);

/** A number of at least 1 (also as text, also after the word `Level`); missing, or `Level ?`: undefined. */
export const difficulty = z.custom<Scalar | null | undefined>(
  (value) => isMissing(value) || (isScalar(value) && levelOf(value) !== null),
  { error: "a number from 1, Level and such a number, or nothing" },
).optional().transform((value) => (isMissing(value) ? undefined : levelOf(value) ?? undefined));

/** Difficulty that a value stands for; undefined: unknown; null: it stands for none. */
function levelOf(value: unknown): number | undefined | null {
  const match = /^(?:level\s*)?(\?|\d+(?:\.\d+)?)$/i.exec(String(value).trim());
  if (match === null) return null;
  if (match[1] === "?") return undefined;
  const level = Number(match[1]);
  return level >= 1 ? level : null;
}

/** Largest error that the source accepts, of a list of them the largest; missing, or zero: undefined. */
export const tolerance = z.custom<Scalar | null | undefined>(
  (value) => isMissing(value) || tolerancesOf(value).every((one) => Number.isFinite(one) && one >= 0),
  { error: "a number from 0, several with commas between, or nothing" },
).optional().transform((value) => {
  const largest = isMissing(value) ? 0 : Math.max(...tolerancesOf(value));
  return largest > 0 ? largest : undefined;
});

function tolerancesOf(value: unknown): number[] {
  return isScalar(value) ? String(value).split(",").map((part) => (part.trim() === "" ? NaN : Number(part))) : [NaN];
}
