import assert from "node:assert/strict";
import { handset } from "../../../../envs/apps/apps/handset/mod.ts";
import {
  alarm,
  blockedNumber,
  callEntry,
  contact,
  handsetMember,
  textCopy,
  timer,
  voiceClip,
  voiceCopy,
} from "../../../../envs/apps/apps/handset/tables.ts";
import { spokenSeconds } from "../../../../envs/apps/apps/handset/voice.ts";
import { APP_NUMBER, sendText } from "../../../../envs/apps/apps/effects/texts.ts";
import type { Table } from "../../../../envs/apps/schema.ts";
import { appCalls, type Row } from "../_app_kit.ts";
import { openApps } from "../_kit.ts";

const UNKNOWN = "611-555-0100";
const TOMORROW = "2027-03-16T08:00:00";

/** A fresh world, calls that check shapes of results, and refusals, as the user or as a friend. */
function open() {
  const apps = openApps("tiny");
  const [, friend, third] = apps.people;
  assert.ok(friend !== undefined && third !== undefined);
  const { one: phone, rows: list, all, refused } = appCalls(apps.me, handset);
  const foreign = (spec: Table) => {
    const row = apps.world.rows(spec).find((one) => one["owner"] !== apps.user.email);
    assert.ok(row !== undefined);
    return row.id;
  };
  return {
    ...apps,
    friend,
    third,
    phone,
    list,
    all,
    refused,
    foreign,
    hers: appCalls(apps.as(friend), handset).one,
    owner: apps.user.email,
  };
}

Deno.test("handset has 46 APIs, and lists that can be paged, searched and ordered", () => {
  assert.equal(handset.apis.length, 46);
  assert.equal(new Set(handset.apis.map(({ name }) => name)).size, 46);
  const lists = handset.apis.flatMap(({ list }) => list ?? []);
  assert.ok(lists.length >= 10);
  assert.ok(lists.filter(({ orders }) => orders.length > 0).length >= 9);
});

Deno.test("now() is the frozen date and time", () => {
  const { phone, world } = open();
  assert.deepEqual(phone("now"), { at: world.at });
});

Deno.test("list_contacts() filters by tie and favourite, and orders by name", () => {
  const { all, list, world, owner } = open();
  const rows = world.rows(contact, owner);
  assert.equal(all("list_contacts").length, rows.length);
  const tie = rows.flatMap(({ ties }) => ties)[0] ?? "";
  assert.equal(all("list_contacts", { tie }).length, rows.filter(({ ties }) => ties.includes(tie)).length);
  assert.equal(all("list_contacts", { favourite: true }).length, rows.filter(({ favourite }) => favourite).length);
  const names = list("list_contacts", { order: "-name" }).map(({ name }) => name);
  assert.deepEqual(names, rows.map(({ name }) => name).sort().reverse().slice(0, 5));
});

Deno.test("find_contacts() puts matches first and keeps all others", () => {
  const { all, world, owner } = open();
  const rows = world.rows(contact, owner);
  const last = rows.at(-1)?.name ?? "";
  const found = all("find_contacts", { q: last });
  assert.equal(found[0]?.["name"], last);
  assert.equal(found.length, rows.length);
});

Deno.test("list_ties() gives each tie once, sorted", () => {
  const { phone, world, owner } = open();
  const ties = phone("list_ties") as unknown as string[];
  assert.deepEqual(ties, [...new Set(world.rows(contact, owner).flatMap((row) => row.ties))].sort());
});

Deno.test("add_contact() makes a contact that get_contact() shows with its address", () => {
  const { phone, refused } = open();
  const { contact_id = 0 } = phone("add_contact", {
    name: "Nel Brook",
    number: UNKNOWN,
    birthday: "1990-04-01",
    address: "Mill Bank 3",
    ties: ["friend"],
  });
  assert.deepEqual(phone("get_contact", { contact_id }), {
    contact_id,
    name: "Nel Brook",
    email: null,
    number: UNKNOWN,
    birthday: "1990-04-01",
    ties: ["friend"],
    address: "Mill Bank 3",
    favourite: false,
  });
  refused(422, /name: it is missing/, "add_contact", {});
  refused(422, /email: got "nobody"/, "add_contact", { name: "Nel", email: "nobody" });
  refused(422, /birthday: got "1990-02-30"/, "add_contact", { name: "Nel", birthday: "1990-02-30" });
});

Deno.test("edit_contact() changes what is given and nothing else", () => {
  const { phone, refused, foreign, world, owner } = open();
  const before = world.rows(contact, owner)[2];
  assert.ok(before !== undefined);
  phone("edit_contact", { contact_id: before.id, number: UNKNOWN, address: "Mill Bank 4" });
  assert.deepEqual(world.get(contact, before.id), { ...before, number: UNKNOWN, address: "Mill Bank 4" });
  refused(422, /nothing to change/, "edit_contact", { contact_id: before.id });
  refused(403, /not yours to change/, "edit_contact", { contact_id: foreign(contact), number: UNKNOWN });
  refused(404, /No contact with id 999999/, "edit_contact", { contact_id: 999999, number: UNKNOWN });
});

Deno.test("remove_contact() and mark_favourite() act on own contacts only", () => {
  const { phone, refused, foreign, world, owner } = open();
  const [first] = world.rows(contact, owner);
  assert.ok(first !== undefined);
  phone("mark_favourite", { contact_id: first.id, on: !first.favourite });
  assert.equal(world.get(contact, first.id)?.favourite, !first.favourite);
  phone("remove_contact", { contact_id: first.id });
  assert.equal(world.get(contact, first.id), undefined);
  refused(404, /No contact/, "remove_contact", { contact_id: first.id });
  for (const api of ["get_contact", "remove_contact"]) refused(403, /not yours/, api, { contact_id: foreign(contact) });
  refused(403, /not yours/, "mark_favourite", { contact_id: foreign(contact), on: true });
});

Deno.test("send_text() gives both sides a copy, and the receiver sees it unseen", () => {
  const { phone, hers, world, user, friend, owner } = open();
  const { text_id = 0 } = phone("send_text", { number: friend.number, text: "Hello there" });
  const sent = world.get(textCopy, Number(text_id));
  assert.deepEqual([sent?.owner, sent?.direction, sent?.seen], [owner, "out", true]);
  const [got] = hers("list_texts", { number: user.number, size: 1 }) as unknown as Row[];
  assert.deepEqual([got?.["text"], got?.["from"], got?.["to"], got?.["seen"]], [
    "Hello there",
    user.number,
    friend.number,
    false,
  ]);
});

Deno.test("send_text() writes one copy when nobody has the number", () => {
  const { phone, world } = open();
  const before = world.rows(textCopy).length;
  phone("send_text", { number: UNKNOWN, text: "Anyone?" });
  assert.equal(world.rows(textCopy).length, before + 1);
});

Deno.test("send_text() is refused where the receiver has blocked the sender, and to numbers that one has blocked oneself", () => {
  const { phone, hers, refused, friend, user } = open();
  hers("block_number", { number: user.number });
  refused(409, /Cannot text .*: you are blocked there/, "send_text", { number: friend.number, text: "Hi" });
  refused(409, /blocked there/, "send_voice_clip", { number: friend.number, transcript: "Hi" });
  phone("block_number", { number: UNKNOWN });
  refused(409, /you have blocked it/, "send_text", { number: UNKNOWN, text: "Hi" });
  refused(409, /your own number/, "send_text", { number: user.number, text: "Me" });
});

Deno.test("sendText() of an app reaches the receiver and leaves no copy of a sender", () => {
  const { world, user, owner } = open();
  const before = world.rows(textCopy).length;
  assert.equal(sendText(world, APP_NUMBER, user.number, "Your code is 1"), 0);
  assert.equal(world.rows(textCopy).length, before + 1);
  assert.equal(world.rows(textCopy, owner).at(-1)?.text, "Your code is 1");
});

Deno.test("list_texts() is newest first and filters by number, direction, seen and day", () => {
  const { all, list, world, owner } = open();
  const rows = world.rows(textCopy, owner).filter(({ hidden }) => !hidden);
  const shown = all("list_texts");
  assert.equal(shown.length, rows.length);
  const times = shown.map(({ at }) => String(at));
  assert.deepEqual(times, [...times].sort().reverse());
  assert.equal(all("list_texts", { direction: "in" }).length, rows.filter((row) => row.direction === "in").length);
  assert.equal(all("list_texts", { seen: false }).length, rows.filter(({ seen }) => !seen).length);
  const day = String(times[7]).slice(0, 10);
  assert.deepEqual(
    all("list_texts", { since: day, until: day }).map(({ at }) => at),
    times.filter((at) => at.startsWith(day)),
  );
  assert.deepEqual(list("list_texts", { order: "+at", size: 3 }).map(({ at }) => at), [...times].sort().slice(0, 3));
});

Deno.test("find_texts() ranks by words", () => {
  const { phone, list, friend } = open();
  phone("send_text", { number: friend.number, text: "the zeppelin lands" });
  assert.equal(list("find_texts", { q: "zeppelin" })[0]?.["text"], "the zeppelin lands");
});

Deno.test("list_threads() has one entry a number with its newest text and the contact's name", () => {
  const { phone, all, list, world, owner, friend } = open();
  phone("send_text", { number: friend.number, text: "newest of all" });
  const numbers = new Set(world.rows(textCopy, owner).filter(({ hidden }) => !hidden).map(({ number }) => number));
  assert.equal(all("list_threads").length, numbers.size);
  const [first] = list("list_threads");
  assert.deepEqual([first?.["number"], first?.["last_text"]], [friend.number, "newest of all"]);
  const name = world.rows(contact, owner).find(({ number }) => number === friend.number)?.name ?? null;
  assert.equal(first?.["name"], name);
  assert.ok(all("list_threads", { unseen: true }).every(({ unseen }) => unseen === true));
});

Deno.test("mark_texts_seen() marks those received from a number, reading marks none", () => {
  const { phone, hers, all, refused, user, friend } = open();
  const { text_id = 0 } = hers("send_text", { number: user.number, text: "Look" });
  const mine = all("list_texts", { number: friend.number, direction: "in" })[0];
  assert.equal(phone("get_text", { text_id: mine?.["text_id"] ?? 0 })["seen"], false);
  phone("mark_texts_seen", { number: friend.number });
  assert.ok(all("list_texts", { number: friend.number, direction: "in" }).every(({ seen }) => seen === true));
  refused(404, /No text with number/, "mark_texts_seen", { number: "999-555-0100" });
  refused(403, /not yours to read/, "get_text", { text_id });
});

Deno.test("hide_text() and hide_thread() hide one's own copies only", () => {
  const { phone, hers, all, refused, friend, user, foreign } = open();
  const { text_id = 0 } = phone("send_text", { number: friend.number, text: "Oops" });
  phone("hide_text", { text_id });
  refused(404, /No text with id/, "hide_text", { text_id });
  refused(404, /No text with id/, "get_text", { text_id });
  refused(403, /not yours to hide/, "hide_text", { text_id: foreign(textCopy) });
  const [kept] = hers("list_texts", { number: user.number, size: 1 }) as unknown as Row[];
  assert.equal(kept?.["text"], "Oops");
  phone("send_text", { number: friend.number, text: "Again" });
  phone("hide_thread", { number: friend.number });
  assert.deepEqual(all("list_texts", { number: friend.number }), []);
  refused(404, /No text with number/, "hide_thread", { number: friend.number });
});

Deno.test("send_voice_clip() makes one clip with two copies, whose transcript needs get_voice_clip()", () => {
  const { phone, hers, list, world, friend, user } = open();
  const before = world.rows(voiceClip).length;
  const { clip_id = 0 } = phone("send_voice_clip", { number: friend.number, transcript: "one two three four five" });
  assert.equal(world.rows(voiceClip).length, before + 1);
  const [shown] = list("list_voice_clips", { direction: "out", size: 1 });
  assert.deepEqual([shown?.["clip_id"], shown?.["seconds"], shown?.["heard"]], [clip_id, 3, true]);
  assert.equal(shown?.["transcript"], undefined);
  const [got] = hers("list_voice_clips", { number: user.number, heard: false, size: 1 }) as unknown as Row[];
  assert.equal(hers("get_voice_clip", { clip_id: got?.["clip_id"] ?? 0 })["transcript"], "one two three four five");
});

Deno.test("spokenSeconds() counts two words a second, at least one second", () => {
  assert.deepEqual(["hi", "a b", "a b c", " a  b c d "].map(spokenSeconds), [1, 1, 2, 2]);
});

Deno.test("mark_clip_heard() works once, hide_voice_clip() hides one's own copy", () => {
  const { phone, hers, list, refused, user, foreign } = open();
  hers("send_voice_clip", { number: user.number, transcript: "hello" });
  const clip_id = Number(list("list_voice_clips", { direction: "in", size: 1 })[0]?.["clip_id"]);
  phone("mark_clip_heard", { clip_id });
  refused(409, /already heard/, "mark_clip_heard", { clip_id });
  phone("hide_voice_clip", { clip_id });
  for (const api of ["get_voice_clip", "hide_voice_clip", "mark_clip_heard"]) {
    refused(404, /No voice clip with id/, api, { clip_id });
    refused(403, /not yours/, api, { clip_id: foreign(voiceCopy) });
  }
  const [kept] = hers("list_voice_clips", { direction: "out", size: 1 }) as unknown as Row[];
  assert.equal(hers("get_voice_clip", { clip_id: kept?.["clip_id"] ?? 0 })["transcript"], "hello");
});

Deno.test("list_calls() filters by direction, number, missed and day, and orders by length", () => {
  const { all, list, world, owner } = open();
  const rows = world.rows(callEntry, owner);
  assert.equal(all("list_calls").length, rows.length);
  const number = rows[3]?.number ?? "";
  assert.equal(all("list_calls", { number }).length, rows.filter((row) => row.number === number).length);
  assert.equal(all("list_calls", { missed: true }).length, rows.filter(({ missed }) => missed).length);
  assert.equal(all("list_calls", { direction: "out" }).length, rows.filter((row) => row.direction === "out").length);
  const days = rows.map(({ at }) => at.slice(0, 10)).sort();
  const since = days[4] ?? "";
  assert.equal(all("list_calls", { since }).length, days.filter((day) => day >= since).length);
  assert.equal(all("list_calls", { until: since }).length, days.filter((day) => day <= since).length);
  assert.equal(
    list("list_calls", { order: "-seconds" })[0]?.["seconds"],
    Math.max(...rows.map(({ seconds }) => seconds)),
  );
});

Deno.test("get_call() and remove_call() act on own calls only", () => {
  const { phone, refused, foreign, world, owner } = open();
  const [call] = world.rows(callEntry, owner);
  assert.ok(call !== undefined);
  assert.equal(phone("get_call", { call_id: call.id })["number"], call.number);
  phone("remove_call", { call_id: call.id });
  refused(404, /No call with id/, "get_call", { call_id: call.id });
  for (const api of ["get_call", "remove_call"]) refused(403, /not yours/, api, { call_id: foreign(callEntry) });
});

Deno.test("add_alarm() sorts its days and is on; edit_alarm() changes what is given", () => {
  const { phone, refused } = open();
  const { alarm_id = 0 } = phone("add_alarm", { time: "06:45", label: "swim", days: ["fri", "mon"] });
  assert.deepEqual(phone("get_alarm", { alarm_id }), {
    alarm_id,
    time: "06:45",
    days: ["mon", "fri"],
    label: "swim",
    on: true,
  });
  phone("edit_alarm", { alarm_id, time: "07:00" });
  phone("edit_alarm", { alarm_id, days: [] });
  assert.deepEqual(phone("get_alarm", { alarm_id }), { alarm_id, time: "07:00", days: [], label: "swim", on: true });
  refused(422, /nothing to change/, "edit_alarm", { alarm_id });
  refused(422, /time: got "25:00"/, "add_alarm", { time: "25:00", label: "no" });
  refused(422, /days: got/, "add_alarm", { time: "05:00", label: "no", days: ["monday"] });
});

Deno.test("turn_alarm_on() and turn_alarm_off() refuse what is so already", () => {
  const { phone, refused, foreign } = open();
  const { alarm_id = 0 } = phone("add_alarm", { time: "06:45", label: "swim" });
  refused(409, /already on/, "turn_alarm_on", { alarm_id });
  phone("turn_alarm_off", { alarm_id });
  refused(409, /already off/, "turn_alarm_off", { alarm_id });
  phone("turn_alarm_on", { alarm_id });
  phone("remove_alarm", { alarm_id });
  refused(404, /No alarm/, "get_alarm", { alarm_id });
  for (const api of ["get_alarm", "turn_alarm_on", "turn_alarm_off", "remove_alarm"]) {
    refused(403, /not yours/, api, { alarm_id: foreign(alarm) });
  }
  refused(403, /not yours/, "edit_alarm", { alarm_id: foreign(alarm), label: "mine" });
});

Deno.test("list_alarms() filters by state and day, and orders by time", () => {
  const { all, world, owner } = open();
  const rows = world.rows(alarm, owner);
  assert.equal(all("list_alarms", { on: true }).length, rows.filter(({ on }) => on).length);
  assert.equal(all("list_alarms", { day: "mon" }).length, rows.filter(({ days }) => days.includes("mon")).length);
  assert.deepEqual(all("list_alarms", { order: "+time" }).map(({ time }) => time), rows.map(({ time }) => time).sort());
});

Deno.test("timers run until they end or are stopped", () => {
  const { phone, all, refused, world, owner } = open();
  const { timer_id = 0 } = phone("start_timer", { label: "tea", seconds: 187 });
  const row = world.get(timer, Number(timer_id));
  assert.equal(row?.ends_at, "2027-03-15T10:03:07");
  assert.ok(all("list_timers", { running: true }).some((shown) => shown["timer_id"] === timer_id));
  world.during(TOMORROW, () => refused(409, /does not run/, "stop_timer", { timer_id }));
  phone("stop_timer", { timer_id });
  refused(409, /does not run/, "stop_timer", { timer_id });
  assert.equal(all("list_timers", { running: false }).length, world.rows(timer, owner).length);
  refused(422, /seconds: got 0/, "start_timer", { label: "tea", seconds: 0 });
  refused(404, /No timer/, "stop_timer", { timer_id: 999999 });
});

Deno.test("block_number() and unblock_number() work once each", () => {
  const { phone, all, refused, world, owner, user } = open();
  phone("block_number", { number: UNKNOWN });
  assert.ok(all("list_blocked", { order: "+number" }).some(({ number }) => number === UNKNOWN));
  refused(409, /already blocked/, "block_number", { number: UNKNOWN });
  refused(409, /your own number/, "block_number", { number: user.number });
  phone("unblock_number", { number: UNKNOWN });
  assert.ok(world.rows(blockedNumber, owner).every(({ number }) => number !== UNKNOWN));
  refused(404, /No blocked number/, "unblock_number", { number: UNKNOWN });
});

Deno.test("set_quiet_hours() takes both times or none", () => {
  const { phone, refused } = open();
  phone("set_quiet_hours", { from: "22:15", to: "06:30" });
  assert.deepEqual(phone("get_quiet_hours"), { from: "22:15", to: "06:30" });
  refused(422, /to: it is missing/, "set_quiet_hours", { from: "22:15" });
  refused(422, /from: it is missing/, "set_quiet_hours", { to: "22:15" });
  refused(422, /to: it equals from/, "set_quiet_hours", { from: "22:15", to: "22:15" });
  phone("set_quiet_hours");
  assert.deepEqual(phone("get_quiet_hours"), { from: null, to: null });
});

Deno.test("account APIs of handset sign in by e-mail and change the account", () => {
  const { phone, call, list, user, world, owner, refused } = open();
  const [member] = world.rows(handsetMember, owner);
  assert.ok(member !== undefined);
  assert.equal(call("handset", "log_in", { user: user.email, password: "wrong" }).status, 401);
  const { body } = call("handset", "log_in", { user: user.email, password: member.password });
  const token = (body as { token: string }).token;
  assert.equal(call("handset", "get_account", { token }).status, 200);
  assert.equal(call("handset", "log_out", { token }).status, 200);
  assert.equal(call("handset", "get_account", { token }).status, 401);
  phone("edit_account", { name: "New Name" });
  assert.equal(phone("get_account")["name"], "New Name");
  refused(422, /nothing to change/, "edit_account");
  phone("change_password", { old_password: member.password, new_password: "fresh1" });
  assert.equal(call("handset", "log_in", { user: user.email, password: "fresh1" }).status, 200);
  assert.equal(list("find_members", { q: "New Name" })[0]?.["email"], user.email);
});
