import assert from "node:assert/strict";
import {
  circleBalances,
  equalParts,
  pairBalances,
  settlingPayments,
} from "../../../../envs/apps/apps/commonpot/_ledger.ts";
import { commonpot } from "../../../../envs/apps/apps/commonpot/mod.ts";
import {
  bill,
  billRemark,
  category,
  circle,
  circleMember,
  COMMONPOT_TABLES,
  potAlert,
  potMember,
  receiptLink,
  repeatBill,
  settlement,
  share,
} from "../../../../envs/apps/apps/commonpot/tables.ts";
import { textCopy } from "../../../../envs/apps/apps/handset/tables.ts";
import { letter } from "../../../../envs/apps/apps/quillpost/tables.ts";
import { file } from "../../../../envs/apps/apps/stowbox/tables.ts";
import { type AppCalls, appCalls, type Row } from "../_app_kit.ts";
import { openApps, status } from "../_kit.ts";

const TODAY = "2027-03-15";

/** A fresh circle of the user and two others; a third person is outside. */
function pot() {
  const opened = openApps("full");
  const { world, user, people, call } = opened;
  const [, other, third, outsider] = people;
  assert.ok(other !== undefined && third !== undefined && outsider !== undefined);
  const by = (email: string) => appCalls(opened.as({ email }), commonpot).one;
  const me = by(user.email);
  const list = (api: string, args: Row = {}) => me(api, { size: 20, ...args }) as unknown as Row[];
  const members = [other.email, third.email];
  const id = Number(me("add_circle", { name: "Kite Makers", kind: "friends", members })["circle_id"]);
  const add = (args: Row = {}) =>
    Number(me("add_bill", { title: "Spars", total: 10, circle_id: id, category: "fun", ...args })["bill_id"]);
  const shares = (billId: number) =>
    Object.fromEntries(world.rowsWhere(share, "bill_id", billId).map(({ member, owed }) => [member, owed]));
  const alerts = (email: string, kind: string) => world.rows(potAlert, email).filter((row) => row.kind === kind).length;
  const them = by(other.email);
  return {
    ...opened,
    call,
    user,
    other,
    third,
    outsider,
    me,
    them,
    stranger: by(outsider.email),
    list,
    id,
    add,
    shares,
    alerts,
  };
}

Deno.test("commonpot does have the tables and APIs of its design", () => {
  assert.equal(commonpot.apis.length, 58);
  assert.equal(new Set(commonpot.apis.map(({ name }) => name)).size, 58);
  // The eleven of the design, and the codes of the lifecycle group.
  assert.equal(COMMONPOT_TABLES.length, 12);
});

Deno.test("equalParts() does give the remainder to the payer, or to the first where the payer has no part", () => {
  assert.deepEqual([...equalParts(100, ["c", "a", "b"], "c")], [["a", 33], ["b", 33], ["c", 34]]);
  assert.deepEqual([...equalParts(101, ["b", "a"], "z")], [["a", 51], ["b", 50]]);
});

Deno.test("settlingPayments() does bring every balance to zero with fewer payments than people", () => {
  const balances = new Map([["a", 700], ["b", -300], ["c", -500], ["d", 100], ["e", 0]]);
  const payments = settlingPayments(balances);
  const left = new Map(balances);
  for (const { from, to, cents } of payments) {
    left.set(from, (left.get(from) ?? 0) + cents);
    left.set(to, (left.get(to) ?? 0) - cents);
  }
  assert.ok([...left.values()].every((cents) => cents === 0));
  assert.deepEqual(payments[0], { from: "c", to: "a", cents: 500 });
  assert.ok(payments.length < balances.size);
});

Deno.test("the lifecycle group does open, reset and close an account by texted codes", () => {
  const { call, world, user } = pot();
  const codeOf = (number: string) => {
    const [member] = world.rows(potMember).filter((row) => row.number === number);
    const texts = world.rows(textCopy, member?.owner ?? "").filter((row) => row.text.includes("commonpot code"));
    return /\d{6}/.exec(texts.at(-1)?.text ?? "")?.[0] ?? "";
  };
  assert.equal(call("commonpot", "ask_reset_code", { user: user.email }).status, 200);
  const code = codeOf(user.number);
  const reset = { user: user.email, code, new_password: "kite77" };
  assert.equal(call("commonpot", "reset_password", { ...reset, code: "x" }).status, 409);
  assert.equal(call("commonpot", "reset_password", reset).status, 200);
  assert.equal(call("commonpot", "reset_password", reset).status, 409);
  const { status: signedIn, body } = call("commonpot", "log_in", { user: user.email, password: "kite77" });
  assert.equal(signedIn, 200);
  const { token } = body as { token: string };
  assert.equal(call("commonpot", "close_account", { token, password: "wrong" }).status, 401);
  assert.equal(call("commonpot", "close_account", { token, password: "kite77" }).status, 200);
  assert.equal(call("commonpot", "log_in", { user: user.email, password: "kite77" }).status, 401);
  assert.equal(call("commonpot", "ask_reset_code", { user: "nobody@pine.test" }).status, 404);
});

Deno.test("add_circle() does make the caller owner and tell the others by alert and letter", () => {
  const { world, me, other, user, list, id, alerts } = pot();
  assert.deepEqual(list("list_circle_members", { circle_id: id }).map((row) => row["role"]), [
    "owner",
    "member",
    "member",
  ]);
  assert.deepEqual(me("get_circle", { circle_id: id }), {
    circle_id: id,
    name: "Kite Makers",
    kind: "friends",
    role: "owner",
    since: TODAY,
    members: 3,
  });
  assert.ok(alerts(other.email, "circle") > 0);
  const mail = world.rows(letter).at(-1);
  assert.match(mail?.subject ?? "", /Kite Makers/);
  assert.ok(list("list_circles", { kind: "friends" }).some((row) => row["circle_id"] === id));
  assert.ok(list("list_circles", { kind: "home" }).every((row) => row["circle_id"] !== id));
  assert.equal(status(() => me("add_circle", { name: "Kite Makers" })), 409);
  assert.equal(status(() => me("add_circle", { name: "More", members: ["nobody@pine.test"] })), 404);
  assert.equal(world.rows(circleMember, user.email).filter((row) => row.circle_id === id).length, 1);
});

Deno.test("circles do show themselves to their members alone", () => {
  const { stranger, id } = pot();
  const reads = ["get_circle", "list_circle_members", "list_circle_balances", "suggest_settlements"];
  for (
    const api of [...reads, "list_bills", "find_bills", "list_settlements", "list_repeat_bills", "list_categories"]
  ) {
    assert.equal(status(() => stranger(api, { circle_id: id })), 403, api);
  }
  for (const api of ["export_ledger", "leave_circle", "remove_circle"]) {
    assert.equal(status(() => stranger(api, { circle_id: id })), 403, api);
  }
  assert.equal(status(() => stranger("get_circle", { circle_id: 9_999_999 })), 404);
});

Deno.test("edit_circle() and remove_circle_member() do take an owner; add_circle_member() any member", () => {
  const { world, me, them, outsider, third, user, other, id } = pot();
  assert.equal(status(() => them("edit_circle", { circle_id: id, name: "X" })), 403);
  me("edit_circle", { circle_id: id, name: "Kite Flyers", kind: "club" });
  assert.deepEqual([world.get(circle, id)?.name, world.get(circle, id)?.kind], ["Kite Flyers", "club"]);
  assert.equal(status(() => me("edit_circle", { circle_id: id })), 422);
  them("add_circle_member", { circle_id: id, email: outsider.email });
  assert.equal(status(() => them("add_circle_member", { circle_id: id, email: outsider.email })), 409);
  assert.equal(status(() => them("remove_circle_member", { circle_id: id, email: outsider.email })), 403);
  me("remove_circle_member", { circle_id: id, email: outsider.email });
  assert.equal(status(() => me("remove_circle_member", { circle_id: id, email: outsider.email })), 404);
  assert.equal(status(() => me("remove_circle_member", { circle_id: id, email: user.email })), 409);
  me("add_bill", { title: "Line", total: 9, circle_id: id, among: [third.email] });
  assert.equal(status(() => me("remove_circle_member", { circle_id: id, email: third.email })), 409);
  me("remove_circle_member", { circle_id: id, email: other.email });
});

Deno.test("leave_circle() does need a settled balance and hands the circle on", () => {
  const { world, me, them, third, other, id, add } = pot();
  const billId = add({ among: [third.email] });
  assert.equal(status(() => me("leave_circle", { circle_id: id })), 409);
  me("remove_bill", { bill_id: billId });
  me("leave_circle", { circle_id: id });
  const heirs = world.rowsWhere(circleMember, "circle_id", id);
  assert.deepEqual(heirs.map(({ role }) => role).sort(), ["member", "owner"]);
  assert.equal(status(() => me("get_circle", { circle_id: id })), 403);
  const owner = heirs.find(({ role }) => role === "owner")?.member;
  const last = owner === other.email ? third.email : other.email;
  if (owner === other.email) {
    them("remove_circle_member", { circle_id: id, email: last });
    assert.equal(status(() => them("leave_circle", { circle_id: id })), 409);
  }
});

Deno.test("remove_circle() does need settled balances and takes everything along", () => {
  const { world, me, them, other, id, add } = pot();
  const billId = add({ among: [other.email] });
  me("add_remark", { bill_id: billId, text: "spars" });
  assert.equal(status(() => them("remove_circle", { circle_id: id })), 403);
  assert.equal(status(() => me("remove_circle", { circle_id: id })), 409);
  them("add_settlement", { to: world.get(bill, billId)?.paid_by ?? "", amount: 10, circle_id: id });
  me("remove_circle", { circle_id: id });
  assert.equal(world.get(circle, id), undefined);
  for (const spec of [bill, settlement, circleMember]) {
    assert.deepEqual(world.rowsWhere(spec as typeof circleMember, "circle_id", id), []);
  }
  assert.deepEqual(
    [...world.rowsWhere(share, "bill_id", billId), ...world.rowsWhere(billRemark, "bill_id", billId)],
    [],
  );
});

Deno.test("add_bill() does split equally among the circle, with the remainder for the payer, and tell the others", () => {
  const { world, user, other, third, id, add, shares, alerts } = pot();
  const told = alerts(other.email, "bill");
  const billId = add();
  assert.deepEqual(shares(billId), { [user.email]: 334, [other.email]: 333, [third.email]: 333 });
  const { circle_id, title, total, paid_by, on, added_by, removed } = world.get(bill, billId) ?? assert.fail();
  assert.deepEqual({ circle_id, title, total, paid_by, on, added_by, removed }, {
    circle_id: id,
    title: "Spars",
    total: 1000,
    paid_by: user.email,
    on: TODAY,
    added_by: user.email,
    removed: false,
  });
  assert.equal(alerts(other.email, "bill"), told + 1);
});

Deno.test("add_bill() does take some people, given shares, another payer and another day", () => {
  const { world, user, other, third, add, shares } = pot();
  assert.deepEqual(shares(add({ among: [other.email, third.email], paid_by: other.email, total: 5.01 })), {
    [other.email]: 251,
    [third.email]: 250,
  });
  const given = add({ shares: { [user.email]: 2.5, [other.email]: 7.5, [third.email]: 0 }, on: "2027-02-01" });
  assert.deepEqual(shares(given), { [user.email]: 250, [other.email]: 750 });
  assert.equal(world.get(bill, given)?.on, "2027-02-01");
});

Deno.test("add_bill() does work without a circle, among the people named, whom alone it concerns", () => {
  const { me, them, stranger, other, third, user, list } = pot();
  const args = { title: "Tea", total: 6, among: [user.email, other.email] };
  const id = Number(me("add_bill", args)["bill_id"]);
  assert.equal(them("get_bill", { bill_id: id })["circle_id"], null);
  assert.equal(status(() => stranger("get_bill", { bill_id: id })), 403);
  assert.ok(list("list_bills", { since: TODAY }).some((row) => row["bill_id"] === id));
  assert.equal(status(() => me("add_bill", { title: "Tea", total: 6 })), 422);
  const foreign = { title: "Tea", total: 6, paid_by: other.email, among: [third.email] };
  assert.equal(status(() => me("add_bill", foreign)), 422);
});

Deno.test("add_bill() does refuse shares that do not add up, outsiders, unknown categories and both ways at once", () => {
  const { me, other, outsider, user, id } = pot();
  const base = { title: "Glue", total: 10, circle_id: id };
  const cases: [Row, number][] = [
    [{ shares: { [user.email]: 4, [other.email]: 5.99 } }, 422],
    [{ shares: { [user.email]: 10 }, among: [user.email] }, 422],
    [{ among: [user.email, outsider.email] }, 422],
    [{ shares: { [outsider.email]: 10 } }, 422],
    [{ paid_by: outsider.email }, 422],
    [{ among: [] }, 422],
    [{ category: "magic" }, 404],
    [{ among: ["nobody@pine.test"] }, 404],
    [{ total: 0 }, 422],
    [{ on: "2027-02-30" }, 422],
  ];
  for (const [args, wanted] of cases) {
    assert.equal(status(() => me("add_bill", { ...base, ...args })), wanted, JSON.stringify(args));
  }
});

Deno.test("edit_bill() does follow a new total with equal shares and refuses it with others", () => {
  const { world, me, stranger, user, other, add, shares } = pot();
  const equal = add({ among: [user.email, other.email] });
  me("edit_bill", { bill_id: equal, total: 12.01, title: "Poles", category: "food", on: "2027-03-01" });
  assert.deepEqual(shares(equal), { [user.email]: 601, [other.email]: 600 });
  assert.equal(me("get_bill", { bill_id: equal })["category"], "food");
  me("edit_bill", { bill_id: equal, paid_by: other.email });
  assert.deepEqual(shares(equal), { [user.email]: 600, [other.email]: 601 });
  const uneven = add({ shares: { [user.email]: 3, [other.email]: 7 } });
  assert.equal(status(() => me("edit_bill", { bill_id: uneven, total: 12 })), 409);
  me("edit_bill", { bill_id: uneven, title: "Reels" });
  assert.equal(world.get(bill, uneven)?.title, "Reels");
  assert.equal(status(() => me("edit_bill", { bill_id: uneven })), 422);
  assert.equal(status(() => stranger("edit_bill", { bill_id: uneven, title: "x" })), 403);
});

Deno.test("set_shares() does split anew, with another total if given", () => {
  const { me, stranger, user, other, third, add, shares } = pot();
  const id = add();
  me("set_shares", { bill_id: id, among: [other.email, third.email] });
  assert.deepEqual(shares(id), { [other.email]: 500, [third.email]: 500 });
  me("set_shares", { bill_id: id, total: 12, shares: { [user.email]: 12 } });
  assert.deepEqual(shares(id), { [user.email]: 1200 });
  assert.equal(me("get_bill", { bill_id: id })["total"], 12);
  assert.equal(status(() => me("set_shares", { bill_id: id })), 422);
  assert.equal(status(() => me("set_shares", { bill_id: id, shares: { [user.email]: 11 } })), 422);
  assert.equal(status(() => stranger("set_shares", { bill_id: id, among: [user.email] })), 403);
});

Deno.test("remove_bill() and restore_bill() do take a bill out of lists and balances and back", () => {
  const { world, me, stranger, list, user, other, id, add } = pot();
  const billId = add({ among: [other.email] });
  assert.equal(circleBalances(world, id).get(user.email), 1000);
  me("remove_bill", { bill_id: billId });
  assert.equal(circleBalances(world, id).get(user.email), undefined);
  assert.deepEqual(list("list_bills", { circle_id: id }), []);
  assert.equal(list("list_bills", { circle_id: id, removed: true }).length, 1);
  assert.equal(status(() => me("remove_bill", { bill_id: billId })), 409);
  assert.equal(status(() => me("edit_bill", { bill_id: billId, title: "x" })), 409);
  assert.equal(status(() => stranger("restore_bill", { bill_id: billId })), 403);
  me("restore_bill", { bill_id: billId });
  assert.equal(status(() => me("restore_bill", { bill_id: billId })), 409);
  assert.equal(list("list_bills", { circle_id: id }).length, 1);
});

Deno.test("list_bills() and find_bills() do filter, rank, order and page", () => {
  const { list, other, id, add } = pot();
  add({ title: "Red paint", on: "2027-03-01", total: 3 });
  add({ title: "Silk", on: "2027-03-03", total: 9, category: "food" });
  add({ title: "Blue paint", on: "2027-03-02", total: 5, paid_by: other.email });
  const titles = (api: string, args: Row) => list(api, { circle_id: id, ...args }).map((row) => row["title"]);
  assert.deepEqual(titles("list_bills", {}), ["Silk", "Blue paint", "Red paint"]);
  assert.deepEqual(titles("list_bills", { category: "food" }), ["Silk"]);
  assert.deepEqual(titles("list_bills", { paid_by: other.email }), ["Blue paint"]);
  assert.deepEqual(titles("list_bills", { since: "2027-03-02", until: "2027-03-02" }), ["Blue paint"]);
  assert.deepEqual(titles("list_bills", { order: "+total", size: 2 }), ["Red paint", "Blue paint"]);
  assert.deepEqual(titles("list_bills", { size: 2, page: 1 }), ["Red paint"]);
  assert.deepEqual(titles("find_bills", { q: "paint" }), ["Blue paint", "Red paint", "Silk"]);
});

Deno.test("list_shares() does name people and is closed to others", () => {
  const { stranger, list, user, other, add } = pot();
  const id = add({ shares: { [user.email]: 4, [other.email]: 6 } });
  assert.deepEqual(
    list("list_shares", { bill_id: id, order: "-owed" }),
    [{ email: other.email, name: other.name, owed: 6 }, { email: user.email, name: user.name, owed: 4 }],
  );
  assert.equal(status(() => stranger("list_shares", { bill_id: id })), 403);
});

Deno.test("balances do follow bills and settlements, over all and in the circle", () => {
  const { world, me, them, list, user, other, third, id, add } = pot();
  const before = Number(me("get_balance_with", { email: other.email })["balance"]);
  add({ total: 30 });
  add({ total: 9, paid_by: third.email, among: [user.email, other.email, third.email] });
  them("add_settlement", { to: user.email, amount: 4, circle_id: id });
  assert.equal(me("get_balance_with", { email: other.email })["balance"], Math.round((before + 6) * 100) / 100);
  const rows = list("list_circle_balances", { circle_id: id, order: "-balance" });
  assert.deepEqual(rows.map((row) => [row["email"], row["balance"]]), [
    [user.email, 13],
    [third.email, -4],
    [other.email, -9],
  ]);
  assert.deepEqual(list("suggest_settlements", { circle_id: id }), [
    { from: other.email, to: user.email, amount: 9 },
    { from: third.email, to: user.email, amount: 4 },
  ]);
  const all = list("list_balances");
  assert.ok(all.every((row) => row["balance"] !== 0));
  const mine = pairBalances(world, user.email);
  for (const row of all) assert.equal(row["balance"], (mine.get(String(row["email"])) ?? 0) / 100);
  assert.equal(status(() => me("get_balance_with", { email: "nobody@pine.test" })), 404);
});

Deno.test("settlements do belong to their two sides", () => {
  const { world, me, them, stranger, list, user, other, third, outsider, id, alerts } = pot();
  const told = alerts(other.email, "settlement");
  const one = Number(
    me("add_settlement", { to: other.email, amount: 5, circle_id: id, memo: "cash" })["settlement_id"],
  );
  assert.equal(alerts(other.email, "settlement"), told + 1);
  const two = Number(
    me("add_settlement", { from: third.email, to: user.email, amount: 2, on: "2027-01-01" })["settlement_id"],
  );
  assert.deepEqual(me("get_settlement", { settlement_id: two }), {
    settlement_id: two,
    circle_id: null,
    from: third.email,
    to: user.email,
    amount: 2,
    on: "2027-01-01",
    memo: "",
  });
  assert.deepEqual(list("list_settlements", { circle_id: id }).map((row) => row["settlement_id"]), [one]);
  assert.equal(list("list_settlements", { email: third.email, until: "2027-01-01", since: "2027-01-01" }).length, 1);
  them("edit_settlement", { settlement_id: one, amount: 6, on: "2027-03-10", memo: "cash!" });
  assert.equal(world.get(settlement, one)?.amount, 600);
  const cases: [AppCalls["one"], string, Row, number][] = [
    [me, "add_settlement", { to: user.email, amount: 1 }, 422],
    [me, "add_settlement", { from: other.email, to: third.email, amount: 1 }, 403],
    [me, "add_settlement", { to: outsider.email, amount: 1, circle_id: id }, 422],
    [me, "add_settlement", { to: "nobody@pine.test", amount: 1 }, 404],
    [me, "edit_settlement", { settlement_id: one }, 422],
    [stranger, "get_settlement", { settlement_id: one }, 403],
    [stranger, "edit_settlement", { settlement_id: one, amount: 1 }, 403],
    [stranger, "remove_settlement", { settlement_id: one }, 403],
  ];
  for (const [who, api, args, wanted] of cases) assert.equal(status(() => who(api, args)), wanted, api);
  them("remove_settlement", { settlement_id: one });
  assert.equal(status(() => me("get_settlement", { settlement_id: one })), 404);
});

Deno.test("remarks do get written by whom the bill concerns and changed by their writer", () => {
  const { world, me, them, stranger, list, user, add, alerts } = pot();
  const id = add();
  const told = alerts(user.email, "remark");
  const remark = Number(them("add_remark", { bill_id: id, text: "so much?" })["remark_id"]);
  assert.equal(alerts(user.email, "remark"), told + 1);
  assert.deepEqual(list("list_remarks", { bill_id: id }).map((row) => row["text"]), ["so much?"]);
  assert.equal(status(() => me("edit_remark", { remark_id: remark, text: "no" })), 403);
  assert.equal(status(() => me("remove_remark", { remark_id: remark })), 403);
  assert.equal(status(() => stranger("add_remark", { bill_id: id, text: "hm" })), 403);
  assert.equal(status(() => stranger("list_remarks", { bill_id: id })), 403);
  them("edit_remark", { remark_id: remark, text: "fine" });
  assert.equal(world.get(billRemark, remark)?.text, "fine");
  them("remove_remark", { remark_id: remark });
  assert.equal(status(() => them("remove_remark", { remark_id: remark })), 404);
});

Deno.test("repeat bills do change, rest and go, for members of the circle", () => {
  const { world, me, them, stranger, list, user, other, third, outsider, id } = pot();
  const values = { circle_id: id, title: "Loft", total: 40, every: "month", next_on: "2027-04-01" };
  const repeat = Number(me("add_repeat_bill", { ...values, category: "housing" })["repeat_id"]);
  assert.deepEqual(list("list_repeat_bills", { circle_id: id }), [{
    repeat_id: repeat,
    ...values,
    paid_by: user.email,
    among: [user.email, other.email, third.email].sort(),
    category: "housing",
    paused: false,
  }]);
  them("edit_repeat_bill", { repeat_id: repeat, total: 44, among: [user.email, other.email], paid_by: other.email });
  assert.deepEqual(world.get(repeatBill, repeat)?.among, [user.email, other.email].sort());
  me("pause_repeat_bill", { repeat_id: repeat });
  assert.deepEqual(list("list_repeat_bills", { circle_id: id, paused: false }), []);
  assert.ok(list("list_repeat_bills", { paused: true }).some((row) => row["repeat_id"] === repeat));
  const cases: [AppCalls["one"], string, Row, number][] = [
    [me, "pause_repeat_bill", { repeat_id: repeat }, 409],
    [me, "edit_repeat_bill", { repeat_id: repeat }, 422],
    [me, "edit_repeat_bill", { repeat_id: repeat, among: [outsider.email] }, 422],
    [me, "edit_repeat_bill", { repeat_id: repeat, next_on: "2027-03-14" }, 422],
    [me, "add_repeat_bill", { ...values, next_on: "2027-03-14" }, 422],
    [me, "add_repeat_bill", { ...values, paid_by: outsider.email }, 422],
    [me, "add_repeat_bill", { ...values, category: "magic" }, 404],
    [stranger, "add_repeat_bill", values, 403],
    [stranger, "edit_repeat_bill", { repeat_id: repeat, total: 1 }, 403],
    [stranger, "pause_repeat_bill", { repeat_id: repeat, paused: false }, 403],
    [stranger, "remove_repeat_bill", { repeat_id: repeat }, 403],
  ];
  for (const [who, api, args, wanted] of cases) assert.equal(status(() => who(api, args)), wanted, api);
  me("pause_repeat_bill", { repeat_id: repeat, paused: false });
  me("remove_repeat_bill", { repeat_id: repeat });
  assert.equal(status(() => me("remove_repeat_bill", { repeat_id: repeat })), 404);
});

Deno.test("receipts do get copied from a file and saved as one", () => {
  const { world, me, them, stranger, list, user, other, add, as } = pot();
  const id = add();
  as(user)("stowbox", "write_file", { path: "/kite.txt", text: "TOTAL 10.00" });
  const receipt = Number(me("attach_receipt", { bill_id: id, path: "/kite.txt" })["receipt_id"]);
  assert.equal(status(() => me("attach_receipt", { bill_id: id, path: "/kite.txt" })), 409);
  assert.equal(status(() => me("attach_receipt", { bill_id: id, path: "/none.txt" })), 404);
  assert.deepEqual(list("list_receipts", { bill_id: id }), [
    { receipt_id: receipt, name: "kite.txt", text: "TOTAL 10.00", added_by: user.email },
  ]);
  assert.equal(them("save_receipt", { receipt_id: receipt })["path"], "/inbox/kite.txt");
  assert.equal(world.rows(file, other.email).find((row) => row.name === "kite.txt")?.text, "TOTAL 10.00");
  assert.equal(status(() => them("save_receipt", { receipt_id: receipt })), 409);
  them("save_receipt", { receipt_id: receipt, replace: true });
  for (const api of ["save_receipt", "remove_receipt"]) {
    assert.equal(status(() => stranger(api, { receipt_id: receipt })), 403, api);
  }
  assert.equal(status(() => stranger("list_receipts", { bill_id: id })), 403);
  them("remove_receipt", { receipt_id: receipt });
  assert.deepEqual(world.rowsWhere(receiptLink, "bill_id", id), []);
});

Deno.test("categories do belong to a circle or to everybody, and bills follow a new name", () => {
  const { world, me, stranger, list, id, add } = pot();
  const common = list("list_categories").map((row) => row["name"]);
  assert.ok(common.includes("food") && common.includes("other"));
  const own = Number(me("add_category", { circle_id: id, name: "string" })["category_id"]);
  assert.deepEqual(list("list_categories", { circle_id: id }).at(-1), {
    category_id: own,
    name: "string",
    common: false,
  });
  const billId = add({ category: "string" });
  me("rename_category", { category_id: own, name: "twine" });
  assert.equal(me("get_bill", { bill_id: billId })["category"], "twine");
  const food = world.rowsWhere(category, "circle_id", null).find((row) => row.name === "food")?.id ?? 0;
  const cases: [AppCalls["one"], string, Row, number][] = [
    [me, "add_category", { circle_id: id, name: "twine" }, 409],
    [me, "add_category", { circle_id: id, name: "food" }, 409],
    [me, "rename_category", { category_id: own, name: "food" }, 409],
    [me, "rename_category", { category_id: food, name: "meals" }, 403],
    [me, "rename_category", { category_id: 9_999_999, name: "meals" }, 404],
    [stranger, "add_category", { circle_id: id, name: "x" }, 403],
    [stranger, "rename_category", { category_id: own, name: "x" }, 403],
  ];
  for (const [who, api, args, wanted] of cases) assert.equal(status(() => who(api, args)), wanted, api);
});

Deno.test("alerts do get marked and cleared by their owner", () => {
  const { world, me, them, stranger, list, user, id } = pot();
  them("add_bill", { title: "Tape", total: 3, circle_id: id });
  const [newest] = list("list_alerts", { unseen_only: true });
  const alertId = Number(newest?.["alert_id"]);
  assert.equal(newest?.["kind"], "bill");
  assert.equal(status(() => stranger("mark_alert_seen", { alert_id: alertId })), 403);
  me("mark_alert_seen", { alert_id: alertId });
  assert.equal(world.get(potAlert, alertId)?.seen, true);
  me("clear_alerts");
  assert.ok(world.rows(potAlert, user.email).every((row) => !row.seen));
  me("clear_alerts", { unseen_too: true });
  assert.deepEqual(list("list_alerts"), []);
});

Deno.test("export_ledger() does write a line for each bill that counts", () => {
  const { world, me, user, other, id, add } = pot();
  add({ title: "Later", on: "2027-03-02", among: [user.email, other.email] });
  add({ title: "Sooner", on: "2027-03-01", total: 4, shares: { [other.email]: 4 } });
  me("remove_bill", { bill_id: add({ title: "Gone" }) });
  const { path } = me("export_ledger", { circle_id: id });
  assert.equal(path, `/inbox/ledger_${id}.csv`);
  const saved = world.rows(file, user.email).find((row) => row.name === `ledger_${id}.csv`);
  assert.deepEqual(saved?.text.split("\n"), [
    "on;title;total;paid_by;category;shares",
    `2027-03-01;Sooner;4.00;${user.email};fun;${other.email}=4.00`,
    `2027-03-02;Later;10.00;${user.email};fun;${
      [user.email, other.email].sort().map((who) => `${who}=5.00`).join(" ")
    }`,
  ]);
  assert.equal(status(() => me("export_ledger", { circle_id: id })), 409);
  assert.equal(me("export_ledger", { circle_id: id, since: "2027-03-02", replace: true })["path"], path);
});
