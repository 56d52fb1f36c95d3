/**
 * marlo: the shop. Products, basket, purchases, wish list and reviews. Held out: no task of a seen split may need it.
 *
 * Choices: buying charges no card; it takes stock, and cancelling gives it back.
 * Omitted: delivery fees, vouchers, returns, questions, refills, sellers' pages.
 *
 * @module
 */
import { conflict, notFound } from "../errors.ts";
import { anyText, choice, integer, optional, rowId, text, withDefault } from "../params.ts";
import { api, type App, type Call, type RowOf, table } from "../schema.ts";
import { rank } from "../search.ts";
import { accountApis, amountOf, memberTable, newestFirst, ownRow } from "./_common.ts";

/** Accounts. */
export const marloMember = memberTable("marlo");

/** Products; they belong to nobody. */
export const product = table("marlo.product", {
  title: "text",
  kind: "text",
  price: "cents",
  stock: "integer",
  stars: "decimal",
  seller: "text",
});

/** Purchases. */
export const purchase = table("marlo.purchase", {
  owner: "text",
  product_id: "integer",
  product: "text",
  seller: "text",
  qty: "integer",
  total: "cents",
  state: "text",
  gift_note: "text",
  address: "text",
  at: "text",
}, { ownedBy: ["owner"], references: { product_id: "marlo.product" } });

/** Basket lines. */
export const basketLine = table("marlo.basket_line", { owner: "text", product_id: "integer", qty: "integer" }, {
  ownedBy: ["owner"],
  references: { product_id: "marlo.product" },
});

/** Wish list. */
export const wishItem = table("marlo.wish_item", { owner: "text", product_id: "integer", note: "text" }, {
  ownedBy: ["owner"],
  references: { product_id: "marlo.product" },
});

/** Reviews. */
export const review = table("marlo.review", {
  owner: "text",
  product_id: "integer",
  stars: "integer",
  text: "text",
  at: "text",
}, { ownedBy: ["owner"], references: { product_id: "marlo.product" } });

/** States of a purchase. */
export const PURCHASE_STATES = ["placed", "shipped", "delivered", "cancelled"] as const;

const PURCHASE_SHAPE = {
  purchase_id: "integer",
  product: "text",
  seller: "text",
  total: "money",
  state: "placed|shipped|delivered|cancelled",
  at: "datetime",
} as const;
const PRODUCT_SHAPE = {
  product_id: "integer",
  title: "text",
  kind: "text",
  price: "money",
  stock: "integer",
  stars: "number",
} as const;
const MOST = 99;

function purchaseView({ id, product, seller, total, state, at }: RowOf<typeof purchase.columns>) {
  return { purchase_id: id, product, seller, total: amountOf(total), state, at };
}

function productView({ id, title, kind, price, stock, stars }: RowOf<typeof product.columns>) {
  return { product_id: id, title, kind, price: amountOf(price), stock, stars };
}

function productOf(call: Call, id: number) {
  const row = call.world.get(product, id);
  if (row === undefined) throw notFound("product", "id", id);
  return row;
}

const purchaseApis = [
  api("list_purchases", {
    about: "Purchases, newest first, optionally in one state.",
    params: { state: optional(choice("only in this state", PURCHASE_STATES)) },
    returns: [PURCHASE_SHAPE],
    paged: true,
    handler: ({ world, member }, { state }) =>
      newestFirst(world.rows(purchase, member).filter((row) => state === undefined || row.state === state))
        .map(purchaseView),
  }),
  api("get_purchase", {
    about: "One purchase with quantity, gift note and address.",
    params: { purchase_id: rowId("id of the purchase") },
    returns: { ...PURCHASE_SHAPE, qty: "integer", gift_note: "text", address: "text" },
    handler(call, { purchase_id }) {
      const row = ownRow(call, purchase, purchase_id, "purchase", "read");
      return { ...purchaseView(row), qty: row.qty, gift_note: row.gift_note, address: row.address };
    },
  }),
  api("cancel_purchase", {
    about: "Cancel a purchase that has not been shipped.",
    params: { purchase_id: rowId("id of the purchase") },
    returns: { note: "text", purchase_id: "integer" },
    handler(call, { purchase_id }) {
      const row = ownRow(call, purchase, purchase_id, "purchase", "cancel");
      if (row.state !== "placed") throw conflict(`cancel purchase ${purchase_id}`, `it is ${row.state}`);
      call.world.update(purchase, purchase_id, { state: "cancelled" });
      call.world.update(product, row.product_id, { stock: productOf(call, row.product_id).stock + row.qty });
      return { note: "Purchase cancelled.", purchase_id };
    },
  }),
  api("buy", {
    about: "Buy a product at once, to the home address.",
    params: { product_id: rowId("id of the product"), qty: integer("how many", 1, MOST) },
    returns: { note: "text", purchase_id: "integer" },
    handler(call, { product_id, qty }) {
      const { title, seller, price, stock } = productOf(call, product_id);
      if (stock < qty) throw conflict(`buy product ${product_id}`, `only ${stock} in stock`);
      const home = call.world.base.people.find((person) => person.email === call.member);
      call.world.update(product, product_id, { stock: stock - qty });
      const { id } = call.world.insert(purchase, {
        owner: call.member,
        product_id,
        product: title,
        seller,
        qty,
        total: price * qty,
        state: "placed",
        gift_note: "",
        address: home === undefined ? "" : `${home.street}, ${home.town}`,
        at: call.at,
      });
      return { note: "Bought.", purchase_id: id };
    },
  }),
];

const basketApis = [
  api("list_basket", {
    about: "What is in the basket.",
    params: {},
    returns: [{ line_id: "integer", product: "text", price: "money", qty: "integer" }],
    paged: true,
    handler: (call) =>
      call.world.rows(basketLine, call.member).map(({ id, product_id, qty }) => {
        const { title, price } = productOf(call, product_id);
        return { line_id: id, product: title, price: amountOf(price), qty };
      }),
  }),
  api("add_to_basket", {
    about: "Put a product into the basket.",
    params: { product_id: rowId("id of the product"), qty: integer("how many", 1, MOST) },
    returns: { note: "text", line_id: "integer" },
    handler(call, { product_id, qty }) {
      productOf(call, product_id);
      const same = call.world.rows(basketLine, call.member).find((row) => row.product_id === product_id);
      if (same !== undefined) throw conflict(`add product ${product_id}`, `it is in the basket as line ${same.id}`);
      const { id } = call.world.insert(basketLine, { owner: call.member, product_id, qty });
      return { note: "Put into the basket.", line_id: id };
    },
  }),
  api("set_basket_qty", {
    about: "Change how many of a product are in the basket.",
    params: { line_id: rowId("id of the basket line"), qty: integer("how many", 1, MOST) },
    returns: { note: "text", line_id: "integer" },
    handler(call, { line_id, qty }) {
      ownRow(call, basketLine, line_id, "basket line", "change");
      call.world.update(basketLine, line_id, { qty });
      return { note: "Quantity changed.", line_id };
    },
  }),
  api("remove_from_basket", {
    about: "Take a line out of the basket.",
    params: { line_id: rowId("id of the basket line") },
    returns: { note: "text" },
    handler(call, { line_id }) {
      ownRow(call, basketLine, line_id, "basket line", "remove");
      call.world.remove(basketLine, line_id);
      return { note: "Taken out of the basket." };
    },
  }),
];

const productApis = [
  api("find_products", {
    about: "All products of the shop, best matches of a query first, optionally of one kind.",
    params: { q: text("words of the title"), kind: optional(text("only products of this kind")) },
    returns: [PRODUCT_SHAPE],
    paged: true,
    handler: ({ world }, { q, kind }) =>
      rank(
        world.rows(product).filter((row) => kind === undefined || row.kind === kind),
        q,
        (row) => `${row.title} ${row.kind} ${row.seller}`,
      ).map(productView),
  }),
  api("get_product", {
    about: "One product with its seller.",
    params: { product_id: rowId("id of the product") },
    returns: { ...PRODUCT_SHAPE, seller: "text" },
    handler(call, { product_id }) {
      const row = productOf(call, product_id);
      return { ...productView(row), seller: row.seller };
    },
  }),
];

const wishApis = [
  api("list_wish_items", {
    about: "Products on the wish list.",
    params: {},
    returns: [{ wish_id: "integer", product: "text", price: "money", note: "text" }],
    paged: true,
    handler: (call) =>
      call.world.rows(wishItem, call.member).map(({ id, product_id, note }) => {
        const { title, price } = productOf(call, product_id);
        return { wish_id: id, product: title, price: amountOf(price), note };
      }),
  }),
  api("add_wish_item", {
    about: "Put a product on the wish list.",
    params: { product_id: rowId("id of the product"), note: withDefault(anyText("a note"), "") },
    returns: { note: "text", wish_id: "integer" },
    handler(call, { product_id, note }) {
      productOf(call, product_id);
      const same = call.world.rows(wishItem, call.member).find((row) => row.product_id === product_id);
      if (same !== undefined) throw conflict(`add product ${product_id}`, `it is on the list as item ${same.id}`);
      const { id } = call.world.insert(wishItem, { owner: call.member, product_id, note });
      return { note: "Put on the wish list.", wish_id: id };
    },
  }),
  api("remove_wish_item", {
    about: "Take a product off the wish list.",
    params: { wish_id: rowId("id of the wish list item") },
    returns: { note: "text" },
    handler(call, { wish_id }) {
      ownRow(call, wishItem, wish_id, "wish list item", "remove");
      call.world.remove(wishItem, wish_id);
      return { note: "Taken off the wish list." };
    },
  }),
];

const reviewApis = [
  api("list_reviews", {
    about: "Reviews of a product.",
    params: { product_id: rowId("id of the product") },
    returns: [{ review_id: "integer", by: "e-mail", stars: "integer", text: "text", at: "datetime" }],
    paged: true,
    handler(call, { product_id }) {
      productOf(call, product_id);
      return call.world.rows(review).filter((row) => row.product_id === product_id)
        .map(({ id, owner, stars, text, at }) => ({ review_id: id, by: owner, stars, text, at }));
    },
  }),
  api("add_review", {
    about: "Write a review of a product.",
    params: {
      product_id: rowId("id of the product"),
      stars: integer("1 worst, 5 best", 1, 5),
      text: text("what to say"),
    },
    returns: { note: "text", review_id: "integer" },
    handler(call, { product_id, stars, text }) {
      productOf(call, product_id);
      const { id } = call.world.insert(review, { owner: call.member, product_id, stars, text, at: call.at });
      return { note: "Review added.", review_id: id };
    },
  }),
];

/** The shop. */
export const marlo: App = {
  name: "marlo",
  about: "Shop: products, basket, purchases, wish list and reviews.",
  tables: [marloMember, product, purchase, basketLine, wishItem, review],
  apis: [
    ...accountApis("marlo", marloMember, "owner"),
    ...purchaseApis,
    ...basketApis,
    ...productApis,
    ...wishApis,
    ...reviewApis,
  ],
};
