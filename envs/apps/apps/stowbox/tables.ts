/**
 * Tables of stowbox, the file store.
 *
 * @module
 */
import { table } from "../../schema.ts";
import { MEMBER_COLUMNS } from "../_member.ts";

/** Accounts; the quota is in characters. */
export const stowMember = table("stowbox.member", { ...MEMBER_COLUMNS, quota: "integer" }, { ownedBy: ["owner"] });

/** Folders; `path` is the whole path, the root has no row. */
export const folder = table("stowbox.folder", { owner: "text", path: "text" }, { ownedBy: ["owner"] });

/** Files; `folder` is the path of the folder, `/` the root. A bundle has kind `bundle` and its content in `tree`. */
export const file = table("stowbox.file", {
  owner: "text",
  folder: "text",
  name: "text",
  kind: "text",
  size: "integer",
  text: "text",
  tree: "json",
  edited_at: "text",
  starred: "flag",
}, { ownedBy: ["owner"] });

/** Earlier contents of files. */
export const fileVersion = table("stowbox.file_version", {
  owner: "text",
  file_id: "integer",
  text: "text",
  saved_at: "text",
}, { ownedBy: ["owner"], indexes: ["file_id"], references: { file_id: "stowbox.file" } });

/** Paths that others may read or edit. */
export const shareGrant = table("stowbox.share_grant", {
  owner: "text",
  path: "text",
  email: "text",
  rights: "text",
}, { ownedBy: ["owner", "email"] });

/** What was removed, with what is needed to restore it. */
export const binEntry = table("stowbox.bin_entry", {
  owner: "text",
  path: "text",
  kind: "text",
  content: "json",
  removed_at: "text",
}, { ownedBy: ["owner"] });

/** All of them. */
export const STOWBOX_TABLES = [stowMember, folder, file, fileVersion, shareGrant, binEntry] as const;
