import assert from "node:assert/strict";
import { stowbox } from "../../../../envs/apps/apps/stowbox/mod.ts";
import { letter } from "../../../../envs/apps/apps/quillpost/tables.ts";
import {
  binEntry,
  file,
  fileVersion,
  folder,
  shareGrant,
  stowMember,
} from "../../../../envs/apps/apps/stowbox/tables.ts";
import { appCalls, type Args, type Row } from "../_app_kit.ts";
import { openApps as open, status } from "../_kit.ts";

const PROFILE = "mid";

/** A session with two folders and a few files of its own. */
function store() {
  const opened = open(PROFILE);
  const { me, world, user, people } = opened;
  const { one: stow, rows } = appCalls(me, stowbox);
  const write = (path: string, text: string, at?: string) => {
    const make = () => stow("write_file", { path, text, with_parents: true });
    return at === undefined ? make() : world.during(at, make);
  };
  write("/t/a.txt", "alpha", "2027-01-05T08:00:00");
  write("/t/b.csv", "x,1", "2027-02-05T08:00:00");
  write("/t/deep/c.md", "# gamma ray", "2027-03-05T08:00:00");
  const [other, third] = [people[1], people[2]];
  assert.ok(other !== undefined && third !== undefined);
  return { ...opened, stow, rows, write, other, third, own: user.email };
}

Deno.test("list_folder() gives what lies in a folder, deep when asked, by path and in the order asked", () => {
  const { rows } = store();
  const names = (args: Args) => rows("list_folder", { path: "/t", size: 20, ...args }).map((row) => row["path"]);
  assert.deepEqual(names({}), ["/t/a.txt", "/t/b.csv", "/t/deep"]);
  assert.deepEqual(names({ deep: true }), ["/t/a.txt", "/t/b.csv", "/t/deep", "/t/deep/c.md"]);
  assert.deepEqual(names({ deep: true, type: "file", order: "-edited_at" }), ["/t/deep/c.md", "/t/b.csv", "/t/a.txt"]);
  assert.deepEqual(names({ type: "folder" }), ["/t/deep"]);
  assert.deepEqual(names({ size: 2, page: 1 }), ["/t/deep"]);
});

Deno.test("list_folder() does refuse a path that is no folder", () => {
  const { stow } = store();
  assert.equal(status(() => stow("list_folder", { path: "/t/a.txt" })), 404);
  assert.equal(status(() => stow("list_folder", { path: "t" })), 422);
});

Deno.test("add_folder() does make missing folders only when asked and refuses a taken path", () => {
  const { stow, world, own } = store();
  assert.equal(status(() => stow("add_folder", { path: "/n/m" })), 404);
  stow("add_folder", { path: "/n/m", with_parents: true });
  assert.ok(world.rows(folder, own).some((row) => row.path === "/n"));
  assert.equal(status(() => stow("add_folder", { path: "/n/m" })), 409);
  assert.equal(status(() => stow("add_folder", { path: "/t/a.txt" })), 409);
  assert.equal(stow("get_folder", { path: "/n/m" })["made_at"], world.at);
  assert.equal(status(() => stow("get_folder", { path: "/nowhere" })), 404);
});

Deno.test("rename_folder() and move_folder() do take all that is inside along, shares and versions too", () => {
  const { stow, rows, world, own, other } = store();
  stow("append_file", { path: "/t/deep/c.md", text: "more" });
  stow("share_path", { path: "/t/deep", email: other.email });
  stow("rename_folder", { path: "/t", name: "u" });
  stow("move_folder", { path: "/u/deep", to: "/v/deeper", with_parents: true });
  assert.equal(stow("read_file", { path: "/v/deeper/c.md" })["text"], "# gamma ray\nmore");
  assert.equal(rows("list_versions", { path: "/v/deeper/c.md" }).length, 1);
  assert.ok(world.rows(shareGrant, own).some((row) => row.path === "/v/deeper"));
  assert.equal(stow("path_exists", { path: "/t" })["exists"], false);
});

Deno.test("rename_folder() and move_folder() do refuse names with slashes, taken paths and a place inside themselves", () => {
  const { stow } = store();
  assert.equal(status(() => stow("rename_folder", { path: "/t", name: "a/b" })), 422);
  assert.equal(status(() => stow("rename_folder", { path: "/t/deep", name: "a.txt" })), 409);
  assert.equal(status(() => stow("rename_folder", { path: "/", name: "x" })), 409);
  assert.equal(status(() => stow("move_folder", { path: "/t", to: "/t/deep/t" })), 409);
  assert.equal(status(() => stow("move_folder", { path: "/t", to: "/no/t" })), 404);
  assert.equal(status(() => stow("move_folder", { path: "/none", to: "/x" })), 404);
});

Deno.test("copy_folder() does copy files with their dates when asked", () => {
  const { stow, world } = store();
  stow("copy_folder", { path: "/t", to: "/copy", keep_dates: true });
  assert.equal(stow("get_file_info", { path: "/copy/a.txt" })["edited_at"], "2027-01-05T08:00:00");
  assert.equal(stow("read_file", { path: "/copy/deep/c.md" })["text"], "# gamma ray");
  stow("copy_folder", { path: "/t/deep", to: "/fresh" });
  assert.equal(stow("get_file_info", { path: "/fresh/c.md" })["edited_at"], world.at);
  assert.equal(status(() => stow("copy_folder", { path: "/t", to: "/copy" })), 409);
});

Deno.test("remove_folder() does need leave for a full folder and can be taken back from the bin", () => {
  const { stow, rows, world, own } = store();
  assert.equal(status(() => stow("remove_folder", { path: "/t" })), 409);
  const before = world.rows(file, own).length;
  const { entry_id = null } = stow("remove_folder", { path: "/t", with_content: true });
  assert.equal(world.rows(file, own).length, before - 3);
  assert.equal(rows("list_bin")[0]?.["path"], "/t");
  stow("restore_from_bin", { entry_id });
  assert.equal(stow("get_file_info", { path: "/t/deep/c.md" })["edited_at"], "2027-03-05T08:00:00");
  assert.equal(status(() => stow("restore_from_bin", { entry_id })), 404);
});

Deno.test("path_exists() does tell files, folders and nothing apart", () => {
  const { stow } = store();
  assert.deepEqual(stow("path_exists", { path: "/t" }), { exists: true, type: "folder" });
  assert.deepEqual(stow("path_exists", { path: "/t/a.txt" }), { exists: true, type: "file" });
  assert.deepEqual(stow("path_exists", { path: "/t/z.txt" }), { exists: false, type: "none" });
  assert.deepEqual(stow("path_exists", { path: "/" }), { exists: true, type: "folder" });
});

Deno.test("get_file_info() and read_file() do give a file and refuse what is none", () => {
  const { stow } = store();
  const info = stow("get_file_info", { path: "/t/b.csv" });
  assert.deepEqual([info["kind"], info["size"], info["starred"]], ["csv", 3, false]);
  assert.equal(stow("read_file", { path: "/t/b.csv" })["text"], "x,1");
  assert.equal(status(() => stow("get_file_info", { path: "/t/deep" })), 404);
  assert.equal(status(() => stow("read_file", { path: "/t/none" })), 404);
});

Deno.test("find_files() does filter by folder, kind, size and time, and only ranks by words", () => {
  const { rows } = store();
  const found = (args: Args) => rows("find_files", { folder: "/t", size: 20, ...args }).map((row) => row["name"]);
  assert.deepEqual(found({}), ["a.txt", "b.csv", "c.md"]);
  assert.deepEqual(found({ kind: "csv" }), ["b.csv"]);
  assert.deepEqual(found({ edited_from: "2027-02-05", edited_to: "2027-03-04" }), ["b.csv"]);
  assert.deepEqual(found({ min_size: 5, max_size: 5 }), ["a.txt"]);
  assert.deepEqual(found({ q: "gamma" }), ["c.md", "a.txt", "b.csv"]);
  assert.deepEqual(found({ order: "-size" }), ["c.md", "a.txt", "b.csv"]);
  assert.deepEqual(found({ starred: true }), []);
});

Deno.test("write_file() does keep the old text as a version and never writes over a file unasked", () => {
  const { stow, rows, world } = store();
  assert.equal(status(() => stow("write_file", { path: "/t/a.txt", text: "new" })), 409);
  stow("write_file", { path: "/t/a.txt", text: "new text", replace: true });
  const [version] = rows("list_versions", { path: "/t/a.txt" });
  assert.deepEqual([version?.["saved_at"], version?.["size"]], ["2027-01-05T08:00:00", 5]);
  const info = stow("get_file_info", { path: "/t/a.txt" });
  assert.deepEqual([info["size"], info["edited_at"]], [8, world.at]);
  assert.equal(status(() => stow("write_file", { path: "/none/a.txt", text: "" })), 404);
  assert.equal(status(() => stow("write_file", { path: "/t/deep", text: "", replace: true })), 409);
});

Deno.test("append_file() does add a line", () => {
  const { stow } = store();
  stow("append_file", { path: "/t/a.txt", text: "beta" });
  assert.equal(stow("read_file", { path: "/t/a.txt" })["text"], "alpha\nbeta");
  stow("write_file", { path: "/t/empty.txt", text: "" });
  stow("append_file", { path: "/t/empty.txt", text: "first" });
  assert.equal(stow("read_file", { path: "/t/empty.txt" })["text"], "first");
  assert.equal(status(() => stow("append_file", { path: "/t/z.txt", text: "x" })), 404);
});

Deno.test("rename_file() does change name and kind but no date", () => {
  const { stow } = store();
  stow("rename_file", { path: "/t/a.txt", name: "a.md" });
  const info = stow("get_file_info", { path: "/t/a.md" });
  assert.deepEqual([info["kind"], info["edited_at"]], ["md", "2027-01-05T08:00:00"]);
  assert.equal(status(() => stow("rename_file", { path: "/t/a.md", name: "b.csv" })), 409);
  assert.equal(status(() => stow("rename_file", { path: "/t/a.md", name: "../x" })), 422);
});

Deno.test("move_file() does count as an edit unless dates are kept", () => {
  const { stow, world } = store();
  stow("move_file", { path: "/t/a.txt", to: "/t/deep/a.txt" });
  assert.equal(stow("get_file_info", { path: "/t/deep/a.txt" })["edited_at"], world.at);
  stow("move_file", { path: "/t/b.csv", to: "/t/2027/b.csv", keep_dates: true, with_parents: true });
  assert.equal(stow("get_file_info", { path: "/t/2027/b.csv" })["edited_at"], "2027-02-05T08:00:00");
  assert.equal(status(() => stow("move_file", { path: "/t/b.csv", to: "/t/x.csv" })), 404);
});

Deno.test("move_file() does replace only when asked, and what it replaces goes to the bin", () => {
  const { stow, rows } = store();
  assert.equal(status(() => stow("move_file", { path: "/t/a.txt", to: "/t/b.csv" })), 409);
  stow("move_file", { path: "/t/a.txt", to: "/t/b.csv", replace: true });
  assert.equal(stow("read_file", { path: "/t/b.csv" })["text"], "alpha");
  assert.equal(rows("list_bin")[0]?.["path"], "/t/b.csv");
  assert.equal(status(() => stow("move_file", { path: "/t/b.csv", to: "/t/b.csv" })), 409);
  assert.equal(status(() => stow("move_file", { path: "/t/b.csv", to: "/no/b.csv" })), 404);
});

Deno.test("copy_file() does leave the original and its versions alone", () => {
  const { stow, rows } = store();
  stow("append_file", { path: "/t/a.txt", text: "x" });
  stow("copy_file", { path: "/t/a.txt", to: "/t/deep/a2.txt" });
  assert.equal(stow("read_file", { path: "/t/deep/a2.txt" })["text"], "alpha\nx");
  assert.equal(rows("list_versions", { path: "/t/deep/a2.txt" }).length, 0);
  assert.equal(rows("list_versions", { path: "/t/a.txt" }).length, 1);
  assert.equal(status(() => stow("copy_file", { path: "/t/a.txt", to: "/t/a.txt" })), 409);
});

Deno.test("remove_file() does move a file with its versions to the bin, from where it comes back whole", () => {
  const { stow, rows, world, own, other } = store();
  stow("append_file", { path: "/t/a.txt", text: "x" });
  stow("share_path", { path: "/t/a.txt", email: other.email });
  const versions = world.rows(fileVersion, own).length;
  const { entry_id = null } = stow("remove_file", { path: "/t/a.txt" });
  assert.equal(world.rows(fileVersion, own).length, versions - 1);
  assert.ok(!world.rows(shareGrant, own).some((row) => row.path === "/t/a.txt"));
  stow("restore_from_bin", { entry_id });
  assert.equal(rows("list_versions", { path: "/t/a.txt" }).length, 1);
  assert.equal(status(() => stow("remove_file", { path: "/t/none" })), 404);
});

Deno.test("restore_from_bin() does refuse a taken path and another member's entry", () => {
  const { stow, as, other } = store();
  const { entry_id = null } = stow("remove_file", { path: "/t/a.txt" });
  stow("write_file", { path: "/t/a.txt", text: "again" });
  assert.equal(status(() => stow("restore_from_bin", { entry_id })), 409);
  assert.equal(status(() => as(other)("stowbox", "restore_from_bin", { entry_id })), 403);
});

Deno.test("star_file() does change once", () => {
  const { stow, rows } = store();
  stow("star_file", { path: "/t/a.txt", on: true });
  assert.deepEqual(rows("find_files", { folder: "/t", starred: true }).map((row) => row["name"]), ["a.txt"]);
  assert.equal(status(() => stow("star_file", { path: "/t/a.txt", on: true })), 409);
  assert.equal(status(() => stow("star_file", { path: "/t/none", on: true })), 404);
});

Deno.test("pack_bundle() does hold what the folder holds and leaves the originals", () => {
  const { stow, rows } = store();
  stow("pack_bundle", { path: "/t", to: "/packed/t.bundle", with_parents: true });
  assert.deepEqual(rows("list_bundle", { path: "/packed/t.bundle" }).map((row) => row["path"]), [
    "a.txt",
    "b.csv",
    "deep/c.md",
  ]);
  const info = stow("get_file_info", { path: "/packed/t.bundle" });
  assert.deepEqual([info["kind"], info["size"]], ["bundle", 5 + 3 + 11]);
  assert.equal(stow("path_exists", { path: "/t/a.txt" })["exists"], true);
  assert.equal(status(() => stow("read_file", { path: "/packed/t.bundle" })), 409);
});

Deno.test("pack_bundle() does refuse a wrong name, an empty folder, a taken path and a bundle inside", () => {
  const { stow } = store();
  assert.equal(status(() => stow("pack_bundle", { path: "/t", to: "/t.zip" })), 422);
  stow("add_folder", { path: "/void" });
  assert.equal(status(() => stow("pack_bundle", { path: "/void", to: "/v.bundle" })), 409);
  stow("pack_bundle", { path: "/t/a.txt", to: "/t/one.bundle" });
  assert.equal(status(() => stow("pack_bundle", { path: "/t/b.csv", to: "/t/one.bundle" })), 409);
  assert.equal(status(() => stow("pack_bundle", { path: "/t", to: "/all.bundle" })), 409);
  assert.equal(status(() => stow("pack_bundle", { path: "/none", to: "/n.bundle" })), 404);
});

Deno.test("unpack_bundle() does put files back with their dates when asked", () => {
  const { stow, world } = store();
  stow("pack_bundle", { path: "/t", to: "/t.bundle" });
  stow("unpack_bundle", { path: "/t.bundle", to: "/out", keep_dates: true });
  assert.equal(stow("get_file_info", { path: "/out/deep/c.md" })["edited_at"], "2027-03-05T08:00:00");
  assert.equal(status(() => stow("unpack_bundle", { path: "/t.bundle", to: "/out" })), 409);
  stow("unpack_bundle", { path: "/t.bundle", to: "/out", replace: true });
  assert.equal(stow("get_file_info", { path: "/out/a.txt" })["edited_at"], world.at);
  assert.equal(status(() => stow("unpack_bundle", { path: "/t/a.txt", to: "/x" })), 409);
  assert.equal(status(() => stow("list_bundle", { path: "/t/a.txt" })), 409);
});

Deno.test("restore_version() does bring an earlier text back and keeps the present one", () => {
  const { stow, rows, world } = store();
  const rewrite = (text: string) => stow("write_file", { path: "/t/a.txt", text, replace: true });
  world.during("2027-01-06T08:00:00", () => rewrite("second"));
  world.during("2027-01-07T08:00:00", () => rewrite("third"));
  const versions = rows("list_versions", { path: "/t/a.txt", order: "+saved_at" });
  const version_id = versions[0]?.["version_id"] ?? null;
  assert.equal(stow("read_version", { version_id })["text"], "alpha");
  stow("restore_version", { version_id });
  assert.equal(stow("read_file", { path: "/t/a.txt" })["text"], "alpha");
  assert.equal(rows("list_versions", { path: "/t/a.txt" }).length, 3);
});

Deno.test("append_file() does make one version of a moment, however many calls it takes", () => {
  const { stow, rows } = store();
  for (const text of ["x", "y", "z"]) stow("append_file", { path: "/t/a.txt", text });
  assert.deepEqual(rows("list_versions", { path: "/t/a.txt" }).map((row) => row["size"]), [5]);
  stow("write_file", { path: "/t/new.txt", text: "1" });
  stow("append_file", { path: "/t/new.txt", text: "2" });
  assert.deepEqual(rows("list_versions", { path: "/t/new.txt" }), []);
});

Deno.test("versions do belong to the owner of the file alone", () => {
  const { stow, rows, as, other } = store();
  stow("append_file", { path: "/t/a.txt", text: "x" });
  const version_id = rows("list_versions", { path: "/t/a.txt" })[0]?.["version_id"] ?? null;
  assert.equal(status(() => as(other)("stowbox", "read_version", { version_id })), 403);
  assert.equal(status(() => as(other)("stowbox", "restore_version", { version_id })), 403);
  assert.equal(status(() => stow("read_version", { version_id: 99_999_999 })), 404);
  assert.equal(status(() => stow("list_versions", { path: "/t/none" })), 404);
});

Deno.test("share_path() does open a folder to one member, who gets a letter", () => {
  const { stow, as, world, own, other, third } = store();
  stow("share_path", { path: "/t/deep", email: other.email });
  const theirs = (api: string, args: Args) => as(other)("stowbox", api, { owner: own, ...args });
  assert.equal((theirs("read_file", { path: "/t/deep/c.md" }) as { text?: string }).text, "# gamma ray");
  assert.equal((theirs("list_folder", { path: "/t/deep" }) as Row[]).length, 1);
  assert.equal(status(() => theirs("read_file", { path: "/t/a.txt" })), 403);
  assert.equal(status(() => theirs("write_file", { path: "/t/deep/n.txt", text: "" })), 403);
  assert.equal(status(() => as(third)("stowbox", "read_file", { owner: own, path: "/t/deep/c.md" })), 403);
  assert.match(world.rows(letter).at(-1)?.body ?? "", /\/t\/deep with you/);
});

Deno.test("edit_share() and unshare_path() do change and end a share of one's own only", () => {
  const { stow, rows, as, own, other } = store();
  const { share_id = null } = stow("share_path", { path: "/t", email: other.email });
  stow("edit_share", { share_id, rights: "edit" });
  as(other)("stowbox", "write_file", { owner: own, path: "/t/from-them.txt", text: "hello" });
  assert.equal(stow("read_file", { path: "/t/from-them.txt" })["text"], "hello");
  assert.equal(status(() => stow("edit_share", { share_id, rights: "edit" })), 409);
  assert.equal(status(() => as(other)("stowbox", "unshare_path", { share_id })), 403);
  stow("unshare_path", { share_id });
  assert.equal(rows("list_shares", { path: "/t" }).length, 0);
  assert.equal(status(() => as(other)("stowbox", "read_file", { owner: own, path: "/t/a.txt" })), 403);
  assert.equal(status(() => stow("unshare_path", { share_id })), 404);
});

Deno.test("share_path() does refuse a path that is not there, oneself, strangers and doing it twice", () => {
  const { stow, own, other } = store();
  assert.equal(status(() => stow("share_path", { path: "/t/none", email: other.email })), 404);
  assert.equal(status(() => stow("share_path", { path: "/t", email: own })), 422);
  assert.equal(status(() => stow("share_path", { path: "/t", email: "no@body.test" })), 404);
  stow("share_path", { path: "/t", email: other.email });
  assert.equal(status(() => stow("share_path", { path: "/t", email: other.email, rights: "edit" })), 409);
});

Deno.test("list_shared_with_me() does show what others share", () => {
  const { stow, as, own, other } = store();
  stow("share_path", { path: "/t", email: other.email, rights: "edit" });
  const shared = as(other)("stowbox", "list_shared_with_me", { owner: own, size: 20 }) as Row[];
  assert.deepEqual(shared.filter((row) => row["path"] === "/t").map((row) => row["rights"]), ["edit"]);
});

Deno.test("empty_bin() does remove one entry, or all", () => {
  const { stow, rows, world, own } = store();
  const { entry_id = null } = stow("remove_file", { path: "/t/a.txt" });
  stow("remove_file", { path: "/t/b.csv" });
  const before = world.rows(binEntry, own).length;
  stow("empty_bin", { entry_id });
  assert.equal(world.rows(binEntry, own).length, before - 1);
  stow("empty_bin");
  assert.deepEqual(rows("list_bin"), []);
  assert.equal(status(() => stow("empty_bin", { entry_id })), 404);
});

Deno.test("get_quota() does count characters of files, and a write beyond the quota is refused", () => {
  const { stow, write, world, own } = store();
  const before = Number(stow("get_quota")["used"]);
  write("/t/n.txt", "12345");
  assert.equal(stow("get_quota")["used"], before + 5);
  const [member] = world.rows(stowMember, own);
  world.update(stowMember, member?.id ?? 0, { quota: before + 7 });
  assert.equal(status(() => write("/t/m.txt", "123")), 409);
  assert.equal(status(() => stow("copy_folder", { path: "/t", to: "/more" })), 409);
  assert.equal(status(() => stow("append_file", { path: "/t/n.txt", text: "123456" })), 409);
});
