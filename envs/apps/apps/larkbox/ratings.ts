/**
 * Own ratings of tracks, records and shows. The list says what was rated; the stars need a call for each.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { anyText, choice, integer, optional, rowId, withDefault } from "../../params.ts";
import { api, type Call, list, type RowOf } from "../../schema.ts";
import { needChange, newestFirst, ownRow } from "../_common.ts";
import { SHELF_KINDS, titleOf } from "./_target.ts";
import { rating } from "./tables.ts";

const TARGET = {
  target_kind: choice("kind of thing", SHELF_KINDS),
  target_id: rowId("id of the track, record or show"),
};
const RATING_LINE = {
  rating_id: "integer",
  target_kind: "track|record|show",
  target_id: "integer",
  title: "text",
} as const;
const NOTE_SHAPE = { note: "text", rating_id: "integer" } as const;
const STARS = integer("stars", 1, 5);

function ratingOf(call: Call, kind: string, id: number): RowOf<typeof rating.columns> | undefined {
  return call.world.rows(rating, call.member).find((row) => row.target_kind === kind && row.target_id === id);
}

/** The ratings group. */
export const ratingApis = [
  list("list_ratings", {
    about: "What one has rated, latest first, optionally of one kind.",
    params: { target_kind: optional(choice("only things of this kind", SHELF_KINDS)) },
    returns: [RATING_LINE],
    rows: (call, { target_kind }) =>
      newestFirst(call.world.rows(rating, call.member), (row) => row.made_at)
        .filter((row) => target_kind === undefined || row.target_kind === target_kind),
    view: ({ id, target_kind, target_id }, call) => ({
      rating_id: id,
      target_kind,
      target_id,
      title: titleOf(call, target_kind, target_id),
    }),
    orders: { made_at: (row) => row.made_at },
  }),
  api("get_my_rating", {
    about: "Own stars and words for a track, record or show.",
    params: TARGET,
    returns: { ...RATING_LINE, stars: "integer", text: "text", rated_at: "datetime" },
    handler(call, { target_kind, target_id }) {
      const title = titleOf(call, target_kind, target_id);
      const row = ratingOf(call, target_kind, target_id);
      if (row === undefined) throw notFound(`rating of the ${target_kind}`, "id", target_id);
      const { id, stars, text, made_at } = row;
      return { rating_id: id, target_kind, target_id, title, stars, text, rated_at: made_at };
    },
  }),
  api("add_rating", {
    about: "Rate a track, record or show.",
    params: { ...TARGET, stars: STARS, text: withDefault(anyText("a few words"), "") },
    returns: NOTE_SHAPE,
    handler(call, { target_kind, target_id, stars, text }) {
      titleOf(call, target_kind, target_id);
      if (ratingOf(call, target_kind, target_id) !== undefined) {
        throw conflict(`rate the ${target_kind}`, "you have rated it already");
      }
      const { id } = call.world.insert(rating, { owner: call.member, target_kind, target_id, stars, text });
      return { note: "Rated.", rating_id: id };
    },
  }),
  api("edit_rating", {
    about: "Change the stars or words of an own rating.",
    params: {
      rating_id: rowId("id of the rating"),
      stars: optional(STARS),
      text: optional(anyText("new words")),
    },
    returns: NOTE_SHAPE,
    handler(call, { rating_id, stars, text }) {
      const row = ownRow(call, rating, rating_id, "rating", "change");
      needChange({ stars, text });
      if ((stars ?? row.stars) === row.stars && (text ?? row.text) === row.text) {
        throw conflict("change the rating", "it is like that already");
      }
      call.world.update(rating, rating_id, { stars: stars ?? row.stars, text: text ?? row.text });
      return { note: "Rating changed.", rating_id };
    },
  }),
  api("remove_rating", {
    about: "Remove an own rating.",
    params: { rating_id: rowId("id of the rating") },
    returns: { note: "text" },
    handler(call, { rating_id }) {
      ownRow(call, rating, rating_id, "rating", "remove");
      call.world.remove(rating, rating_id);
      return { note: "Rating removed." };
    },
  }),
] as const;
