/**
 * One chain and its skill library side by side: each task with what was offered, called and saved, and the library as it was after it.
 *
 * Contract: the library after a task holds, of each name, the newest version that was saved up to it (`skill`), less what was evicted or
 * deleted by then (`skill_event`). A chain begins with an empty library.
 *
 * @module
 */
import { html } from "hono/html";
import { chainPath, rolloutPath, runPath, search, skillPath } from "../addresses.ts";
import { found, NotFoundError, type PageMaker } from "../context.ts";
import { parseRolloutId, RolloutIdError } from "../../../data/rollout_transcript.ts";
import { integerOf, numberOf, type QueryRow, rowObjects, sqlText, textOf } from "../../query_rows.ts";
import { clipped, figure, type Markup, shown } from "../text.ts";
import { outcome } from "./rollouts_page.ts";

/** One skill in the library after a task. */
export interface LibraryEntry {
  /** Name. */
  readonly name: string;
  /** Version. */
  readonly version: number;
  /** Text. */
  readonly source: string;
  /** Position that saved this version. */
  readonly savedAt: number;
}

/** Removal of a skill. */
export interface LibraryRemoval {
  /** Name. */
  readonly name: string;
  /** Position that removed it. */
  readonly position: number;
}

/**
 * The library after a position, by name.
 *
 * @param saved every version of the chain, any order.
 * @param removed evictions and deletions.
 * @param position place in the chain, from 1.
 */
export function libraryAfter(
  saved: readonly LibraryEntry[],
  removed: readonly LibraryRemoval[],
  position: number,
): LibraryEntry[] {
  const newest = new Map<string, LibraryEntry>();
  for (const entry of saved) {
    if (entry.savedAt > position) continue;
    const known = newest.get(entry.name);
    if (known === undefined || known.version < entry.version) newest.set(entry.name, entry);
  }
  for (const { name, position: at } of removed) {
    const entry = newest.get(name);
    if (entry !== undefined && at <= position && at >= entry.savedAt) newest.delete(name);
  }
  return [...newest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function names(row: QueryRow, column: string): string[] {
  const value = row[column];
  return Array.isArray(value) ? value.map(String) : [];
}

/** Makes the page. */
export const chainPage: PageMaker = async ({ record, rest }) => {
  const { query } = record;
  const { run, phase, step, grp, sample } = (() => {
    try {
      return parseRolloutId(`${rest}/1`);
    } catch (error) {
      if (!(error instanceof RolloutIdError)) throw error;
      throw new NotFoundError(`There is no chain ${shown(rest)}: an address is <run>/<phase>/<step>/<group>/<sample>.`);
    }
  })();
  const where = `run_id = ${sqlText(run)} AND phase = ${
    sqlText(phase)
  } AND step = ${step} AND grp = ${grp} AND sample = ${sample}`;
  const rollouts = rowObjects(
    await query(
      `SELECT position, task_id, scenario, success, score, passed, total, steps, generated_tokens, skills_offered, skills_used, skills_defined
       FROM rollout WHERE ${where} ORDER BY position`,
    ),
  );
  const first = found(rollouts, `There is no chain ${shown(rest)}.`);
  const [chain] = rowObjects(await query(`SELECT scenario, length FROM chain WHERE ${where}`));
  const tasks = new Map(
    rowObjects(
      await query(
        `SELECT task_id, instruction FROM task WHERE task_id IN (${
          rollouts.map((row) => sqlText(textOf(row, "task_id"))).join(", ")
        }) AND environment_hash = (SELECT environment_hash FROM run WHERE run_id = ${sqlText(run)})`,
      ),
    ).map((row) => [textOf(row, "task_id"), textOf(row, "instruction")]),
  );
  const saved = rowObjects(
    await query(`SELECT name, version, source, position FROM skill WHERE ${where} ORDER BY name, version`),
  ).map((row) => ({
    name: textOf(row, "name"),
    version: integerOf(row, "version"),
    source: textOf(row, "source"),
    savedAt: integerOf(row, "position"),
  }));
  const events = rowObjects(
    await query(
      `SELECT position, kind, name, count(*) AS n FROM skill_event WHERE ${where} GROUP BY position, kind, name ORDER BY position, min(seq)`,
    ),
  );
  const rewards = new Map(
    rowObjects(await query(`SELECT position, reward, advantage FROM advantage WHERE ${where}`)).map((row) =>
      [integerOf(row, "position"), row] as const
    ),
  );
  const samples = rowObjects(
    await query(
      `SELECT DISTINCT sample FROM rollout WHERE run_id = ${sqlText(run)} AND phase = ${
        sqlText(phase)
      } AND step = ${step} AND grp = ${grp} ORDER BY sample`,
    ),
  ).map((row) => integerOf(row, "sample"));
  const removed = events.filter((row) => ["evicted", "deleted"].includes(textOf(row, "kind")))
    .map((row) => ({ name: textOf(row, "name"), position: integerOf(row, "position") }));
  const scenario = chain === undefined ? textOf(first, "scenario") : textOf(chain, "scenario");
  const link = (name: string) => html`<a href="${skillPath(run, scenario, name)}">${clipped(shown(name), 80)}</a>`;
  const list = (title: string, skills: readonly string[]): Markup =>
    html`
      <div>
        <dt>${title}</dt>
        <dd>${skills.length === 0 ? "none" : html`<ul>${skills.map((name) => html`<li>${link(name)}</li>`)}</ul>`}</dd>
      </div>
    `;
  const [at, samplesBefore, samplesAfter] = [
    samples.indexOf(sample),
    samples[samples.indexOf(sample) - 1],
    samples[samples.indexOf(sample) + 1],
  ];
  return {
    title: `Chain ${shown([phase, step, grp, sample].join("/"))}`,
    trail: [
      { label: "Runs", href: "/" },
      { label: shown(run), href: runPath(run) },
      { label: "Rollouts", href: `${runPath(run)}/rollouts${search({ phase, step })}` },
    ],
    lead: html`Scenario ${shown(scenario)}, ${rollouts.length}${
      chain === undefined ? null : html`
        of ${integerOf(chain, "length")}
      `
    } tasks played with one library; chain ${at + 1} of the group's ${samples.length}.`,
    body: html`<p class="actions">${
      samplesBefore === undefined ? null : html`
        <a class="button" data-previous href="${chainPath(run, phase, step, grp, samplesBefore)}">← Chain before</a>
      `
    }${
      samplesAfter === undefined
        ? null
        : html`<a class="button" data-next href="${chainPath(run, phase, step, grp, samplesAfter)}">Chain after →</a>`
    }</p>
<ol class="chain">${
      rollouts.map((row) => {
        const position = integerOf(row, "position");
        const reward = rewards.get(position);
        const used = names(row, "skills_used");
        const library = libraryAfter(saved, removed, position);
        const kinds = Map.groupBy(
          events.filter((event) => event["position"] === position),
          (event) => textOf(event, "kind"),
        );
        return html`
          <li class="link">
            <section class="task" aria-label="Task ${position}">
          <h2><a data-item href="${rolloutPath(run, phase, step, grp, sample, position)}">Task ${position}: ${shown(
            textOf(row, "task_id"),
          )}</a></h2>
          <p>${outcome(numberOf(row, "success"))} ${figure(numberOf(row, "passed"))} of ${figure(
            numberOf(row, "total"),
          )} tests, ${figure(numberOf(row, "steps"))} turns, ${figure(
            numberOf(row, "generated_tokens"),
          )} tokens${reward === undefined
            ? null
            : html`, reward ${figure(numberOf(reward, "reward"), 3)}, advantage ${
              figure(numberOf(reward, "advantage"), 3)
            }`}</p>
          <p class="instruction" tabindex="0">${clipped(
            shown(tasks.get(textOf(row, "task_id")) ?? "The task is not in the record."),
            1500,
          )}</p>
          <dl class="skills">${list("offered", names(row, "skills_offered"))}${list("called", used)}${list(
            "saved",
            names(row, "skills_defined"),
          )}</dl>
          ${kinds.size === 0
            ? null
            : html`<p class="quiet">Events: ${
              [...kinds].map(([kind, own]) => `${kind} ${own.reduce((n, event) => n + integerOf(event, "n"), 0)}`).join(
                ", ",
              )
            }</p>`}</section>
            <section class="library"
              aria-label="Library after task ${position}"><h2>Library after task ${position}</h2>${library.length === 0
                ? html`<p>empty</p>`
                : library.map((entry) =>
                  html`
                    <details ${entry.savedAt === position ? html`open` : null}>
                      <summary>${shown(entry.name)} v${entry.version} ${entry.savedAt === position
                        ? html`<span class="badge new">saved here</span>`
                        : html`<small>from task ${entry.savedAt}</small>`}${used.includes(entry.name)
                        ? html`
                          <span class="badge used">called</span>
                        `
                        : null}</summary>
                      <pre tabindex="0">${clipped(shown(entry.source), 20_000)}</pre>
                      <p>${link(entry.name)}</p>
                    </details>
                  `
                )}</section>
          </li>
        `;
      })
    }</ol>`,
  };
};
