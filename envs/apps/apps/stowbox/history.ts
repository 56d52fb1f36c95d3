/**
 * Versions and bin of stowbox: the two ways back.
 *
 * @module
 */
import { notFound } from "../../errors.ts";
import { path, rowId, withDefault } from "../../params.ts";
import { integer } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { newestFirst, ownRow } from "../_common.ts";
import { needFile, pathOf, quotaOf, rewrite, unbin, usedBy } from "./_store.ts";
import { binEntry, file, fileVersion } from "./tables.ts";

/** Own version with its file. @throws {AgentError} 404, 403. */
function versionOf(call: Call, id: number, verb: string) {
  const version = ownRow(call, fileVersion, id, "version", verb);
  const row = call.world.get(file, version.file_id);
  if (row === undefined) throw notFound("version", "id", id);
  return { version, row };
}

/** The version group. */
export const versionApis: readonly Api[] = [
  list("list_versions", {
    about: "Earlier versions of a file, newest first; the present text is not among them.",
    params: { path: path("file") },
    returns: [{ version_id: "integer", saved_at: "datetime", size: "integer" }],
    rows({ world, member }, { path }) {
      const versions = world.rowsWhere(fileVersion, "file_id", needFile(world, member, path).id);
      return newestFirst(versions, ({ saved_at }) => saved_at);
    },
    view: ({ id, saved_at, text }) => ({ version_id: id, saved_at, size: text.length }),
    orders: { saved_at: ({ saved_at }) => saved_at, size: ({ text }) => text.length },
  }),
  api("read_version", {
    about: "Text of an earlier version.",
    params: { version_id: rowId("id of the version") },
    returns: { version_id: "integer", path: "path", saved_at: "datetime", text: "text" },
    handler(call, { version_id }) {
      const { version, row } = versionOf(call, version_id, "read");
      return { version_id, path: pathOf(row), saved_at: version.saved_at, text: version.text };
    },
  }),
  api("restore_version", {
    about: "Give a file the text of an earlier version; the present text becomes a version.",
    params: { version_id: rowId("id of the version") },
    returns: { note: "text", file_id: "integer" },
    handler(call, { version_id }) {
      const { version, row } = versionOf(call, version_id, "restore");
      rewrite(call.world, row, version.text);
      return { note: "Version restored.", file_id: row.id };
    },
  }),
];

function binView({ id, path, kind, removed_at }: RowOf<typeof binEntry.columns>) {
  return { entry_id: id, path, type: kind, removed_at };
}

/** The bin group. */
export const binApis: readonly Api[] = [
  list("list_bin", {
    about: "What was removed, newest first.",
    params: {},
    returns: [{ entry_id: "integer", path: "path", type: "file|folder", removed_at: "datetime" }],
    rows: ({ world, member }) => newestFirst(world.rows(binEntry, member), ({ removed_at }) => removed_at),
    view: binView,
    search: ({ path }) => path.replaceAll("/", " "),
    orders: { path: ({ path }) => path, removed_at: ({ removed_at }) => removed_at },
  }),
  api("restore_from_bin", {
    about: "Put something from the bin back to its path; missing folders are made.",
    params: { entry_id: rowId("id of the bin entry") },
    returns: { note: "text", entry_id: "integer" },
    handler(call, { entry_id }) {
      unbin(call.world, ownRow(call, binEntry, entry_id, "bin entry", "restore"));
      return { note: "Restored from the bin.", entry_id };
    },
  }),
  api("empty_bin", {
    about: "Remove one entry of the bin, or all of them, for good.",
    params: { entry_id: withDefault(integer("id of the bin entry; 0 for all", 0, Number.MAX_SAFE_INTEGER), 0) },
    returns: { note: "text" },
    handler(call, { entry_id }) {
      const gone = entry_id === 0
        ? call.world.rows(binEntry, call.member)
        : [ownRow(call, binEntry, entry_id, "bin entry", "remove")];
      for (const { id } of gone) call.world.remove(binEntry, id);
      return { note: entry_id === 0 ? "Bin emptied." : "Entry removed for good." };
    },
  }),
];

/** How much room there is. */
export const quotaApis: readonly Api[] = [
  api("get_quota", {
    about: "Characters that the files have and may have.",
    params: {},
    returns: { used: "integer", quota: "integer" },
    handler: ({ world, member }) => ({ used: usedBy(world, member), quota: quotaOf(world, member) }),
  }),
];
