/**
 * Whose file store a call is about: one's own, or that of somebody who shares a path.
 *
 * @module
 */
import { notYours } from "../../errors.ts";
import { email, optional } from "../../params.ts";
import type { Call } from "../../schema.ts";
import { isWithin } from "./_store.ts";
import { shareGrant } from "./tables.ts";

/** Argument of calls that also work on what others share. */
export const OWNER = {
  owner: optional(email("whose store, if it is a path that somebody shares; your own if left out")),
};

/**
 * Owner of the store that a call is about.
 *
 * @param need what the member wants to do.
 * @throws {AgentError} 403 if the path is not shared that far.
 */
export function storeFor(call: Call, owner: string | undefined, path: string, need: "read" | "edit"): string {
  if (owner === undefined || owner === call.member) return call.member;
  const rights = call.world.rows(shareGrant, call.member)
    .filter((row) => row.owner === owner && row.email === call.member && isWithin(path, row.path))
    .map((row) => row.rights);
  if (!(rights.includes("edit") || (need === "read" && rights.includes("read")))) throw notYours("path", need);
  return owner;
}
