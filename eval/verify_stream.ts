/**
 * Answers judged line by line: the work of `whet verify`.
 *
 * Contract: JSON lines in, JSON lines out, one for one and in order; a line is written before the next one is read, so any
 * amount of input runs in constant memory. In: `{"gold", "answer"}` and optionally `"id"` (text or number) and `"tolerance"`. Out:
 * `{"id"?, "verdict", "gold", "answer", "ms"}`, where `gold` and `answer` are what the grader read, or null; with `both` also
 * `"second"`, the verdict of the string grader, and `"agree"`. A line that is not such an object becomes
 * `{"line", "error"}` in its place and is counted, for the caller to end with a failing status; with `strict` it stops the
 * run. Nothing is dropped in silence, an empty last line excepted; other blank lines are errors.
 * Choices: unknown fields are errors, with the nearest known name, as a misspelt "tolerence" would change verdicts. `ms` is wall
 * time for people to see; it decides nothing.
 *
 * @module
 */
import { editDistance } from "../data/edit_distance.ts";
import { VERDICT_KINDS, type VerdictKind } from "../envs/contract.ts";
import { verifyMinerva } from "../envs/math/grader/minerva.ts";
import { verifyAnswer } from "../envs/math/grader/verify.ts";

/** Options of {@linkcode verifyStream}. */
export interface VerifyStreamOptions {
  /**
   * Stop at the first bad line instead of writing an error in its place.
   *
   * @default {false}
   */
  strict?: boolean;
  /**
   * Ask the string grader, too.
   *
   * @default {false}
   */
  both?: boolean;
  /**
   * Largest absolute error for lines that name none; exact if left out.
   *
   * @default {undefined}
   */
  tolerance?: number;
  /**
   * Budget of elementary steps per line; the grader's own if left out.
   *
   * @default {undefined}
   */
  steps?: number;
}

/** Counts of a finished stream, for stderr. */
export interface VerifySummary {
  /** Lines judged or refused. */
  readonly lines: number;
  /** Lines per verdict. */
  readonly verdicts: Readonly<Record<VerdictKind, number>>;
  /** Lines that were no pair; the command fails if there are any. */
  readonly badLines: number;
  /** Lines on which the two graders differ; null unless `both` was asked for. */
  readonly disagreements: number | null;
  /** Wall time of the grading alone, ms. */
  readonly ms: number;
}

/** A line of the input is not a pair of answers. */
export class VerifyLineError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "VerifyLineError";
}

/** One line of input. */
interface Request {
  readonly gold: string;
  readonly answer: string;
  readonly id?: string | number;
  readonly tolerance?: number;
}

const FIELDS = ["gold", "answer", "id", "tolerance"] as const;
const SHOWN = 60;

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function nearest(name: string): string {
  const [best] = FIELDS.map((field) => ({ field, distance: editDistance(name.slice(0, 40), field) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= 3
    ? `; did you mean "${best.field}"?`
    : `; known are ${FIELDS.join(", ")}`;
}

function readRequest(line: string, number: number): Request {
  const fail = (what: string) => new VerifyLineError(`Cannot verify line ${number}: ${what}`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw fail(`it must be a JSON object with "gold" and "answer", got ${show(line)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw fail(`it must be a JSON object with "gold" and "answer", got ${show(value)}`);
  }
  const fields = value as Record<string, unknown>;
  for (const name of Object.keys(fields)) {
    if (!FIELDS.some((field) => field === name)) throw fail(`there is no field ${show(name)}${nearest(name)}`);
  }
  const { gold, answer, id, tolerance } = fields;
  if (typeof gold !== "string") throw fail(`field "gold" must be a text, got ${show(gold)}`);
  if (typeof answer !== "string") throw fail(`field "answer" must be a text, got ${show(answer)}`);
  if (id !== undefined && typeof id !== "string" && typeof id !== "number") {
    throw fail(`field "id" must be a text or a number, got ${show(id)}`);
  }
  if (tolerance !== undefined && !(typeof tolerance === "number" && Number.isFinite(tolerance) && tolerance >= 0)) {
    throw fail(`field "tolerance" must be a number of 0 or more, got ${show(tolerance)}`);
  }
  return {
    gold,
    answer,
    ...(id === undefined ? {} : { id }),
    ...(typeof tolerance === "number" ? { tolerance } : {}),
  };
}

/**
 * Judges a stream of answers; see the module comment for the lines.
 *
 * @example Two lines, one of them no JSON
 * ```ts
 * import { verifyStream } from "whetstone/eval/verify_stream.ts";
 * import assert from "node:assert/strict";
 *
 * async function* lines() {
 *   yield '{"gold": "1/2", "answer": "0.5"}';
 *   yield "half";
 * }
 * const out: string[] = [];
 * const summary = await verifyStream(lines(), (line) => void out.push(line));
 * assert.equal(JSON.parse(out[0] ?? "").verdict, "correct");
 * assert.match(JSON.parse(out[1] ?? "").error, /Cannot verify line 2/);
 * assert.equal(summary.badLines, 1);
 * ```
 *
 * @param lines input without line ends.
 * @param write takes one line of output, without its end; waited for before the next line is read.
 * @param options see {@linkcode VerifyStreamOptions}.
 * @throws {VerifyLineError} at the first bad line, if `strict`.
 */
export async function verifyStream(
  lines: AsyncIterable<string>,
  write: (line: string) => void | Promise<void>,
  options: VerifyStreamOptions = {},
): Promise<VerifySummary> {
  const { strict = false, both = false, tolerance, steps } = options;
  const verdicts = Object.fromEntries(VERDICT_KINDS.map((kind) => [kind, 0])) as Record<VerdictKind, number>;
  let [number, judged, badLines, disagreements, total] = [0, 0, 0, 0, 0];
  let blank: number | undefined;
  const refuse = async (error: VerifyLineError, line: number) => {
    if (strict) throw error;
    badLines++;
    await write(JSON.stringify({ line, error: error.message }));
  };
  const refuseBlank = (line: number) =>
    refuse(new VerifyLineError(`Cannot verify line ${line}: it is blank; every line must be a JSON object`), line);
  for await (const line of lines) {
    number++;
    // A blank line is an error only once another line follows: the last one is what a closing line feed leaves behind.
    if (blank !== undefined) await refuseBlank(blank);
    blank = line.trim() === "" ? number : undefined;
    if (blank !== undefined) continue;
    let request: Request;
    try {
      request = readRequest(line, number);
    } catch (error) {
      if (!(error instanceof VerifyLineError)) throw error;
      await refuse(error, number);
      continue;
    }
    const allowed = request.tolerance ?? tolerance;
    const start = performance.now();
    const found = verifyAnswer(request.gold, request.answer, {
      ...(allowed === undefined ? {} : { tolerance: allowed }),
      ...(steps === undefined ? {} : { steps }),
    });
    const ms = performance.now() - start;
    total += ms;
    judged++;
    verdicts[found.verdict]++;
    const second = both ? verifyMinerva(request.gold, request.answer).verdict : undefined;
    if (second !== undefined && second !== found.verdict) disagreements++;
    await write(JSON.stringify({
      ...(request.id === undefined ? {} : { id: request.id }),
      verdict: found.verdict,
      gold: found.gold,
      answer: found.answer,
      ms: Math.round(ms * 1000) / 1000,
      ...(second === undefined ? {} : { second, agree: second === found.verdict }),
    }));
  }
  return { lines: judged + badLines, verdicts, badLines, disagreements: both ? disagreements : null, ms: total };
}

/**
 * The summary in words.
 *
 * @param summary of a finished stream.
 * @returns one or two lines, without a line end at the last.
 */
export function formatVerifySummary(summary: VerifySummary): string {
  const { verdicts, badLines, disagreements, ms, lines } = summary;
  const judged = lines - badLines;
  const counts = VERDICT_KINDS.map((kind) => `${verdicts[kind]} ${kind}`).join(", ");
  const rate = ms > 0 ? `, ${Math.round(judged / ms * 1000)} verdicts/s` : "";
  const differ = disagreements === null ? "" : `; the graders differ on ${disagreements}`;
  return `${judged} answers: ${counts}${differ}${rate}${badLines > 0 ? `\n${badLines} lines could not be judged` : ""}`;
}
