/**
 * Stored output: text that a test compares with a file under `tests/fixtures/`.
 *
 * Run the tests with `WHET_UPDATE_FIXTURES=1` to rewrite the files, and read the difference before committing it.
 *
 * @module
 */
import assert from "node:assert/strict";

const FOLDER = new URL("./fixtures/", import.meta.url);

/** Compares a text with a stored file, or rewrites the file. */
export async function matchFixture(name: string, actual: string): Promise<void> {
  const file = new URL(name, FOLDER);
  if (Deno.env.get("WHET_UPDATE_FIXTURES") === "1") {
    await Deno.mkdir(new URL(".", file), { recursive: true });
    await Deno.writeTextFile(file, actual);
    return;
  }
  let stored: string;
  try {
    stored = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      assert.fail(`tests/fixtures/${name} is missing; make it with WHET_UPDATE_FIXTURES=1`);
    }
    throw error;
  }
  assert.equal(
    actual,
    stored,
    `differs from tests/fixtures/${name}; if that is intended, run with WHET_UPDATE_FIXTURES=1`,
  );
}
