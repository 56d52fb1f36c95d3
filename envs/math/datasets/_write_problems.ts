/**
 * Problems as a Parquet file: one column per field of a problem, labels as a map, in the order given.
 *
 * @module
 */
import { DOUBLE, type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, VARCHAR } from "@duckdb/node-api";
import { canonicalJson } from "../../../data/canonical.ts";
import type { Problem } from "../problem.ts";

/** Rows that go to DuckDB at a time: its vector size. */
const CHUNK_ROWS = 2048;

/** What DuckDB may hold in memory; the rest of the table is in its file. */
const MEMORY = "512MB";

/** Rows that the Parquet writer gathers before it writes them; statements and solutions are long. */
const ROWS_PER_GROUP = 8 * CHUNK_ROWS;

/** Types of the columns of the table below. */
const COLUMNS = [VARCHAR, VARCHAR, VARCHAR, DOUBLE, VARCHAR, DOUBLE, VARCHAR, VARCHAR] as const;

/** Moves problems into a table. @returns how many. */
async function appendProblems(connection: DuckDBConnection, problems: AsyncIterable<Problem>): Promise<number> {
  const appender = await connection.createAppender("problem");
  let rows: (string | number | null)[][] = [];
  let count = 0;
  const flush = () => {
    if (rows.length === 0) return;
    const chunk = DuckDBDataChunk.create([...COLUMNS], rows.length);
    chunk.setRows(rows);
    appender.appendDataChunk(chunk);
    rows = [];
  };
  for await (const problem of problems) {
    const { id, statement, answer, tolerance = null, solution = null, difficulty, scenario, labels } = problem;
    rows.push([id, statement, answer, tolerance, solution, difficulty, scenario, canonicalJson(labels)]);
    count++;
    if (rows.length === CHUNK_ROWS) flush();
  }
  flush();
  appender.closeSync();
  return count;
}

/** Removes a file that need not be there. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Writes problems as Parquet, in their order.
 *
 * @param problems problems to write.
 * @param path file; a database stands beside it while it is written, so that memory does not grow with the problems.
 * @returns how many there were.
 */
export async function writeProblems(problems: AsyncIterable<Problem>, path: string): Promise<number> {
  const database = `${path}.duckdb`;
  await removeIfThere(database);
  try {
    const instance = await DuckDBInstance.create(database, {
      autoinstall_known_extensions: "false",
      memory_limit: MEMORY,
      temp_directory: "",
      threads: "1",
    });
    try {
      const connection = await instance.connect();
      try {
        await connection.run(
          "CREATE TABLE problem (id VARCHAR, statement VARCHAR, answer VARCHAR, tolerance DOUBLE, solution VARCHAR, " +
            "difficulty DOUBLE, scenario VARCHAR, labels VARCHAR)",
        );
        const count = await appendProblems(connection, problems);
        const labels = "CAST(CAST(labels AS JSON) AS MAP(VARCHAR, VARCHAR))";
        await connection.run(
          `COPY (SELECT * REPLACE (${labels} AS labels) FROM problem) TO '${path.replaceAll("'", "''")}' ` +
            `(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROWS_PER_GROUP})`,
        );
        return count;
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  } finally {
    await removeIfThere(database);
    await removeIfThere(`${database}.wal`);
  }
}
