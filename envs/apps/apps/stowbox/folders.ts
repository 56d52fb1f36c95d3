/**
 * Folders of stowbox.
 *
 * Choices: moves and copies take the whole new path. A copy has the time of copying unless `keep_dates` is set; a folder's files keep
 * theirs when it moves, since they do not change.
 *
 * @module
 */
import { badArgument, conflict, notFound } from "../../errors.ts";
import { choice, flag, path, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import type { World } from "../../world.ts";
import { OWNER, storeFor } from "./_access.ts";
import {
  binFolder,
  filesWithin,
  findFolder,
  foldersWithin,
  isWithin,
  makeFile,
  makeFolders,
  moveShares,
  needFolder,
  needFree,
  needRoom,
  pathOf,
  readyParent,
  rebased,
  splitPath,
} from "./_store.ts";
import { file, folder, shareGrant } from "./tables.ts";

/** A file or folder in a listing. */
interface Entry {
  readonly path: string;
  readonly name: string;
  readonly type: "file" | "folder";
  readonly kind: string;
  readonly size: number;
  readonly edited_at: string | null;
}

/** A name without a slash. @throws {AgentError} 422. */
export function plainName(name: string): string {
  if (name.includes("/") || name === "." || name === ".." || name.trim() !== name) {
    throw badArgument("name", `got ${JSON.stringify(name).slice(0, 60)}`, "a name without slashes");
  }
  return name;
}

function entriesOf(world: World, owner: string, at: string, deep: boolean): Entry[] {
  const folders = foldersWithin(world, owner, at).map((row): Entry => ({
    path: row.path,
    name: splitPath(row.path).name,
    type: "folder",
    kind: "folder",
    size: 0,
    edited_at: null,
  }));
  const files = filesWithin(world, owner, at).map((row): Entry => {
    const { name, kind, size, edited_at } = row;
    return { path: pathOf(row), name, type: "file", kind, size, edited_at };
  });
  return [...folders, ...files].filter((entry) => deep || splitPath(entry.path).folder === at)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A folder that may be moved or removed. @throws {AgentError} 404, or 409 for the root. */
function needMovable(call: Call, path: string, verb: string): { readonly id: number } {
  if (path === "/") throw conflict(`${verb} /`, "it is the root");
  const row = findFolder(call.world, call.member, path);
  if (row === undefined) throw notFound("folder", "path", path);
  return row;
}

/** Gives a folder and all in it another path. */
function relocate(call: Call, from: string, to: string): void {
  const { world, member } = call;
  for (const row of world.rows(folder, member).filter((row) => isWithin(row.path, from))) {
    world.update(folder, row.id, { path: rebased(row.path, from, to) });
  }
  for (const row of filesWithin(world, member, from)) {
    world.update(file, row.id, { folder: rebased(row.folder, from, to) });
  }
  moveShares(world, member, from, to);
}

const RETURNS = { note: "text", folder_id: "integer" } as const;
const WITH_PARENTS = { with_parents: withDefault(flag("make missing folders above"), false) };

/** The folder group. */
export const folderApis: readonly Api[] = [
  list("list_folder", {
    about: "Files and folders in a folder by path, with deep also those in the folders below.",
    params: {
      path: withDefault(path("folder"), "/"),
      deep: withDefault(flag("list the folders below, too"), false),
      type: withDefault(choice("what to list", ["all", "file", "folder"]), "all"),
      ...OWNER,
    },
    returns: [{
      path: "path",
      name: "text",
      type: "file|folder",
      kind: "text",
      size: "integer",
      edited_at: "datetime|null",
    }],
    rows(call, { path, deep, type, owner }) {
      const store = storeFor(call, owner, path, "read");
      needFolder(call.world, store, path);
      return entriesOf(call.world, store, path, deep).filter((entry) => type === "all" || entry.type === type);
    },
    view: ({ path, name, type, kind, size, edited_at }) => ({ path, name, type, kind, size, edited_at }),
    orders: { name: ({ name }) => name, size: ({ size }) => size, edited_at: ({ edited_at }) => edited_at ?? "" },
  }),
  api("get_folder", {
    about: "One folder: when it was made and with how many people it is shared.",
    params: { path: path("folder") },
    returns: { folder_id: "integer", path: "path", made_at: "datetime", shared_with: "integer" },
    handler({ world, member }, { path }) {
      const row = findFolder(world, member, path);
      if (row === undefined) throw notFound("folder", "path", path);
      const grants = world.rows(shareGrant, member).filter((grant) => grant.owner === member && grant.path === path);
      return { folder_id: row.id, path, made_at: row.made_at, shared_with: grants.length };
    },
  }),
  api("add_folder", {
    about: "Make a folder.",
    params: { path: path("whole path of the new folder"), ...WITH_PARENTS },
    returns: RETURNS,
    handler({ world, member }, { path, with_parents }) {
      needFree(world, member, path, "make folder");
      readyParent(world, member, path, with_parents);
      return { note: "Folder made.", folder_id: world.insert(folder, { owner: member, path }).id };
    },
  }),
  api("rename_folder", {
    about: "Give a folder another name in the same place.",
    params: { path: path("folder"), name: text("new name, without slashes") },
    returns: RETURNS,
    handler(call, { path, name }) {
      const { id } = needMovable(call, path, "rename");
      const to = pathOf({ folder: splitPath(path).folder, name: plainName(name) });
      needFree(call.world, call.member, to, "rename to");
      relocate(call, path, to);
      return { note: "Folder renamed.", folder_id: id };
    },
  }),
  api("move_folder", {
    about: "Move a folder with all that is in it.",
    params: { path: path("folder"), to: path("whole new path"), ...WITH_PARENTS },
    returns: RETURNS,
    method: "PATCH",
    handler(call, { path, to, with_parents }) {
      const { id } = needMovable(call, path, "move");
      if (isWithin(to, path)) throw conflict(`move ${path}`, "the new path lies in it");
      needFree(call.world, call.member, to, "move to");
      readyParent(call.world, call.member, to, with_parents);
      relocate(call, path, to);
      return { note: "Folder moved.", folder_id: id };
    },
  }),
  api("copy_folder", {
    about: "Copy a folder with all that is in it.",
    params: {
      path: path("folder"),
      to: path("whole path of the copy"),
      keep_dates: withDefault(flag("copies keep the time of their last edit"), false),
      ...WITH_PARENTS,
    },
    returns: RETURNS,
    handler(call, { path, to, keep_dates, with_parents }) {
      const { world, member } = call;
      needMovable(call, path, "copy");
      if (isWithin(to, path)) throw conflict(`copy ${path}`, "the new path lies in it");
      needFree(world, member, to, "copy to");
      const files = filesWithin(world, member, path);
      needRoom(world, member, files.reduce((sum, { size }) => sum + size, 0), `copy ${path}`);
      readyParent(world, member, to, with_parents);
      const id = world.insert(folder, { owner: member, path: to }).id;
      for (const row of foldersWithin(world, member, path)) makeFolders(world, member, rebased(row.path, path, to));
      for (const row of files) {
        const { text, tree, size, edited_at } = row;
        const editedAt = keep_dates ? edited_at : call.at;
        makeFile(world, member, rebased(pathOf(row), path, to), { text, tree, size, editedAt });
      }
      return { note: "Folder copied.", folder_id: id };
    },
  }),
  api("remove_folder", {
    about: "Move a folder to the bin; one that is not empty only with its content.",
    params: { path: path("folder"), with_content: withDefault(flag("also if it is not empty"), false) },
    returns: { note: "text", entry_id: "integer" },
    handler(call, { path, with_content }) {
      const { world, member } = call;
      needMovable(call, path, "remove");
      if (!with_content && entriesOf(world, member, path, false).length > 0) {
        throw conflict(`remove ${path}`, "the folder is not empty");
      }
      return { note: "Folder moved to the bin.", entry_id: binFolder(world, member, path) };
    },
  }),
];
