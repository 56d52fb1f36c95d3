import assert from "node:assert/strict";
import { quillpost } from "../../../../envs/apps/apps/quillpost/mod.ts";
import {
  awayNote,
  draft,
  enclosure,
  letter,
  letterCopy,
  mailMember,
  mailTagLink,
  sortRule,
} from "../../../../envs/apps/apps/quillpost/tables.ts";
import { sendAppLetter, sendLetter } from "../../../../envs/apps/apps/effects/letters.ts";
import { file } from "../../../../envs/apps/apps/stowbox/tables.ts";
import { addDays } from "../../../../envs/apps/calendar.ts";
import type { Row } from "../_app_kit.ts";
import { openMail } from "./_quillpost_kit.ts";

type Mail = ReturnType<typeof openMail>;

/** A letter that has just come from the friend. @returns its id. */
function received({ as, friend, user }: Mail, subject = "Hello", body = "Hello there."): number {
  return Number(as(friend)("send_letter", { to: [user.email], subject, body })["letter_id"]);
}

function get({ mail }: Mail, id: number): Row {
  return mail("get_letter", { letter_id: id });
}

function bodyOf({ world }: Mail, owner: string, body: string): string {
  const signature = world.rows(mailMember, owner)[0]?.signature ?? "";
  return signature === "" ? body : `${body}\n\n--\n${signature}`;
}

Deno.test("quillpost has the 56 APIs of the mail client, and 11 tables", () => {
  assert.equal(quillpost.apis.length, 56);
  assert.equal(new Set(quillpost.apis.map(({ name }) => name)).size, 56);
  assert.equal(quillpost.tables.length, 11);
});

Deno.test("edit_account() sets the signature, which is put below letters", () => {
  const apps = openMail();
  apps.refused(422, /nothing to change/, "edit_account");
  apps.mail("edit_account", { signature: "Yours\nA" });
  assert.equal(apps.mail("get_account")["signature"], "Yours\nA");
  const id = apps.mail("send_letter", { to: [apps.friend.email], subject: "S", body: "B" })["letter_id"];
  assert.equal(get(apps, Number(id))["body"], "B\n\n--\nYours\nA");
  apps.mail("edit_account", { signature: "" });
  const plain = apps.mail("send_letter", { to: [apps.friend.email], subject: "S", body: "B" })["letter_id"];
  assert.equal(get(apps, Number(plain))["body"], "B");
});

Deno.test("send_letter() gives every member a copy, and keeps unknown addresses", () => {
  const apps = openMail();
  const { user, friend, third } = apps;
  const to = [third.email, "who@nowhere.test", friend.email].sort();
  const { letter_id } = apps.mail("send_letter", { to, cc: [friend.email], subject: "Plan", body: "Now." });
  const shown = get(apps, Number(letter_id));
  assert.deepEqual([shown["to"], shown["cc"], shown["folder"], shown["seen"]], [to, [], "sent", true]);
  assert.equal(shown["body"], bodyOf(apps, user.email, "Now."));
  const copies = apps.world.rowsWhere(letterCopy, "letter_id", Number(letter_id));
  assert.deepEqual(
    copies.map(({ owner, folder, seen }) => [owner, folder, seen]).sort(),
    [
      [friend.email, "inbox", false],
      [third.email, "inbox", false],
      [user.email, "sent", true],
    ].sort(),
  );
  apps.refused(422, /nobody would get/, "send_letter", { subject: "S", body: "B" });
  apps.refused(422, /subject/, "send_letter", { to, subject: " ", body: "B" });
});

Deno.test("send_letter() to oneself makes one copy, in the inbox", () => {
  const apps = openMail();
  const { letter_id } = apps.mail("send_letter", { to: [apps.user.email], subject: "Note", body: "To me." });
  const copies = apps.world.rowsWhere(letterCopy, "letter_id", Number(letter_id));
  assert.deepEqual(copies.map(({ folder, seen }) => [folder, seen]), [["inbox", false]]);
  apps.mail("move_to_bin", { letter_id: letter_id ?? 0 });
  apps.mail("restore", { letter_id: letter_id ?? 0 });
  assert.equal(get(apps, Number(letter_id))["folder"], "inbox");
});

Deno.test("send_letter() goes to the members of a group", () => {
  const apps = openMail();
  const members = [apps.friend.email, apps.third.email].sort();
  const { group_id } = apps.mail("add_group", { name: "Trio", members });
  const { letter_id } = apps.mail("send_letter", { group_id: group_id ?? 0, subject: "S", body: "B" });
  assert.deepEqual(get(apps, Number(letter_id))["to"], members);
  apps.refused(404, /No group/, "send_letter", { group_id: 99_999, subject: "S", body: "B" });
});

Deno.test("get_letter() shows own letters only and does not mark them as seen", () => {
  const apps = openMail();
  const id = received(apps);
  assert.equal(get(apps, id)["seen"], false);
  assert.equal(get(apps, id)["seen"], false);
  const foreign = Number(
    apps.as(apps.friend)("send_letter", { to: [apps.third.email], subject: "S", body: "B" })["letter_id"],
  );
  apps.refused(403, /not yours to read/, "get_letter", { letter_id: foreign });
  apps.refused(404, /No letter/, "get_letter", { letter_id: 9_999_999 });
});

Deno.test("flags of a letter are set and taken away, and refused twice", () => {
  const apps = openMail();
  const letter_id = received(apps);
  for (const [on, off, flag] of [["mark_seen", "mark_unseen", "seen"], ["star", "unstar", "starred"]] as const) {
    apps.refused(409, /it is not/, off, { letter_id });
    apps.mail(on, { letter_id });
    assert.equal(get(apps, letter_id)[flag], true);
    apps.refused(409, /already/, on, { letter_id });
    if (flag === "starred") assert.ok(apps.all("list_starred").some((row) => row["letter_id"] === letter_id));
    apps.mail(off, { letter_id });
    assert.equal(get(apps, letter_id)[flag], false);
  }
  apps.refused(404, /No letter/, "star", { letter_id: 9_999_999 });
});

Deno.test("find_letters() filters by folder, people, flags, files and days", () => {
  const apps = openMail();
  const id = received(apps, "Zanzibar plan", "About the zanzibar.");
  const everything = apps.all("find_letters");
  const times = everything.map((row) => String(row["sent_at"]));
  assert.deepEqual(times, [...times].sort().reverse());
  assert.ok(everything.every((row) => row["folder"] !== "bin"));
  const today = apps.world.at.slice(0, 10);
  const only = (args: Record<string, string | boolean | number>) =>
    apps.all("find_letters", args).map((row) => row["letter_id"]);
  assert.ok(only({ from: apps.friend.email, since: today }).includes(id));
  assert.deepEqual(only({ since: addDays(today, 1) }), []);
  assert.ok(!only({ until: addDays(today, -1) }).includes(id));
  assert.ok(only({ to: apps.user.email, seen: false }).includes(id));
  assert.ok(!only({ seen: true }).includes(id));
  assert.ok(!only({ starred: true }).includes(id));
  assert.ok(!only({ enclosed: true }).includes(id));
  assert.ok(!only({ folder: "sent" }).includes(id));
  assert.deepEqual(only({ conversation_id: Number(get(apps, id)["conversation_id"]) }), [id]);
  assert.equal(apps.rows("find_letters", { q: "zanzibar" })[0]?.["letter_id"], id);
  assert.equal(apps.all("find_letters", { q: "zanzibar" }).length, everything.length);
  const subjects = apps.all("find_letters", { order: "+subject" }).map((row) => String(row["subject"]));
  assert.deepEqual(subjects, [...subjects].sort());
  apps.refused(404, /No folder with name Attic/, "find_letters", { folder: "Attic" });
});

Deno.test("reply() answers the sender within the conversation; reply_all() everybody else", () => {
  const apps = openMail();
  const { user, friend, third } = apps;
  const sent = apps.as(friend)("send_letter", { to: [third.email, user.email], subject: "Lunch", body: "Who?" });
  const letter_id = Number(sent["letter_id"]);
  const answer = get(apps, Number(apps.mail("reply", { letter_id, body: "Me." })["letter_id"]));
  assert.deepEqual([answer["to"], answer["subject"], answer["reply_to"]], [[friend.email], "Re: Lunch", letter_id]);
  assert.equal(answer["conversation_id"], get(apps, letter_id)["conversation_id"]);
  const wide = get(apps, Number(apps.mail("reply_all", { letter_id, body: "Me." })["letter_id"]));
  assert.deepEqual(wide["to"], [friend.email, third.email].sort());
  const again = get(
    apps,
    Number(apps.mail("reply", { letter_id: Number(answer["letter_id"]), body: "And?" })["letter_id"]),
  );
  assert.deepEqual([again["to"], again["subject"]], [[friend.email], "Re: Lunch"]);
  apps.refused(404, /No letter/, "reply", { letter_id: 9_999_999, body: "B" });
});

Deno.test("forward() takes text and files along into a conversation of its own", () => {
  const apps = openMail();
  const { user, friend, third, world } = apps;
  const letter_id = sendLetter(world, {
    from: friend.email,
    to: [user.email],
    subject: "Map",
    body: "Here.",
    enclosures: [{ name: "map.txt", kind: "txt", text: "left, then right" }],
  });
  const { letter_id: id } = apps.mail("forward", { letter_id, to: [third.email], body: "See below." });
  const shown = get(apps, Number(id));
  assert.equal(shown["subject"], "Fwd: Map");
  assert.match(String(shown["body"]), /^See below\.\n\n---- Forwarded letter ----\nFrom: .*\nSent: .*\n\nHere\./);
  assert.deepEqual((shown["enclosures"] as Row[]).map(({ name, text }) => [name, text]), [[
    "map.txt",
    "left, then right",
  ]]);
  assert.notEqual(shown["conversation_id"], get(apps, letter_id)["conversation_id"]);
  apps.refused(422, /to/, "forward", { letter_id, to: [] });
});

Deno.test("schedule_letter() makes a draft with a future time, and cancel_scheduled() takes the time away", () => {
  const apps = openMail();
  const mail = { to: [apps.friend.email], subject: "Later", body: "Hi." };
  const send_at = `${addDays(apps.world.at, 3)}T08:00:00`;
  apps.refused(422, /that time is over/, "schedule_letter", { ...mail, send_at: apps.world.at });
  const draft_id = Number(apps.mail("schedule_letter", { ...mail, send_at })["draft_id"]);
  assert.ok(apps.all("list_drafts", { scheduled: true }).some((row) => row["draft_id"] === draft_id));
  const later = `${addDays(apps.world.at, 4)}T08:00:00`;
  apps.mail("edit_draft", { draft_id, send_at: later });
  assert.equal(apps.mail("get_draft", { draft_id })["send_at"], later);
  apps.refused(409, /needs receivers/, "edit_draft", { draft_id, to: [] });
  apps.mail("cancel_scheduled", { draft_id });
  assert.equal(apps.mail("get_draft", { draft_id })["send_at"], null);
  apps.refused(409, /not scheduled/, "cancel_scheduled", { draft_id });
  apps.refused(409, /not scheduled/, "edit_draft", { draft_id, send_at: later });
});

Deno.test("a draft is begun, changed, given a file and sent, and is gone then", () => {
  const apps = openMail();
  const { friend, user, world } = apps;
  const draft_id = Number(apps.mail("add_draft")["draft_id"]);
  apps.refused(409, /no receivers/, "send_draft", { draft_id });
  apps.refused(422, /nothing to change/, "edit_draft", { draft_id });
  apps.mail("edit_draft", { draft_id, to: [friend.email], body: "Enclosed." });
  apps.refused(409, /no subject/, "send_draft", { draft_id });
  apps.mail("edit_draft", { draft_id, subject: "Paper" });
  const stored = world.rows(file, user.email).find(({ tree }) => tree === null);
  assert.ok(stored !== undefined);
  const path = `${stored.folder === "/" ? "" : stored.folder}/${stored.name}`;
  apps.mail("enclose_file", { draft_id, path });
  apps.refused(409, /already/, "enclose_file", { draft_id, path });
  apps.refused(404, /No file/, "enclose_file", { draft_id, path: "/no/such.txt" });
  const letter_id = Number(apps.mail("send_draft", { draft_id })["letter_id"]);
  const shown = get(apps, letter_id);
  assert.equal(shown["subject"], "Paper");
  assert.deepEqual((shown["enclosures"] as Row[]).map(({ text }) => text), [stored.text]);
  assert.equal(world.get(draft, draft_id), undefined);
  assert.deepEqual(world.rowsWhere(enclosure, "draft_id", draft_id), []);
  apps.refused(404, /No draft/, "send_draft", { draft_id });
  const foreign = Number(apps.as(friend)("add_draft", { subject: "Mine" })["draft_id"]);
  apps.refused(403, /not yours/, "get_draft", { draft_id: foreign });
});

Deno.test("remove_draft() throws a draft away with its files; add_draft() may answer a letter", () => {
  const apps = openMail();
  const id = received(apps, "Question");
  const draft_id = Number(
    apps.mail("add_draft", {
      to: [apps.friend.email],
      subject: "Re: Question",
      body: "Yes.",
      reply_to: id,
    })["draft_id"],
  );
  const sent = get(apps, Number(apps.mail("send_draft", { draft_id })["letter_id"]));
  assert.deepEqual([sent["reply_to"], sent["conversation_id"]], [id, get(apps, id)["conversation_id"]]);
  const other = Number(apps.mail("add_draft", { subject: "Old" })["draft_id"]);
  apps.world.insert(enclosure, { letter_id: null, draft_id: other, name: "a.txt", kind: "txt", size: 1, text: "a" });
  apps.mail("remove_draft", { draft_id: other });
  assert.deepEqual(apps.world.rowsWhere(enclosure, "draft_id", other), []);
  apps.refused(404, /No draft/, "remove_draft", { draft_id: other });
});

Deno.test("letters are moved, archived, binned, restored and purged", () => {
  const apps = openMail();
  const letter_id = received(apps);
  const folder = () => get(apps, letter_id)["folder"];
  apps.mail("move_to_folder", { letter_id, folder: "Keep" });
  assert.equal(folder(), "Keep");
  assert.ok(apps.all("list_folders").some((row) => row["folder"] === "Keep" && row["unseen"] === true));
  apps.refused(409, /in Keep already/, "move_to_folder", { letter_id, folder: "Keep" });
  for (const no of ["bin", "sent", "snoozed"]) {
    apps.refused(422, /not moved to/, "move_to_folder", { letter_id, folder: no });
  }
  apps.refused(409, /not in the archive/, "unarchive", { letter_id });
  apps.mail("archive", { letter_id });
  apps.refused(409, /already/, "archive", { letter_id });
  apps.mail("unarchive", { letter_id });
  assert.equal(folder(), "inbox");
  apps.refused(409, /not in the bin/, "restore", { letter_id });
  apps.refused(409, /not in the bin/, "purge", { letter_id });
  apps.mail("move_to_bin", { letter_id });
  apps.refused(409, /already/, "move_to_bin", { letter_id });
  apps.mail("restore", { letter_id });
  apps.mail("move_to_bin", { letter_id });
  apps.mail("purge", { letter_id });
  apps.refused(403, /not yours/, "get_letter", { letter_id });
  assert.equal(apps.as(apps.friend)("get_letter", { letter_id })["folder"], "sent");
});

Deno.test("a sent letter that was binned goes back to the sent ones", () => {
  const apps = openMail();
  const { letter_id } = apps.mail("send_letter", { to: [apps.friend.email], subject: "S", body: "B" });
  apps.mail("move_to_bin", { letter_id: letter_id ?? 0 });
  apps.mail("restore", { letter_id: letter_id ?? 0 });
  assert.equal(get(apps, Number(letter_id))["folder"], "sent");
  apps.refused(409, /in sent already/, "move_to_folder", { letter_id: letter_id ?? 0, folder: "sent" });
});

Deno.test("snooze() hides a letter of the inbox until its time", () => {
  const apps = openMail();
  const letter_id = received(apps);
  const until = `${addDays(apps.world.at, 2)}T09:00:00`;
  apps.refused(422, /that time is over/, "snooze", { letter_id, until: apps.world.at });
  apps.refused(409, /not snoozed/, "unsnooze", { letter_id });
  apps.mail("snooze", { letter_id, until });
  apps.refused(409, /until then already/, "snooze", { letter_id, until });
  assert.equal(get(apps, letter_id)["folder"], "snoozed");
  const inFolder = (folder: string) =>
    apps.all("find_letters", { folder }).some((row) => row["letter_id"] === letter_id);
  assert.deepEqual([inFolder("inbox"), inFolder("snoozed")], [false, true]);
  apps.world.during(addDays(until, 1) + "T00:00:00", () => assert.equal(inFolder("inbox"), true));
  apps.mail("unsnooze", { letter_id });
  assert.equal(inFolder("inbox"), true);
  apps.mail("snooze", { letter_id, until });
  apps.mail("archive", { letter_id });
  assert.equal(get(apps, letter_id)["snoozed_until"], null);
  apps.refused(409, /not in the inbox/, "snooze", { letter_id, until });
});

Deno.test("conversations are listed with their last letter and tags, and found by tag", () => {
  const apps = openMail();
  const id = received(apps, "Quinces");
  const conversation_id = Number(get(apps, id)["conversation_id"]);
  apps.mail("reply", { letter_id: id, body: "Yes." });
  const tag_id = Number(apps.mail("add_tag", { name: "fruit" })["tag_id"]);
  apps.mail("tag_conversation", { conversation_id, tag_id });
  apps.refused(409, /has that tag already/, "tag_conversation", { conversation_id, tag_id });
  const found = apps.all("list_conversations", { tag_id });
  assert.deepEqual(found.map((row) => [row["conversation_id"], row["last_from"], row["unseen"], row["tags"]]), [
    [conversation_id, apps.user.email, true, ["fruit"]],
  ]);
  assert.deepEqual(apps.all("list_conversations", { tag_id, folder: "inbox" }).map((row) => row["last_from"]), [
    apps.friend.email,
  ]);
  assert.ok(apps.all("list_conversations", { unseen: true }).every((row) => row["unseen"] === true));
  assert.equal(apps.rows("list_conversations", { q: "quinces" })[0]?.["conversation_id"], conversation_id);
  const shown = apps.mail("get_conversation", { conversation_id });
  assert.deepEqual(shown["people"], [apps.friend.email, apps.user.email]);
  assert.deepEqual(shown["tags"], [{ tag_id, name: "fruit" }]);
  apps.refused(404, /No conversation/, "get_conversation", { conversation_id: 9_999_999 });
  apps.mail("untag_conversation", { conversation_id, tag_id });
  apps.refused(409, /does not have/, "untag_conversation", { conversation_id, tag_id });
  const foreign = Number(
    apps.as(apps.friend)("send_letter", { to: [apps.third.email], subject: "S", body: "B" })["letter_id"],
  );
  const other = apps.world.get(letter, foreign)?.conversation_id ?? 0;
  apps.refused(403, /not yours/, "get_conversation", { conversation_id: other });
  apps.refused(403, /not yours/, "tag_conversation", { conversation_id: other, tag_id });
});

Deno.test("tags are private, renamed and removed with their links and rules", () => {
  const apps = openMail();
  const tag_id = Number(apps.mail("add_tag", { name: "odd" })["tag_id"]);
  apps.refused(409, /name taken/, "add_tag", { name: "odd" });
  apps.as(apps.friend)("add_tag", { name: "odd" });
  const rule_id = Number(
    apps.mail("add_rule", { field: "subject", contains: "odd", action: "tag", value: "odd" })["rule_id"],
  );
  apps.mail("rename_tag", { tag_id, name: "even" });
  assert.equal(apps.world.get(sortRule, rule_id)?.value, "even");
  apps.refused(409, /name taken/, "rename_tag", { tag_id, name: "even" });
  const id = received(apps, "Odd thing");
  assert.equal(apps.world.rowsWhere(mailTagLink, "tag_id", tag_id).length, 1);
  assert.ok(apps.all("list_tags").some((row) => row["name"] === "even"));
  apps.mail("remove_tag", { tag_id });
  assert.deepEqual(apps.world.rowsWhere(mailTagLink, "tag_id", tag_id), []);
  assert.equal(apps.world.get(sortRule, rule_id), undefined);
  apps.refused(404, /No tag/, "remove_tag", { tag_id });
  const conversation_id = Number(get(apps, id)["conversation_id"]);
  apps.refused(404, /No tag/, "tag_conversation", { conversation_id, tag_id });
  const foreign = Number(apps.as(apps.friend)("add_tag", { name: "hers" })["tag_id"]);
  apps.refused(403, /not yours/, "rename_tag", { tag_id: foreign, name: "x" });
});

Deno.test("enclosures are listed, saved in the file store, and taken out of drafts only", () => {
  const apps = openMail();
  const { world, user, friend, third } = apps;
  const enclosed = { name: "note.txt", kind: "txt", text: "buy milk" };
  const send = (from: string, to: string) =>
    sendLetter(world, { from, to: [to], subject: "S", body: "B", enclosures: [enclosed] });
  const letter_id = send(friend.email, user.email);
  const [row] = apps.rows("list_enclosures", { letter_id });
  assert.deepEqual([row?.["name"], row?.["size"], row?.["draft_id"]], ["note.txt", 8, null]);
  assert.ok(apps.all("list_enclosures").some((one) => one["letter_id"] === letter_id));
  assert.ok(apps.all("list_enclosures", { kind: "pdf" }).every((one) => one["kind"] === "pdf"));
  const enclosure_id = Number(row?.["enclosure_id"]);
  apps.mail("save_enclosure", { enclosure_id, folder: "/notes/new", name: "milk.txt" });
  const saved = () =>
    world.rows(file, user.email).find((one) => one.folder === "/notes/new" && one.name === "milk.txt");
  assert.equal(saved()?.text, "buy milk");
  apps.refused(409, /path exists/, "save_enclosure", { enclosure_id, folder: "/notes/new", name: "milk.txt" });
  apps.mail("save_enclosure", { enclosure_id, folder: "/notes/new", name: "milk.txt", replace: true });
  apps.refused(409, /has been sent/, "remove_enclosure", { enclosure_id });
  const foreign = world.rowsWhere(enclosure, "letter_id", send(friend.email, third.email))[0]?.id ?? 0;
  apps.refused(403, /not yours/, "save_enclosure", { enclosure_id: foreign });
  apps.refused(404, /No enclosure/, "remove_enclosure", { enclosure_id: 9_999_999 });
  const draft_id = Number(apps.mail("add_draft", { subject: "D" })["draft_id"]);
  const inDraft = world.insert(enclosure, {
    letter_id: null,
    draft_id,
    name: "x.txt",
    kind: "txt",
    size: 1,
    text: "x",
  });
  assert.deepEqual(apps.rows("list_enclosures", { draft_id }).map((one) => one["name"]), ["x.txt"]);
  apps.mail("remove_enclosure", { enclosure_id: inDraft.id });
  assert.deepEqual(apps.rows("list_enclosures", { draft_id }), []);
});

Deno.test("sort rules act on new letters only, in their order", () => {
  const apps = openMail();
  const before = received(apps, "Invoice 1");
  apps.mail("add_rule", { field: "subject", contains: "INVOICE", action: "move", value: "Bills" });
  apps.mail("add_rule", { field: "subject", contains: "invoice", action: "star" });
  apps.mail("add_rule", { field: "from", contains: apps.friend.email, action: "seen" });
  const after = received(apps, "Invoice 2");
  const state = (id: number) => [get(apps, id)["folder"], get(apps, id)["starred"], get(apps, id)["seen"]];
  assert.deepEqual(state(before), ["inbox", false, false]);
  assert.deepEqual(state(after), ["Bills", true, true]);
  apps.mail("add_rule", { field: "body", contains: "gold", action: "move", value: "bin" });
  assert.equal(get(apps, received(apps, "Hi", "Cheap gold."))["folder"], "bin");
});

Deno.test("sort rules act on letters of apps, and are the receiver's alone", () => {
  const apps = openMail();
  apps.mail("add_rule", { field: "from", contains: "post@marlo.test", action: "move", value: "archive" });
  const id = sendAppLetter(apps.world, "marlo", apps.user.email, "Receipt", "Total: 1.00");
  assert.equal(get(apps, id)["folder"], "archive");
  const other = sendAppLetter(apps.world, "marlo", apps.friend.email, "Receipt", "Total: 1.00");
  assert.equal(apps.as(apps.friend)("get_letter", { letter_id: other })["folder"], "inbox");
});

Deno.test("rules are checked, changed and removed", () => {
  const apps = openMail();
  const rule = { field: "to", contains: "list", action: "move", value: "Lists" };
  const rule_id = Number(apps.mail("add_rule", rule)["rule_id"]);
  apps.refused(409, /one like it/, "add_rule", { ...rule, contains: "LIST" });
  apps.refused(404, /No tag with name none/, "add_rule", { ...rule, action: "tag", value: "none" });
  apps.refused(422, /cannot be moved/, "add_rule", { ...rule, value: "sent" });
  apps.refused(422, /takes none/, "add_rule", { ...rule, action: "star" });
  apps.refused(422, /nothing to change/, "edit_rule", { rule_id });
  apps.mail("edit_rule", { rule_id, contains: "team" });
  const shown = apps.all("list_rules").find((row) => row["rule_id"] === rule_id);
  assert.deepEqual([shown?.["field"], shown?.["contains"], shown?.["value"]], ["to", "team", "Lists"]);
  apps.refused(404, /No tag/, "edit_rule", { rule_id, action: "tag" });
  apps.mail("remove_rule", { rule_id });
  apps.refused(404, /No rule/, "remove_rule", { rule_id });
  const foreign = Number(apps.as(apps.friend)("add_rule", rule)["rule_id"]);
  apps.refused(403, /not yours/, "remove_rule", { rule_id: foreign });
});

Deno.test("groups have a name of their own and sorted members", () => {
  const apps = openMail();
  const { friend, third } = apps;
  const members = [third.email, friend.email];
  const group_id = Number(apps.mail("add_group", { name: "Pair", members })["group_id"]);
  const shown = () => apps.all("list_groups").find((row) => row["group_id"] === group_id);
  assert.deepEqual(shown()?.["members"], [...members].sort());
  apps.refused(409, /name taken/, "add_group", { name: "Pair", members });
  apps.refused(422, /nothing to change/, "edit_group", { group_id });
  apps.mail("edit_group", { group_id, name: "One", members: [third.email] });
  assert.deepEqual([shown()?.["name"], shown()?.["members"]], ["One", [third.email]]);
  apps.mail("remove_group", { group_id });
  apps.refused(404, /No group/, "remove_group", { group_id });
  const foreign = Number(apps.as(friend)("add_group", { name: "Hers", members })["group_id"]);
  apps.refused(403, /not yours/, "edit_group", { group_id: foreign, name: "Mine" });
});

Deno.test("set_away_note() keeps what is left out, and needs text and days when it is turned on", () => {
  const apps = openMail();
  const [row] = apps.world.rows(awayNote, apps.user.email);
  assert.ok(row !== undefined);
  apps.world.update(awayNote, row.id, { on: false, text: "", from_day: "", until_day: "" });
  assert.deepEqual(apps.mail("get_away_note"), { on: false, text: "", from_day: null, until_day: null });
  apps.refused(422, /text: it is missing/, "set_away_note", { on: true });
  const note = { text: "Away.", from_day: "2027-04-01", until_day: "2027-04-09" };
  apps.refused(422, /before from_day/, "set_away_note", { on: true, ...note, until_day: "2027-03-01" });
  apps.mail("set_away_note", { on: true, ...note });
  apps.mail("set_away_note", { on: false });
  assert.deepEqual(apps.mail("get_away_note"), { on: false, ...note });
  apps.world.remove(awayNote, row.id);
  assert.equal(apps.mail("get_away_note")["on"], false);
  apps.mail("set_away_note", { on: true, ...note });
  assert.deepEqual(apps.mail("get_away_note"), { on: true, ...note });
});

Deno.test("an away note answers each person once, within its days, and never an app or another away note", () => {
  const apps = openMail();
  const { world, user, friend } = apps;
  const today = world.at.slice(0, 10);
  for (const person of [user, friend]) {
    apps.as(person)("set_away_note", { on: true, text: `Away: ${person.name}`, from_day: today, until_day: today });
  }
  const start = world.rows(letter).length;
  received(apps, "One");
  const [, answer, ...more] = world.rows(letter).slice(start);
  assert.deepEqual(more, []);
  assert.deepEqual([answer?.from, answer?.to, answer?.subject], [user.email, [friend.email], "Away: One"]);
  assert.equal(answer?.body, `Away: ${user.name}`);
  received(apps, "Two");
  sendAppLetter(world, "marlo", user.email, "Receipt", "Total: 1.00");
  assert.equal(world.rows(letter).length, start + 4);
  apps.mail("send_letter", { to: [friend.email], subject: "Three", body: "B" });
  assert.equal(world.rows(letter).at(-1)?.from, friend.email);
  assert.equal(world.rows(letter).length, start + 6);
  world.during(addDays(today, 1) + "T08:00:00", () => {
    apps.as(apps.third)("send_letter", { to: [user.email], subject: "Four", body: "B" });
  });
  assert.equal(world.rows(letter).length, start + 7);
});
