/**
 * Lists of rollouts: filters, orders and pages by key.
 *
 * Contract: a page begins after a key and never at a row number, so that it costs the same anywhere in the list, and rows that are added
 * meanwhile move nothing. The order is total: equal figures are ordered by identity.
 * Choices: identities first, the other columns only of the page's rows.
 *
 * @module
 */
import { z } from "zod";
import { sqlText } from "../query_rows.ts";

/** Orders of the list. */
export const ROLLOUT_ORDERS = {
  key: { label: "identity", sql: "0::DOUBLE", descending: false },
  score: { label: "score", sql: "coalesce(score, -1)", descending: true },
  steps: { label: "turns", sql: "steps::DOUBLE", descending: true },
  tokens: { label: "generated tokens", sql: "generated_tokens::DOUBLE", descending: true },
  reward: { label: "reward", sql: "coalesce(reward, '-infinity'::DOUBLE)", descending: true },
} as const;

/** Name of an order. */
export type RolloutOrder = keyof typeof ROLLOUT_ORDERS;

/** Which rollouts of a run. */
export interface RolloutFilter {
  /** Phase; empty: all. */
  readonly phase: string;
  /** Update; null: all. */
  readonly step: number | null;
  /** Outcome; empty: all. */
  readonly success: "" | "yes" | "no" | "fault";
  /** Scenario or task; empty: all. */
  readonly scenario: string;
  /** How it ended; empty: all. */
  readonly finish: string;
  /** Skill that was offered; empty: all. */
  readonly skill: string;
  /** What of the skill counts: that it was called, or only shown. */
  readonly skillUse: "used" | "offered";
}

/** Place in a list: the figure that it is ordered by, then the identity. */
const placeSchema = z.tuple([z.number().nullable(), z.string(), z.int(), z.int(), z.int(), z.int()]);

/** See {@linkcode RolloutListOptions.place}. */
export type RolloutPlace = z.infer<typeof placeSchema>;

/** A place as it stands in an address; undefined if it is none. */
export function parsePlace(text: string): RolloutPlace | undefined {
  try {
    return placeSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Where a page of a list begins. */
export interface RolloutListOptions {
  /**
   * Order.
   *
   * @default {"key"}
   */
  readonly order?: RolloutOrder;
  /**
   * Row beside which the page lies; left out: the list's beginning.
   *
   * @default {undefined}
   */
  readonly place?: RolloutPlace | undefined;
  /**
   * The page lies before the place; its rows come in reverse.
   *
   * @default {false}
   */
  readonly backwards?: boolean;
  /**
   * Most rows.
   *
   * @default {51}
   */
  readonly limit?: number;
}

const KEY = ["phase", "step", "grp", "sample", "position"] as const;

function number(value: number | null): string {
  return value === null ? "'-infinity'::DOUBLE" : String(value);
}

/** Rows after a place in an order in which the figure may run the other way than the identity. */
function afterPlace(place: RolloutPlace, descending: boolean, backwards: boolean): string {
  const columns = ["ordered", ...KEY];
  const values = [number(place[0]), sqlText(place[1]), ...place.slice(2).map(String)];
  const signs = columns.map((_, i) => ((i === 0 && descending) !== backwards ? "<" : ">"));
  const alternatives = columns.map((column, i) =>
    [...columns.slice(0, i).map((name, k) => `${name} = ${values[k]}`), `${column} ${signs[i]} ${values[i]}`].join(
      " AND ",
    )
  );
  return `(${alternatives.map((alternative) => `(${alternative})`).join(" OR ")})`;
}

/** Condition of a filter, on columns of `rollout`. */
export function filterCondition(run: string, filter: RolloutFilter): string {
  const { phase, step, success, scenario, finish, skill, skillUse } = filter;
  return [
    `run_id = ${sqlText(run)}`,
    ...(phase === "" ? [] : [`phase = ${sqlText(phase)}`]),
    ...(step === null ? [] : [`step = ${step}`]),
    ...(success === "" ? [] : [success === "fault" ? "success IS NULL" : `success = ${success === "yes"}`]),
    ...(scenario === "" ? [] : [`(scenario = ${sqlText(scenario)} OR task_id = ${sqlText(scenario)})`]),
    ...(finish === "" ? [] : [`finish = ${sqlText(finish)}`]),
    ...(skill === ""
      ? []
      : [`list_contains(${skillUse === "used" ? "skills_used" : "skills_offered"}, ${sqlText(skill)})`]),
  ].join(" AND ");
}

/**
 * SQL of one page.
 *
 * @param run run.
 * @param filter which of its rollouts.
 * @param options see {@linkcode RolloutListOptions}.
 */
export function rolloutListSql(run: string, filter: RolloutFilter, options: RolloutListOptions = {}): string {
  const { order = "key", place, backwards = false, limit = 51 } = options;
  const { sql, descending } = ROLLOUT_ORDERS[order];
  const key = KEY.join(", ");
  const directions = ["ordered", ...KEY].map((column, i) =>
    `${column} ${(i === 0 && descending) !== backwards ? "DESC" : "ASC"}`
  ).join(", ");
  const own = `run_id = ${sqlText(run)}`;
  const source = order === "reward"
    ? `(SELECT * FROM rollout WHERE ${
      filterCondition(run, filter)
    }) LEFT JOIN (SELECT ${key}, reward FROM advantage WHERE ${own}) USING (${key})`
    : `rollout WHERE ${filterCondition(run, filter)}`;
  return `WITH candidates AS (SELECT ${key}, ${sql} AS ordered FROM ${source}),
    page AS (SELECT * FROM candidates ${place === undefined ? "" : `WHERE ${afterPlace(place, descending, backwards)}`}
      ORDER BY ${directions} LIMIT ${limit})
  SELECT p.*, r.task_id, r.finish, r.success, r.score, r.passed, r.total, r.steps, r.prompt_tokens, r.generated_tokens,
    r.skills_offered, r.skills_used, a.reward, a.advantage
  FROM page p JOIN (SELECT * FROM rollout WHERE ${own}) r USING (${key})
  LEFT JOIN (SELECT ${key}, reward, advantage FROM advantage WHERE ${own}) a USING (${key})
  ORDER BY ${directions.replaceAll(/\b(ordered|phase|step|grp|sample|position)\b/g, "p.$1")}`;
}
