/**
 * Reviews of products.
 *
 * Choices: only who had a product delivered may review it, once. The stars of a product count many ratings and do not move with one
 * review.
 *
 * @module
 */
import { conflict, notFound, notYours } from "../../errors.ts";
import { integer, optional, rowId, text } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { needChange, newestFirst, ownRow } from "../_common.ts";
import { productOf } from "./_shop.ts";
import { product, purchaseLine, review } from "./tables.ts";

type Review = RowOf<typeof review.columns>;

const REVIEW_SHAPE = {
  review_id: "integer",
  by: "e-mail",
  stars: "integer",
  text: "text",
  useful_count: "integer",
  at: "datetime",
} as const;
const NOTE = { note: "text", review_id: "integer" } as const;

function reviewView({ id, owner, stars, text, useful_count, at }: Review) {
  return { review_id: id, by: owner, stars, text, useful_count, at };
}

/** Whether the member has had a product delivered and did not send it back. */
export function hasProduct(call: Call, productId: number): boolean {
  return call.world.rows(purchaseLine, call.member)
    .some((line) => line.product_id === productId && line.parcel_state === "delivered");
}

function reviewOf(call: Call, id: number): Review {
  const row = call.world.get(review, id);
  if (row === undefined) throw notFound("review", "id", id);
  return row;
}

const orders = {
  stars: ({ stars }: Review) => stars,
  at: ({ at }: Review) => at,
  useful_count: ({ useful_count }: Review) => useful_count,
};

/** Reviews. */
export const reviewApis: readonly Api[] = [
  list("list_reviews", {
    about: "Reviews of a product.",
    params: {
      product_id: rowId("id of the product"),
      stars: optional(integer("only with so many stars", 1, 5)),
    },
    returns: [REVIEW_SHAPE],
    rows(call, { product_id, stars }) {
      productOf(call, product_id);
      return call.world.rowsWhere(review, "product_id", product_id)
        .filter((row) => stars === undefined || row.stars === stars);
    },
    view: reviewView,
    search: ({ text }) => text,
    orders,
  }),
  api("get_review", {
    about: "One review with its product.",
    params: { review_id: rowId("id of the review") },
    returns: { ...REVIEW_SHAPE, product_id: "integer", product: "text" },
    handler(call, { review_id }) {
      const row = reviewOf(call, review_id);
      return { ...reviewView(row), product_id: row.product_id, product: productOf(call, row.product_id).title };
    },
  }),
  list("list_my_reviews", {
    about: "Own reviews, newest first.",
    params: {},
    returns: [{
      review_id: "integer",
      product_id: "integer",
      product: "text",
      stars: "integer",
      text: "text",
      at: "datetime",
    }],
    rows: ({ world, member }) => newestFirst(world.rows(review, member)),
    view({ id, product_id, stars, text, at }, { world }) {
      const title = world.get(product, product_id)?.title ?? "";
      return { review_id: id, product_id, product: title, stars, text, at };
    },
    search: ({ text }) => text,
    orders,
  }),
  api("add_review", {
    about: "Review a product that was delivered to the member.",
    params: {
      product_id: rowId("id of the product"),
      stars: integer("1 worst, 5 best", 1, 5),
      text: text("what to say"),
    },
    returns: NOTE,
    handler(call, { product_id, stars, text }) {
      const { world, member, at } = call;
      productOf(call, product_id);
      if (!hasProduct(call, product_id)) {
        throw conflict(`review product ${product_id}`, "it was never delivered to you");
      }
      const own = world.rows(review, member).find((row) => row.product_id === product_id);
      if (own !== undefined) throw conflict(`review product ${product_id}`, `it has your review ${own.id}`);
      const values = { owner: member, product_id, stars, text, useful_count: 0, useful_by: [], at };
      return { note: "Review added.", review_id: world.insert(review, values).id };
    },
  }),
  api("edit_review", {
    about: "Change the stars or the text of an own review.",
    params: {
      review_id: rowId("id of the review"),
      stars: optional(integer("1 worst, 5 best", 1, 5)),
      text: optional(text("what to say")),
    },
    returns: NOTE,
    handler(call, { review_id, stars, text }) {
      const row = ownRow(call, review, review_id, "review", "change");
      needChange({ stars, text });
      call.world.update(review, review_id, { stars: stars ?? row.stars, text: text ?? row.text });
      return { note: "Review changed.", review_id };
    },
  }),
  api("remove_review", {
    about: "Remove an own review.",
    params: { review_id: rowId("id of the review") },
    returns: { note: "text" },
    handler(call, { review_id }) {
      ownRow(call, review, review_id, "review", "remove");
      call.world.remove(review, review_id);
      return { note: "Review removed." };
    },
  }),
  api("mark_review_useful", {
    about: "Say that somebody else's review is useful.",
    params: { review_id: rowId("id of the review") },
    returns: NOTE,
    handler(call, { review_id }) {
      const { owner, useful_by, useful_count } = reviewOf(call, review_id);
      if (owner === call.member) throw notYours("review", "mark, being your own");
      if (useful_by.includes(call.member)) throw conflict(`mark review ${review_id}`, "you have marked it");
      const marked = { useful_by: [...useful_by, call.member].sort(), useful_count: useful_count + 1 };
      call.world.update(review, review_id, marked);
      return { note: "Marked as useful.", review_id };
    },
  }),
];
