import assert from "node:assert/strict";
import {
  alert,
  ask,
  bankMove,
  bond,
  cheer,
  payCard,
  pot,
  potMove,
  remark,
  standingOrder,
  transfer,
  wallet,
} from "../../../../envs/apps/apps/tuppence/tables.ts";
import { CARD_LABELS, MEMOS, POT_NAMES, REMARKS, STANDING_MEMOS } from "../../../../envs/apps/pools/tuppence.ts";
import { fillTemplate } from "../../../../envs/apps/world/context.ts";
import { openApps } from "../_kit.ts";

const { world, people } = openApps("mid");

Deno.test("writeTuppence() does give everybody an account with money, cards, pots and standing orders", () => {
  for (const { email, number } of people) {
    const [member] = world.rows(wallet, email);
    assert.equal(member?.number, number);
    assert.ok(member.balance > 0 && member.open);
    assert.ok(world.rows(payCard, email).length >= 1, email);
    assert.ok(world.rows(pot, email).length >= 3, email);
    assert.ok(world.rows(standingOrder, email).length >= 2, email);
    assert.ok(world.rows(transfer, email).length >= 20, email);
  }
});

Deno.test("writeTuppence() does write transfers between two members in order of time", () => {
  const members = new Set(people.map(({ email }) => email));
  let last = "";
  for (const row of world.rows(transfer)) {
    assert.ok(row.from !== row.to && members.has(row.from) && members.has(row.to));
    assert.ok(row.amount > 0 && row.at >= last && row.at <= world.at);
    assert.ok(["public", "private"].includes(row.visibility) && ["balance", "card"].includes(row.funding));
    last = row.at;
  }
});

Deno.test("writeTuppence() does give an accepted ask its transfer", () => {
  const paid = new Map<string, number>();
  const key = (from: string, to: string, amount: number, memo: string) => `${from} ${to} ${amount} ${memo}`;
  for (const { from, to, amount, memo } of world.rows(transfer)) {
    const name = key(from, to, amount, memo);
    paid.set(name, (paid.get(name) ?? 0) + 1);
  }
  const states = new Set<string>();
  for (const row of world.rows(ask)) {
    states.add(row.state);
    if (row.reminded_at !== null) assert.ok(row.reminded_at >= row.at, String(row.id));
    if (row.state !== "accepted") continue;
    const name = key(row.to, row.from, row.amount, row.memo);
    assert.ok((paid.get(name) ?? 0) > 0, name);
    paid.set(name, (paid.get(name) ?? 0) - 1);
  }
  assert.deepEqual([...states].sort(), ["accepted", "open", "refused", "withdrawn"]);
});

Deno.test("writeTuppence() does fill pots by their moves and never beyond the goal", () => {
  for (const { id, goal, saved } of world.rows(pot)) {
    const moved = world.rowsWhere(potMove, "pot_id", id)
      .reduce((sum, row) => sum + (row.direction === "in" ? row.amount : -row.amount), 0);
    assert.equal(moved, saved);
    assert.ok(saved >= 0 && saved <= goal);
  }
});

Deno.test("writeTuppence() does link a pair once, and reactions come from people who may see the transfer", () => {
  const pairs = world.rows(bond).map(({ from, to }) => [from, to].sort().join(" "));
  assert.equal(new Set(pairs).size, pairs.length);
  const seen = new Set<string>();
  for (const { from, transfer_id, at } of world.rows(cheer)) {
    const row = world.get(transfer, transfer_id);
    assert.ok(row !== undefined && row.visibility === "public" && row.at <= at);
    const key = `${from} ${transfer_id}`;
    assert.ok(!seen.has(key));
    seen.add(key);
  }
  for (const { from, transfer_id } of world.rows(remark)) assert.equal(world.get(transfer, transfer_id)?.to, from);
});

Deno.test("writeTuppence() does name own cards in bank moves and old alerts not at all", () => {
  for (const { owner, card } of world.rows(bankMove)) {
    assert.ok(world.rows(payCard, owner).some(({ number }) => number.endsWith(card)));
  }
  for (const { at } of world.rows(alert)) assert.ok(at >= "2027-02-18" && at <= world.at);
});

Deno.test("pools of the wallet do have known slots, no doubles and the size wanted", () => {
  assert.ok(MEMOS.length >= 150, String(MEMOS.length));
  for (const pool of [MEMOS, REMARKS, POT_NAMES, STANDING_MEMOS, CARD_LABELS]) {
    assert.equal(new Set(pool).size, pool.length);
    for (const text of pool) {
      assert.doesNotMatch(fillTemplate(text, { place: "a", day: "b", person: "c", month: "d" }), /[{}]/);
    }
  }
});
