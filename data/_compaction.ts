/**
 * Gives back the room that a file holds but does not use.
 *
 * DuckDB writes a column's last, unfinished part anew with each checkpoint, and what it leaves stays in the file as free blocks between
 * used ones: of a record written in many sessions they are a fifth. VACUUM does not move blocks, and writing all tables anew in the
 * file itself moves the free blocks about and left a tenth of them there.
 *
 * Contract: all rows go into a file beside it, `<record>.compact`, in the order of their keys, and that file takes the place of the
 * record while its lock is held. A process killed at any moment leaves a whole record, the old or the new one. Whoever opened the old
 * file in the moment of the change finds out from its number (`openDatabase`) and opens the new one.
 *
 * @module
 */
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { NEW_FILE_OPTIONS, openDatabase } from "./_database.ts";
import { sqlName, sqlString } from "./_sql_text.ts";
import { renderTable, renderViews } from "./render_schema.ts";
import { declarationOf, TABLE_NAMES } from "./schema.ts";
import { keyColumns, storedName } from "./table_declaration.ts";

/** Free share above which closing a record is worth a compaction. */
const FREE_SHARE = 0.05;
/** Below, so little is free that nobody would notice, bytes. */
const FREE_BYTES = 2 ** 17;
/** More in use than this, and closing would take long, bytes. */
const MOST_BYTES = 2 ** 25;
/** Rows of a group in DuckDB, and so few that how they lie makes no difference. */
const GROUP_ROWS = 122_880;
const FEW_ROWS = 2048;

/** Whether so much of a file is free, or its turns lie in so many pieces, that closing it should take the time; checkpoints first. */
export async function needsCompaction(connection: DuckDBConnection, canonical: string): Promise<boolean> {
  await connection.run("CHECKPOINT");
  const result = await connection.run("SELECT block_size * used_blocks FROM pragma_database_size()");
  const used = Number((await result.getRows())[0]?.[0] ?? 0);
  const { size } = await Deno.stat(canonical);
  if (used > MOST_BYTES) return false;
  if (size - used > Math.max(FREE_BYTES, size * FREE_SHARE)) return true;
  // Turns take most of a record; each session begins a new group of rows, which shares no texts with those before.
  const turns = sqlString(storedName("turn", declarationOf("turn")));
  const counts = await connection.run(
    `SELECT count(DISTINCT row_group_id), sum(count) FILTER (column_name = 'turn' AND segment_type <> 'VALIDITY')
     FROM pragma_storage_info(${turns})`,
  );
  const [groups = 0, rows = 0] = (await counts.getRows())[0]?.map(Number) ?? [];
  return rows > FEW_ROWS && groups > Math.ceil(rows / GROUP_ROWS);
}

async function writeAll(connection: DuckDBConnection, draft: string): Promise<void> {
  await connection.run("CHECKPOINT");
  const own = String((await (await connection.run("SELECT current_database()")).getRows())[0]?.[0]);
  await connection.run(`ATTACH ${sqlString(draft)} AS compacted (${NEW_FILE_OPTIONS})`);
  await connection.run("USE compacted");
  await connection.run("BEGIN");
  for (const table of TABLE_NAMES) {
    const declaration = declarationOf(table);
    const stored = sqlName(storedName(table, declaration));
    const order = keyColumns(declaration).map(sqlName).join(", ");
    await connection.run(renderTable(table));
    await connection.run(`INSERT INTO ${stored} FROM ${sqlName(own)}.${stored} ORDER BY ${order}`);
  }
  for (const view of renderViews()) await connection.run(view);
  await connection.run("COMMIT");
  await connection.run(`USE ${sqlName(own)}`);
  // Without it, detaching may leave rows in the log beside the file.
  await connection.run("CHECKPOINT compacted");
  await connection.run("DETACH compacted");
}

/**
 * Compacts a file that is at this program's schema. The caller has its hold.
 *
 * @param canonical file, without links.
 * @param path file, for messages.
 * @throws what opening and writing throw; the file is then as it was.
 */
export async function compactFile(canonical: string, path: string): Promise<void> {
  const draft = `${canonical}.compact`;
  const log = `${draft}.wal`;
  const forget = async () => {
    for (const file of [draft, log]) {
      await Deno.remove(file).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  };
  // A killed process may have left one.
  await forget();
  const instance = await openDatabase(canonical, path, { files: [draft, log, `${log}.checkpoint`, `${log}.recovery`] });
  try {
    const connection = await instance.connect();
    try {
      await writeAll(connection, draft);
      if (await Deno.stat(log).then(({ size }) => size > 0, () => false)) {
        throw new Error(`Cannot compact ${path}: ${log} is not empty`);
      }
      const { mode } = await Deno.stat(canonical);
      if (mode !== null) await Deno.chmod(draft, mode & 0o777);
      await Deno.rename(draft, canonical);
      using folder = await Deno.open(dirname(canonical));
      await folder.sync();
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
    await forget();
  }
}
