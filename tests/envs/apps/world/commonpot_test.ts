import assert from "node:assert/strict";
import { circleBalances } from "../../../../envs/apps/apps/commonpot/_ledger.ts";
import {
  bill,
  billRemark,
  category,
  circle,
  circleMember,
  receiptLink,
  repeatBill,
  settlement,
  share,
} from "../../../../envs/apps/apps/commonpot/tables.ts";
import { transfer } from "../../../../envs/apps/apps/tuppence/tables.ts";
import {
  BILL_REMARKS,
  BILL_TITLES,
  CATEGORIES,
  OWN_CATEGORIES,
  REPEAT_TITLES,
  SETTLEMENT_MEMOS,
} from "../../../../envs/apps/pools/commonpot.ts";
import { fillTemplate } from "../../../../envs/apps/world/context.ts";
import { openApps } from "../_kit.ts";

// The smaller profiles leave this app out.
const { world, people } = openApps("full");

Deno.test("writeCommonpot() does give everybody some circles with one owner each", () => {
  for (const { email } of people) assert.ok(world.rows(circleMember, email).length >= 1, email);
  for (const { id } of world.rows(circle)) {
    const members = world.rowsWhere(circleMember, "circle_id", id);
    assert.ok(members.length >= 2);
    assert.equal(members.filter(({ role }) => role === "owner").length, 1);
    assert.equal(new Set(members.map(({ member }) => member)).size, members.length);
  }
});

Deno.test("writeCommonpot() does make shares add up to the total, among people of the circle", () => {
  for (const row of world.rows(bill)) {
    const shares = world.rowsWhere(share, "bill_id", row.id);
    assert.equal(shares.reduce((sum, { owed }) => sum + owed, 0), row.total, row.title);
    assert.ok(shares.every(({ owed }) => owed > 0) && row.total > 0);
    assert.ok(row.on <= "2027-03-15");
    if (row.circle_id === null) continue;
    const members = new Set(world.rowsWhere(circleMember, "circle_id", row.circle_id).map(({ member }) => member));
    assert.ok([row.paid_by, ...shares.map(({ member }) => member)].every((person) => members.has(person)));
    const known = world.get(category, row.category_id);
    assert.ok(known !== undefined && (known.circle_id === null || known.circle_id === row.circle_id));
  }
});

Deno.test("writeCommonpot() does leave balances that cancel out in every circle", () => {
  for (const { id } of world.rows(circle)) {
    const sum = [...circleBalances(world, id).values()].reduce((total, cents) => total + cents, 0);
    assert.equal(sum, 0);
  }
});

Deno.test("writeCommonpot() does have a transfer for each settlement that was not paid outside the wallet", () => {
  const paid = new Map<string, number>();
  for (const { from, to, amount, at } of world.rows(transfer)) {
    const key = `${from} ${to} ${amount} ${at.slice(0, 10)}`;
    paid.set(key, (paid.get(key) ?? 0) + 1);
  }
  let [inside, outside] = [0, 0];
  for (const { from, to, amount, on, memo } of world.rows(settlement)) {
    if (/cash|bank|gave/.test(memo)) {
      outside++;
      continue;
    }
    const key = `${from} ${to} ${amount} ${on}`;
    assert.ok((paid.get(key) ?? 0) > 0, `${key} ${memo}`);
    paid.set(key, (paid.get(key) ?? 0) - 1);
    inside++;
  }
  assert.ok(inside > 100 && outside > 100);
});

Deno.test("writeCommonpot() does share repeat bills among members and keep remarks and receipts with bills", () => {
  for (const { circle_id, among, paid_by } of world.rows(repeatBill)) {
    const members = world.rowsWhere(circleMember, "circle_id", circle_id).map(({ member }) => member);
    assert.ok([paid_by, ...among].every((person) => members.includes(person)));
  }
  for (const { bill_id, at } of world.rows(billRemark)) {
    const of = world.get(bill, bill_id);
    assert.ok(of !== undefined && of.on <= at.slice(0, 10));
  }
  for (const { bill_id, text } of world.rows(receiptLink)) {
    const of = world.get(bill, bill_id);
    assert.ok(of !== undefined && text.endsWith(`TOTAL  ${(of.total / 100).toFixed(2)}`));
  }
});

Deno.test("pools of shared expenses do have known slots, no doubles and the size wanted", () => {
  const titles = CATEGORIES.flatMap((name) => BILL_TITLES[name]);
  assert.ok(titles.length >= 220, String(titles.length));
  for (const pool of [...CATEGORIES.map((name) => BILL_TITLES[name]), BILL_REMARKS, SETTLEMENT_MEMOS, OWN_CATEGORIES]) {
    assert.equal(new Set(pool).size, pool.length);
    for (const text of pool) assert.doesNotMatch(fillTemplate(text, { place: "a", day: "b", month: "c" }), /[{}]/);
  }
  assert.ok(REPEAT_TITLES.every(({ low, high }) => low < high));
});
