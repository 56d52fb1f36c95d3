/**
 * One rollout, turn by turn: every token with its mask and log-probability, what the environment answered, calls, skills, rewards, verdicts.
 *
 * Contract: tokens are the recorded ids; their texts come from the run's tokenizer, without which the ids themselves are shown. Generated
 * ids carry loss and have a log-probability (nats, at sampling), context ids have neither. Steps of the colour scale are in
 * {@linkcode HEAT_NATS}.
 *
 * @module
 */
import { html } from "hono/html";
import { chainPath, part, rolloutPath, runPath, search, skillPath, sqlPath } from "../addresses.ts";
import { found, NotFoundError, type PageMaker } from "../context.ts";
import { facts, listTable } from "../layout.ts";
import type { TokenText } from "../token_text.ts";
import { formatRolloutId, parseRolloutId, RolloutIdError } from "../../../data/rollout_transcript.ts";
import { integerOf, numberOf, type QueryRow, rowObjects, sqlText, textOf } from "../../query_rows.ts";
import { clipped, duration, figure, inline, type Markup, shown, valueText } from "../text.ts";
import { outcome } from "./rollouts_page.ts";

/** Log-probabilities, nats, at which the colour of a token changes: the lower, the warmer. */
export const HEAT_NATS: readonly number[] = [-0.05, -0.3, -1, -2.5, -5];

/** Ids of one stretch that are shown one by one; the rest of a longer one is counted. */
const MOST_TOKENS = 20_000;

/** Step of the colour scale, 0 (nearly certain) to 5. */
export function heatOf(logprob: number): number {
  return HEAT_NATS.filter((limit) => logprob < limit).length;
}

function numbers(row: QueryRow, column: string): number[] {
  const value = row[column];
  return Array.isArray(value) ? value.map(Number) : [];
}

/** Ids as spans; `logprobs` is undefined for context. */
function tokens(
  ids: readonly number[],
  start: number,
  logprobs: readonly number[] | undefined,
  textOfIds: TokenText | undefined,
): Markup {
  const listed = ids.slice(0, MOST_TOKENS);
  const texts = textOfIds?.(listed) ?? listed.map((id) => ({ id, text: `${id} `, isSpecial: false }));
  const spans = texts.map(({ id, text, isSpecial }, i) => {
    const logprob = logprobs?.[i];
    const kind = logprobs === undefined ? "c" : `g h${heatOf(logprob ?? 0)}`;
    const name = text === "" ? "·" : shown(text);
    const chance = logprob === undefined
      ? null
      : inline` data-l="${Number(logprob.toFixed(4))}" title="${logprob.toFixed(3)} nats, p = ${
        Math.exp(logprob).toFixed(3)
      }, id ${id}"`;
    return inline`<span class="${kind}${isSpecial ? " special" : ""}" data-n="${
      start + i
    }" data-id="${id}"${chance}>${name}</span>`;
  });
  const more = ids.length - listed.length;
  const label = `${logprobs === undefined ? "context" : "generated"} ids ${start} to ${
    start + ids.length - 1
  }, go through with the arrow keys`;
  return inline`<div class="tokens" tabindex="0" role="group" aria-label="${label}">${spans}${
    more > 0 ? inline`<span class="c">… ${figure(more)} more ids</span>` : null
  }</div>`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function calls(rows: readonly QueryRow[]): Markup | null {
  if (rows.length === 0) return null;
  return html`
    <details ${rows.length <= 8 ? html`open` : null}>
      <summary>${rows.length} API ${rows.length === 1 ? "call" : "calls"}</summary>
      <ol class="calls">${rows.map((row) => {
        const status = integerOf(row, "status");
        return html`<li><code>${shown(textOf(row, "app"))}.${shown(textOf(row, "api"))}(${
          clipped(valueText(row["args"]), 400)
        })</code> <span class="${status < 400 ? "status" : "status bad"}">${status}</span></li>`;
      })}</ol>
    </details>
  `;
}

function skillEvents(rows: readonly QueryRow[], run: string, scenario: string): Markup | null {
  if (rows.length === 0) return null;
  return html`<ul class="events">${
    rows.map((row) =>
      html`<li><span class="kind">${textOf(row, "kind")}</span> <a href="${
        skillPath(run, scenario, textOf(row, "name"))
      }">${clipped(shown(textOf(row, "name")), 80)}</a> v${integerOf(row, "version")}${
        row["token_start"] === null ? null : html`
          <small>ids ${valueText(row["token_start"])} to ${valueText(row["token_end"])}</small>
        `
      } <small>${clipped(shown(textOf(row, "detail")), 300)}</small></li>`
    )
  }</ul>`;
}

/** Makes the page. */
export const rolloutPage: PageMaker = async ({ record, rest, tokenText, search: given }) => {
  const { query } = record;
  const id = (() => {
    try {
      return parseRolloutId(rest);
    } catch (error) {
      throw error instanceof RolloutIdError ? new NotFoundError(shown(error.message)) : error;
    }
  })();
  const { run, phase, step, grp, sample, position } = id;
  const chain = `run_id = ${sqlText(run)} AND phase = ${
    sqlText(phase)
  } AND step = ${step} AND grp = ${grp} AND sample = ${sample}`;
  const where = `${chain} AND position = ${position}`;
  const read = async (table: string, order: string, columns = "*") =>
    rowObjects(await query(`SELECT ${columns} FROM ${table} WHERE ${where} ORDER BY ${order}`));
  // The whole group at once: what is asked of the others is little, and a second look at the table costs more.
  const group = rowObjects(
    await query(
      `SELECT * REPLACE (tests::VARCHAR AS tests) FROM rollout WHERE run_id = ${sqlText(run)} AND phase = ${
        sqlText(phase)
      } AND step = ${step} AND grp = ${grp} ORDER BY sample, position`,
    ),
  );
  const inChain = group.filter((row) => integerOf(row, "sample") === sample);
  const rollout = found(
    inChain.filter((row) => integerOf(row, "position") === position),
    `There is no rollout ${shown(formatRolloutId(id))}.`,
  );
  const [task] = rowObjects(
    await query(
      `SELECT instruction, context FROM task WHERE task_id = ${
        sqlText(textOf(rollout, "task_id"))
      } AND environment_hash = (SELECT environment_hash FROM run WHERE run_id = ${sqlText(run)})`,
    ),
  );
  const turns = await read("turn", "turn");
  const made = await read("api_call", "turn, n", "turn, n, app, api, args::VARCHAR AS args, status");
  const events = await read("skill_event", "seq");
  // Evaluation is not rewarded.
  const isRewarded = !/^(eval|curve)\//.test(phase);
  const terms = isRewarded ? await read("reward_term", "term") : [];
  const [credit] = isRewarded ? await read("advantage", "reward") : [];
  const verdicts = await read("verdict", "grader, version");
  const faults = await read("environment_fault", "message");
  const ancestors = rowObjects(
    await query(
      `WITH RECURSIVE line AS (SELECT run_id, parent_run_id, 0 AS depth FROM run WHERE run_id = ${sqlText(run)}
       UNION ALL SELECT run.run_id, run.parent_run_id, depth + 1 FROM run JOIN line ON run.run_id = line.parent_run_id WHERE depth < 20)
       SELECT run_id FROM line ORDER BY depth`,
    ),
  ).map((row) => textOf(row, "run_id"));
  const before = inChain.find((row) => integerOf(row, "position") === position - 1);
  const after = inChain.find((row) => integerOf(row, "position") === position + 1);
  const path = (row: QueryRow) =>
    rolloutPath(run, phase, step, grp, integerOf(row, "sample"), integerOf(row, "position"));
  const texts = given.get("tokens") === "ids" ? undefined : await tokenText(ancestors);
  const scenario = textOf(rollout, "scenario");

  let start = 0;
  const shownTurns = turns.map((turn, i) => {
    const number = integerOf(turn, "turn");
    const context = numbers(turn, "context_ids");
    const generated = numbers(turn, "generated_ids");
    const logprobs = numbers(turn, "logprobs");
    const from = start;
    start += context.length + generated.length;
    const total = sum(logprobs);
    return html`<section class="turn" aria-labelledby="turn-${number}"><h3 id="turn-${number}">Turn ${number}</h3>
<div class="stretch"><p class="role">${i === 0 ? "prompt" : "observation"} · ids ${from} to ${
      from + context.length - 1
    } · ${context.length} tokens · no loss</p>${
      i === 0 && context.length > 600
        ? html`<details><summary>Show the prompt's ${figure(context.length)} tokens</summary>${
          tokens(context, from, undefined, texts)
        }</details>`
        : tokens(context, from, undefined, texts)
    }</div>
<div class="stretch policy"><p class="role">policy · ids ${from + context.length} to ${
      from + context.length + generated.length - 1
    } · ${generated.length} tokens · loss · log-probability ${figure(total, 4)} nats, ${
      figure(generated.length === 0 ? null : total / generated.length, 3)
    } per token · ended by ${shown(textOf(turn, "finish"))}</p>${
      tokens(generated, from + context.length, logprobs, texts)
    }</div>
${skillEvents(events.filter((event) => event["turn"] === number), run, scenario)}
${calls(made.filter((call) => call["turn"] === number))}
${turn["ok"] === true ? null : html`<p class="bad">The code of this turn failed.</p>`}
${
      i === turns.length - 1 && textOf(turn, "observation") !== ""
        ? html`
          <div class="stretch">
            <p class="role">observation · never put before the policy</p>
            <pre tabindex="0">${shown(textOf(turn, "observation"))}</pre>
          </div>
        `
        : null
    }</section>`;
  });
  const outside = events.filter((event) => event["turn"] === -1);
  return {
    title: `Rollout ${shown([phase, step, grp, sample, position].join("/"))}`,
    trail: [
      { label: "Runs", href: "/" },
      { label: shown(run), href: runPath(run) },
      { label: "Rollouts", href: `${runPath(run)}/rollouts${search({ phase, step })}` },
      { label: "Chain", href: chainPath(run, phase, step, grp, sample) },
    ],
    lead: html`${outcome(numberOf(rollout, "success"))} ${shown(textOf(rollout, "task_id"))}: ${
      task === undefined ? "the task is not in the record" : clipped(shown(textOf(task, "instruction")), 1000)
    }`,
    body: html`
      <p class="actions">${before === undefined ? null : html`
        <a class="button" data-previous href="${path(before)}">← Task before</a>
      `}${after === undefined ? null : html`
        <a class="button" data-next href="${path(after)}">Task after →</a>
      `}<a class="button" href="${sqlPath(`SELECT * FROM token WHERE ${where} ORDER BY n`)}">Tokens as SQL</a></p>
      ${facts([
        ["score", figure(numberOf(rollout, "score"), 3)],
        ["tests", html`${figure(numberOf(rollout, "passed"))} of ${figure(numberOf(rollout, "total"))}`],
        ["finish", shown(textOf(rollout, "finish"))],
        ["turns", figure(numberOf(rollout, "steps"))],
        [
          "tokens",
          html`${figure(numberOf(rollout, "prompt_tokens"))} prompt, ${
            figure(numberOf(rollout, "generated_tokens"))
          } generated, ${figure(numberOf(rollout, "observation_tokens"))} observed`,
        ],
        ["reward", figure(credit === undefined ? null : numberOf(credit, "reward"), 3)],
        ["baseline", figure(credit === undefined ? null : numberOf(credit, "baseline"), 3)],
        ["advantage", figure(credit === undefined ? null : numberOf(credit, "advantage"), 3)],
        ["time", duration(numberOf(rollout, "wall_ms"))],
        ["agent", shown(textOf(rollout, "agent"))],
      ])}
      ${faults.map((fault) => html`<p class="bad">Environment fault: ${shown(textOf(fault, "message"))}</p>`)}
      <div class="columns">
        <div class="wide"><h2>Transcript</h2>
      <div class="legend" aria-label="Colours of tokens"><span class="c">context, no loss</span> generated, by log-probability: ${[
        "to 0",
        ...HEAT_NATS,
      ].map((limit, i) =>
        html`
          <span class="g h${i}">${i === 0 ? `above ${HEAT_NATS[0]}` : `below ${limit}`}</span>
        `
      )} nats ${texts === undefined
        ? (given.get("tokens") === "ids"
          ? html`· ids, <a href="?">show texts</a>`
          : "· the tokenizer of this run is not in the workspace, so ids are shown")
        : html`· <a href="?tokens=ids">show ids</a>`}</div>
      <p id="token" class="token-line" role="status">Hover over a token, or focus a stretch and use ← and →.</p>
      ${outside.length === 0 ? null : html`<h3>Outside the turns</h3>${skillEvents(outside, run, scenario)}`}
      ${shownTurns.length === 0 ? html`<p>This rollout has no turns.</p>` : shownTurns}</div>
        <aside aria-label="Reward, verdicts and group">
      <h2>Reward</h2>${terms.length === 0
        ? html`<p>No reward was recorded: evaluation is scored, not rewarded.</p>`
        : listTable("Reward terms", [
          { heading: "term" },
          { heading: "value", number: true, about: "units of reward" },
        ], terms.map((term) => [shown(textOf(term, "term")), figure(numberOf(term, "value"), 4)]))}
      <h2>Verdicts</h2>${verdicts.length === 0 ? html`<p>No grader gave a verdict; the tests decided.</p>` : listTable(
        "Verdicts",
        [
          { heading: "grader" },
          { heading: "version", number: true },
          { heading: "verdict" },
          { heading: "answer" },
          { heading: "reference" },
          { heading: "reason" },
        ],
        verdicts.map((verdict) => [
          shown(textOf(verdict, "grader")),
          integerOf(verdict, "version"),
          shown(textOf(verdict, "verdict")),
          clipped(valueText(verdict["answer"])),
          clipped(valueText(verdict["gold"])),
          clipped(shown(textOf(verdict, "detail"))),
        ]),
      )}
      <h2>Tests</h2>${tests(textOf(rollout, "tests"))}
      <h2>Group</h2><p>Position ${position} of the group's ${new Set(group.map((row) => part(row["sample"])))
        .size} chains:</p>
      <ul class="inline">${group.filter((row) => integerOf(row, "position") === position).slice(0, 64).map((row) =>
        html`<li><a href="${path(row)}" ${integerOf(row, "sample") === sample ? html`aria-current="true"` : null}>${
          part(row["sample"])
        } ${outcome(numberOf(row, "success"))}</a></li>`
      )}</ul></aside>
      </div>
    `,
  };
};

function tests(json: string): Markup {
  let items: unknown;
  try {
    items = JSON.parse(json);
  } catch {
    items = undefined;
  }
  if (!Array.isArray(items) || items.length === 0) return html`<p>None recorded.</p>`;
  return html`<ul class="tests">${
    items.map((item: Readonly<Record<string, unknown>>) => {
      const { passed, requirement, ...rest } = item;
      const more = Object.entries(rest).map(([name, value]) =>
        `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`
      );
      return html`<li class="${passed === true ? "solved" : "failed"}">${passed === true ? "✓" : "✗"} ${
        clipped(shown(String(requirement ?? "")), 400)
      } <small>${clipped(shown(more.join("; ")), 400)}</small></li>`;
    })
  }</ul>`;
}
