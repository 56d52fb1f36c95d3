/**
 * Times every page of the viewer on a synthetic record, first request and the slowest of the next three.
 *
 * Run: `deno run -P=test tests/bench/viewer.ts [ROLLOUTS] [RUNS]` (1,000,000 rollouts with ten events each, in 20 runs, if left out). The
 * record is that of `whet bench record`, its rows spread over the runs; it has no turns, so a transcript's page has none to show.
 *
 * @module
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { benchRecord } from "../../eval/record_bench.ts";
import { serveViewer } from "../../eval/viewer/serve_viewer.ts";

const [rollouts = 1_000_000, runs = 20] = Deno.args.map(Number);
const workspace = await Deno.makeTempDir({ prefix: "bench_viewer_" });

/** The record has two runs; gives it as many as asked for. */
async function spread(path: string): Promise<readonly unknown[]> {
  const connection = await (await DuckDBInstance.create(path)).connect();
  const tables = await connection.runAndReadAll(
    "SELECT DISTINCT table_name FROM duckdb_columns() JOIN duckdb_tables() USING (table_name) WHERE column_name = 'grp'",
  );
  for (const [table] of tables.getRows()) {
    await connection.run(
      `CREATE TABLE spread AS SELECT * REPLACE ('bench-s' || (1 + (sample * 7 + step) % ${runs}) AS run_id) FROM ${table}`,
    );
    await connection.run(`DELETE FROM ${table}`);
    await connection.run(`INSERT INTO ${table} SELECT * FROM spread ORDER BY run_id, phase, step`);
    await connection.run("DROP TABLE spread");
  }
  const copies = `range(3, ${runs + 1}) AS t(n)`;
  for (const table of ["run", "unit", "update_step"]) {
    const seed = table === "run" ? ", n AS seed" : "";
    await connection.run(
      `INSERT INTO ${table} SELECT r.* REPLACE ('bench-s' || n AS run_id${seed}) ` +
        `FROM (SELECT * FROM ${table} WHERE run_id = 'bench-s1') AS r, ${copies}`,
    );
  }
  await connection.run("CHECKPOINT");
  const one = await connection.runAndReadAll(
    "SELECT phase, step, grp, sample, position FROM rollout WHERE run_id = 'bench-s1' LIMIT 1",
  );
  connection.closeSync();
  return one.getRows()[0] ?? [];
}

const stop = new AbortController();
try {
  await benchRecord(workspace, { rollouts, bulkRows: 1000, episodes: 10, onFigure: () => {} });
  await Deno.rename(`${workspace}/views.duckdb`, `${workspace}/whet.duckdb`);
  const place = await spread(`${workspace}/whet.duckdb`);
  const { promise, resolve } = Promise.withResolvers<string>();
  serveViewer({ workspace, port: 0, signal: stop.signal, onListening: resolve });
  const url = await promise;
  const opened = await fetch(url, { redirect: "manual" });
  await opened.body?.cancel();
  const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
  const pages = {
    runs: "/",
    run: "/run/bench-s1",
    rollouts: "/run/bench-s1/rollouts",
    skills: "/run/bench-s1/skills",
    rollout: `/rollout/bench-s1/${place.join("/")}`,
    chain: `/chain/bench-s1/${place.slice(0, 4).join("/")}`,
    compare: "/compare?run=bench-s1&run=bench-s2",
    schema: "/schema",
  };
  for (const [name, path] of Object.entries(pages)) {
    const ms: number[] = [];
    for (let i = 0; i < 4; i++) {
      const start = performance.now();
      const response = await fetch(new URL(path, url), { headers: { cookie } });
      await response.text();
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      ms.push(performance.now() - start);
    }
    const [first = 0, ...next] = ms;
    console.log(
      `${name.padEnd(9)} first ${first.toFixed(0).padStart(4)} ms, then at most ${
        Math.max(...next).toFixed(0).padStart(4)
      } ms`,
    );
  }
} finally {
  stop.abort();
  await Deno.remove(workspace, { recursive: true });
}
Deno.exit(0);
