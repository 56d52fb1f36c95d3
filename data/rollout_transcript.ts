/**
 * One rollout as it was played: what was put before the policy, what it wrote, what the environment answered, with loss masks, rewards,
 * skills and verdicts.
 *
 * Contract: everything comes from the record. Ids are stored, not texts: a prompt and a completion are shown as text only where the
 * caller gives `decode`; without it, the task's instruction and the code of the turn stand in, which the record has as text.
 * An identity as text is `<run>/<phase>/<step>/<grp>/<sample>/<position>`; a phase may hold a slash (`eval/dev`), a run id none.
 *
 * @module
 */
import { sqlString } from "./_sql_text.ts";
import type { Json } from "./canonical.ts";
import { QueryError } from "./record_errors.ts";
import { runSql } from "./sql.ts";

/** Identity of a rollout. */
export interface RolloutId {
  /** Run. */
  readonly run: string;
  /** `rl`, `eval/<split>` or `curve/<split>`. */
  readonly phase: string;
  /** Update. */
  readonly step: number;
  /** Group of the step. */
  readonly grp: number;
  /** Chain in its group. */
  readonly sample: number;
  /** Place in the chain, from 1. */
  readonly position: number;
}

/** A text that names no rollout. */
export class RolloutIdError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "RolloutIdError";
}

/** An identity as text; {@linkcode parseRolloutId} is its inverse. */
export function formatRolloutId({ run, phase, step, grp, sample, position }: RolloutId): string {
  return [run, phase, step, grp, sample, position].join("/");
}

/**
 * Reads an identity.
 *
 * @example A phase may hold a slash
 * ```ts
 * import { parseRolloutId } from "whetstone/data/rollout_transcript.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseRolloutId("sage-a9b7-s1/eval/dev/0/2/0/1"), {
 *   run: "sage-a9b7-s1", phase: "eval/dev", step: 0, grp: 2, sample: 0, position: 1,
 * });
 * ```
 *
 * @throws {RolloutIdError} if the text is none.
 */
export function parseRolloutId(text: string): RolloutId {
  const parts = text.split("/");
  const numbers = parts.slice(-4).map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN));
  const [step = Number.NaN, grp = Number.NaN, sample = Number.NaN, position = Number.NaN] = numbers;
  const run = parts[0] ?? "";
  const phase = parts.slice(1, -4).join("/");
  if (run === "" || phase === "" || numbers.length < 4 || numbers.some(Number.isNaN)) {
    throw new RolloutIdError(
      `Cannot read the rollout id "${text}": it must be <run>/<phase>/<step>/<group>/<sample>/<position>, ` +
        "for example sage-a9b710c2ee-s1/rl/3/2/0/1",
    );
  }
  return { run, phase, step, grp, sample, position };
}

/** One stretch of a rollout's ids. */
export interface TranscriptSegment {
  /** Who wrote it. */
  readonly role: "prompt" | "observation" | "policy";
  /** Turn that it belongs to, from 0. */
  readonly turn: number;
  /** Its first id in the rollout. */
  readonly start: number;
  /** Id after its last. */
  readonly end: number;
  /** Whether its ids carry loss. */
  readonly loss: boolean;
  /** Sum of the log-probabilities of its ids, nats; null where nothing was sampled. */
  readonly logprob: number | null;
  /** Text: decoded, or what the record holds instead; null if it holds none. */
  readonly text: string | null;
}

/** A row as an object by column name. */
type Fields = Readonly<Record<string, Json>>;

/** One rollout with everything that is recorded of it. */
export interface RolloutTranscript {
  /** Its identity as text. */
  readonly id: string;
  /** Its row of `rollout`. */
  readonly rollout: Fields;
  /** What the user asked for; null if the task is not in the record. */
  readonly instruction: string | null;
  /** Stretches of ids in order. */
  readonly segments: readonly TranscriptSegment[];
  /** API calls in order. */
  readonly calls: readonly Fields[];
  /** Reward terms, in units of reward. */
  readonly terms: readonly Fields[];
  /** Reward, baseline and advantage; undefined in evaluation. */
  readonly advantage: Fields | undefined;
  /** Events of skills in order. */
  readonly events: readonly Fields[];
  /** Verdicts of all graders and versions. */
  readonly verdicts: readonly Fields[];
}

/** Options of {@linkcode rolloutTranscript}. */
export interface RolloutTranscriptOptions {
  /**
   * Gives the text of ids; without it, instruction and code stand in.
   *
   * @default {undefined}
   */
  decode?: (ids: readonly number[]) => string;
}

/**
 * Reads one rollout.
 *
 * @param path record file.
 * @param id identity, as text or object.
 * @param options see {@linkcode RolloutTranscriptOptions}.
 * @throws {RolloutIdError} if the text is no identity.
 * @throws {QueryError} if the record has no such rollout.
 */
export async function rolloutTranscript(
  path: string,
  id: string | RolloutId,
  options: RolloutTranscriptOptions = {},
): Promise<RolloutTranscript> {
  const { decode } = options;
  const identity = typeof id === "string" ? parseRolloutId(id) : id;
  const { run, phase, step, grp, sample, position } = identity;
  const where = `run_id = ${sqlString(run)} AND phase = ${
    sqlString(phase)
  } AND step = ${step} AND grp = ${grp} AND sample = ${sample} AND position = ${position}`;
  const read = async (table: string, order: string): Promise<Fields[]> => {
    const { columns, rows } = await runSql(
      path,
      `SELECT * EXCLUDE (run_id, phase, step, grp, sample, position) FROM ${table} WHERE ${where} ORDER BY ${order}`,
    );
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])));
  };
  const [rollout] = await read("rollout", "task_id");
  if (rollout === undefined) {
    throw new QueryError(
      `Cannot show rollout ${formatRolloutId(identity)}: it is not in ${path}; list those of a run with ` +
        `SELECT phase, step, grp, sample, position FROM rollout WHERE run_id = ${sqlString(run)}`,
    );
  }
  const task = await runSql(
    path,
    `SELECT instruction FROM task WHERE task_id = ${sqlString(String(rollout["task_id"]))} AND environment_hash =
       (SELECT environment_hash FROM run WHERE run_id = ${sqlString(run)})`,
  );
  const instruction = task.rows[0]?.[0];
  const turns = await read("turn", "turn");
  return {
    id: formatRolloutId(identity),
    rollout,
    instruction: typeof instruction === "string" ? instruction : null,
    segments: segmentsOf(turns, typeof instruction === "string" ? instruction : null, decode),
    calls: await read("api_call", "turn, n"),
    terms: await read("reward_term", "term"),
    advantage: (await read("advantage", "reward"))[0],
    events: await read("skill_event", "seq"),
    verdicts: await read("verdict", "grader, version"),
  };
}

function numbersOf(value: Json | undefined): number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}

function segmentsOf(
  turns: readonly Fields[],
  instruction: string | null,
  decode: ((ids: readonly number[]) => string) | undefined,
): TranscriptSegment[] {
  const segments: TranscriptSegment[] = [];
  let start = 0;
  const add = (segment: Omit<TranscriptSegment, "start" | "end">, length: number) => {
    segments.push({ ...segment, start, end: start + length });
    start += length;
  };
  turns.forEach((turn, i) => {
    const context = numbersOf(turn["context_ids"]);
    const generated = numbersOf(turn["generated_ids"]);
    const before = i === 0 ? instruction : turns[i - 1]?.["observation"];
    add({
      role: i === 0 ? "prompt" : "observation",
      turn: Number(turn["turn"]),
      loss: false,
      logprob: null,
      text: decode?.(context) ?? (typeof before === "string" ? before : null),
    }, context.length);
    const code = turn["code"];
    add({
      role: "policy",
      turn: Number(turn["turn"]),
      loss: true,
      logprob: numbersOf(turn["logprobs"]).reduce((sum, value) => sum + value, 0),
      text: decode?.(generated) ?? (typeof code === "string" ? code : null),
    }, generated.length);
  });
  const last = turns.at(-1);
  if (typeof last?.["observation"] === "string" && last["observation"] !== "") {
    // The answer to the last turn was never put before the policy: it has a text and no ids.
    add({ role: "observation", turn: Number(last["turn"]), loss: false, logprob: null, text: last["observation"] }, 0);
  }
  return segments;
}

function figure(value: Json | undefined): string {
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value ?? "—");
}

/** A transcript as text for people. */
export function formatTranscript(transcript: RolloutTranscript): string {
  const { id, rollout, segments, terms, advantage, events, calls, verdicts } = transcript;
  const lines = [
    `Rollout ${id}`,
    `task ${figure(rollout["task_id"])} (${figure(rollout["split"])}), ${figure(rollout["finish"])}, score ${
      figure(rollout["score"])
    }, tests ${figure(rollout["passed"])} of ${figure(rollout["total"])}`,
    "",
  ];
  for (const { role, turn, start, end, loss, logprob, text } of segments) {
    const mask = loss ? `loss, log-probability ${figure(logprob)} nats` : "no loss";
    lines.push(`── ${role} · turn ${turn} · ids ${start} to ${end} (${end - start}) · ${mask}`);
    lines.push(text ?? "(no text in the record)", "");
    if (role !== "policy") continue;
    const made = calls.filter((call) => call["turn"] === turn);
    for (const call of made) {
      lines.push(
        `   ${figure(call["app"])}.${figure(call["api"])}(${figure(call["args"])}) → ${figure(call["status"])}`,
      );
    }
    if (made.length > 0) lines.push("");
  }
  if (terms.length > 0) {
    lines.push(`Reward: ${terms.map(({ term, value }) => `${figure(term)} ${figure(value)}`).join(", ")}`);
  }
  if (advantage !== undefined) {
    const { reward, baseline, advantage: credit } = advantage;
    lines.push(`Total ${figure(reward)}, baseline ${figure(baseline)}, advantage ${figure(credit)}`);
  }
  if (verdicts.length > 0) lines.push("Verdicts:");
  for (const { grader, version, verdict, answer, detail } of verdicts) {
    lines.push(
      `   ${figure(grader)} v${figure(version)}: ${figure(verdict)}, answer ${figure(answer)} ${figure(detail)}`
        .trimEnd(),
    );
  }
  if (events.length > 0) lines.push("Skills:");
  for (const { turn, kind, name, version, detail, token_start, token_end } of events) {
    const span = token_start === null ? "" : `, ids ${figure(token_start)} to ${figure(token_end)}`;
    lines.push(
      `   turn ${figure(turn)}: ${figure(kind)} ${figure(name)} v${figure(version)}${span} ${figure(detail)}`.trimEnd(),
    );
  }
  return `${lines.join("\n").trimEnd()}\n`;
}
