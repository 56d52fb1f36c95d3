/**
 * `whet rescore`: plays recorded actions again, has them graded by the environment as it is today, and adds the verdicts.
 *
 * Contract: verdicts are added under the next version number and never change what is there; `rollout` keeps the score that training
 * used. Nothing is sampled: the actions are those of the record, in fresh episodes, with the functions loaded that the rollout was shown.
 * A rollout that an environment fault hit when it was played stays unscored. The unit `rescore/<version>` is one commit, so that a
 * killed rescoring leaves nothing.
 * Choices: the tasks must be those that were played. Where the environment's content hash is another today, each played task must still
 * have the instruction that the record holds; answers and graders may be others, and the report names both hashes.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import type { Recorder } from "../data/recorder.ts";
import { nextVerdictVersion } from "../data/verdict_version.ts";
import { EnvFault, type Environment, type Episode, type Verdict } from "../envs/contract.ts";
import type { PhaseHandle } from "./progress.ts";
import { type QueryRow, rowObjects, sqlText, textOf } from "./query_rows.ts";
import { textTable } from "./text_table.ts";
import { packageVersions } from "./versions.ts";

/** A run cannot be scored again. */
export class RescoreError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "RescoreError";
}

/** Options of {@linkcode rescore}. */
export interface RescoreOptions {
  /** Run by id. */
  readonly run: string;
  /** Makes the environment of a run from its id, the seed of its worlds and its own options. */
  readonly makeEnvironment: (
    id: string,
    seed: number,
    options: Readonly<Record<string, unknown>>,
  ) => Promise<Environment>;
  /** Stops between two rollouts. */
  readonly signal?: AbortSignal;
  /** Shows how far it is. */
  readonly progress?: PhaseHandle;
}

/** How many rollouts went from one verdict to another, per grader. */
export interface VerdictChange {
  /** Grader of the new verdict. */
  readonly grader: string;
  /** Verdict of the version before; null where there was none of this grader. */
  readonly before: string | null;
  /** New verdict. */
  readonly after: string;
  /** Rollouts. */
  readonly rollouts: number;
}

/** What a rescoring did. */
export interface RescoreReport {
  /** Run. */
  readonly run: string;
  /** Version of the added verdicts. */
  readonly version: number;
  /** Content hash of the environment, when the run was played and today. */
  readonly environmentHash: { readonly played: string; readonly today: string };
  /** Scored rollouts. */
  readonly rollouts: number;
  /** Rollouts that could not be scored, with the reason. */
  readonly faults: readonly { readonly rollout: string; readonly reason: string }[];
  /** Changes, also those from a verdict to itself. */
  readonly changes: readonly VerdictChange[];
  /** For people. */
  readonly text: string;
}

const KEY = "phase, step, grp, sample, position";

function identityOf(row: QueryRow) {
  const key = (column: string) => Number(row[column]);
  return {
    phase: textOf(row, "phase"),
    step: key("step"),
    grp: key("grp"),
    sample: key("sample"),
    position: key("position"),
  };
}

/** Instruction of a task today; undefined if there is no such task. */
function instructionOf(environment: Environment, task: string): string | undefined {
  try {
    return environment.task(task).instruction;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** @throws {RescoreError} naming the first played task that is not there any more, or asks for something else. */
async function checkTasks(recorder: Recorder, run: string, environment: Environment, played: string): Promise<void> {
  const tasks = rowObjects(
    await recorder.query(
      `SELECT DISTINCT r.task_id, t.instruction FROM rollout r
       LEFT JOIN task t ON t.environment_hash = ${sqlText(played)} AND t.task_id = r.task_id
       WHERE r.run_id = ${sqlText(run)} ORDER BY r.task_id`,
    ),
  );
  for (const task of tasks) {
    const id = textOf(task, "task_id");
    const today = instructionOf(environment, id);
    if (today !== undefined && today === task["instruction"]) continue;
    const difference = today === undefined
      ? "does not exist any more"
      : task["instruction"] === null
      ? "was not recorded, so that it cannot be compared"
      : `asked for ${JSON.stringify(task["instruction"])} and asks for ${JSON.stringify(today)} today`;
    throw new RescoreError(
      `Cannot score ${run} again: it was played in ${environment.id} ${played}, which is ${environment.hash} today, and ` +
        `its task ${id} ${difference}; use the version of the program or the data that it was played with`,
    );
  }
}

async function findEnvironment(
  recorder: Recorder,
  options: RescoreOptions,
): Promise<{ readonly environment: Environment; readonly played: string }> {
  const [run] = rowObjects(
    await recorder.query(
      `SELECT environment, environment_hash, config->>'$.train.environment.seed' AS seed,
       config->>'$.train.environment.options' AS options FROM run WHERE run_id = ${sqlText(options.run)}`,
    ),
  );
  if (run === undefined) {
    throw new RescoreError(`Cannot score again: there is no run ${options.run}; list them with whet runs list`);
  }
  const environment = await options.makeEnvironment(
    textOf(run, "environment"),
    Number(textOf(run, "seed")),
    JSON.parse(textOf(run, "options") || "{}"),
  );
  const played = textOf(run, "environment_hash");
  if (environment.hash !== played) await checkTasks(recorder, options.run, environment, played);
  return { environment, played };
}

/** Verdicts of an environment that has no graders of its own: passed or not. */
async function verdictsOf(environment: Environment, episode: Episode): Promise<readonly Verdict[]> {
  const { verdicts, success, tests } = await episode.evaluate();
  if (verdicts !== undefined && verdicts.length > 0) return verdicts;
  const failed = tests.filter((test) => !test.passed).map((test) => test.requirement).join("; ");
  const grader = `${environment.id}/${environment.version}`;
  return [{ grader, verdict: success ? "correct" : "incorrect", gold: null, answer: null, detail: failed }];
}

/** Sources of the functions that each rollout was shown, by its identity. */
async function shownSources(recorder: Recorder, run: string): Promise<Map<string, { name: string; source: string }[]>> {
  const shown = await recorder.query(
    `SELECT e.phase, e.step, e.grp, e.sample, e.position, e.name, s.source
     FROM skill_event e JOIN skill s USING (run_id, phase, step, grp, sample, name, version)
     WHERE e.kind = 'shown' AND e.run_id = ${sqlText(run)} ORDER BY ${KEY}, e.seq`,
  );
  const sources = new Map<string, { name: string; source: string }[]>();
  for (const row of rowObjects(shown)) {
    const key = JSON.stringify(identityOf(row));
    const list = sources.get(key) ?? [];
    sources.set(key, list);
    list.push({ name: textOf(row, "name"), source: textOf(row, "source") });
  }
  return sources;
}

function changesOf(
  fresh: readonly { readonly key: string; readonly verdict: Verdict }[],
  before: ReadonlyMap<string, string>,
): VerdictChange[] {
  const counts = new Map<string, VerdictChange>();
  for (const { key, verdict } of fresh) {
    const old = before.get(`${key} ${verdict.grader}`) ?? null;
    const id = `${verdict.grader} ${old} ${verdict.verdict}`;
    const { rollouts } = counts.get(id) ?? { rollouts: 0 };
    counts.set(id, { grader: verdict.grader, before: old, after: verdict.verdict, rollouts: rollouts + 1 });
  }
  return [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
}

function reportText(report: Omit<RescoreReport, "text">): string {
  const table = textTable({
    columns: [{ heading: "grader" }, { heading: "before" }, { heading: "after" }, {
      heading: "rollouts",
      align: "right",
    }],
    rows: report.changes.map((change) => [
      change.grader,
      change.before ?? "—",
      change.after,
      String(change.rollouts),
    ]),
  });
  const faults = report.faults.slice(0, 10).map(({ rollout, reason }) => `${rollout}: ${reason}\n`).join("");
  const { played, today } = report.environmentHash;
  const note = played === today
    ? ""
    : `The environment was ${played} when it was played and is ${today} today; the tasks are the same.\n`;
  return `${table}${report.rollouts} rollouts of ${report.run} scored, verdicts of version ${report.version} added\n` +
    note +
    (report.faults.length > 0 ? `${report.faults.length} rollouts could not be scored:\n${faults}` : "");
}

/**
 * Scores the rollouts of a run again.
 *
 * @param recorder open record.
 * @param options see {@linkcode RescoreOptions}.
 * @throws {RescoreError} if there is no such run, or one of its tasks is another one today; the signal's reason when aborted.
 */
export async function rescore(recorder: Recorder, options: RescoreOptions): Promise<RescoreReport> {
  const { run, signal, progress } = options;
  const { environment, played } = await findEnvironment(recorder, options);
  const where = `run_id = ${sqlText(run)}`;
  const version = await nextVerdictVersion(recorder, run);
  const before = new Map<string, string>();
  const old = await recorder.query(
    `SELECT ${KEY}, grader, arg_max(verdict, version) AS verdict FROM verdict WHERE ${where} GROUP BY ALL`,
  );
  for (const row of rowObjects(old)) {
    before.set(`${JSON.stringify(identityOf(row))} ${textOf(row, "grader")}`, textOf(row, "verdict"));
  }
  const sources = await shownSources(recorder, run);
  const rollouts = rowObjects(
    await recorder.query(
      `SELECT ${KEY}, task_id, list(code ORDER BY turn) FILTER (code IS NOT NULL) AS actions
       FROM rollout JOIN turn USING (run_id, ${KEY}) WHERE ${where} AND score IS NOT NULL
       GROUP BY ${KEY}, task_id ORDER BY ${KEY}`,
    ),
  );
  const fresh: {
    readonly key: string;
    readonly identity: ReturnType<typeof identityOf>;
    readonly verdict: Verdict;
  }[] = [];
  const faults: { rollout: string; reason: string }[] = [];
  for (const [done, row] of rollouts.entries()) {
    signal?.throwIfAborted();
    const identity = identityOf(row);
    const key = JSON.stringify(identity);
    const actions: Json = row["actions"] ?? [];
    const task = environment.task(textOf(row, "task_id"));
    let episode: Episode | undefined;
    try {
      episode = await environment.open(task);
      await episode.start();
      const shown = sources.get(key) ?? [];
      if (shown.length > 0) {
        await episode.preload?.(shown.map(({ source }) => source).join("\n"), shown.map(({ name }) => name));
      }
      for (const action of Array.isArray(actions) ? actions : []) {
        // An episode may end sooner than it did, and takes no step after that.
        if ((await episode.step(String(action))).done) break;
      }
      fresh.push(...(await verdictsOf(environment, episode)).map((verdict) => ({ key, identity, verdict })));
    } catch (error) {
      if (!(error instanceof EnvFault)) throw error;
      faults.push({ rollout: [run, ...Object.values(identity)].join("/"), reason: error.message });
    } finally {
      episode?.close();
    }
    progress?.update({ done: done + 1, total: rollouts.length, tokens: 0 });
  }
  // Only now, so that a rescoring that was stopped leaves nothing for the recorder's next commit.
  const versions = packageVersions();
  recorder.insert(
    "verdict",
    fresh.map(({ identity, verdict }) => ({
      run_id: run,
      ...identity,
      version,
      ...verdict,
      score: verdict.verdict === "correct" ? 1 : verdict.verdict === "error" ? null : 0,
      versions,
    })),
  );
  await recorder.commit(run, `rescore/${version}`);
  const report = {
    run,
    version,
    environmentHash: { played, today: environment.hash },
    rollouts: rollouts.length - faults.length,
    faults,
    changes: changesOf(fresh, before),
  };
  return { ...report, text: reportText(report) };
}
