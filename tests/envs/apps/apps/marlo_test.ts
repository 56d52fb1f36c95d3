import assert from "node:assert/strict";
import { marlo } from "../../../../envs/apps/apps/marlo/mod.ts";
import {
  listLine,
  marloMember,
  payCard,
  product,
  purchase,
  purchaseLine,
  question,
  refillPlan,
  review,
  seller,
  shipAddress,
  voucher,
} from "../../../../envs/apps/apps/marlo/tables.ts";
import { letter } from "../../../../envs/apps/apps/quillpost/tables.ts";
import { bankCard } from "../../../../envs/apps/apps/registry/tables.ts";
import { file } from "../../../../envs/apps/apps/stowbox/tables.ts";
import { addDays } from "../../../../envs/apps/calendar.ts";
import { appCalls, type Row } from "../_app_kit.ts";
import { openApps, refusal } from "../_kit.ts";

/** A fresh world in which the user pays with one good card; calls check shapes of results. */
function open() {
  const apps = openApps("full");
  const { world, user, as } = apps;
  const owner = user.email;
  const { one: shop, rows, all, refused } = appCalls(apps.me, marlo);
  const card = world.rows(payCard, owner).find(({ label }) => label === "everyday card")!;
  const bank = world.rowsWhere(bankCard, "number", card.number)[0]!;
  world.update(bankCard, bank.id, { balance: 500_000 });
  const home = world.rows(shipAddress, owner)[0]!;
  world.update(marloMember, world.rows(marloMember, owner)[0]!.id, { default_card: card.id, default_address: home.id });
  shop("empty_basket");
  const taken = new Set([
    ...world.rows(listLine, owner),
    ...world.rows(purchaseLine, owner),
    ...world.rows(refillPlan, owner),
    ...world.rows(review, owner),
  ].map((row) => row.product_id));
  const fresh = world.rows(product).filter((row) => row.stock >= 5 && !taken.has(row.id));
  const balance = () => world.get(bankCard, bank.id)!.balance;
  const letters = () => world.rows(letter).length;
  const stock = (id: number) => world.get(product, id)!.stock;
  /** Buys products at once; gives the purchase and its lines. */
  const buy = (...ids: readonly number[]) => {
    const line_ids = ids.map((product_id) => Number(shop("add_to_basket", { product_id, qty: 2 })["line_id"]));
    const id = Number(shop("place_order", { line_ids })["purchase_id"]);
    return { id, lines: world.rowsWhere(purchaseLine, "purchase_id", id) };
  };
  /** Brings a bought line to its receiver some days ago. */
  const deliver = (lineId: number, days: number) => {
    const moved = { parcel_state: "delivered", parcel_no: "MP1-1", delivered_on: addDays(world.at, -days) };
    world.update(purchaseLine, lineId, moved);
    world.update(purchase, world.get(purchaseLine, lineId)!.purchase_id, { state: "delivered" });
  };
  return { ...apps, owner, shop, rows, all, refused, card, home, fresh, balance, letters, stock, buy, deliver, as };
}

/** A row of somebody else. */
function foreign<T extends { readonly owner: string; readonly id: number }>(rows: readonly T[], owner: string): number {
  return rows.find((row) => row.owner !== owner && row.owner !== "")!.id;
}

Deno.test("marlo has 74 APIs with different names, 12 tables, and lists that can be paged and ordered", () => {
  assert.equal(new Set(marlo.apis.map(({ name }) => name)).size, 74);
  assert.equal(marlo.apis.length, 74);
  assert.equal(marlo.tables.length, 12);
  const lists = marlo.apis.filter(({ list }) => list !== undefined);
  assert.ok(lists.length >= 18);
  assert.ok(lists.filter(({ list }) => (list?.orders.length ?? 0) > 0).length >= 16);
});

Deno.test("get_account() and edit_account() show and change defaults when they are the member's own", () => {
  const { shop, refused, world, owner, card, home } = open();
  assert.equal(shop("get_account")["default_card_id"], card.id);
  const other = Number(shop("add_address", { label: "hut", street: "Moor 1", town: "Orrow" })["address_id"]);
  shop("edit_account", { default_address_id: other, name: "New Name" });
  assert.equal(shop("get_account")["default_address_id"], other);
  assert.equal(shop("get_account")["name"], "New Name");
  refused(422, /nothing to change/, "edit_account");
  refused(403, /not yours/, "edit_account", { default_card_id: foreign(world.rows(payCard), owner) });
  refused(404, /No address/, "edit_account", { default_address_id: 99_999 });
  assert.equal(home.label, "home");
});

Deno.test("cards are added when the bank knows them, and removed when no plan needs them", () => {
  const { shop, all, refused, world, owner, card } = open();
  const stranger = world.rows(bankCard).find((row) =>
    row.owner !== owner && row.expires >= "2027-04" &&
    !world.rows(payCard, owner).some(({ number }) => number === row.number)
  )!;
  const { number, expires, check_code } = stranger;
  refused(402, /wrong check code/, "add_card", { label: "x", number, expires, check_code: "000" });
  refused(402, /card expired/, "add_card", { label: "x", number, expires: "2026-01", check_code });
  refused(402, /no such card/, "add_card", { label: "x", number: "1", expires, check_code });
  const card_id = Number(
    shop("add_card", { label: "spare", number, expires, check_code, make_default: true })["card_id"],
  );
  assert.equal(all("list_cards").find((row) => row["card_id"] === card_id)!["is_default"], true);
  assert.equal(shop("get_card", { card_id })["number"], number);
  refused(409, /it is kept/, "add_card", { label: "again", number, expires, check_code });
  shop("edit_card", { card_id, label: "second" });
  assert.equal(shop("get_card", { card_id })["label"], "second");
  refused(422, /nothing to change/, "edit_card", { card_id });
  refused(402, /card expired/, "edit_card", { card_id, expires: "2030-01" });
  shop("remove_card", { card_id });
  assert.equal(shop("get_account")["default_card_id"], null);
  refused(404, /No card/, "get_card", { card_id });
  refused(403, /not yours/, "get_card", { card_id: foreign(world.rows(payCard), owner) });
  const plan = world.rows(refillPlan, owner)[0]!;
  world.update(refillPlan, plan.id, { card_id: card.id });
  refused(409, /refill plan \d+ charges it/, "remove_card", { card_id: card.id });
});

Deno.test("addresses have labels of their own, and stay when a plan ships to them", () => {
  const { shop, all, refused, world, owner, user, home } = open();
  const address = { label: "hut", street: "Moor 1", town: "Orrow" };
  const address_id = Number(shop("add_address", address)["address_id"]);
  assert.equal(shop("get_address", { address_id })["receiver"], user.name);
  assert.ok(all("list_addresses").some((row) => row["label"] === "hut"));
  refused(409, /label is taken/, "add_address", address);
  refused(409, /label is taken/, "edit_address", { address_id, label: home.label });
  refused(422, /nothing to change/, "edit_address", { address_id });
  shop("edit_address", { address_id, label: "hut", receiver: "Ada Birk" });
  assert.equal(shop("get_address", { address_id })["receiver"], "Ada Birk");
  shop("edit_account", { default_address_id: address_id });
  shop("remove_address", { address_id });
  assert.equal(shop("get_account")["default_address_id"], null);
  refused(404, /No address/, "edit_address", { address_id, town: "Orrow" });
  refused(403, /not yours/, "get_address", { address_id: foreign(world.rows(shipAddress), owner) });
  world.update(refillPlan, world.rows(refillPlan, owner)[0]!.id, { address_id: home.id });
  refused(409, /refill plan \d+ ships to it/, "remove_address", { address_id: home.id });
});

Deno.test("find_products() filters by kind, price, stars and stock, and ranks the rest", () => {
  const { rows, all, world } = open();
  const kettles = all("find_products", { kind: "kettle" });
  assert.ok(kettles.length > 20 && kettles.every((row) => row["kind"] === "kettle"));
  const some = all("find_products", { kind: "kettle", min_price: 40, max_price: 70, min_stars: 3, in_stock: true });
  assert.ok(some.length > 0 && some.length < kettles.length);
  assert.ok(some.every((row) => Number(row["price"]) >= 40 && Number(row["price"]) <= 70 && Number(row["stars"]) >= 3));
  const [cheapest] = rows("find_products", { kind: "kettle", order: "+price", size: 1 });
  assert.equal(cheapest!["price"], Math.min(...kettles.map((row) => Number(row["price"]))));
  for (const row of world.rows(product).filter(({ id }) => id % 241 === 0)) {
    assert.equal(rows("find_products", { q: row.title })[0]!["title"], row.title);
  }
  assert.equal(rows("find_products", { kind: "no such kind" }).length, 0);
});

Deno.test("get_product() and compare_products() show specifications, which lists do not", () => {
  const { shop, rows, refused, fresh } = open();
  const [a, b] = fresh;
  assert.deepEqual(shop("get_product", { product_id: a!.id })["specs"], a!.specs);
  assert.deepEqual(rows("compare_products", { product_ids: [b!.id, a!.id] }).map((row) => row["product_id"]), [
    b!.id,
    a!.id,
  ]);
  assert.ok(!Object.hasOwn(rows("find_products")[0]!, "specs"));
  refused(404, /No product/, "get_product", { product_id: 1_000_000 });
  refused(409, /at most 4/, "compare_products", { product_ids: fresh.slice(0, 5).map(({ id }) => id) });
  refused(422, /product_ids/, "compare_products", { product_ids: [] });
});

Deno.test("list_similar() stays in the kind, nearest in price first; list_deals() shows cut prices", () => {
  const { all, rows, refused, fresh } = open();
  const near = all("list_similar", { product_id: fresh[0]!.id });
  assert.ok(near.length > 0 && near.length <= 15);
  assert.ok(near.every((row) => row["kind"] === fresh[0]!.kind && row["product_id"] !== fresh[0]!.id));
  const distances = near.map((row) => Math.abs(Math.round(Number(row["price"]) * 100) - fresh[0]!.price));
  assert.deepEqual(distances, [...distances].sort((x, y) => x - y));
  assert.ok(rows("list_deals", { kind: "lamp", size: 20 }).every((row) => Number(row["price"]) < Number(row["was"])));
  refused(404, /No product/, "list_similar", { product_id: 1_000_000 });
});

Deno.test("kinds and sellers are listed, each seller with its products", () => {
  const { all, shop, rows, refused, world } = open();
  assert.equal(all("list_kinds").length, 60);
  assert.equal(all("find_sellers").length, 90);
  const first = world.rows(seller)[0]!;
  assert.equal(shop("get_seller", { seller_id: first.id })["ships_in_days"], first.ships_in_days);
  assert.ok(rows("find_sellers", { town: first.town }).every((row) => row["town"] === first.town));
  const products = all("list_seller_products", { seller_id: first.id });
  assert.equal(products.length, world.rowsWhere(product, "seller_id", first.id).length);
  const kind = String(products[0]!["kind"]);
  assert.ok(all("list_seller_products", { seller_id: first.id, kind }).every((row) => row["kind"] === kind));
  refused(404, /No seller/, "get_seller", { seller_id: 999 });
  refused(404, /No seller/, "list_seller_products", { seller_id: 999 });
});

Deno.test("reviews are for what was delivered, once, and change only by their writer", () => {
  const { shop, all, refused, world, owner, fresh, buy, deliver } = open();
  const product_id = fresh[0]!.id;
  const words = { product_id, stars: 4, text: "Fine." };
  refused(409, /never delivered/, "add_review", words);
  const { lines } = buy(product_id);
  refused(409, /never delivered/, "add_review", words);
  deliver(lines[0]!.id, 3);
  const review_id = Number(shop("add_review", words)["review_id"]);
  refused(409, /has your review/, "add_review", words);
  refused(422, /stars/, "add_review", { ...words, stars: 6 });
  refused(404, /No product/, "add_review", { ...words, product_id: 1_000_000 });
  assert.ok(all("list_reviews", { product_id }).some((row) => row["review_id"] === review_id && row["by"] === owner));
  assert.ok(all("list_reviews", { product_id, stars: 1 }).every((row) => row["stars"] === 1));
  assert.equal(all("list_my_reviews")[0]!["review_id"], review_id);
  shop("edit_review", { review_id, stars: 2 });
  assert.equal(shop("get_review", { review_id })["stars"], 2);
  assert.equal(shop("get_review", { review_id })["text"], "Fine.");
  refused(422, /nothing to change/, "edit_review", { review_id });
  shop("remove_review", { review_id });
  refused(404, /No review/, "get_review", { review_id });
  const other = foreign(world.rows(review), owner);
  refused(403, /not yours/, "edit_review", { review_id: other, stars: 1 });
  refused(403, /not yours/, "remove_review", { review_id: other });
});

Deno.test("mark_review_useful() counts each member once, and nobody's own review", () => {
  const { shop, refused, world, owner } = open();
  const other = world.rows(review).find((row) => row.owner !== owner && !row.useful_by.includes(owner))!;
  shop("mark_review_useful", { review_id: other.id });
  assert.equal(world.get(review, other.id)!.useful_count, other.useful_count + 1);
  refused(409, /have marked/, "mark_review_useful", { review_id: other.id });
  refused(403, /your own/, "mark_review_useful", { review_id: world.rows(review, owner)[0]!.id });
  refused(404, /No review/, "mark_review_useful", { review_id: 1_000_000 });
});

Deno.test("questions are asked by anyone and answered by those who have the thing", () => {
  const { shop, all, refused, world, fresh, buy, deliver, people, as } = open();
  const product_id = fresh[0]!.id;
  const question_id = Number(
    (as(people[1]!)("marlo", "ask_question", { product_id, text: "Is it loud?" }) as Row)["question_id"],
  );
  refused(409, /never delivered/, "answer_question", { question_id, text: "No." });
  const { lines } = buy(product_id);
  deliver(lines[0]!.id, 3);
  assert.ok(all("list_questions", { product_id, unanswered: true }).some((row) => row["question_id"] === question_id));
  const answer_id = Number(shop("answer_question", { question_id, text: "No." })["answer_id"]);
  const shown = all("list_questions", { product_id }).find((row) => row["question_id"] === question_id)!;
  assert.deepEqual((shown["answers"] as Row[]).map((row) => row["text"]), ["No."]);
  assert.ok(!all("list_questions", { product_id, unanswered: true }).some((row) => row["question_id"] === question_id));
  refused(409, /has your answer/, "answer_question", { question_id, text: "Never." });
  refused(404, /No question/, "answer_question", { question_id: answer_id, text: "?" });
  shop("edit_answer", { answer_id, text: "Hardly." });
  assert.equal(world.get(question, answer_id)!.text, "Hardly.");
  refused(403, /not yours/, "edit_question", { question_id, text: "Loud?" });
  refused(404, /No answer/, "edit_answer", { answer_id: question_id, text: "x" });
  assert.equal(
    refusal(() => as(people[1]!)("marlo", "remove_question", { question_id })).message,
    `Cannot remove question ${question_id}: it has answers.`,
  );
  shop("remove_answer", { answer_id });
  as(people[1]!)("marlo", "edit_question", { question_id, text: "Is it quiet?" });
  assert.equal(world.get(question, question_id)!.text, "Is it quiet?");
  as(people[1]!)("marlo", "remove_question", { question_id });
  assert.equal(world.get(question, question_id), undefined);
  const own = Number(shop("ask_question", { product_id, text: "Spare parts?" })["question_id"]);
  refused(409, /your own/, "answer_question", { question_id: own, text: "Yes." });
  refused(404, /No product/, "ask_question", { product_id: 1_000_000, text: "?" });
});

Deno.test("basket lines are added once, changed, saved for later and brought back", () => {
  const { shop, all, refused, world, owner, fresh } = open();
  const [a, b] = fresh;
  const line_id = Number(shop("add_to_basket", { product_id: a!.id, qty: 2 })["line_id"]);
  assert.deepEqual(all("list_basket"), [
    { line_id, product: a!.title, price: a!.price / 100, qty: 2, product_id: a!.id },
  ]);
  refused(409, /in the basket as line/, "add_to_basket", { product_id: a!.id, qty: 1 });
  refused(404, /No product/, "add_to_basket", { product_id: 1_000_000, qty: 1 });
  refused(422, /qty/, "add_to_basket", { product_id: b!.id, qty: 0 });
  shop("set_basket_qty", { line_id, qty: 5 });
  assert.equal(world.get(listLine, line_id)!.qty, 5);
  shop("save_for_later", { line_id });
  assert.ok(all("list_basket", { part: "later" }).some((row) => row["line_id"] === line_id));
  refused(409, /not in the basket/, "set_basket_qty", { line_id, qty: 1 });
  refused(409, /not in the basket/, "save_for_later", { line_id });
  const twin = Number(shop("add_to_basket", { product_id: a!.id, qty: 1 })["line_id"]);
  refused(409, /in the basket as line/, "move_to_basket", { line_id });
  refused(409, /saved as line/, "save_for_later", { line_id: twin });
  shop("remove_from_basket", { line_id: twin });
  shop("move_to_basket", { line_id });
  refused(409, /it is in the basket/, "move_to_basket", { line_id });
  refused(403, /not yours/, "remove_from_basket", { line_id: foreign(world.rows(listLine), owner) });
  shop("empty_basket");
  assert.equal(all("list_basket").length, 0);
});

Deno.test("wish lists come and go with their items", () => {
  const { shop, all, refused, world, fresh } = open();
  const [a, b] = fresh;
  const wish_id = Number(shop("add_wish_item", { product_id: a!.id, list: "hut", note: "blue" })["wish_id"]);
  shop("add_wish_item", { product_id: a!.id });
  refused(409, /on the list as item/, "add_wish_item", { product_id: a!.id, list: "hut" });
  refused(422, /no wish list/, "add_wish_item", { product_id: b!.id, list: "basket" });
  assert.ok(all("list_wish_lists").some((row) => row["list"] === "hut"));
  assert.deepEqual(all("list_wish_items", { list: "hut" }).map((row) => row["note"]), ["blue"]);
  assert.ok(all("list_wish_items").length > 5);
  refused(404, /No wish list/, "list_wish_items", { list: "nowhere" });
  shop("edit_wish_item", { wish_id, note: "red", qty: 3 });
  assert.equal(world.get(listLine, wish_id)!.qty, 3);
  refused(409, /on that list/, "edit_wish_item", { wish_id, list: "wishes" });
  refused(422, /nothing to change/, "edit_wish_item", { wish_id });
  refused(409, /there is a list/, "rename_wish_list", { list: "hut", new_name: "wishes" });
  refused(422, /no wish list/, "rename_wish_list", { list: "hut", new_name: "later" });
  shop("rename_wish_list", { list: "hut", new_name: "cabin things" });
  refused(404, /No wish list/, "rename_wish_list", { list: "hut", new_name: "hut 2" });
  assert.equal(world.get(listLine, wish_id)!.list, "cabin things");
  shop("move_to_basket", { line_id: wish_id });
  refused(404, /No wish list item/, "remove_wish_item", { wish_id });
  refused(404, /No wish list/, "list_wish_items", { list: "cabin things" });
  const again = Number(shop("add_wish_item", { product_id: b!.id })["wish_id"]);
  refused(409, /on a wish list/, "remove_from_basket", { line_id: again });
  shop("remove_wish_item", { wish_id: again });
  assert.equal(world.get(listLine, again), undefined);
});

Deno.test("place_order() charges card, takes stock, empties what was bought and sends a receipt", () => {
  const { shop, all, refused, world, owner, card, home, fresh, balance, letters, stock } = open();
  const cheap = fresh.find((row) => row.price < 2500)!;
  const dear = fresh.find((row) => row.price > 7000 && row.price < 12_000)!;
  refused(409, /basket is empty/, "place_order");
  const first = Number(shop("add_to_basket", { product_id: cheap.id, qty: 1 })["line_id"]);
  const second = Number(shop("add_to_basket", { product_id: dear.id, qty: 2 })["line_id"]);
  assert.deepEqual(shop("quote_basket", { line_ids: [first] }), {
    goods: cheap.price / 100,
    discount: 0,
    delivery_fee: 4.9,
    total: (cheap.price + 490) / 100,
  });
  assert.equal(shop("quote_basket")["delivery_fee"], 0);
  const [money, mails, left] = [balance(), letters(), stock(cheap.id)];
  const purchase_id = Number(shop("place_order", { line_ids: [first], gift_note: "Enjoy!" })["purchase_id"]);
  assert.equal(balance(), money - cheap.price - 490);
  assert.equal(letters(), mails + 1);
  assert.match(world.rows(letter).at(-1)!.body, new RegExp(`1 x ${cheap.title}`));
  assert.deepEqual(world.rows(letter).at(-1)!.to, [owner]);
  assert.equal(stock(cheap.id), left - 1);
  assert.deepEqual(all("list_basket").map((row) => row["line_id"]), [second]);
  const page = shop("get_purchase", { purchase_id });
  assert.equal(page["address"], `${home.street}, ${home.town}`);
  assert.equal(page["card_last_four"], card.number.slice(-4));
  assert.equal(page["gift_note"], "Enjoy!");
  assert.equal(page["state"], "placed");
  refused(409, /not in the basket/, "place_order", {
    line_ids: [world.rows(listLine, owner).find((row) => row.list !== "basket")!.id],
  });
  shop("set_basket_qty", { line_id: second, qty: 99 });
  refused(409, /in stock/, "place_order");
  shop("set_basket_qty", { line_id: second, qty: 2 });
  world.update(bankCard, world.rowsWhere(bankCard, "number", card.number)[0]!.id, { balance: 100 });
  refused(402, /balance too low/, "place_order");
  assert.equal(all("list_basket").length, 1);
  world.update(payCard, card.id, { expires: "2027-01" });
  refused(402, /card expired/, "place_order");
  world.update(marloMember, world.rows(marloMember, owner)[0]!.id, { default_card: null });
  refused(409, /no default card/, "place_order");
});

Deno.test("place_order() takes a voucher once, and credit first when asked", () => {
  const { shop, refused, world, owner, fresh, balance } = open();
  const own = world.rows(voucher, owner)[0]!;
  const fine = { kind: "percent", value: 10, min_total: 0, used_at: null, used_by: "", valid_until: "2027-12-31" };
  world.update(voucher, own.id, fine);
  const account = world.rows(marloMember, owner)[0]!;
  world.update(marloMember, account.id, { credit: 1000 });
  const item = fresh.find((row) => row.price > 7000 && row.price < 12_000)!;
  shop("add_to_basket", { product_id: item.id, qty: 1 });
  const discount = Math.round(item.price / 10);
  assert.equal(shop("quote_basket", { voucher: own.code })["discount"], discount / 100);
  const money = balance();
  const purchase_id = Number(shop("place_order", { voucher: own.code, use_credit: true })["purchase_id"]);
  assert.equal(balance(), money - (item.price - discount - 1000));
  assert.equal(shop("get_account")["credit"], 0);
  assert.equal(shop("get_purchase", { purchase_id })["credit_used"], 10);
  shop("add_to_basket", { product_id: item.id, qty: 1 });
  refused(409, /has been used/, "place_order", { voucher: own.code });
  world.update(voucher, own.id, { ...fine, valid_until: "2027-03-14" });
  refused(409, /out of date/, "quote_basket", { voucher: own.code });
  world.update(voucher, own.id, { ...fine, min_total: item.price + 1 });
  refused(409, /needs goods/, "quote_basket", { voucher: own.code });
  const other = world.rows(voucher).find((row) => row.owner !== owner && row.owner !== "")!;
  refused(404, /No voucher/, "quote_basket", { voucher: other.code });
  shop("cancel_purchase", { purchase_id });
  assert.equal(balance(), money);
  assert.equal(shop("get_account")["credit"], 10);
});

Deno.test("list_purchases() shows first products, newest first, by state and day", () => {
  const { all, rows, world, fresh, buy } = open();
  const { id } = buy(fresh[0]!.id, fresh[1]!.id);
  const [newest] = rows("list_purchases");
  assert.equal(newest!["purchase_id"], id);
  assert.equal(newest!["product"], fresh[0]!.title);
  assert.equal(newest!["line_count"], 2);
  const times = all("list_purchases").map((row) => String(row["at"]));
  assert.deepEqual(times, [...times].sort().reverse());
  assert.ok(all("list_purchases", { state: "delivered" }).every((row) => row["state"] === "delivered"));
  const today = world.at.slice(0, 10);
  assert.deepEqual(all("list_purchases", { from_day: today, until_day: today }).map((row) => row["purchase_id"]), [id]);
  const totals = rows("list_purchases", { order: "-total" }).map((row) => Number(row["total"]));
  assert.deepEqual(totals, [...totals].sort((a, b) => b - a));
});

Deno.test("cancel_line() gives back stock and money, and the delivery fee with the last line", () => {
  const { shop, refused, world, owner, fresh, balance, letters, stock, buy } = open();
  const [a, b] = fresh.filter((row) => row.price < 1200);
  const [money, left] = [balance(), stock(a!.id)];
  const { id, lines } = buy(a!.id, b!.id);
  const mails = letters();
  shop("cancel_line", { line_id: lines[0]!.id });
  assert.equal(stock(a!.id), left);
  assert.equal(balance(), money - 2 * b!.price - 490);
  assert.equal(letters(), mails + 1);
  assert.equal(shop("get_purchase", { purchase_id: id })["state"], "placed");
  refused(409, /it is cancelled/, "cancel_line", { line_id: lines[0]!.id });
  shop("cancel_line", { line_id: lines[1]!.id });
  assert.equal(balance(), money);
  assert.equal(shop("get_purchase", { purchase_id: id })["state"], "cancelled");
  refused(409, /it is cancelled/, "cancel_purchase", { purchase_id: id });
  const sent = world.rows(purchaseLine, owner).find((row) => row.parcel_state === "delivered")!;
  refused(409, /it is delivered/, "cancel_line", { line_id: sent.id });
  refused(403, /not yours/, "cancel_line", { line_id: foreign(world.rows(purchaseLine), owner) });
  refused(403, /not yours/, "cancel_purchase", { purchase_id: foreign(world.rows(purchase), owner) });
});

Deno.test("cancel_line() shares a discount among lines when a voucher was used", () => {
  const { shop, world, owner, fresh, balance } = open();
  const own = world.rows(voucher, owner)[0]!;
  const fine = { kind: "gift", value: 1000, min_total: 0, used_at: null, used_by: "", valid_until: "2027-12-31" };
  world.update(voucher, own.id, fine);
  const [a, b] = fresh.filter((row) => row.price >= 6000 && row.price < 12_000);
  for (const row of [a!, b!]) shop("add_to_basket", { product_id: row.id, qty: 1 });
  const money = balance();
  const purchase_id = Number(shop("place_order", { voucher: own.code })["purchase_id"]);
  assert.equal(balance(), money - (a!.price + b!.price - 1000));
  for (const { id } of world.rowsWhere(purchaseLine, "purchase_id", purchase_id)) shop("cancel_line", { line_id: id });
  assert.equal(balance(), money);
});

Deno.test("track_parcel() finds own parcels only", () => {
  const { shop, refused, world, owner } = open();
  const line = world.rows(purchaseLine, owner).find((row) => row.parcel_no !== "")!;
  const found = shop("track_parcel", { parcel_no: line.parcel_no });
  assert.equal(found["purchase_id"], line.purchase_id);
  assert.ok((found["products"] as string[]).includes(line.product));
  const other = world.rows(purchaseLine).find((row) => row.owner !== owner && row.parcel_no !== "")!;
  refused(404, /No parcel/, "track_parcel", { parcel_no: other.parcel_no });
});

Deno.test("change_delivery_address() redirects purchases when nothing was shipped", () => {
  const { shop, refused, world, fresh, buy, deliver } = open();
  const { id: purchase_id, lines } = buy(fresh[0]!.id);
  const address_id = Number(
    shop("add_address", { label: "hut", street: "Moor 1", town: "Orrow", receiver: "Ada Birk" })["address_id"],
  );
  shop("change_delivery_address", { purchase_id, address_id });
  assert.equal(world.get(purchase, purchase_id)!.address, "Moor 1, Orrow");
  assert.equal(world.get(purchase, purchase_id)!.receiver, "Ada Birk");
  deliver(lines[0]!.id, 1);
  refused(409, /it is delivered/, "change_delivery_address", { purchase_id, address_id });
  refused(404, /No address/, "change_delivery_address", { purchase_id, address_id: 99_999 });
});

Deno.test("buy_again() repeats a line at today's price", () => {
  const { shop, refused, world, owner, fresh, buy, balance } = open();
  const { lines } = buy(fresh[0]!.id);
  world.update(product, fresh[0]!.id, { price: 2000 });
  const money = balance();
  const purchase_id = Number(shop("buy_again", { line_id: lines[0]!.id })["purchase_id"]);
  assert.equal(balance(), money - 4000 - 490);
  assert.equal(world.rowsWhere(purchaseLine, "purchase_id", purchase_id)[0]!.qty, 2);
  shop("buy_again", { line_id: lines[0]!.id, qty: 1 });
  assert.equal(balance(), money - 4490 - 2490);
  world.update(product, fresh[0]!.id, { stock: 0 });
  refused(409, /only 0 in stock/, "buy_again", { line_id: lines[0]!.id });
  refused(403, /not yours/, "buy_again", { line_id: foreign(world.rows(purchaseLine), owner) });
});

Deno.test("download_invoice() writes a file once, unless it may replace it", () => {
  const { shop, refused, world, owner, fresh, buy } = open();
  const { id: purchase_id } = buy(fresh[0]!.id);
  const file_id = Number(shop("download_invoice", { purchase_id })["file_id"]);
  const saved = world.get(file, file_id)!;
  assert.equal(`${saved.folder}/${saved.name}`, `/inbox/invoice-${purchase_id}.txt`);
  assert.match(saved.text, new RegExp(`2 x ${fresh[0]!.title}`));
  refused(409, /path exists/, "download_invoice", { purchase_id });
  shop("download_invoice", { purchase_id, replace: true });
  shop("download_invoice", { purchase_id, path: "/bills/shop.txt" });
  assert.ok(world.rows(file, owner).some((row) => row.folder === "/bills" && row.name === "shop.txt"));
  shop("cancel_purchase", { purchase_id });
  refused(409, /it was cancelled/, "download_invoice", { purchase_id, path: "/bills/other.txt" });
});

Deno.test("open_return() works for 30 days after delivery, and can be withdrawn", () => {
  const { shop, all, refused, world, owner, fresh, letters, buy, deliver } = open();
  const { lines } = buy(fresh[0]!.id);
  const line_id = lines[0]!.id;
  refused(409, /it is preparing/, "open_return", { line_id, reason: "too small" });
  deliver(line_id, 31);
  refused(409, /30 days are over/, "open_return", { line_id, reason: "too small" });
  deliver(line_id, 30);
  const mails = letters();
  shop("open_return", { line_id, reason: "too small" });
  assert.equal(letters(), mails + 1);
  refused(409, /return is open/, "open_return", { line_id, reason: "too small" });
  assert.equal(shop("get_return", { line_id })["reason"], "too small");
  assert.equal(shop("get_return", { line_id })["refund"], fresh[0]!.price * 2 / 100);
  assert.equal(all("list_returns", { state: "open" })[0]!["line_id"], line_id);
  assert.ok(all("list_returns", { state: "refunded" }).every((row) => row["state"] === "refunded"));
  shop("withdraw_return", { line_id });
  assert.equal(world.get(purchaseLine, line_id)!.return_state, "none");
  refused(404, /No return/, "get_return", { line_id });
  refused(404, /No return/, "withdraw_return", { line_id });
  world.update(purchaseLine, line_id, { return_state: "refunded", return_on: world.at.slice(0, 10) });
  refused(409, /it is refunded/, "withdraw_return", { line_id });
  refused(403, /not yours/, "open_return", { line_id: foreign(world.rows(purchaseLine), owner), reason: "x" });
});

Deno.test("vouchers are listed and checked; a gift code becomes credit once", () => {
  const { shop, all, refused, world, owner } = open();
  const own = world.rows(voucher, owner);
  assert.equal(all("list_vouchers").length, own.length);
  assert.ok(all("list_vouchers", { unused: true }).every((row) => row["used_at"] === null));
  const codes = world.rows(voucher, "");
  const good = codes.find((row) => row.used_at === null && row.valid_until > "2027-06-01")!;
  const old = codes.find((row) => row.used_at === null && row.valid_until < "2027-03-15")!;
  assert.equal(shop("check_voucher", { code: good.code })["usable"], true);
  assert.match(String(shop("check_voucher", { code: old.code })["why_not"]), /out of date/);
  const before = Number(shop("get_account")["credit"]);
  shop("redeem_gift_code", { code: good.code });
  assert.equal(Number(shop("get_account")["credit"]), before + good.value / 100);
  refused(409, /has been used/, "redeem_gift_code", { code: good.code });
  refused(409, /out of date/, "redeem_gift_code", { code: old.code });
  refused(404, /No voucher/, "check_voucher", { code: "NOPE" });
  const percent = own.find(({ kind }) => kind === "percent")!;
  refused(409, /no gift code/, "redeem_gift_code", { code: percent.code });
});

Deno.test("refill plans are for what is used up, one a product, from today on", () => {
  const { shop, all, refused, world, owner, fresh, home, card } = open();
  const item = fresh.find(({ refillable }) => refillable)!;
  const plan = { product_id: item.id, qty: 2, every_days: 14 };
  const refill_id = Number(shop("add_refill", plan)["refill_id"]);
  const { next_on, card_id, address_id } = world.get(refillPlan, refill_id)!;
  assert.deepEqual({ next_on, card_id, address_id }, {
    next_on: addDays(world.at, 14),
    card_id: card.id,
    address_id: home.id,
  });
  refused(409, /has refill plan/, "add_refill", plan);
  refused(409, /not used up/, "add_refill", { ...plan, product_id: fresh.find((row) => !row.refillable)!.id });
  const other = fresh.filter(({ refillable }) => refillable)[1]!;
  refused(422, /is past/, "add_refill", { ...plan, product_id: other.id, first_on: "2027-03-14" });
  shop("edit_refill", { refill_id, qty: 5, next_on: world.at.slice(0, 10) });
  assert.equal(world.get(refillPlan, refill_id)!.qty, 5);
  refused(422, /nothing to change/, "edit_refill", { refill_id });
  refused(422, /is past/, "edit_refill", { refill_id, next_on: "2027-03-14" });
  refused(422, /every_days/, "edit_refill", { refill_id, every_days: 1 });
  refused(403, /not yours/, "edit_refill", { refill_id, card_id: foreign(world.rows(payCard), owner) });
  shop("pause_refill", { refill_id });
  refused(409, /it is paused/, "pause_refill", { refill_id });
  assert.ok(all("list_refills", { paused: true }).some((row) => row["refill_id"] === refill_id));
  shop("pause_refill", { refill_id, paused: false });
  refused(409, /it is running/, "pause_refill", { refill_id, paused: false });
  shop("remove_refill", { refill_id });
  refused(404, /No refill plan/, "edit_refill", { refill_id, qty: 1 });
  refused(403, /not yours/, "remove_refill", { refill_id: foreign(world.rows(refillPlan), owner) });
});
