/**
 * Fixtures of problem sets, and files that a test writes.
 *
 * @module
 */

/** Path of a fixture. */
export function fixture(name: string): string {
  return new URL(`../../../fixtures/math/${name}`, import.meta.url).pathname;
}

/** Runs with a folder that is removed afterwards. */
export async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes a file of lines. @returns its path. */
export async function writeLines(folder: string, name: string, rows: readonly unknown[]): Promise<string> {
  const path = `${folder}/${name}`;
  const lines = rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row)));
  await Deno.writeTextFile(path, `${lines.join("\n")}\n`);
  return path;
}
