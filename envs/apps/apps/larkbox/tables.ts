/**
 * Tables of larkbox, the player of music and talk. The catalogue belongs to everybody; mixes, hearts, ratings, the shelf and the
 * player belong to a member.
 *
 * Choices: things of several kinds are named by `target_kind` and `target_id`; catalogue rows are never made by a call, so their
 * ids need no reference. The place of a track in a mix is bookkeeping and does not count when end states are compared.
 *
 * @module
 */
import { codeTable } from "../_common.ts";
import { MEMBER_COLUMNS } from "../_member.ts";
import { table } from "../../schema.ts";

/** Accounts; `plan` is free or the name of a paid plan that runs until `plan_until` and renews itself unless stopped. */
export const larkMember = table("larkbox.member", {
  ...MEMBER_COLUMNS,
  plan: "text",
  plan_until: "optional_text",
  renews: "flag",
}, { ownedBy: ["owner"] });

/** Codes sent by text. */
export const larkCode = codeTable("larkbox");

/** Performers. */
export const performer = table("larkbox.performer", { name: "text", genre: "text", about: "text" });

/** Records. */
export const record = table("larkbox.record", {
  title: "text",
  performer_id: "integer",
  released_on: "text",
  genre: "text",
}, { indexes: ["performer_id"], references: { performer_id: "larkbox.performer" } });

/** Tracks of records. */
export const track = table("larkbox.track", {
  record_id: "integer",
  performer_id: "integer",
  number: "integer",
  title: "text",
  seconds: "integer",
  plays: "integer",
  genre: "text",
}, {
  indexes: ["record_id", "performer_id"],
  references: { record_id: "larkbox.record", performer_id: "larkbox.performer" },
});

/** Talk shows. */
export const show = table("larkbox.show", { title: "text", host: "text", topic: "text", about: "text" });

/** Episodes of shows. */
export const episode = table("larkbox.episode", {
  show_id: "integer",
  number: "integer",
  title: "text",
  seconds: "integer",
  aired_on: "text",
}, { indexes: ["show_id"], references: { show_id: "larkbox.show" } });

/** Mixes; everybody can see an open one. */
export const mix = table("larkbox.mix", {
  owner: "text",
  title: "text",
  open: "flag",
  about: "text",
}, { ownedBy: ["owner"] });

/** Tracks of mixes, by `position` from 1. */
export const mixEntry = table("larkbox.mix_entry", {
  mix_id: "integer",
  track_id: "integer",
  position: "integer",
}, {
  indexes: ["mix_id"],
  references: { mix_id: "larkbox.mix", track_id: "larkbox.track" },
  uncompared: ["position"],
});

/** What members like; `kind` is heart (track, record) or follow (performer, mix). */
export const heart = table("larkbox.heart", {
  owner: "text",
  target_kind: "text",
  target_id: "integer",
  kind: "text",
}, { ownedBy: ["owner"], indexes: ["target_id"] });

/** Stars from 1 to 5 for a track, record or show. */
export const rating = table("larkbox.rating", {
  owner: "text",
  target_kind: "text",
  target_id: "integer",
  stars: "integer",
  text: "text",
}, { ownedBy: ["owner"] });

/** Tracks, records and shows that members keep at hand. */
export const shelfItem = table("larkbox.shelf_item", {
  owner: "text",
  target_kind: "text",
  target_id: "integer",
  offline: "flag",
}, { ownedBy: ["owner"] });

/** What a member's player does; `queue` is a list of `{kind, id}`, `index` the place that plays, `second` where in it. */
export const player = table("larkbox.player", {
  owner: "text",
  queue: "json",
  index: "integer",
  second: "integer",
  state: "text",
  volume: "integer",
  repeat: "text",
  shuffle: "flag",
}, { ownedBy: ["owner"] });

/** All of them. */
export const LARKBOX_TABLES = [
  larkMember,
  larkCode,
  performer,
  record,
  track,
  show,
  episode,
  mix,
  mixEntry,
  heart,
  rating,
  shelfItem,
  player,
] as const;
