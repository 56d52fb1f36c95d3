/**
 * Files that other apps read from and write into the file store. Not an API.
 *
 * Contract: all of it acts on the store of `call.stow`.
 *
 * @module
 */
import type { Call } from "../../schema.ts";
import { needFile, saveText, type StoredFile } from "../stowbox/_store.ts";

export { kindOf, pathOf } from "../stowbox/_store.ts";

/** The member's file at a path. @throws {AgentError} 404. */
export function readStored(call: Call, path: string): StoredFile {
  return needFile(call.world, call.stow, path);
}

/**
 * Saves a text as a file of the member; missing folders are made.
 *
 * @param path whole path.
 * @param replace whether a file that is there is overwritten; its present text becomes a version then.
 * @returns id of the file.
 * @throws {AgentError} 409 if the path exists and `replace` is false, or the quota would be exceeded.
 */
export function saveStored(call: Call, path: string, text: string, replace = false): number {
  return saveText(call.world, call.stow, path, text, replace);
}
