/**
 * Which tasks of a user's server are used: ids given by the user, by split.
 *
 * Contract: a file is JSON (`{"dev": ["…"]}`, or a list) or text with one id a line, where `[dev]` begins a split and `#` a comment;
 * ids without a split are in `all`. No ids come with Whetstone.
 *
 * @module
 */
import { z } from "zod";
import { InputError, parseInput } from "../../../data/parse_input.ts";

/** Split of ids that were given without one. */
export const ONLY_SPLIT = "all";

const ID = /^[A-Za-z0-9]+_[1-9]\d*$/;
const idsSchema = z.union([z.array(z.string()), z.record(z.string(), z.array(z.string()))]);

/** Ids by split, sorted, each once. */
export type TaskIds = ReadonlyMap<string, readonly string[]>;

function idsOf(splits: Iterable<readonly [string, readonly string[]]>, where: string): TaskIds {
  const known = new Map<string, string>();
  return new Map([...splits].map(([split, ids]) => {
    for (const id of ids) {
      if (!ID.test(id)) {
        throw new InputError(`Cannot use ${where}: expected ids like 0a1b2c3_1, got ${JSON.stringify(id)}`);
      }
      const other = known.get(id);
      if (other !== undefined && other !== split) {
        throw new InputError(`Cannot use ${where}: ${id} is in ${other} and in ${split}`);
      }
      known.set(id, split);
    }
    return [split, [...new Set(ids)].sort()];
  }));
}

/**
 * Ids from a list, or from a text with commas or spaces between them.
 *
 * @throws {InputError} if one is no id.
 */
export function listedTaskIds(ids: string | readonly string[]): TaskIds {
  const words = typeof ids === "string" ? ids.split(/[\s,]+/).filter((word) => word !== "") : ids;
  return idsOf([[ONLY_SPLIT, words]], "taskIds");
}

/**
 * Ids from the text of a file.
 *
 * @example Two splits
 * ```ts
 * import { taskIdsOfText } from "whetstone/envs/apps/bridge/task_ids.ts";
 * import assert from "node:assert/strict";
 *
 * const ids = taskIdsOfText("[dev]\n0a1b2c3_2\n0a1b2c3_1 # the first\n[train]\nffffff0_1\n", "ids.txt");
 * assert.deepEqual([...ids], [["dev", ["0a1b2c3_1", "0a1b2c3_2"]], ["train", ["ffffff0_1"]]]);
 * ```
 *
 * @param text what the file holds.
 * @param file its name, for messages.
 * @throws {InputError} if it holds something else.
 */
export function taskIdsOfText(text: string, file: string): TaskIds {
  if (/^\s*[{[]\s*["\]}]/.test(text)) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new InputError(`Cannot read ${file}: it is not JSON`, { cause });
    }
    const ids = parseInput(idsSchema, value, `ids in ${file}`);
    return idsOf(Array.isArray(ids) ? [[ONLY_SPLIT, ids]] : Object.entries(ids), file);
  }
  const splits = new Map<string, string[]>();
  let split = ONLY_SPLIT;
  for (const line of text.split("\n").map((raw) => raw.replace(/#.*/, "").trim())) {
    if (line === "") continue;
    const named = /^\[([\w-]+)\]$/.exec(line)?.[1];
    if (named !== undefined) split = named;
    else splits.set(split, [...(splits.get(split) ?? []), line]);
  }
  return idsOf(splits, file);
}
