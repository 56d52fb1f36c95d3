import assert from "node:assert/strict";
import type { AppSession } from "../../../envs/apps/session.ts";
import { AT, base, newSession, ok, principal, principals, refused, type Rows, rowsOf, signIn } from "./_fixtures.ts";

function allPages(
  session: AppSession,
  app: string,
  api: string,
  args: Record<string, string | number | boolean>,
): Rows {
  const rows: Rows = [];
  for (let page = 0;; page++) {
    const some = rowsOf(session, app, api, { ...args, page });
    rows.push(...some);
    if (some.length < 5) return rows;
  }
}

Deno.test("lists come in pages of 5 without a total, and are empty past the end", () => {
  const session = newSession();
  const token = signIn(session, "handset");
  const world = base.open(AT);
  const expected = world.rowsByName("handset.contact", principal(0).email).map((row) => row["name"]);
  assert.ok(expected.length > 10);
  assert.equal(rowsOf(session, "handset", "list_contacts", { token }).length, 5);
  assert.deepEqual(allPages(session, "handset", "list_contacts", { token }).map((row) => row["name"]), expected);
  assert.deepEqual(rowsOf(session, "handset", "list_contacts", { token, page: 99 }), []);
  assert.equal(
    rowsOf(session, "handset", "list_contacts", { token, size: 20, page: 0 }).length,
    Math.min(20, expected.length),
  );
});

Deno.test("pages shift when rows are removed while one reads them", () => {
  const session = newSession();
  const token = signIn(session, "handset");
  const before = allPages(session, "handset", "list_alarms", { token }).map((row) => row["alarm_id"]);
  ok(session, "handset", "remove_alarm", { token, alarm_id: before[0] ?? null });
  assert.equal(rowsOf(session, "handset", "list_alarms", { token, page: 1 })[0]?.["alarm_id"], before[6]);
});

Deno.test("a query ranks and never filters; a filter filters", () => {
  const session = newSession();
  const token = signIn(session, "handset");
  const all = allPages(session, "handset", "list_contacts", { token });
  const last = all.at(-3) ?? {};
  const found = allPages(session, "handset", "find_contacts", { token, q: String(last["name"]) });
  assert.equal(found[0]?.["contact_id"], last["contact_id"]);
  assert.equal(found.length, all.length);
  const friends = allPages(session, "handset", "list_contacts", { token, tie: "friend" });
  assert.ok(friends.length > 0 && friends.length < all.length);
  assert.ok(friends.every((row) => (row["ties"] as string[]).includes("friend")));
});

Deno.test("log_in wants the phone number in tuppence and the e-mail elsewhere", () => {
  const session = newSession();
  const { email, number } = principal(0);
  const password = Object.fromEntries(
    rowsOf(session, "principal", "my_logins").map((row) => [row["app"], row["password"] ?? null]),
  );
  ok(session, "tuppence", "log_in", { user: number, password: password["tuppence"] ?? null });
  assert.equal(
    refused(session, 401, "tuppence", "log_in", { user: email, password: password["tuppence"] ?? null }),
    "Sign-in refused for tuppence.",
  );
  refused(session, 401, "handset", "log_in", { user: email, password: password["tuppence"] ?? null });
  refused(session, 401, "handset", "log_in", { user: number, password: password["handset"] ?? null });
});

Deno.test("log_out makes the token worthless", () => {
  const session = newSession();
  const token = signIn(session, "foldnote");
  ok(session, "foldnote", "list_notes", { token });
  ok(session, "foldnote", "log_out", { token });
  refused(session, 401, "foldnote", "list_notes", { token });
});

Deno.test("send_money moves money between both balances, and is refused when the balance is too low", () => {
  const session = newSession();
  const token = signIn(session, "tuppence");
  const balance = (email: string) => Number(session.world.rowsByName("tuppence.member", email)[0]?.["balance"]);
  const [me, other] = [principal(0).email, principal(1).email];
  const [mine, theirs] = [balance(me), balance(other)];
  ok(session, "tuppence", "send_money", { token, to: other, amount: 12.35, memo: "cake" });
  assert.deepEqual([balance(me), balance(other)], [mine - 1235, theirs + 1235]);
  const [newest] = rowsOf(session, "tuppence", "list_transfers", { token });
  assert.deepEqual([newest?.["to"], newest?.["amount"], newest?.["memo"], newest?.["at"]], [other, 12.35, "cake", AT]);
  assert.equal(
    refused(session, 402, "tuppence", "send_money", { token, to: other, amount: 99999 }),
    "Payment refused: balance too low.",
  );
  assert.equal(
    refused(session, 404, "tuppence", "send_money", { token, to: "nobody@pine.test", amount: 1 }),
    "No member with email nobody@pine.test.",
  );
});

Deno.test("an ask is accepted once, by the one who is asked, and moves the money", () => {
  const session = newSession();
  const token = signIn(session, "tuppence");
  const asker = principal(2);
  session.client(asker)("tuppence", "ask_money", { to: principal(0).email, amount: 5, memo: "tea" });
  const asks = allPages(session, "tuppence", "list_asks_in", { token, state: "open" });
  const ask_id = asks.at(-1)?.["ask_id"] ?? null;
  assert.equal(
    refused(session, 403, "tuppence", "withdraw_ask", { token, ask_id }),
    "This ask is not yours to withdraw.",
  );
  ok(session, "tuppence", "accept_ask", { token, ask_id });
  const [newest] = rowsOf(session, "tuppence", "list_transfers", { token, direction: "sent" });
  assert.deepEqual([newest?.["to"], newest?.["amount"], newest?.["memo"]], [asker.email, 5, "tea"]);
  assert.equal(
    refused(session, 409, "tuppence", "accept_ask", { token, ask_id }),
    `Cannot accept ask ${ask_id}: it is accepted.`,
  );
});

Deno.test("removing a pot gives its money back", () => {
  const session = newSession();
  const token = signIn(session, "tuppence");
  const { balance } = ok(session, "tuppence", "get_balance", { token }) as { balance: number };
  const pot = rowsOf(session, "tuppence", "list_pots", { token }).find((row) => Number(row["saved"]) > 0) ?? {};
  ok(session, "tuppence", "remove_pot", { token, pot_id: pot["pot_id"] ?? null });
  const after = ok(session, "tuppence", "get_balance", { token }) as { balance: number };
  assert.equal(Math.round(after.balance * 100), Math.round((balance + Number(pot["saved"])) * 100));
});

Deno.test("send_text writes a copy for the receiver, who has not seen it", () => {
  const session = newSession();
  const token = signIn(session, "handset");
  const receiver = principal(3);
  ok(session, "handset", "send_text", { token, number: receiver.number, text: "See you." });
  const [copy] = session.client(receiver)("handset", "list_texts", { direction: "in" }) as Rows;
  assert.deepEqual([copy?.["from"], copy?.["to"], copy?.["text"], copy?.["seen"]], [
    principal(0).number,
    receiver.number,
    "See you.",
    false,
  ]);
  const [own] = rowsOf(session, "handset", "list_texts", { token });
  assert.deepEqual([own?.["from"], own?.["to"], own?.["seen"]], [principal(0).number, receiver.number, true]);
});

Deno.test("verbs without a value are refused when already done; verbs with one are not", () => {
  const session = newSession();
  const token = signIn(session, "handset");
  const alarm = rowsOf(session, "handset", "list_alarms", { token }).find((row) => row["on"] === true) ?? {};
  const alarm_id = alarm["alarm_id"] ?? null;
  assert.equal(
    refused(session, 409, "handset", "turn_alarm_on", { token, alarm_id }),
    `Cannot turn on alarm ${alarm_id}: it is already on.`,
  );
  ok(session, "handset", "turn_alarm_off", { token, alarm_id });
  const contact_id = rowsOf(session, "handset", "list_contacts", { token })[0]?.["contact_id"] ?? null;
  ok(session, "handset", "mark_favourite", { token, contact_id, on: true });
  ok(session, "handset", "mark_favourite", { token, contact_id, on: true });
});

Deno.test("another person's rows can be neither read nor changed", () => {
  const session = newSession();
  const theirs = (table: string) => base.open(AT).rowsByName(table, principal(5).email)[0]?.id ?? 0;
  const handset = signIn(session, "handset");
  const foldnote = signIn(session, "foldnote");
  assert.equal(
    refused(session, 403, "handset", "get_contact", { token: handset, contact_id: theirs("handset.contact") }),
    "This contact is not yours to read.",
  );
  assert.equal(
    refused(session, 403, "foldnote", "edit_note", { token: foldnote, note_id: theirs("foldnote.note"), body: "" }),
    "This note is not yours to change.",
  );
  assert.equal(
    refused(session, 404, "foldnote", "get_note", { token: foldnote, note_id: 99999 }),
    "No note with id 99999.",
  );
});

Deno.test("buying takes stock and cancelling gives it back", () => {
  const session = newSession();
  const token = signIn(session, "marlo");
  const product =
    rowsOf(session, "marlo", "find_products", { token, q: "lamp", size: 20 }).find((row) => Number(row["stock"]) > 2) ??
      {};
  const product_id = product["product_id"] ?? null;
  const stock = () => (ok(session, "marlo", "get_product", { token, product_id }) as { stock: number }).stock;
  const { purchase_id } = ok(session, "marlo", "buy", { token, product_id, qty: 2 }) as { purchase_id: number };
  assert.equal(stock(), Number(product["stock"]) - 2);
  ok(session, "marlo", "cancel_purchase", { token, purchase_id });
  assert.equal(stock(), Number(product["stock"]));
  assert.equal(
    refused(session, 409, "marlo", "cancel_purchase", { token, purchase_id }),
    `Cannot cancel purchase ${purchase_id}: it is cancelled.`,
  );
  assert.match(
    refused(session, 409, "marlo", "buy", { token, product_id, qty: 99 }),
    /^Cannot buy product \d+: only \d+ in stock\.$/,
  );
});

Deno.test("a note goes with its checklist", () => {
  const session = newSession();
  const token = signIn(session, "foldnote");
  const { note_id } = ok(session, "foldnote", "add_note", { token, title: "Trip", body: "" }) as { note_id: number };
  for (const text of ["tent", "rope"]) ok(session, "foldnote", "add_item", { token, note_id, text });
  assert.deepEqual(rowsOf(session, "foldnote", "list_items", { token, note_id }).map((row) => row["position"]), [1, 2]);
  ok(session, "foldnote", "remove_note", { token, note_id });
  assert.equal(session.world.rowsByName("foldnote.check_item").some((row) => row["note_id"] === note_id), false);
});

Deno.test("search_apis() finds every API by the words of its name", () => {
  const session = newSession();
  for (const { name: app, apis } of session.catalogue.values()) {
    for (const { name } of apis) {
      const lines = ok(session, "guide", "search_apis", { app, q: name.replaceAll("_", " ") }) as string[];
      assert.ok(lines[0]?.startsWith(`${app}.${name}(`), `${app}.${name}: ${lines[0]}`);
      assert.equal(lines.length, Math.min(3, apis.length));
    }
  }
});

Deno.test("finish_task keeps the last answer and changes no table", () => {
  const session = newSession();
  assert.equal(session.finished, undefined);
  ok(session, "principal", "finish_task", { answer: 3 });
  ok(session, "principal", "finish_task", { answer: "four", outcome: "done" });
  assert.deepEqual(session.finished, { answer: "four", outcome: "done" });
  ok(session, "principal", "finish_task");
  assert.deepEqual(session.finished, { answer: null, outcome: "done" });
  refused(session, 422, "principal", "finish_task", { answer: ["a"] });
  assert.equal(session.world.diff().size, 0);
});

Deno.test("reading and signing in change nothing", () => {
  const session = newSession();
  for (const app of ["handset", "tuppence", "foldnote", "marlo"]) signIn(session, app);
  const token = signIn(session, "handset");
  allPages(session, "handset", "list_texts", { token });
  assert.equal(session.world.diff().size, 0);
  assert.ok(principals.length >= 24);
});
