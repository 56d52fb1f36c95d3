/**
 * Where a workspace keeps what: the database, and beside a run's checkpoints the tokenizer that was learned for it.
 *
 * Contract: a tokenizer's file is complete or absent.
 *
 * @module
 */
import { BpeTokenizer } from "../agents/model/tokenizer.ts";

/** Database file of a workspace. */
export function databasePath(workspace: string): string {
  return `${workspace}/whet.duckdb`;
}

/** File of a run's tokenizer. */
export function tokenizerPath(workspace: string, run: string): string {
  return `${workspace}/checkpoints/${run}/tokenizer.json`;
}

/** Reads a tokenizer; undefined if there is none. */
export async function readTokenizer(path: string): Promise<BpeTokenizer | undefined> {
  try {
    return BpeTokenizer.fromJson(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Writes a tokenizer, atomically. */
export async function writeTokenizer(path: string, tokenizer: BpeTokenizer): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(`${path}.part`, JSON.stringify(tokenizer.toJson()));
  await Deno.rename(`${path}.part`, path);
}
