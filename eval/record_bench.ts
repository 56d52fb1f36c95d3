/**
 * Speed and size of the record, each figure with its limit: bulk rows, durable episodes, what recording adds to a training step, the
 * size of the file and named views.
 *
 * `whet bench record` runs it. Views are timed on synthetic rows, ten
 * events a rollout, with the query that the schema page shows for each, the file opened anew every time (the system's cache stays warm).
 * The size is compared with the same rows as JSON lines in one zstd file per table, at zstd's level 3, numbers of 32 bits written as
 * JSON.stringify writes them; a record of yours can be measured, by default the episodes written here are. Their prompts are
 * those of 100 tasks, their other tokens follow Zipf's law, half of them in set phrases, and two thirds of the log-probabilities are 0.
 * A training step is 128 rollouts with 6 turns, as heavy as those of the smoke scale, beside the time that such a step takes there.
 *
 * @module
 */
import { canonicalPath, openDatabase } from "../data/_database.ts";
import { maintain } from "../data/_maintenance.ts";
import { sqlName, sqlString } from "../data/_sql_text.ts";
import { keyedRandom } from "../data/keyed_random.ts";
import { Recorder } from "../data/recorder.ts";
import { type Row, TABLE_NAMES, type TableName } from "../data/schema.ts";
import { runSql } from "../data/sql.ts";
import { VIEWS } from "../data/views.ts";

/** One figure beside its limit. */
export interface BenchFigure {
  /** What was measured. */
  readonly name: string;
  /** The figure. */
  readonly value: number;
  /** Its unit. */
  readonly unit: string;
  /** What it must reach, or must not pass; undefined: nothing is required of it. */
  readonly limit: number | undefined;
  /** Whether more is better. */
  readonly direction: "at least" | "at most";
  /** Whether the limit is kept. */
  readonly holds: boolean;
}

/** Options of {@linkcode benchRecord}. */
export interface BenchRecordOptions {
  /**
   * Rollouts of the record on which views are timed; the requirement is 1 000 000.
   *
   * @default {50_000}
   */
  rollouts?: number;
  /**
   * Rows of the bulk write.
   *
   * @default {200_000}
   */
  bulkRows?: number;
  /**
   * Durable episodes of 50 rows.
   *
   * @default {2000}
   */
  episodes?: number;
  /**
   * Record whose size is compared; undefined: the episodes written here.
   *
   * @default {undefined}
   */
  record?: string | undefined;
  /**
   * Duration of a training step of {@linkcode STEP_ROLLOUTS} rollouts, ms.
   *
   * @default {7000}
   */
  stepMs?: number;
  /** Called with each figure as it is known. */
  onFigure?: (figure: BenchFigure) => void;
}

const EVENTS_PER_ROLLOUT = 10;

/** Rollouts of a training step: the smoke scale's. */
export const STEP_ROLLOUTS = 128;

const VOCABULARY = 4096;

function figureOf(
  name: string,
  value: number,
  unit: string,
  direction: BenchFigure["direction"],
  limit?: number,
): BenchFigure {
  const holds = limit === undefined || (direction === "at least" ? value >= limit : value <= limit);
  return { name, value, unit, limit, direction, holds };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function identityOf(k: number) {
  return { run_id: "bench-s1", phase: "rl", step: Math.floor(k / 64), grp: (k >> 3) & 7, sample: k & 7, position: 1 };
}

type Random = ReturnType<typeof keyedRandom>;

/** An id by Zipf's law: the chance of the n-th is as 1 / n. */
function zipfId(random: Random): number {
  return Math.floor(VOCABULARY ** random.uniform()) - 1;
}

function idsOf(random: Random, n: number): number[] {
  return Array.from({ length: n }, () => zipfId(random));
}

/** Half set phrases, half ids of their own. */
function phrasedIds(random: Random, n: number): number[] {
  const phrase = idsOf(keyedRandom(1, "phrase", Math.floor(random.uniform() * 300)), n >> 1);
  return [...phrase, ...idsOf(random, n - phrase.length)];
}

function logprobsOf(random: Random, n: number): number[] {
  return Array.from({ length: n }, () => random.uniform() < 2 / 3 ? 0 : Math.fround(Math.log(1 - random.uniform())));
}

type Identity = ReturnType<typeof identityOf>;

/** One turn of 60 + 40 tokens. */
function turnOf(id: Identity, k: number, turn: number, random: Random): Row<"turn"> {
  return {
    ...id,
    turn,
    context_ids: turn === 0 ? idsOf(keyedRandom(1, "prompt", k % 100), 60) : phrasedIds(random, 60),
    generated_ids: phrasedIds(random, 40),
    logprobs: logprobsOf(random, 40),
    finish: "stop",
    code: `const mails = apis.mail.search({ query: "${k}", limit: ${turn} });\nprint(mails.length);`,
    observation: `${k % 17} mails, the newest from ${turn} days ago`,
    ok: true,
  };
}

/** The 50 rows of one episode: a rollout, 6 turns of 60 + 40 tokens, 20 calls, 16 events, 5 terms, an advantage and the unit. */
function insertEpisode(recorder: Pick<Recorder, "insert">, k: number): void {
  const id = identityOf(k);
  const random = keyedRandom(1, "bench", k);
  recorder.insert("rollout", [{
    ...id,
    task_id: `task_${k % 100}`,
    scenario: `scenario_${k % 30}`,
    split: "train",
    agent: "codeact",
    finish: "finished",
    success: k % 3 === 0,
    score: (k % 3) / 2,
    passed: k % 3,
    total: 2,
    no_code: false,
    steps: 6,
    prompt_tokens: 60,
    generated_tokens: 240,
    observation_tokens: 300,
    skills_offered: ["f"],
    skills_used: [],
    skills_defined: [],
    used_skill: false,
    smoke_failed: false,
    tests: [{ requirement: "answer", passed: k % 3 === 2 }],
  }]);
  recorder.insert(
    "turn",
    Array.from({ length: 6 }, (_, turn) => turnOf(id, k, turn, random)),
  );
  recorder.insert(
    "api_call",
    Array.from({ length: 20 }, (_, n) => ({
      ...id,
      turn: n % 6,
      n,
      app: "mail",
      api: "search",
      args: { query: String(k), limit: n },
      status: 200,
    })),
  );
  recorder.insert(
    "skill_event",
    Array.from(
      { length: 16 },
      (_, seq) => ({ ...id, seq, turn: seq % 6, kind: "invoked" as const, name: "f", version: 1, detail: "" }),
    ),
  );
  const terms = ["outcome", "generation", "usage", "chain", "penalty"];
  recorder.insert("reward_term", terms.map((term, i) => ({ ...id, term, value: i === 0 ? (k % 3) / 2 : 0 })));
  recorder.insert("advantage", [{ ...id, reward: (k % 3) / 2, baseline: 0.5, advantage: (k % 3) / 2 - 0.5 }]);
}

/** Fills a record with rollouts of two runs in chains of two, eight chains a group, eight groups a step, and ten events each. */
export async function fillSynthetic(path: string, rollouts: number): Promise<void> {
  // i, from the lowest digit: 2 runs, 2 positions, 8 chains a group, 8 groups a step; a fifth of the steps is evaluation.
  const identity = `'bench-s' || (1 + i % 2) AS run_id,
    CASE WHEN i % 2560 < 2048 THEN 'rl' ELSE 'eval/test_normal' END AS phase,
    CASE WHEN i % 2560 < 2048 THEN i // 256 ELSE 0 END AS step, i // 32 AS grp, (i // 4) % 8 AS sample, 1 + (i // 2) % 2 AS position`;
  await maintain(path, async (connection) => {
    const fill = async (table: string, select: string) => {
      await connection.run(`INSERT INTO ${table} BY NAME ${select}`);
    };
    await connection.run(`CREATE TEMP TABLE id AS SELECT i, ${identity} FROM range(${rollouts}) r(i)`);
    const key = "run_id, phase, step, grp, sample, position";
    await fill(
      "run",
      `SELECT 'bench-s' || s AS run_id, 'SAGE' AS arm, 'sage' AS recipe, '{}' AS config, 'c' AS config_hash, s AS seed,
       'apps' AS environment, 'e' AS environment_hash, 'cpu' AS device, '{}' AS versions, TIMESTAMP '2026-01-01' AS started_at
       FROM range(1, 3) r(s)`,
    );
    await fill(
      "rollout",
      `SELECT ${key}, 's' || (i % 200) || '_' || position AS task_id, 's' || (i % 200) AS scenario, 'test_normal' AS split,
       'codeact' AS agent, 'finished' AS finish, hash(i) % 3 = 0 AS success, (hash(i) % 3)::DOUBLE / 2 AS score, 1 AS passed,
       2 AS total, false AS no_code, 2 + hash(i) % 5 AS steps, 100 AS prompt_tokens, 50 + hash(i) % 100 AS generated_tokens,
       40 AS observation_tokens, CASE WHEN hash(i) % 2 = 0 THEN ['f' || (i % 50), 'g'] ELSE [] END AS skills_offered,
       CASE WHEN hash(i) % 4 = 0 THEN ['f' || (i % 50)] ELSE [] END AS skills_used, [] AS skills_defined,
       hash(i) % 4 = 0 AS used_skill, false AS smoke_failed, '[]' AS tests FROM id`,
    );
    await fill(
      "skill_event",
      `SELECT ${key}, seq, seq AS turn, ['shown', 'shown', 'invoked', 'entered', 'returned', 'failed', 'proposed', 'saved',
       'retrieved', 'retrieved'][1 + seq] AS kind, 'f' || (i % 50) AS name, 1 AS version, '' AS detail,
       CASE WHEN seq < 2 THEN 10 END AS token_start, CASE WHEN seq < 2 THEN 40 END AS token_end
       FROM id, range(${EVENTS_PER_ROLLOUT}) e(seq)`,
    );
    await fill(
      "reward_term",
      `SELECT ${key}, term, CASE WHEN term = 'outcome' THEN (hash(i) % 3)::DOUBLE / 2 WHEN term = 'usage' THEN hash(i) % 2
       ELSE 0 END AS value FROM id, (VALUES ('outcome'), ('generation'), ('usage'), ('chain'), ('penalty')) t(term) WHERE phase = 'rl'`,
    );
    await fill(
      "advantage",
      `SELECT ${key}, (hash(i) % 3)::DOUBLE AS reward, 1 AS baseline, (hash(i) % 3)::DOUBLE - 1 AS advantage FROM id WHERE phase = 'rl'`,
    );
    await fill(
      "chain",
      `SELECT DISTINCT run_id, phase, step, grp, sample, 's' AS scenario, ['a', 'b'] AS task_ids, 2 AS length FROM id`,
    );
    await fill(
      "skill",
      `SELECT ${key}, 'f' || (i % 50) AS name, 1 AS version, 'function' AS kind, 'function f() {}' AS source, 't' AS task_id,
       's' AS scenario, 0 AS turn FROM id WHERE position = 1 AND i % 4 = 0`,
    );
    await fill(
      "verdict",
      `SELECT ${key}, grader, 1 AS version, CASE WHEN hash(i, grader) % 8 = 0 THEN 'unparsed' ELSE 'correct' END AS verdict,
       '' AS detail, 1 AS score, '{}' AS versions FROM id, (VALUES ('exact/1'), ('symbolic/1')) g(grader)`,
    );
    await fill(
      "update_step",
      `SELECT run_id, phase, step, 1 AS loss, 1 AS weight_sum, 0.001 AS learning_rate, 16 AS groups, 3 AS zero_variance_groups
       FROM id WHERE phase = 'rl' GROUP BY ALL`,
    );
    await connection.run("DROP TABLE id");
  });
}

/** Bytes of a record's rows as JSON lines, one zstd file a table. */
async function jsonLinesBytes(path: string, folder: string): Promise<number> {
  const database = await openDatabase(await canonicalPath(path), path, { folders: [folder] });
  let bytes = 0;
  try {
    const connection = await database.connect();
    for (const table of TABLE_NAMES) {
      const file = `${folder}/${table}.jsonl.zst`;
      await connection.run(`COPY (FROM ${sqlName(table)}) TO ${sqlString(file)} (FORMAT json, COMPRESSION zstd)`);
      bytes += (await Deno.stat(file)).size;
      await Deno.remove(file);
    }
    connection.closeSync();
  } finally {
    database.closeSync();
  }
  return bytes;
}

/**
 * Measures everything.
 *
 * @param folder empty folder for the files, removed by the caller.
 * @param options see {@linkcode BenchRecordOptions}.
 */
export async function benchRecord(folder: string, options: BenchRecordOptions = {}): Promise<BenchFigure[]> {
  const { rollouts = 50_000, bulkRows = 200_000, episodes = 2000, record, stepMs = 7000, onFigure = () => {} } =
    options;
  const figures: BenchFigure[] = [];
  const note = (...args: Parameters<typeof figureOf>) => {
    const figure = figureOf(...args);
    figures.push(figure);
    onFigure(figure);
  };
  const place = await Deno.realPath(folder);

  // The first of them compiles what all use.
  const bulkRates: number[] = [];
  for (let time = 0; time < 3; time++) {
    const rows = Array.from({ length: bulkRows }, (_, k) => ({ ...identityOf(k), term: "outcome", value: k }));
    bulkRates.push(bulkRows / await bulkSeconds(`${place}/bulk_${time}.duckdb`, "reward_term", rows));
  }
  note("bulk write, best of three", Math.max(...bulkRates), "rows/s", "at least", 300_000);
  const random = keyedRandom(1, "bulk");
  const turns = Array.from({ length: Math.ceil(bulkRows / 10) }, (_, k) => turnOf(identityOf(k), k, 0, random));
  const turnSeconds = await bulkSeconds(`${place}/bulk_turns.duckdb`, "turn", turns);
  note("bulk write of turns of 100 tokens", turns.length / turnSeconds, "rows/s", "at least");

  const path = `${place}/episodes.duckdb`;
  const recorder = await Recorder.open(path);
  // The first commits compile what all use.
  const warmUp = 50;
  for (let k = 0; k < warmUp; k++) {
    insertEpisode(recorder, k);
    await recorder.commit("bench-s1", `episode/${k}`);
  }
  // Making the rows is not what is measured.
  let spent = 0;
  for (let k = warmUp; k < warmUp + episodes; k++) {
    insertEpisode(recorder, k);
    spent += await seconds(() => recorder.commit("bench-s1", `episode/${k}`));
  }
  // The last of them are still to be moved from the journal into the tables, which a query waits for.
  spent += await seconds(() => recorder.query("SELECT count(*) FROM rollout"));
  await recorder.close();
  note("durable episodes of 50 rows", episodes / spent, "episodes/s", "at least", 500);

  const step = await Recorder.open(`${place}/step.duckdb`);
  const stepSeconds: number[] = [];
  for (let n = 0; n < 4; n++) {
    // Making the rows is not what is measured; checking them is.
    const inserts: (() => void)[] = [];
    const later: Pick<Recorder, "insert"> = { insert: (table, rows) => inserts.push(() => step.insert(table, rows)) };
    for (let k = n * STEP_ROLLOUTS; k < (n + 1) * STEP_ROLLOUTS; k++) insertEpisode(later, k);
    // With the way into the tables, which a long run pays too.
    stepSeconds.push(
      await seconds(async () => {
        for (const insert of inserts) insert();
        await step.commit("bench-s1", `rl/${n}`);
        await step.query("SELECT count(*) FROM rollout");
      }),
    );
  }
  await step.close();
  const steady = stepSeconds.slice(1).reduce((sum, value) => sum + value, 0) / (stepSeconds.length - 1);
  const share = (100 * 1000 * steady) / stepMs;
  note(`recording ${STEP_ROLLOUTS} rollouts against a step of ${stepMs} ms`, share, "%", "at most", 3);

  const sized = record ?? path;
  const ratio = (await Deno.stat(sized)).size / await jsonLinesBytes(sized, place);
  note(`size of ${record ?? "the episodes"} against JSON lines with zstd`, ratio, "times", "at most", 1.2);

  const views = `${place}/views.duckdb`;
  await fillSynthetic(views, rollouts);
  for (const [name, { example }] of Object.entries(VIEWS)) {
    const spentMs = 1000 * await seconds(() => runSql(views, example));
    note(`${name}, ${rollouts} rollouts, ${rollouts * EVENTS_PER_ROLLOUT} events`, spentMs, "ms", "at most", 1000);
  }
  return figures;
}

/** Seconds that a record takes to accept rows and make them durable. */
async function bulkSeconds<T extends TableName>(path: string, table: T, rows: readonly Row<T>[]): Promise<number> {
  const recorder = await Recorder.open(path);
  const spent = await seconds(async () => {
    recorder.insert(table, rows);
    await recorder.flush();
  });
  await recorder.close();
  return spent;
}

/** One line of the report. */
export function formatFigure({ name, value, unit, direction, limit, holds }: BenchFigure): string {
  const text = value >= 100 ? value.toFixed(0) : value.toFixed(2);
  const required = limit === undefined ? "no limit" : `${direction} ${limit}`;
  return `${limit === undefined ? "    " : holds ? "ok  " : "MISS"} ${name}: ${text} ${unit} (${required})`;
}
