/**
 * One run: how far it is, how fast, its reward and success over updates, its evaluations, and ways to its rollouts and skills.
 *
 * Contract: figures of updates come from `update_step` and `unit`, which have a row per update; more than {@linkcode MOST_POINTS} updates
 * are drawn as means over equal ranges of steps.
 *
 * @module
 */
import { html } from "hono/html";
import { runPath, search, sqlPath } from "../addresses.ts";
import { found, type PageMaker } from "../context.ts";
import { facts, listTable, nothing } from "../layout.ts";
import { lineChart } from "../line_chart.ts";
import { numberOf, type QueryRow, rowObjects, sqlText, textOf } from "../../query_rows.ts";
import { runOverview, runOverviewSql, runState } from "../run_state.ts";
import { duration, figure, type Markup, percent, shown } from "../text.ts";
import { badge, progressOf } from "./runs_page.ts";

/** Most points of a curve. */
export const MOST_POINTS = 300;

/** State of a run: it changes whenever one of its units is committed. */
export function runStateSql(run: string): string {
  const where = `WHERE run_id = ${sqlText(run)}`;
  return `SELECT (SELECT count(*) FROM unit ${where}) AS units, (SELECT count(*) FROM update_step ${where}) AS updates`;
}

/**
 * SQL of the figures per update, at most {@linkcode MOST_POINTS} rows per run and phase: `reward`, `success`, `loss` (nats), `equal_share`
 * (groups of equal rewards), `tokens_per_s` (sampled) and `updates_per_min`.
 */
export function updatesSql(runs: readonly string[]): string {
  const own = `run_id IN (${runs.map(sqlText).join(", ")})`;
  return `WITH played AS (
    SELECT run_id, phase, step, sum(generated_tokens) AS generated FROM rollout WHERE ${own} AND phase = 'rl' GROUP BY ALL
  ), updates AS (
    SELECT u.*, t.wall_ms AS unit_ms, p.generated
    FROM (SELECT * FROM update_step WHERE ${own}) u
    LEFT JOIN (SELECT run_id, unit, wall_ms FROM unit WHERE ${own} AND starts_with(unit, 'rl/')) t
      ON t.run_id = u.run_id AND t.unit = u.phase || '/' || u.step
    LEFT JOIN played p ON p.run_id = u.run_id AND p.phase = u.phase AND p.step = u.step
  ), sized AS (
    SELECT run_id, phase, greatest(1, ceil(count(*) / ${MOST_POINTS}))::INTEGER AS width FROM updates GROUP BY ALL
  )
  SELECT run_id, phase, (step // width) * width AS place, avg(mean_reward) AS reward, avg(success_rate) AS success,
    sum(loss) / nullif(sum(weight_sum), 0) AS mean_loss, sum(zero_variance_groups) / nullif(sum(groups), 0) AS equal_share,
    1000 * sum(generated) FILTER (unit_ms > 0) / sum(unit_ms) AS tokens_per_s, 60000 * count(unit_ms) / sum(unit_ms) AS updates_per_min
  FROM updates JOIN sized USING (run_id, phase) GROUP BY ALL ORDER BY run_id, phase, place`;
}

/** One column of rows as points. */
export function pointsOf(rows: readonly QueryRow[], column: string): (readonly [number, number | null])[] {
  return rows.map((row) => [numberOf(row, "place") ?? 0, numberOf(row, column)] as const);
}

function newest(rows: readonly QueryRow[], column: string): number | null {
  const row = rows.findLast((candidate) => numberOf(candidate, column) !== null);
  return row === undefined ? null : numberOf(row, column);
}

function charts(rows: readonly QueryRow[], curve: readonly QueryRow[]): Markup {
  const rl = rows.filter((row) => textOf(row, "phase") === "rl");
  const sft = rows.filter((row) => textOf(row, "phase") === "sft");
  const one = (
    from: readonly QueryRow[],
    column: string,
    title: string,
    unit: string,
    colour: number,
    limits?: readonly [number, number],
  ) =>
    lineChart([{ name: title, points: pointsOf(from, column), colour }], {
      title,
      unit,
      xLabel: "update",
      ...(limits === undefined ? {} : { limits }),
    });
  const splits = Map.groupBy(curve, (row) => textOf(row, "split"));
  const drawn = [
    one(rl, "reward", "Mean reward", "units of reward", 0),
    one(rl, "success", "Success", "share of rollouts", 2, [0, 1]),
    splits.size === 0
      ? undefined
      : lineChart([...splits].map(([name, own]) => ({ name: shown(name), points: pointsOf(own, "tgc") })), {
        title: "Evaluations on the way",
        unit: "TGC, share of tasks",
        xLabel: "updates",
        limits: [0, 1],
      }),
    one(rl, "equal_share", "Groups of equal rewards", "share, no gradient", 1, [0, 1]),
    one(rl, "tokens_per_s", "Sampling speed", "tokens / s", 3),
    one(rl, "updates_per_min", "Training speed", "updates / min", 4),
    one(sft, "mean_loss", "Loss of the warm start", "nats / token", 5),
  ].filter((chart) => chart !== undefined);
  return drawn.length === 0
    ? nothing("There are no updates yet: this page follows the run as soon as its first unit is committed.")
    : html`<div class="charts">${drawn}</div>`;
}

/** Makes the page. */
export const runPage: PageMaker = async ({ record, rest: run }) => {
  const { query } = record;
  const row = found(
    rowObjects(await query(runOverviewSql(`run_id = ${sqlText(run)}`, 1))),
    `There is no run ${shown(run)}.`,
  );
  const overview = runOverview(row);
  const own = `run_id = ${sqlText(run)}`;
  const [state] = rowObjects(await query(runStateSql(run)));
  const [last] = rowObjects(
    await query(`SELECT run_id = ${sqlText(run)} AS is_newest FROM run ORDER BY started_at DESC, run_id LIMIT 1`),
  );
  const updates = rowObjects(await query(updatesSql([run])));
  const curve = rowObjects(
    await query(`SELECT split, step AS place, tgc FROM evaluation_curve WHERE ${own} ORDER BY split, step`),
  );
  const phases = rowObjects(
    await query(
      `SELECT phase, count(DISTINCT step) AS steps, count(*) AS rollouts, count(*) FILTER (success IS NULL) AS faults,
         avg(success::INTEGER) AS success, avg(score) AS score, avg(steps) FILTER (success IS NOT NULL) AS turns,
         avg(generated_tokens) FILTER (success IS NOT NULL) AS tokens,
         avg(used_skill::INTEGER) FILTER (success IS NOT NULL AND len(skills_offered) > 0) AS skill_use
       FROM rollout WHERE ${own} GROUP BY phase ORDER BY phase`,
    ),
  );
  const evaluations = rowObjects(
    await query(`SELECT phase, samples, sgc, sgc_std, tgc_std FROM metrics_by_run WHERE ${own}`),
  );
  const sgcOf = (phase: string) => evaluations.find((evaluation) => textOf(evaluation, "phase") === phase);
  const [config] = rowObjects(
    await query(
      `SELECT config::VARCHAR AS config, config_hash, environment_hash, versions::VARCHAR AS versions FROM run WHERE ${own}`,
    ),
  );
  const isNewest = last !== undefined && numberOf(last, "is_newest") === 1;
  const status = runState(overview, record.isLive, isNewest);
  const speed = [
    newest(updates, "tokens_per_s") === null ? null : `${figure(newest(updates, "tokens_per_s"), 3)} tokens/s`,
    newest(updates, "updates_per_min") === null ? null : `${figure(newest(updates, "updates_per_min"), 3)} updates/min`,
  ].filter((text) => text !== null);
  return {
    title: `Run ${shown(run)}`,
    trail: [{ label: "Runs", href: "/" }],
    lead: html`${badge(status)} ${shown(overview.arm)}, seed ${overview.seed}, started ${overview.startedAt} UTC`,
    ...(status === "running" ? { watch: `${runPath(run)}/live.json`, state: JSON.stringify(state) } : {}),
    body: html`
      ${facts([
        ["training units", progressOf(overview)],
        ["newest unit", overview.lastUnit === "" ? "none yet" : shown(overview.lastUnit)],
        ["time so far", duration(overview.wallMs)],
        ["newest reward", html`${figure(overview.reward, 3)} <small>units of reward</small>`],
        ["newest success", percent(overview.success)],
        ["groups of equal rewards", percent(newest(updates, "equal_share"))],
        ["speed", speed.length === 0 ? "—" : speed.join(", ")],
        ["environment", shown(overview.environment)],
        ["device", shown(overview.device)],
        [
          "starts from",
          overview.parent === ""
            ? "fresh weights"
            : html`<a href="${runPath(overview.parent)}">${shown(overview.parent)}</a>`,
        ],
      ])}
      <p
        class="actions"><a class="button" href="${runPath(
          run,
        )}/rollouts">Rollouts</a> <a class="button" href="${runPath(
          run,
        )}/skills">Skills</a> <a class="button" href="/compare${search({
          run,
        })}">Compare</a> <a class="button" href="${sqlPath(
          `SELECT * FROM learning_curve WHERE ${own} ORDER BY phase, step`,
        )}">Figures as SQL</a></p>
      <h2>Curves</h2>
      ${charts(updates, curve)}
      <h2>Rollouts by phase</h2>
      ${phases.length === 0 ? nothing("This run has no rollouts yet.") : listTable(
        "Rollouts by phase",
        [
          { heading: "phase" },
          { heading: "rollouts", number: true },
          { heading: "steps", number: true, about: "different updates" },
          { heading: "success (TGC)", number: true, about: "share of rollouts that pass all tests" },
          { heading: "SGC", number: true, about: "share of scenarios solved at all positions; evaluation only" },
          { heading: "score", number: true, about: "mean score in [0, 1]" },
          { heading: "turns", number: true, about: "mean turns per rollout" },
          { heading: "tokens", number: true, about: "mean generated tokens per rollout" },
          {
            heading: "skill use",
            number: true,
            about: "rollouts that called an offered skill / that were offered one",
          },
          { heading: "faults", number: true, about: "rollouts hit by an environment fault, left out of all means" },
        ],
        phases.map((phase) => {
          const name = textOf(phase, "phase");
          const evaluation = sgcOf(name);
          return [
            html`<a data-item href="${runPath(run)}/rollouts${search({ phase: name })}">${shown(name)}</a>`,
            figure(numberOf(phase, "rollouts")),
            figure(numberOf(phase, "steps")),
            percent(numberOf(phase, "success")),
            evaluation === undefined ? "—" : percent(numberOf(evaluation, "sgc")),
            figure(numberOf(phase, "score"), 3),
            figure(numberOf(phase, "turns"), 3),
            figure(numberOf(phase, "tokens"), 4),
            percent(numberOf(phase, "skill_use")),
            figure(numberOf(phase, "faults")),
          ];
        }),
      )}
      <details>
        <summary>Configuration</summary>
        <p>Configuration <code>${shown(textOf(config ?? {}, "config_hash"))}</code>, environment <code>${shown(
          textOf(config ?? {}, "environment_hash"),
        )}</code></p>
        <pre tabindex="0">${pretty(textOf(config ?? {}, "config"))}</pre>
        <pre tabindex="0">${pretty(textOf(config ?? {}, "versions"))}</pre>
      </details>
    `,
  };
};

function pretty(json: string): string {
  try {
    return shown(JSON.stringify(JSON.parse(json), null, 2));
  } catch {
    return shown(json);
  }
}
