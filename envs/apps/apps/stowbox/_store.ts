/**
 * How files and folders of one owner lie in the tables: what the APIs of the file store and the effects of other apps share.
 *
 * Contract: a path names a file or a folder of an owner, never both. Files keep their earlier contents as versions; what is removed
 * goes to the bin with its versions. The quota counts characters of files, not of versions or the bin.
 * Choices: shares follow a path that moves and end with a path that goes.
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";
import { conflict, notFound } from "../../errors.ts";
import type { RowOf } from "../../schema.ts";
import type { World } from "../../world.ts";
import { binEntry, file, fileVersion, folder, shareGrant, stowMember } from "./tables.ts";

/** A file as its owner has it. */
export type StoredFile = RowOf<typeof file.columns>;

/** A file as the bin keeps it. */
interface BinnedFile {
  readonly folder: string;
  readonly name: string;
  readonly kind: string;
  readonly size: number;
  readonly text: string;
  readonly tree: Json;
  readonly edited_at: string;
  readonly starred: boolean;
  readonly versions: readonly { readonly text: string; readonly saved_at: string }[];
}

/** What a bin entry keeps. */
interface BinContent {
  readonly folders: readonly string[];
  readonly files: readonly BinnedFile[];
}

/** Kind of files that hold a tree of others. */
export const BUNDLE = "bundle";

/** Folder and name of a path. */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf("/");
  return { folder: slash <= 0 ? "/" : path.slice(0, slash), name: path.slice(slash + 1) };
}

/** Whole path of a file. */
export function pathOf({ folder, name }: { readonly folder: string; readonly name: string }): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

/** Kind of a file by its name: the letters after the last dot, `txt` without one. */
export function kindOf(name: string): string {
  return /\.([a-z0-9]+)$/.exec(name)?.[1] ?? "txt";
}

/** Whether a path is a folder or lies below it at any depth. */
export function isWithin(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

/** A path that lay in one folder as it lies after that folder got another path. */
export function rebased(path: string, from: string, to: string): string {
  return path === from ? to : `${to === "/" ? "" : to}${path.slice(from === "/" ? 0 : from.length)}`;
}

/** File at a path, if there is one. */
export function findFile(world: World, owner: string, path: string): StoredFile | undefined {
  const { folder, name } = splitPath(path);
  return world.rows(file, owner).find((row) => row.folder === folder && row.name === name);
}

/** File at a path. @throws {AgentError} 404. */
export function needFile(world: World, owner: string, path: string): StoredFile {
  const found = findFile(world, owner, path);
  if (found === undefined) throw notFound("file", "path", path);
  return found;
}

/** Row of a folder, if there is one; the root has none. */
export function findFolder(world: World, owner: string, path: string): RowOf<typeof folder.columns> | undefined {
  return world.rows(folder, owner).find((row) => row.path === path);
}

/** Refuses a path at which there is no folder. @throws {AgentError} 404. */
export function needFolder(world: World, owner: string, path: string): void {
  if (path !== "/" && findFolder(world, owner, path) === undefined) throw notFound("folder", "path", path);
}

/** Makes the folder and those above it, where they are missing. @throws {AgentError} 409 if a file is in the way. */
export function makeFolders(world: World, owner: string, path: string): void {
  if (path === "/" || findFolder(world, owner, path) !== undefined) return;
  makeFolders(world, owner, splitPath(path).folder);
  if (findFile(world, owner, path) !== undefined) throw conflict(`make folder ${path}`, "path exists");
  world.insert(folder, { owner, path });
}

/** Sees to it that the folder of a path is there. @throws {AgentError} 404 if it is not and may not be made. */
export function readyParent(world: World, owner: string, path: string, withParents: boolean): void {
  const above = splitPath(path).folder;
  if (withParents) makeFolders(world, owner, above);
  else needFolder(world, owner, above);
}

/** Refuses a path at which there is a file or folder. @throws {AgentError} 409. */
export function needFree(world: World, owner: string, path: string, verb: string): void {
  const taken = path === "/" || findFile(world, owner, path) !== undefined ||
    findFolder(world, owner, path) !== undefined;
  if (taken) throw conflict(`${verb} ${path}`, "path exists");
}

/** Frees a path for a file: one that is there goes to the bin if it may be replaced. @throws {AgentError} 409. */
export function clearWay(world: World, owner: string, path: string, verb: string, replace: boolean): void {
  const there = findFile(world, owner, path);
  if (there !== undefined && replace) binFile(world, there);
  else needFree(world, owner, path, verb);
}

/** Files in a folder or below it. */
export function filesWithin(world: World, owner: string, path: string): StoredFile[] {
  return world.rows(file, owner).filter((row) => isWithin(row.folder, path));
}

/** Folders below a folder, the folder itself left out. */
export function foldersWithin(world: World, owner: string, path: string): RowOf<typeof folder.columns>[] {
  return world.rows(folder, owner).filter((row) => row.path !== path && isWithin(row.path, path));
}

/** Characters that an owner's files have. */
export function usedBy(world: World, owner: string): number {
  return world.rows(file, owner).reduce((sum, { size }) => sum + size, 0);
}

/** Characters that an owner's files may have. */
export function quotaOf(world: World, owner: string): number {
  return world.rows(stowMember, owner)[0]?.quota ?? 0;
}

/** Refuses so many more characters if there is no room for them. @throws {AgentError} 409. */
export function needRoom(world: World, owner: string, more: number, verb: string): void {
  if (more > 0 && usedBy(world, owner) + more > quotaOf(world, owner)) {
    throw conflict(verb, "the quota would be exceeded");
  }
}

/** Keeps the present text of a file as a version; changes of one moment make one, and a file of this moment makes none. */
function keepVersion(world: World, { id, owner, text, edited_at, made_at }: StoredFile): void {
  const kept = made_at === world.at ||
    world.rowsWhere(fileVersion, "file_id", id).some((row) => row.made_at === world.at);
  if (kept) return;
  world.insert(fileVersion, { owner, file_id: id, text, saved_at: edited_at });
}

/** Gives a file another text; the present one becomes a version. */
export function rewrite(world: World, row: StoredFile, text: string): void {
  needRoom(world, row.owner, text.length - row.size, `write ${pathOf(row)}`);
  keepVersion(world, row);
  world.update(file, row.id, { text, size: text.length, edited_at: world.at });
}

/** Makes a file; its folder is there and its path is free. @returns its id. */
export function makeFile(
  world: World,
  owner: string,
  path: string,
  content: { readonly text: string; readonly tree?: Json; readonly size?: number; readonly editedAt?: string },
): number {
  const { text, tree = null, size = text.length, editedAt = world.at } = content;
  needRoom(world, owner, size, `make ${path}`);
  const { folder, name } = splitPath(path);
  const kind = tree === null ? kindOf(name) : BUNDLE;
  return world.insert(file, { owner, folder, name, kind, size, text, tree, edited_at: editedAt, starred: false }).id;
}

/**
 * Saves a text at a path; missing folders are made.
 *
 * @param replace whether a file that is there is overwritten; its present text becomes a version then.
 * @returns id of the file.
 * @throws {AgentError} 409 if the path exists and may not be replaced, or there is no room.
 */
export function saveText(world: World, owner: string, path: string, text: string, replace: boolean): number {
  const found = findFile(world, owner, path);
  if (found !== undefined) {
    if (!replace) throw conflict(`save ${path}`, "path exists");
    if (found.tree !== null) throw conflict(`save ${path}`, "it is a bundle");
    rewrite(world, found, text);
    return found.id;
  }
  needFree(world, owner, path, "save");
  makeFolders(world, owner, splitPath(path).folder);
  return makeFile(world, owner, path, { text });
}

/** Shares move with their path. */
export function moveShares(world: World, owner: string, from: string, to: string): void {
  for (const grant of sharesWithin(world, owner, from)) {
    world.update(shareGrant, grant.id, { path: rebased(grant.path, from, to) });
  }
}

function sharesWithin(world: World, owner: string, path: string) {
  return world.rows(shareGrant, owner).filter((row) => row.owner === owner && isWithin(row.path, path));
}

function takeOut(world: World, row: StoredFile): BinnedFile {
  const versions = world.rowsWhere(fileVersion, "file_id", row.id);
  for (const version of versions) world.remove(fileVersion, version.id);
  world.remove(file, row.id);
  const { folder, name, kind, size, text, tree, edited_at, starred } = row;
  const kept = versions.map(({ text, saved_at }) => ({ text, saved_at }));
  return { folder, name, kind, size, text, tree, edited_at, starred, versions: kept };
}

function toBin(world: World, owner: string, path: string, kind: "file" | "folder", content: BinContent): number {
  for (const grant of sharesWithin(world, owner, path)) world.remove(shareGrant, grant.id);
  // The content is plain data; the interface says more about it than the column's type can.
  const kept = content as unknown as Json;
  return world.insert(binEntry, { owner, path, kind, content: kept, removed_at: world.at }).id;
}

/** Moves a file to the bin. @returns id of the bin entry. */
export function binFile(world: World, row: StoredFile): number {
  return toBin(world, row.owner, pathOf(row), "file", { folders: [], files: [takeOut(world, row)] });
}

/** Moves a folder with all that is in it to the bin. @returns id of the bin entry. */
export function binFolder(world: World, owner: string, path: string): number {
  const files = filesWithin(world, owner, path).map((row) => takeOut(world, row));
  const rows = world.rows(folder, owner).filter((row) => isWithin(row.path, path));
  for (const { id } of rows) world.remove(folder, id);
  return toBin(world, owner, path, "folder", { folders: rows.map((row) => row.path).sort(), files });
}

/** Puts back what a bin entry keeps; missing folders above are made. @throws {AgentError} 409 if the path is taken. */
export function unbin(world: World, entry: RowOf<typeof binEntry.columns>): void {
  const { owner, path } = entry;
  const { folders, files } = entry.content as unknown as BinContent;
  needFree(world, owner, path, "restore");
  needRoom(world, owner, files.reduce((sum, { size }) => sum + size, 0), `restore ${path}`);
  makeFolders(world, owner, splitPath(path).folder);
  for (const inner of folders) makeFolders(world, owner, inner);
  for (const { versions, ...rest } of files) {
    const { id } = world.insert(file, { owner, ...rest });
    for (const { text, saved_at } of versions) world.insert(fileVersion, { owner, file_id: id, text, saved_at });
  }
  world.remove(binEntry, entry.id);
}
