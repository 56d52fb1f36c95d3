import assert from "node:assert/strict";
import { bankMove } from "../../../../envs/apps/apps/tuppence/tables.ts";
import { board, invite } from "../../../../envs/apps/apps/corkline/tables.ts";
import { purchase } from "../../../../envs/apps/apps/marlo/tables.ts";
import { login } from "../../../../envs/apps/apps/principal/tables.ts";
import {
  addressGroup,
  awayNote,
  conversation,
  draft,
  enclosure,
  letter,
  letterCopy,
  mailMember,
  mailTag,
  mailTagLink,
  sortRule,
} from "../../../../envs/apps/apps/quillpost/tables.ts";
import { meets } from "../../../../envs/apps/apps/effects/letters.ts";
import { addDays } from "../../../../envs/apps/calendar.ts";
import { WORLD_NOW } from "../../../../envs/apps/generate.ts";
import * as pools from "../../../../envs/apps/pools/quillpost.ts";
import { mailWorld } from "../apps/_quillpost_kit.ts";

const base = mailWorld();
const world = base.open(WORLD_NOW);
const members = world.rows(mailMember);
const letters = world.rows(letter);
const addresses = new Set(members.map(({ owner }) => owner));

Deno.test("writeQuillpost() gives every member a copy of each letter that the member is on, and nobody else", () => {
  for (const { id, from, to, cc } of letters) {
    const owners = world.rowsWhere(letterCopy, "letter_id", id).map(({ owner }) => owner).sort();
    assert.deepEqual(owners, [...new Set([from, ...to, ...cc])].filter((one) => addresses.has(one)).sort());
    assert.ok(owners.length > 0);
  }
});

Deno.test("writeQuillpost() keeps answers in the conversation of what they answer, and later", () => {
  let answers = 0;
  for (const row of letters) {
    const answered = row.reply_to === null ? undefined : world.get(letter, row.reply_to);
    if (answered === undefined) continue;
    answers++;
    assert.equal(row.conversation_id, answered.conversation_id);
    assert.ok(row.sent_at > answered.sent_at);
  }
  assert.ok(answers > members.length * 3);
});

Deno.test("writeQuillpost() writes letters in order of time, none after now, with every slot filled", () => {
  const times = letters.map(({ sent_at }) => sent_at);
  assert.deepEqual(times, [...times].sort());
  assert.ok(times.every((at) => at < WORLD_NOW));
  const texts = [
    ...letters.flatMap(({ subject, body }) => [subject, body]),
    ...world.rows(enclosure).flatMap(({ name, text }) => [name, text]),
    ...world.rows(draft).flatMap(({ subject, body }) => [subject, body]),
    ...world.rows(awayNote).map(({ text }) => text),
  ];
  for (const text of texts) assert.doesNotMatch(text, /[{}]|undefined|NaN/);
});

Deno.test("writeQuillpost() puts copies of own letters among the sent ones, seen", () => {
  for (const { owner, folder, seen, letter_id } of world.rows(letterCopy)) {
    if (world.get(letter, letter_id)?.from !== owner) assert.notEqual(folder, "sent");
    else assert.ok(seen && (folder === "sent" || folder === "bin"));
  }
});

Deno.test("writeQuillpost() files what came after a rule was made by that rule", () => {
  for (const rule of world.rows(sortRule).filter(({ action }) => action === "move")) {
    for (const copy of world.rows(letterCopy, rule.owner)) {
      const row = world.get(letter, copy.letter_id);
      if (row !== undefined && row.sent_at >= rule.made_at && meets(row, rule)) assert.equal(copy.folder, rule.value);
    }
  }
});

Deno.test("writeQuillpost() tells what the other apps have: receipts, invites with their codes", () => {
  const of = (owner: string, subject: RegExp) =>
    world.rows(letterCopy, owner).map(({ letter_id }) => world.get(letter, letter_id)).filter((row) =>
      row !== undefined && subject.test(row.subject)
    );
  for (const { owner } of members) {
    assert.equal(of(owner, /^Your marlo order of/).length, world.rows(purchase, owner).length);
    const moves = world.rows(bankMove, owner).filter(({ direction }) => direction === "out");
    assert.equal(of(owner, /^Cash-out of/).length, moves.length);
    for (const { code, board_id } of world.rows(invite, owner).filter(({ email }) => email === owner)) {
      const bodies = of(owner, /^Invitation to/).map((row) => row?.body ?? "");
      assert.ok(bodies.some((body) => body.includes(code) && body.includes(world.get(board, board_id)?.name ?? "?")));
    }
  }
});

Deno.test("writeQuillpost() gives tags to own conversations only, each once", () => {
  for (const { owner } of members) {
    const mine = new Set(world.rows(letterCopy, owner).map(({ conversation_id }) => conversation_id));
    const links = world.rows(mailTagLink, owner);
    for (const { conversation_id, tag_id } of links) {
      assert.ok(mine.has(conversation_id));
      assert.equal(world.get(mailTag, tag_id)?.owner, owner);
    }
    const keys = links.map(({ tag_id, conversation_id }) => `${tag_id} ${conversation_id}`);
    assert.equal(new Set(keys).size, keys.length);
    const names = world.rows(mailTag, owner).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  }
});

Deno.test("writeQuillpost() schedules letters for days after every task, and gives each member one away note", () => {
  for (const { send_at, to } of world.rows(draft)) {
    if (send_at === null) continue;
    assert.ok(send_at > addDays(WORLD_NOW, 60) && to.length > 0);
  }
  for (const { owner } of members) {
    const [note, ...more] = world.rows(awayNote, owner);
    assert.ok(note !== undefined && more.length === 0);
    assert.ok(!note.on || note.from_day <= note.until_day);
    for (const { members: inGroup } of world.rows(addressGroup, owner)) assert.ok(inGroup.length >= 2);
  }
});

Deno.test("writeQuillpost() gives every person an account whose password the profile keeps", () => {
  assert.equal(members.length, base.people.filter(({ hasAccounts }) => hasAccounts).length);
  for (const { owner, password } of members) {
    assert.equal(world.rows(login, owner).find(({ app }) => app === "quillpost")?.password, password);
  }
});

Deno.test("writeQuillpost() uses every conversation, and the sizes of files are those of their texts", () => {
  const used = new Set(letters.map(({ conversation_id }) => conversation_id));
  assert.equal(used.size, world.rows(conversation).length);
  for (const { size, text, letter_id } of world.rows(enclosure)) {
    assert.equal(size, text.length);
    assert.ok(letter_id !== null && world.get(letter, letter_id) !== undefined);
  }
});

Deno.test("the pool of letters has at least 160 different templates", () => {
  const texts = [
    ...[...pools.PERSONAL, ...pools.WORK].flatMap(({ letters }) => letters),
    ...pools.NEWSLETTERS.flatMap(({ issues }) => issues.map(({ body }) => body)),
    ...pools.KICK_OFFS,
    ...pools.ACTION_LISTS,
    ...pools.OFFICE_ANSWERS,
    ...pools.AGENDAS,
    ...pools.SERVICE_LETTERS.map(({ body }) => body),
    ...pools.SPAM_LETTERS.map(({ body }) => body),
  ];
  assert.ok(new Set(texts).size >= 160);
});
