import assert from "node:assert/strict";
import { foldnote } from "../../../../envs/apps/apps/foldnote/mod.ts";
import {
  checkItem,
  foldnoteMember,
  keyword,
  keywordLink,
  note,
  notebook,
  noteShare,
  revision,
} from "../../../../envs/apps/apps/foldnote/tables.ts";
import { letter, letterCopy } from "../../../../envs/apps/apps/quillpost/tables.ts";
import { file } from "../../../../envs/apps/apps/stowbox/tables.ts";
import type { Table } from "../../../../envs/apps/schema.ts";
import { appCalls, type Row } from "../_app_kit.ts";
import { openApps, refusal } from "../_kit.ts";

const LATER = "2027-03-16T08:00:00";
const LATER_STILL = "2027-03-17T08:00:00";

/** A fresh world, calls that check shapes of results, and refusals, as the user, a friend or a third person. */
function open() {
  const apps = openApps("tiny");
  const [, friend, third] = apps.people;
  assert.ok(friend !== undefined && third !== undefined);
  const { one: notes, all, refused } = appCalls(apps.me, foldnote);
  const hers = appCalls(apps.as(friend), foldnote);
  const write = (title = "Plan", body = "one\ntwo") => Number(notes("add_note", { title, body })["note_id"]);
  return {
    ...apps,
    friend,
    notes,
    all,
    write,
    refused,
    hers: hers.one,
    herRefused: hers.refused,
    thirdRefused: appCalls(apps.as(third), foldnote).refused,
    owner: apps.user.email,
  };
}

Deno.test("foldnote has 37 APIs, and lists that can be paged, searched and ordered", () => {
  assert.equal(foldnote.apis.length, 37);
  assert.equal(new Set(foldnote.apis.map(({ name }) => name)).size, 37);
  const lists = foldnote.apis.flatMap(({ list }) => list ?? []);
  assert.ok(lists.length >= 8);
  assert.ok(lists.filter(({ orders }) => orders.length > 0).length >= 7);
});

Deno.test("notebooks are added, renamed and removed; names are taken once", () => {
  const { notes, all, refused, world, owner } = open();
  const { notebook_id = 0 } = notes("add_notebook", { name: "Boats", about: "all of them" });
  assert.deepEqual(notes("get_notebook", { notebook_id }), { notebook_id, name: "Boats", about: "all of them" });
  refused(409, /the name Boats is taken/, "add_notebook", { name: "Boats" });
  notes("edit_notebook", { notebook_id, about: "some" });
  notes("edit_notebook", { notebook_id, name: "Boats" });
  refused(422, /nothing to change/, "edit_notebook", { notebook_id });
  assert.equal(all("list_notebooks", { q: "boats" })[0]?.["about"], "some");
  const { note_id = 0 } = notes("add_note", { title: "Gull", body: "", notebook_id });
  notes("remove_notebook", { notebook_id });
  assert.equal(world.get(note, Number(note_id))?.notebook_id, null);
  refused(404, /No notebook/, "get_notebook", { notebook_id });
  const foreign = world.rows(notebook).find((row) => row.owner !== owner)?.id ?? 0;
  for (const api of ["get_notebook", "remove_notebook"]) refused(403, /not yours/, api, { notebook_id: foreign });
  refused(403, /not yours to fill/, "add_note", { title: "x", body: "", notebook_id: foreign });
});

Deno.test("edit_notebook() refuses another notebook's name", () => {
  const { notes, refused } = open();
  notes("add_notebook", { name: "Boats" });
  const { notebook_id = 0 } = notes("add_notebook", { name: "Trains" });
  refused(409, /taken/, "edit_notebook", { notebook_id, name: "Boats" });
});

Deno.test("list_notes() gives titles without bodies and filters by flags, notebook and keyword", () => {
  const { notes, all, write, world, owner } = open();
  const rows = world.rows(note, owner);
  assert.equal(all("list_notes").length, rows.length);
  assert.equal(all("list_notes", { archived: true }).length, rows.filter(({ archived }) => archived).length);
  assert.equal(all("list_notes", { pinned: true }).length, rows.filter(({ pinned }) => pinned).length);
  assert.equal(all("list_notes")[0]?.["body"], undefined);
  const { notebook_id = 0 } = notes("add_notebook", { name: "Boats" });
  const note_id = write();
  notes("move_note", { note_id, notebook_id });
  notes("add_keyword", { name: "salty" });
  notes("tag_note", { note_id, keyword: "salty" });
  assert.deepEqual(all("list_notes", { notebook_id }).map((row) => row["note_id"]), [note_id]);
  assert.deepEqual(all("list_notes", { keyword: "salty" }).map((row) => row["note_id"]), [note_id]);
  const titles = all("list_notes", { order: "+title" }).map(({ title }) => title);
  assert.deepEqual(titles, [...titles].sort());
});

Deno.test("find_notes() ranks by words of title and body", () => {
  const { all, write } = open();
  const byTitle = write("Zeppelin", "x");
  const byBody = write("Other", "a zeppelin above the town");
  assert.deepEqual(all("find_notes", { q: "zeppelin" }).slice(0, 2).map((row) => row["note_id"]), [byTitle, byBody]);
});

Deno.test("get_note() shows body, notebook, keywords and owner", () => {
  const { notes, write, owner, refused } = open();
  const note_id = write("Plan", "one");
  const { body, notebook_id, keywords, owner: shown } = notes("get_note", { note_id });
  assert.deepEqual([body, notebook_id, keywords, shown], ["one", null, [], owner]);
  refused(404, /No note with id 999999/, "get_note", { note_id: 999999 });
});

Deno.test("edit_note() and append_to_note() keep one revision a moment, and none of a note's first moment", () => {
  const { notes, all, write, world, refused } = open();
  const note_id = write("Plan", "one");
  notes("edit_note", { note_id, body: "two" });
  assert.deepEqual(all("list_revisions", { note_id }), []);
  world.during(LATER, () => {
    notes("append_to_note", { note_id, text: "three" });
    notes("edit_note", { note_id, title: "Better plan" });
  });
  const [kept, ...others] = all("list_revisions", { note_id });
  assert.deepEqual([kept?.["title"], kept?.["body"], kept?.["saved_at"]], ["Plan", "two", LATER]);
  assert.equal(others.length, 0);
  const { title, body, edited_at } = notes("get_note", { note_id });
  assert.deepEqual([title, body, edited_at], ["Better plan", "two\nthree", LATER]);
  refused(422, /nothing to change/, "edit_note", { note_id });
});

Deno.test("append_to_note() begins an empty body without an empty line", () => {
  const { notes, write } = open();
  const note_id = write("Plan", "");
  notes("append_to_note", { note_id, text: "first" });
  assert.equal(notes("get_note", { note_id })["body"], "first");
});

Deno.test("restore_revision() brings an earlier state back and keeps the one until now", () => {
  const { notes, all, write, world, refused, herRefused } = open();
  const note_id = write("Plan", "one");
  world.during(LATER, () => notes("edit_note", { note_id, body: "two" }));
  const revision_id = Number(all("list_revisions", { note_id })[0]?.["revision_id"]);
  herRefused(403, /not yours/, "restore_revision", { revision_id });
  world.during(LATER_STILL, () => notes("restore_revision", { revision_id }));
  assert.equal(notes("get_note", { note_id })["body"], "one");
  assert.deepEqual(all("list_revisions", { note_id }).map(({ body }) => body), ["two", "one"]);
  refused(409, /like that already/, "restore_revision", { revision_id });
  refused(404, /No revision/, "restore_revision", { revision_id: 999999 });
});

Deno.test("remove_note() takes everything along that belongs to it", () => {
  const { notes, write, world, owner, friend, refused } = open();
  const specs: readonly Table[] = [checkItem, keywordLink, revision, noteShare, note];
  const before = specs.map((spec) => world.rows(spec, owner).length);
  const note_id = write();
  notes("add_item", { note_id, text: "sail" });
  notes("add_keyword", { name: "salty" });
  notes("tag_note", { note_id, keyword: "salty" });
  notes("share_note", { note_id, email: friend.email });
  world.during(LATER, () => notes("edit_note", { note_id, body: "" }));
  notes("remove_note", { note_id });
  const after = specs.map((spec) => world.rows(spec, owner).length);
  assert.deepEqual(after, before);
  refused(404, /No note/, "remove_note", { note_id });
});

Deno.test("pin_note() and archive_note() set flags, again without harm", () => {
  const { notes, write } = open();
  const note_id = write();
  for (const on of [true, true, false]) {
    notes("pin_note", { note_id, on });
    notes("archive_note", { note_id, on });
    const { pinned, archived } = notes("get_note", { note_id });
    assert.deepEqual([pinned, archived], [on, on]);
  }
});

Deno.test("move_note() moves into and out of notebooks, not to where the note is", () => {
  const { notes, write, refused, world, owner } = open();
  const note_id = write();
  const { notebook_id = 0 } = notes("add_notebook", { name: "Boats" });
  notes("move_note", { note_id, notebook_id });
  refused(409, /there already/, "move_note", { note_id, notebook_id });
  notes("move_note", { note_id });
  assert.equal(notes("get_note", { note_id })["notebook_id"], null);
  const foreign = world.rows(notebook).find((row) => row.owner !== owner)?.id ?? 0;
  refused(403, /not yours to fill/, "move_note", { note_id, notebook_id: foreign });
});

Deno.test("items keep positions 1 to n when they are added, moved and removed", () => {
  const { notes, all, write, refused } = open();
  const note_id = write();
  const [a, b, c] = ["a", "b", "c"].map((text) => Number(notes("add_item", { note_id, text })["item_id"]));
  const shown = () => all("list_items", { note_id }).map(({ text, position }) => `${position}${text}`);
  assert.deepEqual(shown(), ["1a", "2b", "3c"]);
  notes("edit_item", { item_id: c ?? 0, position: 1 });
  assert.deepEqual(shown(), ["1c", "2a", "3b"]);
  notes("edit_item", { item_id: c ?? 0, position: 99, text: "z" });
  assert.deepEqual(shown(), ["1a", "2b", "3z"]);
  notes("remove_item", { item_id: a ?? 0 });
  assert.deepEqual(shown(), ["1b", "2z"]);
  refused(422, /nothing to change/, "edit_item", { item_id: b ?? 0 });
  refused(422, /position: got 0/, "edit_item", { item_id: b ?? 0, position: 0 });
  refused(404, /No item/, "remove_item", { item_id: a ?? 0 });
});

Deno.test("tick_item() and untick_item() refuse what is so already", () => {
  const { notes, all, write, refused } = open();
  const note_id = write();
  const item_id = Number(notes("add_item", { note_id, text: "sail" })["item_id"]);
  notes("add_item", { note_id, text: "anchor" });
  refused(409, /not ticked/, "untick_item", { item_id });
  notes("tick_item", { item_id });
  refused(409, /already ticked/, "tick_item", { item_id });
  assert.deepEqual(all("list_items", { note_id, done: true }).map(({ text }) => text), ["sail"]);
  assert.deepEqual(all("list_items", { note_id, done: false }).map(({ text }) => text), ["anchor"]);
  notes("untick_item", { item_id });
  assert.deepEqual(all("list_items", { note_id, done: true }), []);
});

Deno.test("keywords are added once, given once and taken off once", () => {
  const { notes, all, write, refused, world, owner } = open();
  const note_id = write();
  notes("add_keyword", { name: "salty" });
  refused(409, /the name salty is taken/, "add_keyword", { name: "salty" });
  assert.equal(all("list_keywords", { order: "+name" }).length, world.rows(keyword, owner).length);
  notes("tag_note", { note_id, keyword: "salty" });
  refused(409, /carries salty already/, "tag_note", { note_id, keyword: "salty" });
  assert.deepEqual(notes("get_note", { note_id })["keywords"], ["salty"]);
  notes("untag_note", { note_id, keyword: "salty" });
  refused(409, /does not carry salty/, "untag_note", { note_id, keyword: "salty" });
  refused(404, /No keyword with name sweet/, "tag_note", { note_id, keyword: "sweet" });
});

Deno.test("a note that is not shared is nobody else's to read or change", () => {
  const { write, notes, herRefused } = open();
  const note_id = write();
  const item_id = Number(notes("add_item", { note_id, text: "sail" })["item_id"]);
  for (const api of ["get_note", "list_items", "list_revisions", "remove_note", "move_note"]) {
    herRefused(403, /not yours/, api, { note_id });
  }
  for (const api of ["tick_item", "remove_item"]) herRefused(403, /not yours/, api, { item_id });
  herRefused(403, /not yours/, "edit_item", { item_id, text: "x" });
  herRefused(403, /not yours/, "append_to_note", { note_id, text: "x" });
  herRefused(403, /not yours/, "add_item", { note_id, text: "x" });
});

Deno.test("share_note() lets a member read, with a letter about it; sharing again changes the right to edit", () => {
  const { notes, hers, all, write, herRefused, thirdRefused, refused, friend, owner, world } = open();
  const note_id = write("Boat plan", "one");
  const letters = world.rows(letter).length;
  notes("share_note", { note_id, email: friend.email });
  const sent = world.rows(letter).at(-1);
  assert.equal(world.rows(letter).length, letters + 1);
  assert.deepEqual(sent?.to, [friend.email]);
  assert.match(sent?.body ?? "", /read the note "Boat plan"/);
  // The small world has no mail accounts, so that nobody gets a copy.
  assert.equal(world.rows(letterCopy).length, 0);
  assert.equal(hers("get_note", { note_id })["owner"], owner);
  herRefused(403, /not yours to change/, "edit_note", { note_id, body: "mine" });
  thirdRefused(403, /not yours to read/, "get_note", { note_id });
  refused(409, /shared with .* already/, "share_note", { note_id, email: friend.email });
  notes("share_note", { note_id, email: friend.email, may_edit: true });
  hers("edit_note", { note_id, body: "ours" });
  const item_id = Number(hers("add_item", { note_id, text: "sail" })["item_id"]);
  assert.equal(world.get(checkItem, item_id)?.owner, owner);
  herRefused(403, /not yours to remove/, "remove_note", { note_id });
  assert.deepEqual(all("list_shares", { note_id }), [
    { note_id, title: "Boat plan", email: friend.email, may_edit: true },
  ]);
  assert.ok(
    (hers("list_notes", { shared: true, size: 20 }) as unknown as Row[]).some((row) => row["note_id"] === note_id),
  );
});

Deno.test("share_note() refuses oneself, strangers and others' notes", () => {
  const { write, refused, herRefused, owner } = open();
  const note_id = write();
  refused(409, /your own/, "share_note", { note_id, email: owner });
  refused(404, /No member with email/, "share_note", { note_id, email: "nobody@pine.test" });
  herRefused(403, /not yours to share/, "share_note", { note_id, email: owner });
});

Deno.test("unshare_note() ends a share, by the owner or by who got it", () => {
  const { notes, hers, write, refused, thirdRefused, friend, world, owner } = open();
  const note_id = write();
  notes("share_note", { note_id, email: friend.email });
  thirdRefused(403, /not yours/, "unshare_note", { note_id, email: friend.email });
  hers("unshare_note", { note_id, email: friend.email });
  refused(404, /No share/, "unshare_note", { note_id, email: friend.email });
  notes("share_note", { note_id, email: friend.email });
  notes("unshare_note", { note_id, email: friend.email });
  assert.ok(world.rows(noteShare, owner).every((row) => row.note_id !== note_id));
});

Deno.test("list_shares() lists shares of own notes only, by note or person", () => {
  const { notes, all, write, world, owner, friend, herRefused } = open();
  const note_id = write();
  notes("share_note", { note_id, email: friend.email });
  const own = world.rows(noteShare, owner).filter((row) => row.owner === owner);
  assert.equal(all("list_shares").length, own.length);
  const hers = own.filter((row) => row.email === friend.email).length;
  assert.equal(all("list_shares", { email: friend.email }).length, hers);
  herRefused(403, /not yours/, "list_shares", { note_id });
});

Deno.test("export_note() saves title, body and items as a file, and replaces only when told", () => {
  const { world, as, people } = openApps("mid");
  const [user] = people;
  assert.ok(user !== undefined);
  const me = as(user);
  const note_id = Number((me("foldnote", "add_note", { title: "Boat / plan", body: "one" }) as Row)["note_id"]);
  const { item_id = 0 } = me("foldnote", "add_item", { note_id, text: "sail" }) as Row;
  me("foldnote", "tick_item", { item_id });
  me("foldnote", "add_item", { note_id, text: "anchor" });
  const { file_id = 0 } = me("foldnote", "export_note", { note_id }) as Row;
  const saved = world.get(file, Number(file_id));
  assert.deepEqual([saved?.folder, saved?.name], ["/inbox", "Boat - plan.txt"]);
  assert.equal(saved?.text, "Boat / plan\n\none\n[x] sail\n[ ] anchor");
  assert.equal(refusal(() => me("foldnote", "export_note", { note_id })).status, 409);
  assert.equal((me("foldnote", "export_note", { note_id, replace: true }) as Row)["file_id"], file_id);
  const { file_id: other = 0 } = me("foldnote", "export_note", { note_id, path: "/boats/plan.txt" }) as Row;
  assert.equal(world.get(file, Number(other))?.folder, "/boats");
});

Deno.test("export_note() needs a token of the file store", () => {
  const { call, world, user } = openApps("mid");
  const [member] = world.rows(foldnoteMember, user.email);
  const { body } = call("foldnote", "log_in", { user: user.email, password: member?.password ?? "" });
  const token = (body as { token: string }).token;
  const [first] = world.rows(note, user.email);
  assert.equal(call("foldnote", "export_note", { token, note_id: first?.id ?? 0 }).status, 401);
});
