import assert from "node:assert/strict";
import { deliveryFee, paidByLine } from "../../../../envs/apps/apps/marlo/prices.ts";
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
import { bankCard } from "../../../../envs/apps/apps/registry/tables.ts";
import { WORLD_NOW } from "../../../../envs/apps/generate.ts";
import { ANSWERS, PRODUCT_KINDS, QUESTIONS, REVIEWS, SELLERS } from "../../../../envs/apps/pools/marlo.ts";
import { fillTemplate } from "../../../../envs/apps/world/context.ts";
import { baseWorld, repeated } from "../_kit.ts";

const world = baseWorld("full").open(WORLD_NOW);
const members = world.rows(marloMember);
const products = world.rows(product);
const purchases = world.rows(purchase);

Deno.test("pools of marlo have 60 kinds, 90 sellers and 200 review sentences, all different", () => {
  assert.equal(PRODUCT_KINDS.length, 60);
  assert.equal(SELLERS.length, 90);
  const sentences = Object.values(REVIEWS).flat();
  assert.equal(sentences.length, 200);
  const kinds = PRODUCT_KINDS.map(({ kind }) => kind);
  assert.deepEqual(repeated([...kinds, ...SELLERS, ...sentences, ...QUESTIONS, ...ANSWERS]), []);
  assert.deepEqual(kinds.filter((kind) => kinds.some((other) => other !== kind && other.includes(kind))), []);
  for (const template of QUESTIONS) assert.doesNotMatch(fillTemplate(template, { kind: "lamp" }), /[{}]/);
});

Deno.test("writeMarlo() gives 2,400 products of different titles, with all specifications of their kind", () => {
  assert.equal(products.length, 2400);
  assert.deepEqual(repeated(products.map(({ title }) => title)), []);
  const sellers = new Map(world.rows(seller).map((row) => [row.id, row.name]));
  for (const row of products) {
    const known = PRODUCT_KINDS.find(({ kind }) => kind === row.kind);
    assert.ok(known !== undefined);
    assert.deepEqual(Object.keys(row.specs as object), Object.keys(known.specs));
    assert.equal(sellers.get(row.seller_id), row.seller);
    assert.ok(row.price <= row.was && row.price > 0 && row.stars >= 2 && row.stars <= 5);
    assert.ok(row.title.endsWith(` ${row.kind}`));
  }
});

Deno.test("writeMarlo() gives each principal 15 to 60 purchases in order of time", () => {
  for (const { owner } of members) {
    const own = world.rows(purchase, owner);
    assert.ok(own.length >= 15 && own.length <= 62, `${own.length} purchases`);
    assert.deepEqual(own.map(({ at }) => at), own.map(({ at }) => at).sort());
  }
  assert.ok(purchases.every(({ at }) => at < WORLD_NOW));
  assert.ok(world.rows(purchaseLine).length > purchases.length * 1.3);
});

Deno.test("writeMarlo() makes the sums of a purchase follow from its lines", () => {
  for (const row of purchases) {
    const lines = world.rowsWhere(purchaseLine, "purchase_id", row.id);
    const goods = lines.reduce((sum, line) => sum + line.qty * line.unit_price, 0);
    assert.equal(row.goods, goods);
    assert.equal(row.delivery_fee, deliveryFee(goods));
    assert.equal(row.total, goods - row.discount + row.delivery_fee);
    assert.equal(row.total, row.paid + row.credit_paid);
    const paid = paidByLine(lines, row.discount);
    const back = lines.reduce(
      (sum, line, i) =>
        sum + (line.parcel_state === "cancelled" || line.return_state === "refunded" ? paid[i] ?? 0 : 0),
      0,
    );
    assert.equal(row.refunded, back + (row.state === "cancelled" ? row.delivery_fee : 0));
    assert.equal(row.discount > 0, row.voucher !== "");
  }
});

Deno.test("writeMarlo() lets states of purchases, parcels and returns agree", () => {
  for (const row of purchases) {
    const kept = world.rowsWhere(purchaseLine, "purchase_id", row.id).filter((line) =>
      line.parcel_state !== "cancelled"
    );
    const states = new Set(kept.map((line) => line.parcel_state));
    if (row.state === "cancelled") assert.equal(kept.length, 0);
    if (row.state === "delivered") assert.deepEqual([...states], ["delivered"]);
    if (row.state === "placed") assert.deepEqual([...states], ["preparing"]);
  }
  for (const line of world.rows(purchaseLine)) {
    assert.equal(line.delivered_on !== null, line.parcel_state === "delivered");
    assert.equal(line.parcel_no !== "", line.parcel_state === "delivered" || line.parcel_state === "shipped");
    assert.equal(line.return_on !== null, line.return_state !== "none");
    if (line.return_on !== null) assert.ok(line.return_on > (line.delivered_on ?? "9"));
    if (line.delivered_on !== null) assert.ok(line.delivered_on < WORLD_NOW.slice(0, 10));
  }
});

Deno.test("writeMarlo() tells apart what is open, shipped, delivered and cancelled often enough", () => {
  const count = (state: string) => purchases.filter((row) => row.state === state).length;
  assert.ok(count("placed") >= 80 && count("shipped") >= 80 && count("cancelled") >= 40);
  assert.ok(world.rows(purchaseLine).filter((line) => line.return_state === "open").length >= 5);
});

Deno.test("writeMarlo() puts a product on one list of a member at most, and reviews it once", () => {
  const key = (row: { readonly owner: string; readonly product_id: number }) => `${row.owner} ${row.product_id}`;
  assert.deepEqual(repeated(world.rows(listLine).map(key)), []);
  const reviews = world.rows(review).map(key);
  assert.equal(new Set(reviews).size, reviews.length);
  assert.deepEqual(repeated(world.rows(refillPlan).map(key)), []);
});

Deno.test("writeMarlo() makes reviews, questions and answers that belong together", () => {
  for (const row of world.rows(review)) {
    assert.equal(row.useful_count, row.useful_by.length);
    assert.ok(!row.useful_by.includes(row.owner));
  }
  for (const row of world.rows(question)) {
    if (row.parent_id === null) continue;
    const asked = world.get(question, row.parent_id);
    assert.ok(asked !== undefined && asked.parent_id === null);
    assert.equal(asked.product_id, row.product_id);
    assert.ok(asked.at <= row.at && asked.owner !== row.owner);
  }
});

Deno.test("writeMarlo() gives members cards that the bank knows, addresses, and plans that use both", () => {
  for (const row of world.rows(payCard)) {
    const [known] = world.rowsWhere(bankCard, "number", row.number);
    assert.deepEqual([known?.owner, known?.expires, known?.check_code], [row.owner, row.expires, row.check_code]);
  }
  for (const { owner, default_card, default_address } of members) {
    assert.equal(world.get(payCard, default_card ?? 0)?.owner, owner);
    assert.equal(world.get(shipAddress, default_address ?? 0)?.label, "home");
  }
  for (const row of world.rows(refillPlan)) {
    assert.equal(world.get(payCard, row.card_id)?.owner, row.owner);
    assert.equal(world.get(shipAddress, row.address_id)?.owner, row.owner);
    assert.equal(world.get(product, row.product_id)?.refillable, true);
    assert.ok(row.next_on > WORLD_NOW.slice(0, 10));
  }
});

Deno.test("writeMarlo() gives vouchers codes of their own, and gift codes that nobody owns", () => {
  const vouchers = world.rows(voucher);
  assert.equal(new Set(vouchers.map(({ code }) => code)).size, vouchers.length);
  const free = world.rows(voucher, "");
  assert.ok(free.every(({ kind }) => kind === "gift"));
  assert.ok(free.filter(({ used_at }) => used_at === null).length >= 80);
});
