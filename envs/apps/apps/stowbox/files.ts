/**
 * Files of stowbox.
 *
 * Choices: a move or copy takes the whole new path; unless `keep_dates` is set it counts as an edit. What a move or copy replaces
 * goes to the bin; what a write replaces becomes a version.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { anyText, date, FIRST_DAY, flag, integer, LAST_DAY, optional, path, text, withDefault } from "../../params.ts";
import { type Api, api, list } from "../../schema.ts";
import { OWNER, storeFor } from "./_access.ts";
import {
  binFile,
  clearWay,
  findFile,
  findFolder,
  isWithin,
  kindOf,
  makeFile,
  moveShares,
  needFile,
  needFree,
  pathOf,
  readyParent,
  rewrite,
  splitPath,
  type StoredFile,
} from "./_store.ts";
import { plainName } from "./folders.ts";
import { file } from "./tables.ts";

const RETURNS = { note: "text", file_id: "integer" } as const;
const FILE_SHAPE = {
  file_id: "integer",
  path: "path",
  name: "text",
  kind: "text",
  size: "integer",
  edited_at: "datetime",
  starred: "flag",
} as const;
const PLACING = {
  replace: withDefault(flag("replace a file that is there"), false),
  keep_dates: withDefault(flag("keep the time of the last edit"), false),
  with_parents: withDefault(flag("make missing folders"), false),
};

function fileView(row: StoredFile) {
  const { id, name, kind, size, edited_at, starred } = row;
  return { file_id: id, path: pathOf(row), name, kind, size, edited_at, starred };
}

/** Kind after a change of name; a bundle stays one. */
function kindAfter({ tree, kind }: StoredFile, name: string): string {
  return tree === null ? kindOf(name) : kind;
}

const readingApis: readonly Api[] = [
  api("path_exists", {
    about: "Whether a path is a file, a folder or nothing.",
    params: { path: path("path"), ...OWNER },
    returns: { exists: "flag", type: "file|folder|none" },
    handler(call, { path, owner }) {
      const store = storeFor(call, owner, path, "read");
      const isFolder = path === "/" || findFolder(call.world, store, path) !== undefined;
      const isFile = findFile(call.world, store, path) !== undefined;
      return { exists: isFolder || isFile, type: isFolder ? "folder" : isFile ? "file" : "none" };
    },
  }),
  api("get_file_info", {
    about: "Kind, size and dates of a file, without its text.",
    params: { path: path("file"), ...OWNER },
    returns: { ...FILE_SHAPE, made_at: "datetime" },
    handler(call, { path, owner }) {
      const row = needFile(call.world, storeFor(call, owner, path, "read"), path);
      return { ...fileView(row), made_at: row.made_at };
    },
  }),
  api("read_file", {
    about: "Text of a file; bundles have none.",
    params: { path: path("file"), ...OWNER },
    returns: { path: "path", text: "text" },
    handler(call, { path, owner }) {
      const row = needFile(call.world, storeFor(call, owner, path, "read"), path);
      if (row.tree !== null) throw conflict(`read ${path}`, "it is a bundle");
      return { path, text: row.text };
    },
  }),
  list("find_files", {
    about:
      "Files of all folders by path, optionally of one folder, kind, size or time; a query looks at names and texts.",
    params: {
      folder: withDefault(path("only in this folder and below"), "/"),
      kind: withDefault(anyText("only this kind, such as txt; all if empty"), ""),
      min_size: withDefault(integer("characters at least", 0, Number.MAX_SAFE_INTEGER), 0),
      max_size: withDefault(integer("characters at most", 0, Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER),
      edited_from: withDefault(date("first day of the last edit"), FIRST_DAY),
      edited_to: withDefault(date("last day of the last edit"), LAST_DAY),
      starred: optional(flag("only starred files, or only others")),
    },
    returns: [FILE_SHAPE],
    rows: ({ world, member }, { folder, kind, min_size, max_size, edited_from, edited_to, starred }) =>
      world.rows(file, member)
        .filter((row) =>
          isWithin(row.folder, folder) && (kind === "" || row.kind === kind) && row.size >= min_size &&
          row.size <= max_size && row.edited_at.slice(0, 10) >= edited_from &&
          row.edited_at.slice(0, 10) <= edited_to && (starred === undefined || row.starred === starred)
        )
        .map((row) => ({ row, path: pathOf(row) }))
        .sort((a, b) => (a.path < b.path ? -1 : 1))
        .map(({ row }) => row),
    view: fileView,
    search: ({ name, text }) => `${name} ${name} ${text}`,
    orders: { name: ({ name }) => name, size: ({ size }) => size, edited_at: ({ edited_at }) => edited_at },
  }),
];

const writingApis: readonly Api[] = [
  api("write_file", {
    about: "Write a text into a new file, or over one that is there; its old text becomes a version.",
    params: {
      path: path("file"),
      text: anyText("text"),
      replace: withDefault(flag("write over a file that is there"), false),
      with_parents: withDefault(flag("make missing folders"), false),
      ...OWNER,
    },
    returns: RETURNS,
    handler(call, { path, text, replace, with_parents, owner }) {
      const { world } = call;
      const store = storeFor(call, owner, path, "edit");
      const found = findFile(world, store, path);
      if (found !== undefined && replace) {
        if (found.tree !== null) throw conflict(`write ${path}`, "it is a bundle");
        rewrite(world, found, text);
        return { note: "File written.", file_id: found.id };
      }
      needFree(world, store, path, "write");
      readyParent(world, store, path, with_parents);
      return { note: "File written.", file_id: makeFile(world, store, path, { text }) };
    },
  }),
  api("append_file", {
    about: "Add a text at the end of a file, on a line of its own.",
    params: { path: path("file"), text: text("text to add"), ...OWNER },
    returns: RETURNS,
    handler(call, { path, text, owner }) {
      const row = needFile(call.world, storeFor(call, owner, path, "edit"), path);
      if (row.tree !== null) throw conflict(`append to ${path}`, "it is a bundle");
      rewrite(call.world, row, row.text === "" ? text : `${row.text}\n${text}`);
      return { note: "Text added.", file_id: row.id };
    },
  }),
  api("rename_file", {
    about: "Give a file another name in the same folder; its time of the last edit stays.",
    params: { path: path("file"), name: text("new name, without slashes") },
    returns: RETURNS,
    handler({ world, member }, { path, name }) {
      const row = needFile(world, member, path);
      const to = pathOf({ folder: row.folder, name: plainName(name) });
      needFree(world, member, to, "rename to");
      world.update(file, row.id, { name, kind: kindAfter(row, name) });
      moveShares(world, member, path, to);
      return { note: "File renamed.", file_id: row.id };
    },
  }),
  api("move_file", {
    about: "Move a file to another path.",
    params: { path: path("file"), to: path("whole new path, with the name"), ...PLACING },
    returns: RETURNS,
    handler({ world, member, at }, { path, to, replace, keep_dates, with_parents }) {
      const row = needFile(world, member, path);
      if (to === path) throw conflict(`move ${path}`, "it is there already");
      clearWay(world, member, to, "move to", replace);
      readyParent(world, member, to, with_parents);
      const { folder, name } = splitPath(to);
      const edited_at = keep_dates ? row.edited_at : at;
      world.update(file, row.id, { folder, name, kind: kindAfter(row, name), edited_at });
      moveShares(world, member, path, to);
      return { note: "File moved.", file_id: row.id };
    },
  }),
  api("copy_file", {
    about: "Copy a file to another path.",
    params: { path: path("file"), to: path("whole path of the copy, with the name"), ...PLACING },
    returns: RETURNS,
    handler({ world, member, at }, { path, to, replace, keep_dates, with_parents }) {
      const { text, tree, size, edited_at } = needFile(world, member, path);
      if (to === path) throw conflict(`copy ${path}`, "it cannot replace itself");
      clearWay(world, member, to, "copy to", replace);
      readyParent(world, member, to, with_parents);
      const id = makeFile(world, member, to, { text, tree, size, editedAt: keep_dates ? edited_at : at });
      return { note: "File copied.", file_id: id };
    },
  }),
  api("remove_file", {
    about: "Move a file to the bin.",
    params: { path: path("file") },
    returns: { note: "text", entry_id: "integer" },
    handler({ world, member }, { path }) {
      return { note: "File moved to the bin.", entry_id: binFile(world, needFile(world, member, path)) };
    },
  }),
  api("star_file", {
    about: "Give a file a star, or take it away.",
    params: { path: path("file"), on: flag("whether it has a star") },
    returns: RETURNS,
    handler({ world, member }, { path, on }) {
      const row = findFile(world, member, path);
      if (row === undefined) throw notFound("file", "path", path);
      if (row.starred === on) throw conflict(`star ${path}`, on ? "it has a star already" : "it has no star");
      world.update(file, row.id, { starred: on });
      return { note: on ? "File starred." : "Star taken away.", file_id: row.id };
    },
  }),
];

/** The file group. */
export const fileApis: readonly Api[] = [...readingApis, ...writingApis];
