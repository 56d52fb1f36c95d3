import assert from "node:assert/strict";
import {
  blockedNumber,
  callEntry,
  contact,
  HANDSET_TABLES,
  handsetMember,
  textCopy,
  voiceClip,
  voiceCopy,
} from "../../../../envs/apps/apps/handset/tables.ts";
import { WORLD_NOW } from "../../../../envs/apps/generate.ts";
import * as pools from "../../../../envs/apps/pools/handset.ts";
import type { Table } from "../../../../envs/apps/schema.ts";
import { baseWorld } from "../_kit.ts";

const world = baseWorld("mid").open(WORLD_NOW);
const members = world.rows(handsetMember);
const byNumber = new Map(members.map((member) => [member.number, member]));

Deno.test("writeHandset() gives every principal an account, contacts, texts, calls, clips and alarms", () => {
  for (const { owner } of members) {
    for (const spec of HANDSET_TABLES as readonly Table[]) {
      if (!spec.ownedBy.includes("owner") || /timer|blocked/.test(spec.name)) continue;
      assert.ok(world.rows(spec, owner).length > 0, `${owner} has no ${spec.name}`);
    }
    assert.ok(world.rows(contact, owner).length >= 20);
  }
});

Deno.test("writeHandset() puts texts and calls between two members into both phones", () => {
  for (const spec of [textCopy, callEntry] as readonly Table[]) {
    const seen = new Map<string, number>();
    const keyOf = (from: string, to: string, at: string) => `${from}|${to}|${at}`;
    for (const row of world.rows(spec)) {
      const own = members.find(({ owner }) => owner === row["owner"])?.number ?? "";
      const [other, at] = [String(row["number"]), String(row["at"])];
      if (!byNumber.has(other)) continue;
      const sent = row["direction"] === "out";
      const key = sent ? keyOf(own, other, at) : keyOf(other, own, at);
      seen.set(key, (seen.get(key) ?? 0) + (sent ? 1 : -1));
    }
    assert.deepEqual([...seen].filter(([, balance]) => balance !== 0), [], spec.name);
  }
});

Deno.test("writeHandset() gives missed calls no length, and others one", () => {
  assert.ok(world.rows(callEntry).every(({ missed, seconds }) => missed === (seconds === 0)));
});

Deno.test("writeHandset() gives every voice clip a copy, with the ends that the clip has", () => {
  const copied = new Set<number>();
  for (const { clip_id, owner, number, direction } of world.rows(voiceCopy)) {
    const clip = world.get(voiceClip, clip_id);
    const own = members.find((member) => member.owner === owner)?.number;
    assert.deepEqual([clip?.from, clip?.to], direction === "out" ? [own, number] : [number, own]);
    copied.add(clip_id);
  }
  assert.equal(copied.size, world.rows(voiceClip).length);
});

Deno.test("writeHandset() lets nothing arrive from a number after it was blocked", () => {
  for (const { owner, number, made_at } of world.rows(blockedNumber)) {
    const late = world.rows(textCopy, owner).filter((row) => row.number === number && row.at > made_at);
    assert.deepEqual(late, []);
  }
});

Deno.test("writeHandset() orders texts by time and writes none after now", () => {
  const times = world.rows(textCopy).map(({ at }) => at);
  assert.deepEqual(times, [...times].sort());
  assert.ok((times.at(-1) ?? "") <= WORLD_NOW);
});

Deno.test("pools of the phone have enough conversations, and only known slots", () => {
  const lines = pools.CONVERSATIONS.flatMap((conversation) => conversation.split("|"));
  assert.ok(lines.length >= 350);
  const slots = [...lines, ...pools.CLIPS].flatMap((line) => line.match(/\{\w+\}/g) ?? []);
  assert.deepEqual([...new Set(slots)].sort(), ["{day}", "{hour}", "{name}", "{place}", "{thing}"]);
});
