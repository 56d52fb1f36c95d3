/**
 * Texts and names inside SQL.
 *
 * @module
 */

/** A text as a literal. */
export function sqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a quoted identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Texts as a list literal. */
export function sqlList(texts: readonly string[]): string {
  return `[${texts.map(sqlString).join(", ")}]::VARCHAR[]`;
}
