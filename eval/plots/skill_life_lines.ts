/**
 * Life lines of skills: for each name when it was saved, shown, used, failed and evicted, from the log of skill events.
 *
 * Contract: a pure function of rows and options. Over a run the axis is the update; within one chain it is the place in the chain.
 * A line reaches from a name's first event to its last; each kind has its own lane and shape, and a mark's area grows with the number
 * of events at that place. `used` are calls in the text of the code (`invoked`); `saved` are also new bodies and loads from a file, `evicted` also deletions.
 * Choices: the names with most events are drawn, in order of their first event; the caption says how many were left out. Over a run, a
 * name that several chains defined is one line: the libraries of chains are independent.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { integerOf, type QueryRow, sqlText, textOf } from "../query_rows.ts";
import { runCondition, type RunFilter } from "./curve_metrics.ts";
import { axisScale, countOf, NothingToPlotError, type Plot, titleBlock } from "./plot.ts";
import { clipText } from "./text_width.ts";
import { FONT_SIZE, PLOT_WIDTH, seriesColour } from "./theme.ts";

/** What happened to a skill, in the order of the lanes, with the kinds of the log that count as it. */
export const LIFE_EVENTS = [
  { name: "saved", kinds: ["saved", "overwritten", "loaded"], shape: "triangle-up", colour: seriesColour(2) },
  { name: "shown", kinds: ["shown"], shape: "circle", colour: seriesColour(6) },
  { name: "used", kinds: ["invoked"], shape: "square", colour: seriesColour(0) },
  { name: "failed", kinds: ["failed"], shape: "cross", colour: seriesColour(1) },
  { name: "evicted", kinds: ["evicted", "deleted"], shape: "triangle-down", colour: seriesColour(3) },
] as const;

/** One chain of a run. */
export interface ChainAddress {
  /** `rl`, `eval/<split>` … */
  readonly phase: string;
  /** Update; 0 in evaluation. */
  readonly step: number;
  /** Task group of the step. */
  readonly group: number;
  /** Chain in its group. */
  readonly sample: number;
}

/** A text names no chain. */
export class ChainAddressError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ChainAddressError";
}

/**
 * Chain that a text names: `<phase>/<step>/<group>/<sample>`; the phase may hold slashes.
 *
 * @example
 * ```ts
 * import { parseChainAddress } from "whetstone/eval/plots/skill_life_lines.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseChainAddress("eval/dev/0/3/1"), { phase: "eval/dev", step: 0, group: 3, sample: 1 });
 * ```
 *
 * @throws {ChainAddressError} if the text has another form.
 */
export function parseChainAddress(text: string): ChainAddress {
  const [, phase, step, group, sample] = /^(.+)\/(\d+)\/(\d+)\/(\d+)$/.exec(text) ?? [];
  if (phase === undefined) {
    throw new ChainAddressError(
      `Cannot read the chain ${text}: expected <phase>/<step>/<group>/<sample>, for example rl/3/0/1 or eval/test_normal/0/4/0`,
    );
  }
  return { phase, step: Number(step), group: Number(group), sample: Number(sample) };
}

/** Options of {@linkcode skillLifeLines}. */
export interface SkillLifeOptions extends RunFilter {
  /**
   * One chain instead of the whole training; give exactly one run with it.
   *
   * @default {the training of the runs}
   */
  readonly chain?: ChainAddress;
  /**
   * Most names.
   *
   * @default {16}
   */
  readonly names?: number;
}

/** SQL of the events by name, kind and place, one statement on one line. */
export function skillLifeSql(options: Pick<SkillLifeOptions, "runs" | "chain"> = {}): string {
  const { chain } = options;
  const kinds = LIFE_EVENTS.flatMap((event) => event.kinds.map(sqlText)).join(", ");
  const where = chain === undefined
    ? "e.phase = 'rl'"
    : `e.phase = ${sqlText(chain.phase)} AND e.step = ${Math.trunc(chain.step)} AND e.grp = ${
      Math.trunc(chain.group)
    } ` +
      `AND e.sample = ${Math.trunc(chain.sample)}`;
  return `SELECT run.arm, e.name, e.kind, ${
    chain === undefined ? "e.step" : "e.position"
  } AS place, count(*) AS events ` +
    `FROM skill_event e JOIN run USING (run_id) WHERE ${where} AND e.kind IN (${kinds})${runCondition(options)} ` +
    "GROUP BY ALL ORDER BY ALL";
}

/** Distance of two lanes, px; the largest mark is not wider. */
const LANE = 8;
const BETWEEN_ROWS = 8;

/**
 * Plot of life lines.
 *
 * @param rows rows of {@linkcode skillLifeSql}.
 * @param options see {@linkcode SkillLifeOptions}.
 * @throws {NothingToPlotError} if there are no events.
 */
export function skillLifeLines(rows: readonly QueryRow[], options: SkillLifeOptions = {}): Plot {
  const { chain, names: most = 16 } = options;
  const events = rows.flatMap((row) => {
    const kind = textOf(row, "kind");
    const lane = LIFE_EVENTS.findIndex((event) => event.kinds.some((known) => known === kind));
    return lane < 0 ? [] : [{
      name: textOf(row, "name"),
      lane,
      place: integerOf(row, "place"),
      events: integerOf(row, "events"),
    }];
  });
  if (events.length === 0) {
    const where = chain === undefined ? "training" : "that chain";
    throw new NothingToPlotError(
      `Cannot draw life lines of skills: the record holds no skill events of ${where}; see what there is with: ` +
        'whet sql "SELECT run_id, phase, count(*) FROM skill_event GROUP BY ALL"',
    );
  }
  const byName = Map.groupBy(events, ({ name }) => name);
  const total = (name: string) => (byName.get(name) ?? []).reduce((sum, event) => sum + event.events, 0);
  const first = (name: string) => Math.min(...(byName.get(name) ?? []).map(({ place }) => place));
  const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const chosen = [...byName.keys()].sort((a, b) => total(b) - total(a) || text(a, b)).slice(0, Math.max(1, most))
    .sort((a, b) => first(a) - first(b) || total(b) - total(a) || text(a, b));
  const left = byName.size - chosen.length;
  const seen = LIFE_EVENTS.filter((_, lane) => events.some((event) => event.lane === lane));
  const shownEvents = events.filter(({ name }) => chosen.includes(name));

  const title = chain === undefined
    ? "Life lines of skills in training"
    : `Life lines of skills in one chain (${chain.phase}, step ${chain.step}, group ${chain.group}, sample ${chain.sample})`;
  const count = shownEvents.reduce((sum, event) => sum + event.events, 0);
  const caption = `${countOf(count, "event")} of ${countOf(chosen.length, "skill")}` +
    (left === 0 ? "." : `, those with most events; ${left} more left out.`) +
    " The larger a mark, the more events." +
    (chain === undefined ? " A name in several chains is one line." : "");

  const places = events.map(({ place }) => place);
  const low = Math.min(...places);
  const high = Math.max(...places);
  const x = axisScale(places, { integers: true, ticks: 10 });
  const width = PLOT_WIDTH;
  const xScale: Json = { domain: [low - 0.5, high + 0.5], nice: false, zero: false };
  const xEncoding: Json = {
    field: "place",
    type: "quantitative",
    title: chain === undefined ? "update" : "place in the chain",
    scale: xScale,
    axis: {
      values: low === high ? [low] : x.ticks.filter((tick) => tick >= low && tick <= high),
      format: "d",
      gridOpacity: 0.08,
    },
  };
  const row = LANE * seen.length + BETWEEN_ROWS;
  const top = chosen.length * row;
  const yEncoding: Json = {
    field: "y",
    type: "quantitative",
    scale: { domain: [0, top], nice: false, reverse: true },
    axis: null,
  };
  const middle = (index: number) => (index + 0.5) * row;
  const biggest = Math.max(...shownEvents.map((event) => event.events));
  const named = (field: string, range: readonly Json[], legend: Json): Json => ({
    field,
    type: "nominal",
    scale: { domain: seen.map(({ name }) => name), range },
    legend,
  });
  // Several chains share an update: marks of one name, lane and place add up.
  const marks = Map.groupBy(
    shownEvents,
    ({ name, lane, place }) => JSON.stringify([chosen.indexOf(name), lane, place]),
  );
  const spec = {
    title: titleBlock(title, caption, width + 120),
    width,
    height: top,
    layer: [
      {
        data: { name: "lines" },
        mark: { type: "rule", opacity: 0.35 },
        encoding: { x: { ...xEncoding, field: "from" }, x2: { field: "to" }, y: yEncoding },
      },
      {
        data: { name: "marks" },
        mark: { type: "point", filled: true, opacity: 0.95 },
        encoding: {
          x: xEncoding,
          y: yEncoding,
          color: named("event", seen.map(({ colour }) => colour), { title: null, symbolSize: 90, symbolOpacity: 1 }),
          shape: named("event", seen.map(({ shape }) => shape), { title: null }),
          size: {
            field: "events",
            type: "quantitative",
            scale: { type: "linear", domain: [0, Math.max(1, biggest)], range: [14, 56] },
            legend: null,
          },
        },
      },
      {
        data: { name: "names" },
        mark: { type: "text", align: "right", baseline: "middle", dx: -8 },
        encoding: { x: xEncoding, y: yEncoding, text: { field: "label", type: "nominal" } },
      },
    ],
  };
  return {
    title,
    caption,
    sql: skillLifeSql(options),
    spec,
    data: {
      lines: chosen.map((name, index) => {
        const own = (byName.get(name) ?? []).map(({ place }) => place);
        return { from: Math.min(...own), to: Math.max(...own), y: middle(index) };
      }),
      marks: [...marks.values()].flatMap((group) => {
        const [event] = group;
        if (event === undefined) return [];
        const lane = seen.findIndex(({ name }) => name === LIFE_EVENTS[event.lane]?.name);
        const offset = (lane - (seen.length - 1) / 2) * LANE;
        return [{
          event: LIFE_EVENTS[event.lane]?.name ?? "",
          place: event.place,
          y: middle(chosen.indexOf(event.name)) + offset,
          events: group.reduce((sum, item) => sum + item.events, 0),
        }];
      }),
      names: chosen.map((name, index) => ({
        label: clipText(name, 240, FONT_SIZE),
        place: low - 0.5,
        y: middle(index),
      })),
    },
  };
}
