/**
 * Cards of corkline.
 *
 * Choices: lists leave out text, weight and tags, which need the detail call. A card without a due day passes a filter of due days
 * only while that filter is fully open. Finishing does not move a card to another lane.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import {
  anyText,
  choice,
  date,
  email,
  FIRST_DAY,
  integer,
  LAST_DAY,
  optional,
  rowId,
  text,
  withDefault,
} from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import {
  boardFor,
  cardFor,
  type CardRow,
  dropCard,
  laneOn,
  needOnBoard,
  nextPosition,
  ownBoards,
  tellAssigned,
} from "./_board.ts";
import { board, card, cardTag, lane, pinnedFile, tag } from "./tables.ts";
import { needChange } from "../_common.ts";

const RETURNS = { note: "text", card_id: "integer" } as const;
const CARD_ID = { card_id: rowId("id of the card") };
const MOST_WEIGHT = 100;
const CARD_SHAPE = {
  card_id: "integer",
  board_id: "integer",
  lane: "text",
  title: "text",
  due_on: "date|null",
  assignee: "e-mail|null",
  done: "flag",
} as const;
const FILTERS = {
  state: withDefault(choice("only open or done cards", ["all", "open", "done"]), "all"),
  due_from: withDefault(date("first due day"), FIRST_DAY),
  due_to: withDefault(date("last due day"), LAST_DAY),
};
const ORDERS = {
  title: ({ title }: CardRow) => title,
  due_on: ({ due_on }: CardRow) => due_on ?? "",
  made_at: ({ made_at }: CardRow) => made_at,
};

interface Filters {
  readonly state: "all" | "open" | "done";
  readonly due_from: string;
  readonly due_to: string;
}

function passes({ done_at, due_on }: CardRow, { state, due_from, due_to }: Filters): boolean {
  if (state !== "all" && (state === "open") !== (done_at === null)) return false;
  return due_on === null ? due_from === FIRST_DAY && due_to === LAST_DAY : due_on >= due_from && due_on <= due_to;
}

function cardView(row: CardRow, { world }: Call) {
  const { id, board_id, lane_id, title, due_on, assignee, done_at } = row;
  const name = world.get(lane, lane_id)?.name ?? "";
  return { card_id: id, board_id, lane: name, title, due_on, assignee, done: done_at !== null };
}

const readingApis: readonly Api[] = [
  list("list_cards", {
    about: "Cards of a board, oldest first, optionally of one lane or by state and due day.",
    params: {
      board_id: rowId("id of the board"),
      lane_id: withDefault(integer("only this lane; 0 for all", 0, Number.MAX_SAFE_INTEGER), 0),
      ...FILTERS,
    },
    returns: [CARD_SHAPE],
    rows(call, { board_id, lane_id, ...filters }) {
      boardFor(call, board_id, "read", "read");
      if (lane_id !== 0) laneOn(call, board_id, lane_id);
      return call.world.rowsWhere(card, "board_id", board_id)
        .filter((row) => (lane_id === 0 || row.lane_id === lane_id) && passes(row, filters));
    },
    view: cardView,
    orders: ORDERS,
  }),
  list("list_my_cards", {
    about: "Cards that are yours on boards that are not archived, oldest first.",
    params: FILTERS,
    returns: [CARD_SHAPE],
    rows: (call, filters) =>
      call.world.rowsWhere(card, "assignee", call.member)
        .filter((row) => call.world.get(board, row.board_id)?.archived === false && passes(row, filters)),
    view: cardView,
    orders: ORDERS,
  }),
  list("find_cards", {
    about: "Cards of all your boards; a query looks at titles and texts.",
    params: FILTERS,
    returns: [CARD_SHAPE],
    rows: (call, filters) =>
      ownBoards(call).flatMap(({ id }) => call.world.rowsWhere(card, "board_id", id))
        .filter((row) => passes(row, filters)),
    view: cardView,
    search: ({ title, text }) => `${title} ${title} ${text}`,
    orders: ORDERS,
  }),
  api("get_card", {
    about: "One card with text, weight, tags and pinned files.",
    params: CARD_ID,
    returns: {
      ...CARD_SHAPE,
      lane_id: "integer",
      text: "text",
      weight: "integer",
      tags: ["text"],
      pinned: [{ pin_id: "integer", name: "text", kind: "text", size: "integer" }],
      made_at: "datetime",
      done_at: "datetime|null",
    },
    handler(call, { card_id }) {
      const row = cardFor(call, card_id, "read", "read");
      const { lane_id, text, weight, made_at, done_at } = row;
      const tags = call.world.rowsWhere(cardTag, "card_id", card_id)
        .map(({ tag_id }) => call.world.get(tag, tag_id)?.name ?? "").sort();
      const pinned = call.world.rowsWhere(pinnedFile, "card_id", card_id)
        .map(({ id, name, kind, size }) => ({ pin_id: id, name, kind, size }));
      return { ...cardView(row, call), lane_id, text, weight, tags, pinned, made_at, done_at };
    },
  }),
];

const writingApis: readonly Api[] = [
  api("add_card", {
    about: "Add a card at the end of a lane; somebody else who gets it is told.",
    params: {
      board_id: rowId("id of the board"),
      lane_id: rowId("id of the lane"),
      title: text("title"),
      text: withDefault(anyText("text"), ""),
      due_on: optional(date("due day")),
      weight: withDefault(integer("weight", 1, MOST_WEIGHT), 1),
      assignee: optional(email("e-mail of somebody on the board")),
    },
    returns: RETURNS,
    handler(call, { board_id, lane_id, title, text, due_on, weight, assignee }) {
      boardFor(call, board_id, "work", "change");
      laneOn(call, board_id, lane_id);
      if (assignee !== undefined) needOnBoard(call, board_id, assignee);
      const row = call.world.insert(card, {
        board_id,
        lane_id,
        title,
        text,
        due_on: due_on ?? null,
        weight,
        assignee: assignee ?? null,
        done_at: null,
        position: nextPosition(call, lane_id),
      });
      tellAssigned(call, row);
      return { note: "Card added.", card_id: row.id };
    },
  }),
  api("edit_card", {
    about: "Change title, text or weight of a card.",
    params: {
      ...CARD_ID,
      title: optional(text("new title")),
      text: optional(anyText("new text")),
      weight: optional(integer("new weight", 1, MOST_WEIGHT)),
    },
    returns: RETURNS,
    handler(call, { card_id, title, text, weight }) {
      const row = cardFor(call, card_id, "work", "change");
      needChange({ title, text, weight });
      const patch = { title: title ?? row.title, text: text ?? row.text, weight: weight ?? row.weight };
      call.world.update(card, card_id, patch);
      return { note: "Card changed.", card_id };
    },
  }),
  api("move_card", {
    about: "Move a card to the end of another lane of its board.",
    params: { ...CARD_ID, lane_id: rowId("id of the lane") },
    returns: RETURNS,
    method: "PATCH",
    handler(call, { card_id, lane_id }) {
      const row = cardFor(call, card_id, "work", "move");
      laneOn(call, row.board_id, lane_id);
      if (row.lane_id === lane_id) throw conflict(`move card ${card_id}`, "it is in that lane already");
      call.world.update(card, card_id, { lane_id, position: nextPosition(call, lane_id) });
      return { note: "Card moved.", card_id };
    },
  }),
  api("finish_card", {
    about: "Mark a card as done; it stays in its lane.",
    params: CARD_ID,
    returns: RETURNS,
    handler(call, { card_id }) {
      const row = cardFor(call, card_id, "work", "finish");
      if (row.done_at !== null) throw conflict(`finish card ${card_id}`, "it is done already");
      call.world.update(card, card_id, { done_at: call.at });
      return { note: "Card finished.", card_id };
    },
  }),
  api("reopen_card", {
    about: "Mark a card as open again; it stays in its lane.",
    params: CARD_ID,
    returns: RETURNS,
    handler(call, { card_id }) {
      const row = cardFor(call, card_id, "work", "reopen");
      if (row.done_at === null) throw conflict(`reopen card ${card_id}`, "it is open");
      call.world.update(card, card_id, { done_at: null });
      return { note: "Card reopened.", card_id };
    },
  }),
  api("assign_card", {
    about: "Give a card to somebody on the board, who is told.",
    params: { ...CARD_ID, email: email("e-mail of somebody on the board") },
    returns: RETURNS,
    handler(call, { card_id, email }) {
      const row = cardFor(call, card_id, "work", "assign");
      needOnBoard(call, row.board_id, email);
      if (row.assignee === email) throw conflict(`assign card ${card_id}`, "that person has it already");
      call.world.update(card, card_id, { assignee: email });
      tellAssigned(call, { ...row, assignee: email });
      return { note: "Card assigned.", card_id };
    },
  }),
  api("unassign_card", {
    about: "Take a card from whoever has it.",
    params: CARD_ID,
    returns: RETURNS,
    handler(call, { card_id }) {
      const row = cardFor(call, card_id, "work", "change");
      if (row.assignee === null) throw conflict(`unassign card ${card_id}`, "nobody has it");
      call.world.update(card, card_id, { assignee: null });
      return { note: "Card unassigned.", card_id };
    },
  }),
  api("set_due", {
    about: "Set the due day of a card, or take it away.",
    params: { ...CARD_ID, due_on: optional(date("new due day; none if left out")) },
    returns: RETURNS,
    handler(call, { card_id, due_on }) {
      cardFor(call, card_id, "work", "change");
      call.world.update(card, card_id, { due_on: due_on ?? null });
      return { note: due_on === undefined ? "Due day taken away." : "Due day set.", card_id };
    },
  }),
  api("remove_card", {
    about: "Remove a card with its steps, remarks and pinned files.",
    params: CARD_ID,
    returns: { note: "text" },
    handler(call, { card_id }) {
      cardFor(call, card_id, "work", "remove");
      dropCard(call, card_id);
      return { note: "Card removed." };
    },
  }),
];

/** The card group. */
export const cardApis: readonly Api[] = [...readingApis, ...writingApis];
