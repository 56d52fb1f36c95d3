/**
 * Products and sellers: what everybody sees.
 *
 * Choices: lists do not show specifications; they are seen in the page of a product or in a comparison of a few.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { decimal, flag, moneyFromZero, optional, rowId, rowIds, text, withDefault } from "../../params.ts";
import { type Api, api, list, type RowOf } from "../../schema.ts";
import { amountOf } from "../_common.ts";
import { PRODUCT_ORDERS, PRODUCT_SHAPE, productOf, productText, productView } from "./_shop.ts";
import { type Product, product, seller } from "./tables.ts";

/** Products in one comparison. */
const MOST_COMPARED = 4;
/** Similar products that are named. */
const MOST_SIMILAR = 15;
const MOST_CENTS = 1e7;

const SELLER_SHAPE = { seller_id: "integer", name: "text", town: "text", stars: "number" } as const;

function sellerView({ id, name, town, stars }: RowOf<typeof seller.columns>) {
  return { seller_id: id, name, town, stars };
}

function fullView(row: Product) {
  const { seller, seller_id, was, specs, refillable } = row;
  return { ...productView(row), seller, seller_id, was: amountOf(was), specs, refillable };
}

const FULL_SHAPE = {
  ...PRODUCT_SHAPE,
  seller: "text",
  seller_id: "integer",
  was: "money",
  specs: "object",
  refillable: "flag",
} as const;

/** Products and sellers. */
export const catalogueApis: readonly Api[] = [
  list("find_products", {
    about: "Products of the shop, optionally of one kind, in a range of prices or with stars enough.",
    params: {
      kind: optional(text("only products of this kind")),
      min_price: withDefault(moneyFromZero("least price"), 0),
      max_price: withDefault(moneyFromZero("highest price"), MOST_CENTS / 100),
      min_stars: withDefault(decimal("least stars", 0, 5), 0),
      in_stock: withDefault(flag("only what is in stock"), false),
    },
    returns: [PRODUCT_SHAPE],
    rows({ world }, { kind, min_price, max_price, min_stars, in_stock }) {
      const rows = kind === undefined ? world.rows(product) : world.rowsWhere(product, "kind", kind);
      return rows.filter((row) =>
        row.price >= min_price && row.price <= max_price && row.stars >= min_stars && (!in_stock || row.stock > 0)
      );
    },
    view: productView,
    search: productText,
    orders: PRODUCT_ORDERS,
  }),
  api("get_product", {
    about: "One product with its seller, former price and specifications.",
    params: { product_id: rowId("id of the product") },
    returns: FULL_SHAPE,
    handler: (call, { product_id }) => fullView(productOf(call, product_id)),
  }),
  list("list_kinds", {
    about: "Kinds of products that the shop has.",
    params: {},
    returns: [{ kind: "text", refillable: "flag" }],
    rows({ world }) {
      const kinds = new Map(world.rows(product).map(({ kind, refillable }) => [kind, refillable]));
      return [...kinds].map(([kind, refillable]) => ({ kind, refillable }));
    },
    view: ({ kind, refillable }) => ({ kind, refillable }),
    search: ({ kind }) => kind,
    orders: { kind: ({ kind }) => kind },
  }),
  list("list_similar", {
    about: "Products of the same kind, those nearest in price first.",
    params: { product_id: rowId("id of the product") },
    returns: [PRODUCT_SHAPE],
    rows(call, { product_id }) {
      const { kind, price } = productOf(call, product_id);
      return call.world.rowsWhere(product, "kind", kind).filter(({ id }) => id !== product_id)
        .sort((a, b) => Math.abs(a.price - price) - Math.abs(b.price - price) || a.id - b.id)
        .slice(0, MOST_SIMILAR);
    },
    view: productView,
    orders: PRODUCT_ORDERS,
  }),
  api("compare_products", {
    about: `Specifications, prices and sellers of up to ${MOST_COMPARED} products side by side.`,
    params: { product_ids: rowIds("ids of the products") },
    returns: [FULL_SHAPE],
    handler(call, { product_ids }) {
      if (product_ids.length > MOST_COMPARED) {
        throw conflict("compare", `at most ${MOST_COMPARED} products fit next to each other`);
      }
      return product_ids.map((id) => fullView(productOf(call, id)));
    },
  }),
  list("list_deals", {
    about: "Products whose price was cut, the deepest cut first.",
    params: { kind: optional(text("only products of this kind")) },
    returns: [{ ...PRODUCT_SHAPE, was: "money" }],
    rows: ({ world }, { kind }) =>
      world.rows(product).filter((row) => row.price < row.was && (kind === undefined || row.kind === kind))
        .sort((a, b) => a.price / a.was - b.price / b.was || a.id - b.id),
    view: (row) => ({ ...productView(row), was: amountOf(row.was) }),
    search: productText,
    orders: PRODUCT_ORDERS,
  }),
  list("find_sellers", {
    about: "Sellers of the shop.",
    params: { town: optional(text("only sellers of this town")) },
    returns: [SELLER_SHAPE],
    rows: ({ world }, { town }) => world.rows(seller).filter((row) => town === undefined || row.town === town),
    view: sellerView,
    search: ({ name, town, about }) => `${name} ${town} ${about}`,
    orders: { name: ({ name }) => name, stars: ({ stars }) => stars },
  }),
  api("get_seller", {
    about: "One seller with what it says of itself and how many days it takes to ship.",
    params: { seller_id: rowId("id of the seller") },
    returns: { ...SELLER_SHAPE, about: "text", ships_in_days: "integer" },
    handler({ world }, { seller_id }) {
      const row = world.get(seller, seller_id);
      if (row === undefined) throw notFound("seller", "id", seller_id);
      return { ...sellerView(row), about: row.about, ships_in_days: row.ships_in_days };
    },
  }),
  list("list_seller_products", {
    about: "Products of one seller.",
    params: { seller_id: rowId("id of the seller"), kind: optional(text("only products of this kind")) },
    returns: [PRODUCT_SHAPE],
    rows({ world }, { seller_id, kind }) {
      if (world.get(seller, seller_id) === undefined) throw notFound("seller", "id", seller_id);
      return world.rowsWhere(product, "seller_id", seller_id).filter((row) => kind === undefined || row.kind === kind);
    },
    view: productView,
    search: productText,
    orders: PRODUCT_ORDERS,
  }),
];
