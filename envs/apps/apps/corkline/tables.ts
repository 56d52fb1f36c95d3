/**
 * Tables of corkline, the task board.
 *
 * @module
 */
import { memberTable } from "../_member.ts";
import { table } from "../../schema.ts";

/** Accounts. */
export const corkMember = memberTable("corkline");

/** Boards; people belong to them through {@linkcode boardMember}. */
export const board = table("corkline.board", { name: "text", about: "text", archived: "flag" });

/** People of boards; `role` is lead, editor or viewer. */
export const boardMember = table("corkline.board_member", {
  board_id: "integer",
  email: "text",
  role: "text",
}, { ownedBy: ["email"], indexes: ["board_id"], references: { board_id: "corkline.board" } });

/** Invites to boards; `state` is open, accepted or refused. */
export const invite = table("corkline.invite", {
  board_id: "integer",
  email: "text",
  role: "text",
  by: "text",
  code: "text",
  state: "text",
}, { ownedBy: ["email"], indexes: ["board_id", "code"], references: { board_id: "corkline.board" } });

/** Columns of boards; positions count from 1 without gaps. */
export const lane = table("corkline.lane", {
  board_id: "integer",
  name: "text",
  position: "integer",
}, { indexes: ["board_id"], references: { board_id: "corkline.board" } });

/** Cards; one without `done_at` is open. */
export const card = table("corkline.card", {
  board_id: "integer",
  lane_id: "integer",
  title: "text",
  text: "text",
  due_on: "optional_text",
  weight: "integer",
  assignee: "optional_text",
  done_at: "optional_text",
  position: "integer",
}, {
  indexes: ["board_id", "lane_id", "assignee"],
  references: { board_id: "corkline.board", lane_id: "corkline.lane" },
  uncompared: ["position"],
});

/** Steps of cards. */
export const step = table("corkline.step", {
  card_id: "integer",
  text: "text",
  done: "flag",
  position: "integer",
}, { indexes: ["card_id"], references: { card_id: "corkline.card" }, uncompared: ["position"] });

/** Tags of a board. */
export const tag = table("corkline.tag", {
  board_id: "integer",
  name: "text",
  colour: "text",
}, { indexes: ["board_id"], references: { board_id: "corkline.board" } });

/** Tags of cards. */
export const cardTag = table("corkline.card_tag", {
  card_id: "integer",
  tag_id: "integer",
}, { indexes: ["card_id", "tag_id"], references: { card_id: "corkline.card", tag_id: "corkline.tag" } });

/** Remarks on cards. */
export const cardRemark = table("corkline.remark", {
  card_id: "integer",
  by: "text",
  text: "text",
  at: "text",
}, { indexes: ["card_id"], references: { card_id: "corkline.card" } });

/** Files that are pinned to cards, with their content at the time of pinning. */
export const pinnedFile = table("corkline.pinned_file", {
  card_id: "integer",
  by: "text",
  name: "text",
  kind: "text",
  size: "integer",
  text: "text",
}, { indexes: ["card_id"], references: { card_id: "corkline.card" } });

/** What a member should know; `kind` is assigned, remark, invite or role. */
export const corkAlert = table("corkline.alert", {
  owner: "text",
  kind: "text",
  text: "text",
  board_id: "integer",
  card_id: "optional_integer",
  at: "text",
  seen: "flag",
}, { ownedBy: ["owner"], references: { board_id: "corkline.board", card_id: "corkline.card" } });

/** All of them. */
export const CORKLINE_TABLES = [
  corkMember,
  board,
  boardMember,
  invite,
  lane,
  card,
  step,
  tag,
  cardTag,
  cardRemark,
  pinnedFile,
  corkAlert,
] as const;
