/**
 * Bundles of stowbox: files that hold a folder's files.
 *
 * Choices: no archive bytes; the content is kept as a tree, and the size is the sum of what is inside.
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";
import { badArgument, conflict } from "../../errors.ts";
import { flag, path, withDefault } from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import {
  binFile,
  BUNDLE,
  clearWay,
  filesWithin,
  findFile,
  findFolder,
  foldersWithin,
  isWithin,
  makeFile,
  makeFolders,
  needFile,
  needFolder,
  needFree,
  needRoom,
  pathOf,
  readyParent,
  splitPath,
} from "./_store.ts";

/** A file in a bundle; `path` is relative to the folder that was packed. */
export interface PackedFile {
  readonly path: string;
  readonly kind: string;
  readonly size: number;
  readonly text: string;
  readonly edited_at: string;
}

/** What a bundle holds. */
export interface BundleTree {
  readonly folders: readonly string[];
  readonly files: readonly PackedFile[];
}

/** Tree of a bundle. @throws {AgentError} 404, or 409 if the file is none. */
function treeAt({ world, member }: Call, path: string): BundleTree {
  const row = needFile(world, member, path);
  if (row.tree === null) throw conflict(`open ${path}`, "it is no bundle");
  // Only bundles have a tree, and only pack_bundle and the world's writer make them.
  return row.tree as unknown as BundleTree;
}

/** The bundle group. */
export const bundleApis: readonly Api[] = [
  api("pack_bundle", {
    about: "Pack a folder with all that is in it, or one file, into a bundle; the originals stay.",
    params: {
      path: path("folder or file to pack"),
      to: path("path of the bundle, ending with .bundle"),
      replace: withDefault(flag("replace a file that is there"), false),
      with_parents: withDefault(flag("make missing folders"), false),
    },
    returns: { note: "text", file_id: "integer" },
    handler(call, { path, to, replace, with_parents }) {
      const { world, member } = call;
      if (!to.endsWith(`.${BUNDLE}`)) {
        throw badArgument("to", `got ${JSON.stringify(to)}`, "a path ending with .bundle");
      }
      const single = findFile(world, member, path);
      if (single === undefined) needFolder(world, member, path);
      const root = single === undefined ? path : single.folder;
      const from = root === "/" ? 1 : root.length + 1;
      const rows = single === undefined ? filesWithin(world, member, path) : [single];
      if (rows.some((row) => row.tree !== null)) throw conflict(`pack ${path}`, "there is a bundle in it");
      if (rows.length === 0) throw conflict(`pack ${path}`, "there are no files in it");
      const files = rows.map((row) => {
        const { kind, size, text, edited_at } = row;
        return { path: pathOf(row).slice(from), kind, size, text, edited_at };
      }).sort((a, b) => (a.path < b.path ? -1 : 1));
      const folders = single === undefined
        ? foldersWithin(world, member, path).map((row) => row.path.slice(from)).sort()
        : [];
      clearWay(world, member, to, "pack into", replace);
      readyParent(world, member, to, with_parents);
      const tree: Json = { folders, files };
      const size = files.reduce((sum, file) => sum + file.size, 0);
      return { note: "Bundle packed.", file_id: makeFile(world, member, to, { text: "", tree, size }) };
    },
  }),
  list("list_bundle", {
    about: "Files in a bundle by path; paths are relative to the folder that was packed.",
    params: { path: path("bundle") },
    returns: [{ path: "text", kind: "text", size: "integer", edited_at: "datetime" }],
    rows: (call, { path }) => treeAt(call, path).files,
    view: ({ path, kind, size, edited_at }) => ({ path, kind, size, edited_at }),
    search: ({ path }) => path,
    orders: { path: ({ path }) => path, size: ({ size }) => size, edited_at: ({ edited_at }) => edited_at },
  }),
  api("unpack_bundle", {
    about: "Unpack a bundle into a folder; the bundle stays.",
    params: {
      path: path("bundle"),
      to: path("folder to unpack into; it is made if it is missing"),
      replace: withDefault(flag("replace files that are there"), false),
      keep_dates: withDefault(flag("files keep the time of their last edit"), false),
      with_parents: withDefault(flag("make missing folders above"), false),
    },
    returns: { note: "text" },
    handler(call, { path, to, replace, keep_dates, with_parents }) {
      const { world, member, at } = call;
      const { folders, files } = treeAt(call, path);
      if (to !== "/" && findFolder(world, member, to) === undefined) {
        needFree(world, member, to, "unpack into");
        readyParent(world, member, to, with_parents);
        makeFolders(world, member, to);
      }
      needRoom(world, member, files.reduce((sum, { size }) => sum + size, 0), `unpack ${path}`);
      const placed = files.map((file) => ({ file, path: pathOf({ folder: to, name: file.path }) }));
      for (const { path } of placed) {
        const there = findFile(world, member, path);
        if (there === undefined || !replace) needFree(world, member, path, "unpack");
        else binFile(world, there);
      }
      for (const inner of folders) makeFolders(world, member, pathOf({ folder: to, name: inner }));
      for (const { file, path } of placed) {
        const { folder } = splitPath(path);
        if (isWithin(folder, to)) makeFolders(world, member, folder);
        makeFile(world, member, path, { text: file.text, editedAt: keep_dates ? file.edited_at : at });
      }
      return { note: "Bundle unpacked." };
    },
  }),
];
