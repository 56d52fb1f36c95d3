import assert from "node:assert/strict";
import { letter } from "../../../../envs/apps/apps/quillpost/tables.ts";
import { bankCard } from "../../../../envs/apps/apps/registry/tables.ts";
import { file } from "../../../../envs/apps/apps/stowbox/tables.ts";
import { tuppence } from "../../../../envs/apps/apps/tuppence/mod.ts";
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
  TUPPENCE_TABLES,
  wallet,
} from "../../../../envs/apps/apps/tuppence/tables.ts";
import { type AppCalls, appCalls, type Row } from "../_app_kit.ts";
import { openApps, refusal, status } from "../_kit.ts";

const TODAY = "2027-03-15";

/** A wallet of the user and of two others, with a hundred in the balance and no links. */
function purse() {
  const opened = openApps("full");
  const { world, user, people } = opened;
  const [, other, third] = people;
  assert.ok(other !== undefined && third !== undefined);
  const by = (email: string) => appCalls(opened.as({ email }), tuppence).one;
  for (const { email } of [user, other, third]) {
    const [member] = world.rows(wallet, email);
    assert.ok(member !== undefined);
    world.update(wallet, member.id, { balance: 10_000 });
    for (const row of world.rows(bond, email)) world.remove(bond, row.id);
  }
  const me = by(user.email);
  const list = (api: string, args: Row = {}) => me(api, { size: 20, ...args }) as unknown as Row[];
  const balance = (email = user.email) => world.rows(wallet, email)[0]?.balance;
  const pay = (to = other.email, amount = 10, more: Row = {}) =>
    Number(me("send_money", { to, amount, memo: "lunch", ...more })["transfer_id"]);
  const alerts = (email: string, kind: string) => world.rows(alert, email).filter((row) => row.kind === kind);
  return {
    ...opened,
    user,
    other,
    third,
    me,
    them: by(other.email),
    stranger: by(third.email),
    list,
    balance,
    pay,
    alerts,
  };
}

Deno.test("tuppence does have the tables and APIs of its design", () => {
  assert.equal(tuppence.apis.length, 60);
  assert.equal(new Set(tuppence.apis.map(({ name }) => name)).size, 60);
  assert.deepEqual(tuppence.tables.map(({ name }) => name), TUPPENCE_TABLES.map(({ name }) => name));
  assert.equal(TUPPENCE_TABLES.length, 12);
});

Deno.test("log_in() does take the phone number and refuses the e-mail", () => {
  const { call, user, world } = purse();
  const password = world.rows(wallet, user.email)[0]?.password ?? "";
  assert.equal(call("tuppence", "log_in", { user: user.number, password }).status, 200);
  assert.equal(call("tuppence", "log_in", { user: user.email, password }).status, 401);
});

Deno.test("send_money() does move money from the balance, write a private transfer and tell the receiver", () => {
  const { world, other, user, balance, pay, alerts } = purse();
  const before = alerts(other.email, "transfer").length;
  const row = world.get(transfer, pay(other.email, 12.34));
  assert.equal(balance(), 8766);
  assert.equal(balance(other.email), 11_234);
  const { from, to, amount, memo, visibility, funding, at } = row ?? assert.fail();
  assert.deepEqual({ from, to, amount, memo, visibility, funding, at }, {
    from: user.email,
    to: other.email,
    amount: 1234,
    memo: "lunch",
    visibility: "private",
    funding: "balance",
    at: world.at,
  });
  assert.equal(alerts(other.email, "transfer").length, before + 1);
});

Deno.test("send_money() does refuse too much, oneself, strangers and odd amounts", () => {
  const { me, other, user, balance } = purse();
  const cases: [Row, number][] = [
    [{ to: other.email, amount: 100.01 }, 402],
    [{ to: user.email, amount: 1 }, 422],
    [{ to: "nobody@pine.test", amount: 1 }, 404],
    [{ to: other.email, amount: 0 }, 422],
    [{ to: other.email, amount: 1.005 }, 422],
    [{ to: other.email, amount: "5" }, 422],
    [{ to: other.email, amount: 1, card_id: 999_999 }, 404],
    [{ to: other.email, amount: 1, visibility: "friends" }, 422],
  ];
  for (const [args, wanted] of cases) assert.equal(status(() => me("send_money", args)), wanted, JSON.stringify(args));
  assert.equal(balance(), 10_000);
});

/** The user's card that the bank takes, with its row in the bank. */
function goodCard({ world, user }: ReturnType<typeof purse>) {
  for (const card of world.rows(payCard, user.email)) {
    const [bank] = world.rowsWhere(bankCard, "number", card.number);
    if (bank !== undefined && bank.expires >= "2027-03" && bank.balance >= 20_000) return { card, bank };
  }
  assert.fail("no good card");
}

Deno.test("send_money() by card does charge the bank, spare the balance and send a receipt letter", () => {
  const opened = purse();
  const { world, me, other, balance } = opened;
  const { card, bank } = goodCard(opened);
  const letters = world.rows(letter).length;
  me("send_money", { to: other.email, amount: 25, card_id: card.id });
  assert.equal(balance(), 10_000);
  assert.equal(balance(other.email), 12_500);
  assert.equal(world.get(bankCard, bank.id)?.balance, bank.balance - 2500);
  assert.equal(world.rows(letter).length, letters + 1);
});

Deno.test("top_up() and cash_out() do move money between card and balance, with a move and a letter each", () => {
  const opened = purse();
  const { world, me, user, balance, list } = opened;
  const { card, bank } = goodCard(opened);
  const letters = world.rows(letter).length;
  const { move_id } = me("top_up", { card_id: card.id, amount: 30 });
  assert.equal(balance(), 13_000);
  me("cash_out", { card_id: card.id, amount: 50.5 });
  assert.equal(balance(), 7950);
  assert.equal(world.get(bankCard, bank.id)?.balance, bank.balance - 3000 + 5050);
  assert.equal(world.rows(letter).length, letters + 2);
  assert.equal(me("get_balance")["balance"], 79.5);
  assert.deepEqual(me("get_bank_move", { move_id: move_id ?? 0 }), {
    move_id,
    direction: "in",
    card: card.number.slice(-4),
    amount: 30,
    at: world.at,
  });
  assert.deepEqual(list("list_bank_moves", { since: TODAY }).map((row) => row["direction"]), ["out", "in"]);
  assert.equal(list("list_bank_moves", { since: TODAY, direction: "out" }).length, 1);
  assert.ok(world.rows(bankMove, user.email).length >= 2);
});

Deno.test("top_up(), cash_out() and get_bank_move() do refuse what the bank or the owner would", () => {
  const opened = purse();
  const { world, me, them, stranger, user } = opened;
  const { card, bank } = goodCard(opened);
  assert.equal(status(() => me("cash_out", { card_id: card.id, amount: 100.01 })), 402);
  assert.equal(status(() => them("top_up", { card_id: card.id, amount: 1 })), 403);
  assert.equal(status(() => them("cash_out", { card_id: card.id, amount: 1 })), 403);
  world.update(bankCard, bank.id, { balance: 100 });
  assert.equal(
    refusal(() => me("top_up", { card_id: card.id, amount: 2 })).message,
    "Payment refused: balance too low.",
  );
  world.update(bankCard, bank.id, { balance: 100_000, expires: "2027-02" });
  world.update(payCard, card.id, { expires: "2027-02" });
  assert.equal(refusal(() => me("top_up", { card_id: card.id, amount: 2 })).message, "Payment refused: card expired.");
  const [move] = world.rows(bankMove, user.email);
  assert.equal(status(() => stranger("get_bank_move", { move_id: move?.id ?? 0 })), 403);
  assert.equal(status(() => me("get_bank_move", { move_id: 9_999_999 })), 404);
});

Deno.test("add_card(), edit_card() and remove_card() do keep the bank's word", () => {
  const opened = purse();
  const { world, me, them, user, list } = opened;
  const { card } = goodCard(opened);
  const details = { number: card.number, expires: card.expires, check_code: card.check_code };
  assert.equal(status(() => me("add_card", { label: "again", ...details })), 409);
  me("remove_card", { card_id: card.id });
  assert.equal(status(() => me("get_card", { card_id: card.id })), 404);
  assert.equal(status(() => me("add_card", { label: "new", ...details, check_code: "000" })), 402);
  assert.equal(status(() => me("add_card", { label: "new", ...details, number: "1234" })), 402);
  const { card_id } = me("add_card", { label: "new", ...details });
  assert.equal(me("get_card", { card_id: card_id ?? 0 })["number"], card.number);
  me("edit_card", { card_id: card_id ?? 0, label: "best" });
  assert.equal(me("get_card", { card_id: card_id ?? 0 })["label"], "best");
  assert.equal(status(() => me("edit_card", { card_id: card_id ?? 0, expires: "2031-01" })), 402);
  assert.equal(status(() => me("edit_card", { card_id: card_id ?? 0 })), 422);
  assert.equal(status(() => them("edit_card", { card_id: card_id ?? 0, label: "mine" })), 403);
  assert.equal(status(() => them("get_card", { card_id: card_id ?? 0 })), 403);
  assert.equal(status(() => them("remove_card", { card_id: card_id ?? 0 })), 403);
  assert.equal(list("list_cards").length, world.rows(payCard, user.email).length);
  assert.ok(list("list_cards").every((row) => String(row["ending"]).length === 4 && !("number" in row)));
});

Deno.test("list_transfers() does filter by direction and days, newest first, and orders by amount when asked", () => {
  const { world, list, pay, them, user, other } = purse();
  world.during("2027-03-14T09:00:00", () => pay(other.email, 7));
  pay(other.email, 3);
  them("send_money", { to: user.email, amount: 5 });
  const amounts = (args: Row) => list("list_transfers", args).map((row) => row["amount"]);
  assert.deepEqual(amounts({ since: TODAY }), [5, 3]);
  assert.deepEqual(amounts({ since: TODAY, direction: "sent" }), [3]);
  assert.deepEqual(amounts({ since: "2027-03-14", until: "2027-03-14", direction: "sent" }).slice(-1), [7]);
  assert.deepEqual(amounts({ since: TODAY, order: "+amount" }), [3, 5]);
  assert.deepEqual(amounts({ since: TODAY, size: 1, page: 1 }), [3]);
  assert.deepEqual(amounts({ since: TODAY, page: 9 }), []);
});

Deno.test("list_transfers_with() does show those with one member alone", () => {
  const { list, pay, other, third } = purse();
  const one = pay(other.email, 4);
  pay(third.email, 6);
  const rows = list("list_transfers_with", { email: other.email, since: TODAY });
  assert.deepEqual(rows.map((row) => row["transfer_id"]), [one]);
});

Deno.test("get_transfer(), edit_memo() and set_visibility() do mind who is who", () => {
  const { world, me, them, stranger, pay } = purse();
  const id = pay();
  assert.equal(them("get_transfer", { transfer_id: id })["memo"], "lunch");
  assert.equal(status(() => stranger("get_transfer", { transfer_id: id })), 403);
  assert.equal(status(() => them("edit_memo", { transfer_id: id, memo: "x" })), 403);
  assert.equal(status(() => them("set_visibility", { transfer_id: id, visibility: "public" })), 403);
  me("edit_memo", { transfer_id: id, memo: "" });
  me("set_visibility", { transfer_id: id, visibility: "public" });
  assert.equal(world.get(transfer, id)?.memo, "");
  assert.equal(stranger("get_transfer", { transfer_id: id })["visibility"], "public");
  assert.equal(status(() => me("get_transfer", { transfer_id: 9_999_999 })), 404);
});

Deno.test("list_feed() does show public transfers of linked members and says nothing of their funding", () => {
  const { me, them, list, third, other } = purse();
  const at = { since: TODAY };
  them("send_money", { to: third.email, amount: 2, memo: "open", visibility: "public" });
  them("send_money", { to: third.email, amount: 2, memo: "hidden" });
  assert.deepEqual(list("list_feed", at), []);
  me("add_bond", { email: other.email });
  const rows = list("list_feed", at);
  assert.deepEqual(rows.map((row) => row["memo"]), ["open"]);
  assert.ok(!("funding" in (rows[0] ?? {})));
});

Deno.test("download_receipt() does save a file once, and again only when told to replace it", () => {
  const { world, me, stranger, user, pay } = purse();
  const id = pay();
  const { path } = me("download_receipt", { transfer_id: id });
  assert.equal(path, `/inbox/transfer_${id}.txt`);
  const saved = world.rows(file, user.email).find((row) => row.name === `transfer_${id}.txt`);
  assert.match(saved?.text ?? "", /Amount: 10\.00/);
  assert.equal(status(() => me("download_receipt", { transfer_id: id })), 409);
  me("download_receipt", { transfer_id: id, replace: true });
  me("download_receipt", { transfer_id: id, path: "/r.txt" });
  assert.equal(status(() => stranger("download_receipt", { transfer_id: id })), 403);
});

Deno.test("ask_money() does tell the member and list_asks_in() and list_asks_out() show both sides", () => {
  const { world, me, them, list, other, user, alerts } = purse();
  const told = alerts(other.email, "ask").length;
  const { ask_id } = me("ask_money", { to: other.email, amount: 8, memo: "cinema" });
  assert.equal(alerts(other.email, "ask").length, told + 1);
  const out = list("list_asks_out", { since: TODAY, state: "open" });
  assert.deepEqual(out, [
    { ask_id, from: user.email, to: other.email, amount: 8, memo: "cinema", state: "open", at: world.at },
  ]);
  const inside = them("list_asks_in", { since: TODAY, size: 20 }) as unknown as Row[];
  assert.equal(inside.at(-1)?.["ask_id"], ask_id);
  assert.deepEqual(list("list_asks_out", { since: TODAY, until: TODAY, state: "refused" }), []);
  assert.equal(status(() => me("ask_money", { to: user.email, amount: 8 })), 422);
  assert.equal(status(() => me("ask_money", { to: "nobody@pine.test", amount: 8 })), 404);
});

Deno.test("accept_ask() does pay with the ask's memo, once, and only who was asked", () => {
  const { world, me, them, other, user, balance } = purse();
  const id = Number(me("ask_money", { to: other.email, amount: 8, memo: "cinema" })["ask_id"]);
  assert.equal(status(() => me("accept_ask", { ask_id: id })), 403);
  const paid = world.get(transfer, Number(them("accept_ask", { ask_id: id })["transfer_id"]));
  assert.deepEqual([paid?.from, paid?.to, paid?.amount, paid?.memo], [other.email, user.email, 800, "cinema"]);
  assert.equal(world.get(ask, id)?.state, "accepted");
  assert.equal(balance(), 10_800);
  assert.equal(status(() => them("accept_ask", { ask_id: id })), 409);
  const dear = Number(me("ask_money", { to: other.email, amount: 500 })["ask_id"]);
  assert.equal(status(() => them("accept_ask", { ask_id: dear })), 402);
  assert.equal(world.get(ask, dear)?.state, "open");
});

Deno.test("accept_ask() by card does charge the bank", () => {
  const opened = purse();
  const { world, me, them, user, balance } = opened;
  const { card, bank } = goodCard(opened);
  const id = Number(them("ask_money", { to: user.email, amount: 40 })["ask_id"]);
  me("accept_ask", { ask_id: id, card_id: card.id });
  assert.equal(balance(), 10_000);
  assert.equal(world.get(bankCard, bank.id)?.balance, bank.balance - 4000);
});

for (
  const [api, who, end] of [
    ["refuse_ask", "them", "refused"],
    ["withdraw_ask", "me", "withdrawn"],
  ] as const
) {
  Deno.test(`${api}() does close an open ask, for who may, and only once`, () => {
    const { world, other, ...all } = purse();
    const id = Number(all.me("ask_money", { to: other.email, amount: 8 })["ask_id"]);
    assert.equal(status(() => all[who === "me" ? "them" : "me"](api, { ask_id: id })), 403);
    all[who](api, { ask_id: id });
    assert.equal(world.get(ask, id)?.state, end);
    assert.equal(status(() => all[who](api, { ask_id: id })), 409);
    assert.equal(status(() => all.me("edit_ask", { ask_id: id, amount: 1 })), 409);
    assert.equal(status(() => all.me("remind_ask", { ask_id: id })), 409);
    assert.equal(status(() => all[who](api, { ask_id: 9_999_999 })), 404);
  });
}

Deno.test("remind_ask() and edit_ask() do change an own open ask; get_ask() shows it to its two sides", () => {
  const { world, me, them, stranger, other, alerts } = purse();
  const id = Number(me("ask_money", { to: other.email, amount: 8 })["ask_id"]);
  assert.equal(me("get_ask", { ask_id: id })["reminded_at"], null);
  const told = alerts(other.email, "reminder").length;
  me("remind_ask", { ask_id: id });
  assert.equal(alerts(other.email, "reminder").length, told + 1);
  me("edit_ask", { ask_id: id, amount: 7.5, memo: "less" });
  const seen = them("get_ask", { ask_id: id });
  assert.deepEqual([seen["amount"], seen["memo"], seen["reminded_at"]], [7.5, "less", world.at]);
  assert.equal(status(() => stranger("get_ask", { ask_id: id })), 403);
  assert.equal(status(() => them("edit_ask", { ask_id: id, amount: 1 })), 403);
  assert.equal(status(() => them("remind_ask", { ask_id: id })), 403);
  assert.equal(status(() => me("edit_ask", { ask_id: id })), 422);
});

Deno.test("add_bond() and remove_bond() do link two members, seen from both sides", () => {
  const { me, them, list, other, user, alerts } = purse();
  const told = alerts(other.email, "bond").length;
  me("add_bond", { email: other.email });
  assert.equal(alerts(other.email, "bond").length, told + 1);
  assert.deepEqual(list("list_bonds"), [{ name: other.name, email: other.email, since: TODAY }]);
  const seen = list("list_bonds_of", { email: other.email });
  assert.deepEqual(seen.map((row) => row["email"]), [user.email]);
  assert.equal(status(() => them("add_bond", { email: user.email })), 409);
  assert.equal(status(() => me("add_bond", { email: user.email })), 422);
  assert.equal(status(() => me("list_bonds_of", { email: "nobody@pine.test" })), 404);
  them("remove_bond", { email: user.email });
  assert.deepEqual(list("list_bonds"), []);
  assert.equal(status(() => me("remove_bond", { email: other.email })), 404);
});

Deno.test("add_cheer() and remove_cheer() do work once, on transfers that one may see", () => {
  const { world, me, them, stranger, pay, list, user } = purse();
  const id = pay();
  them("add_cheer", { transfer_id: id });
  assert.deepEqual(list("list_cheers", { transfer_id: id }).length, 1);
  assert.equal(status(() => them("add_cheer", { transfer_id: id })), 409);
  assert.equal(status(() => stranger("add_cheer", { transfer_id: id })), 403);
  assert.equal(status(() => stranger("list_cheers", { transfer_id: id })), 403);
  assert.equal(status(() => me("remove_cheer", { transfer_id: id })), 404);
  them("remove_cheer", { transfer_id: id });
  assert.deepEqual(world.rowsWhere(cheer, "transfer_id", id), []);
  me("set_visibility", { transfer_id: id, visibility: "public" });
  const told = world.rows(alert, user.email).length;
  stranger("add_cheer", { transfer_id: id });
  assert.equal(world.rows(alert, user.email).length, told + 1);
});

Deno.test("remarks do belong to their writer", () => {
  const { world, me, them, stranger, pay, list } = purse();
  const id = pay();
  const mine = Number(me("add_remark", { transfer_id: id, text: "enjoy" })["remark_id"]);
  them("add_remark", { transfer_id: id, text: "thanks" });
  assert.deepEqual(list("list_remarks", { transfer_id: id }).map((row) => row["text"]), ["enjoy", "thanks"]);
  me("edit_remark", { remark_id: mine, text: "enjoy!" });
  assert.equal(world.get(remark, mine)?.text, "enjoy!");
  assert.equal(status(() => them("edit_remark", { remark_id: mine, text: "no" })), 403);
  assert.equal(status(() => them("remove_remark", { remark_id: mine })), 403);
  assert.equal(status(() => stranger("add_remark", { transfer_id: id, text: "hm" })), 403);
  assert.equal(status(() => stranger("list_remarks", { transfer_id: id })), 403);
  assert.equal(status(() => me("add_remark", { transfer_id: id, text: " " })), 422);
  me("remove_remark", { remark_id: mine });
  assert.equal(status(() => me("remove_remark", { remark_id: mine })), 404);
});

Deno.test("pots do hold money apart from the balance and give it back when removed", () => {
  const { world, me, list, balance } = purse();
  const id = Number(me("add_pot", { name: "sled", goal: 50, due_on: "2027-12-01" })["pot_id"]);
  me("move_into_pot", { pot_id: id, amount: 20 });
  me("move_out_of_pot", { pot_id: id, amount: 5.5 });
  assert.equal(balance(), 8550);
  assert.deepEqual(me("get_pot", { pot_id: id }), {
    pot_id: id,
    name: "sled",
    goal: 50,
    saved: 14.5,
    due_on: "2027-12-01",
  });
  const moves = list("list_pot_moves", { pot_id: id });
  assert.deepEqual(moves.map((row) => [row["direction"], row["amount"]]), [["out", 5.5], ["in", 20]]);
  assert.equal(list("list_pots").at(-1)?.["pot_id"], id);
  me("remove_pot", { pot_id: id });
  assert.equal(balance(), 10_000);
  assert.equal(world.get(pot, id), undefined);
  assert.deepEqual(world.rowsWhere(potMove, "pot_id", id), []);
});

Deno.test("pots do refuse what is not there, taken names and other people", () => {
  const { me, them } = purse();
  const id = Number(me("add_pot", { name: "sled", goal: 50 })["pot_id"]);
  const cases: [AppCalls["one"], string, Row, number][] = [
    [me, "move_into_pot", { pot_id: id, amount: 100.01 }, 402],
    [me, "move_out_of_pot", { pot_id: id, amount: 0.01 }, 402],
    [me, "add_pot", { name: "sled", goal: 5 }, 409],
    [me, "add_pot", { name: "kite", goal: 0 }, 422],
    [me, "edit_pot", { pot_id: id }, 422],
    [them, "edit_pot", { pot_id: id, goal: 5 }, 403],
    [them, "get_pot", { pot_id: id }, 403],
    [them, "list_pot_moves", { pot_id: id }, 403],
    [them, "move_into_pot", { pot_id: id, amount: 1 }, 403],
    [them, "move_out_of_pot", { pot_id: id, amount: 1 }, 403],
    [them, "remove_pot", { pot_id: id }, 403],
    [me, "remove_pot", { pot_id: 9_999_999 }, 404],
  ];
  for (const [who, api, args, wanted] of cases) assert.equal(status(() => who(api, args)), wanted, api);
  const second = Number(me("add_pot", { name: "kite", goal: 5 })["pot_id"]);
  assert.equal(status(() => me("edit_pot", { pot_id: second, name: "sled" })), 409);
  me("edit_pot", { pot_id: second, name: "kites", goal: 6, due_on: "2028-01-01" });
  assert.deepEqual(me("get_pot", { pot_id: second })["goal"], 6);
});

Deno.test("standing orders do change, stop and go, for their owner", () => {
  const { world, me, them, list, other, third, user } = purse();
  const values = { to: other.email, amount: 12, every: "month", next_on: "2027-04-01" };
  const id = Number(me("add_standing_order", values)["order_id"]);
  assert.deepEqual(me("get_standing_order", { order_id: id }), { order_id: id, ...values, memo: "", active: true });
  me("edit_standing_order", { order_id: id, to: third.email, amount: 9.5, active: false });
  assert.equal(list("list_standing_orders", { active: false }).at(-1)?.["to"], third.email);
  assert.ok(list("list_standing_orders", { active: true }).every((row) => row["order_id"] !== id));
  const cases: [AppCalls["one"], string, Row, number][] = [
    [me, "add_standing_order", { ...values, next_on: "2027-03-14" }, 422],
    [me, "add_standing_order", { ...values, every: "day" }, 422],
    [me, "add_standing_order", { ...values, to: user.email }, 422],
    [me, "edit_standing_order", { order_id: id }, 422],
    [me, "edit_standing_order", { order_id: id, to: "nobody@pine.test" }, 404],
    [me, "edit_standing_order", { order_id: id, next_on: "2027-01-01" }, 422],
    [them, "edit_standing_order", { order_id: id, amount: 1 }, 403],
    [them, "get_standing_order", { order_id: id }, 403],
    [them, "remove_standing_order", { order_id: id }, 403],
  ];
  for (const [who, api, args, wanted] of cases) assert.equal(status(() => who(api, args)), wanted, api);
  me("remove_standing_order", { order_id: id });
  assert.equal(world.get(standingOrder, id), undefined);
});

Deno.test("alerts do get marked and cleared by their owner", () => {
  const { world, me, them, stranger, list, user } = purse();
  them("ask_money", { to: user.email, amount: 3 });
  them("send_money", { to: user.email, amount: 3 });
  const [newest] = list("list_alerts", { unseen_only: true });
  const id = Number(newest?.["alert_id"]);
  assert.equal(newest?.["kind"], "transfer");
  assert.equal(status(() => stranger("mark_alert_seen", { alert_id: id })), 403);
  me("mark_alert_seen", { alert_id: id });
  assert.equal(world.get(alert, id)?.seen, true);
  me("clear_alerts");
  assert.ok(world.rows(alert, user.email).every((row) => !row.seen));
  assert.ok(world.rows(alert, user.email).length > 0);
  me("clear_alerts", { unseen_too: true });
  assert.deepEqual(list("list_alerts"), []);
});

Deno.test("reading does change nothing", () => {
  const { session, world, other, list, me } = purse();
  const before = world.diff().size;
  for (const api of ["list_cards", "list_bank_moves", "list_transfers", "list_feed", "list_asks_in", "list_asks_out"]) {
    list(api);
  }
  for (const api of ["list_bonds", "list_pots", "list_standing_orders", "list_alerts", "find_members"]) list(api);
  list("list_transfers_with", { email: other.email });
  me("get_balance");
  me("get_account");
  assert.equal(world.diff().size, before);
  assert.equal(session.fault, undefined);
});
