/**
 * Speed and size of the record, each figure with its limit: bulk rows, durable episodes, named views and the size of the file.
 *
 * Run: `deno run -P=test tests/bench/record.ts [--rollouts 50000] [--folder DIR] [--record FILE]`. Views are timed on synthetic rows, ten
 * events a rollout, with the query that the schema page shows for each, the file opened anew every time (the system's cache stays warm).
 * The size is compared with the same rows as JSON lines in one zstd file per table, at zstd's default level; `--record` measures it on a
 * record of yours, by default on the episodes written here, whose tokens are drawn at random and hence hardly compress.
 *
 * @module
 */
import { canonicalPath, openDatabase } from "../../data/_database.ts";
import { maintain } from "../../data/_maintenance.ts";
import { sqlName, sqlString } from "../../data/_sql_text.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import { Recorder } from "../../data/recorder.ts";
import { TABLE_NAMES } from "../../data/schema.ts";
import { runSql } from "../../data/sql.ts";
import { VIEWS } from "../../data/views.ts";

/** One figure beside its limit. */
export interface BenchFigure {
  /** What was measured. */
  readonly name: string;
  /** The figure. */
  readonly value: number;
  /** Its unit. */
  readonly unit: string;
  /** What it must reach, or must not pass. */
  readonly limit: number;
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
  /** Called with each figure as it is known. */
  onFigure?: (figure: BenchFigure) => void;
}

const EVENTS_PER_ROLLOUT = 10;

function figureOf(
  name: string,
  value: number,
  unit: string,
  direction: BenchFigure["direction"],
  limit: number,
): BenchFigure {
  return { name, value, unit, limit, direction, holds: direction === "at least" ? value >= limit : value <= limit };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function identityOf(k: number) {
  return { run_id: "bench-s1", phase: "rl", step: Math.floor(k / 64), grp: (k >> 3) & 7, sample: k & 7, position: 1 };
}

/** The 50 rows of one episode: a rollout, 6 turns of 60 + 40 tokens, 20 calls, 16 events, 5 terms, an advantage and the unit. */
function insertEpisode(recorder: Recorder, k: number): void {
  const id = identityOf(k);
  const random = keyedRandom(1, "bench", k);
  const ids = (n: number) => Array.from({ length: n }, () => Math.floor(random.uniform() * 4096));
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
    Array.from({ length: 6 }, (_, turn) => ({
      ...id,
      turn,
      context_ids: ids(60),
      generated_ids: ids(40),
      logprobs: Array.from({ length: 40 }, () => -random.uniform()),
      finish: "stop",
      code: `const mails = apis.mail.search({ query: "${k}", limit: ${turn} });\nprint(mails.length);`,
      observation: `${k % 17} mails, the newest from ${turn} days ago`,
      ok: true,
    })),
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
async function fillSynthetic(path: string, rollouts: number): Promise<void> {
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
  const { rollouts = 50_000, bulkRows = 200_000, episodes = 2000, record, onFigure = () => {} } = options;
  const figures: BenchFigure[] = [];
  const note = (...args: Parameters<typeof figureOf>) => {
    const figure = figureOf(...args);
    figures.push(figure);
    onFigure(figure);
  };
  const place = await Deno.realPath(folder);

  const bulk = await Recorder.open(`${place}/bulk.duckdb`);
  const rows = Array.from({ length: bulkRows }, (_, k) => ({ ...identityOf(k), term: "outcome", value: k }));
  const bulkSeconds = await seconds(async () => {
    bulk.insert("reward_term", rows);
    await bulk.flush();
  });
  await bulk.close();
  note("bulk write", bulkRows / bulkSeconds, "rows/s", "at least", 300_000);

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

/** One line of the report. */
export function formatFigure({ name, value, unit, direction, limit, holds }: BenchFigure): string {
  const text = value >= 100 ? value.toFixed(0) : value.toFixed(2);
  return `${holds ? "ok  " : "MISS"} ${name}: ${text} ${unit} (${direction} ${limit})`;
}

if (import.meta.main) {
  const argument = (name: string) => {
    const at = Deno.args.indexOf(`--${name}`);
    return at < 0 ? undefined : Deno.args[at + 1];
  };
  const folder = await Deno.makeTempDir({ dir: argument("folder") ?? "results", prefix: "bench_record_" });
  try {
    await benchRecord(folder, {
      rollouts: Number(argument("rollouts") ?? 50_000),
      record: argument("record"),
      onFigure: (figure) => console.log(formatFigure(figure)),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
