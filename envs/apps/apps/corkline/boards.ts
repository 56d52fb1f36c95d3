/**
 * Boards and lanes of corkline.
 *
 * @module
 */
import { badArgument, conflict, notFound, notYours } from "../../errors.ts";
import { anyText, flag, integer, optional, rowId, text, texts, withDefault } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { boardFor, type BoardRow, dropCard, lanesOf, membership, ownBoards } from "./_board.ts";
import { board, boardMember, card, cardTag, corkAlert, invite, lane, step, tag } from "./tables.ts";
import { needChange } from "../_common.ts";

const RETURNS = { note: "text", board_id: "integer" } as const;
const LANE_RETURNS = { note: "text", lane_id: "integer" } as const;
const DEFAULT_LANES = ["To do", "Doing", "Done"];
const MOST_LANES = 20;

function boardView(row: BoardRow, call: Call) {
  const { id, name, about, archived } = row;
  return { board_id: id, name, about, archived, role: membership(call, id, call.member)?.role ?? "" };
}

const BOARD_SHAPE = {
  board_id: "integer",
  name: "text",
  about: "text",
  archived: "flag",
  role: "lead|editor|viewer",
} as const;

function addLanes(call: Call, boardId: number, names: readonly string[]): Map<string, number> {
  return new Map(
    names.map((name, i) => [name, call.world.insert(lane, { board_id: boardId, name, position: i + 1 }).id]),
  );
}

/** Copies lanes and tags of a board, and its open cards where asked, without people and remarks. */
function copyInto(call: Call, from: number, to: number, withCards: boolean): void {
  const { world } = call;
  const lanes = new Map(
    lanesOf(call, from).map((row) => {
      const { name, position } = row;
      return [row.id, world.insert(lane, { board_id: to, name, position }).id];
    }),
  );
  const tags = new Map(
    world.rowsWhere(tag, "board_id", from).map((row) => {
      const { name, colour } = row;
      return [row.id, world.insert(tag, { board_id: to, name, colour }).id];
    }),
  );
  if (!withCards) return;
  for (const row of world.rowsWhere(card, "board_id", from).filter(({ done_at }) => done_at === null)) {
    const { title, text, due_on, weight, position } = row;
    const lane_id = lanes.get(row.lane_id) ?? 0;
    const values = { title, text, due_on, weight, position, assignee: null, done_at: null };
    const { id } = world.insert(card, { board_id: to, lane_id, ...values });
    for (const link of world.rowsWhere(cardTag, "card_id", row.id)) {
      world.insert(cardTag, { card_id: id, tag_id: tags.get(link.tag_id) ?? 0 });
    }
    for (const { text, position } of world.rowsWhere(step, "card_id", row.id)) {
      world.insert(step, { card_id: id, text, done: false, position });
    }
  }
}

/** The board group. */
export const boardApis: readonly Api[] = [
  list("list_boards", {
    about: "Boards that you are on, optionally only archived ones or only others.",
    params: { archived: optional(flag("whether archived")) },
    returns: [BOARD_SHAPE],
    rows: (call, { archived }) => ownBoards(call).filter((row) => archived === undefined || row.archived === archived),
    view: boardView,
    search: ({ name, about }) => `${name} ${about}`,
    orders: { name: ({ name }) => name, made_at: ({ made_at }) => made_at },
  }),
  api("get_board", {
    about: "One board.",
    params: { board_id: rowId("id of the board") },
    returns: { ...BOARD_SHAPE, made_at: "datetime" },
    handler(call, { board_id }) {
      const row = boardFor(call, board_id, "read", "read");
      return { ...boardView(row, call), made_at: row.made_at };
    },
  }),
  api("add_board", {
    about: "Make a board that you lead.",
    params: {
      name: text("name"),
      about: withDefault(anyText("what it is for"), ""),
      lanes: withDefault(texts("names of the lanes in order", 1), DEFAULT_LANES),
    },
    returns: RETURNS,
    handler(call, { name, about, lanes }) {
      const { id } = call.world.insert(board, { name, about, archived: false });
      call.world.insert(boardMember, { board_id: id, email: call.member, role: "lead" });
      addLanes(call, id, lanes);
      return { note: "Board made.", board_id: id };
    },
  }),
  api("edit_board", {
    about: "Change name or purpose of a board that you lead.",
    params: {
      board_id: rowId("id of the board"),
      name: optional(text("new name")),
      about: optional(anyText("what it is for")),
    },
    returns: RETURNS,
    handler(call, { board_id, name, about }) {
      const row = boardFor(call, board_id, "lead", "change");
      needChange({ name, about });
      call.world.update(board, board_id, { name: name ?? row.name, about: about ?? row.about });
      return { note: "Board changed.", board_id };
    },
  }),
  api("archive_board", {
    about: "Archive a board that you lead, or take it back out.",
    params: { board_id: rowId("id of the board"), on: flag("whether it is archived") },
    returns: RETURNS,
    handler(call, { board_id, on }) {
      const row = boardFor(call, board_id, "read", "archive");
      if (membership(call, board_id, call.member)?.role !== "lead") throw notYours("board", "archive");
      if (row.archived === on) {
        throw conflict(`archive board ${board_id}`, on ? "it is archived" : "it is not archived");
      }
      call.world.update(board, board_id, { archived: on });
      return { note: on ? "Board archived." : "Board taken out of the archive.", board_id };
    },
  }),
  api("remove_board", {
    about: "Remove a board that you lead, with its cards.",
    params: { board_id: rowId("id of the board") },
    returns: { note: "text" },
    handler(call, { board_id }) {
      const { world } = call;
      boardFor(call, board_id, "lead", "remove");
      for (const { id } of world.rowsWhere(card, "board_id", board_id)) dropCard(call, id);
      const people = world.rowsWhere(boardMember, "board_id", board_id);
      for (const { email } of people) {
        for (const alert of world.rows(corkAlert, email)) {
          if (alert.board_id === board_id) world.remove(corkAlert, alert.id);
        }
      }
      for (const spec of [lane, tag, invite, boardMember] as const) {
        for (const { id } of world.rowsWhere(spec as typeof lane, "board_id", board_id)) world.remove(spec, id);
      }
      world.remove(board, board_id);
      return { note: "Board removed." };
    },
  }),
  api("copy_board", {
    about: "Copy a board's lanes and tags, optionally with its open cards, to a new board that you lead.",
    params: {
      board_id: rowId("id of the board"),
      name: text("name of the copy"),
      with_cards: withDefault(flag("copy open cards, too; nobody has them then"), false),
    },
    returns: RETURNS,
    handler(call, { board_id, name, with_cards }) {
      const { about } = boardFor(call, board_id, "read", "copy");
      const { id } = call.world.insert(board, { name, about, archived: false });
      call.world.insert(boardMember, { board_id: id, email: call.member, role: "lead" });
      copyInto(call, board_id, id, with_cards);
      return { note: "Board copied.", board_id: id };
    },
  }),
];

/** A lane of a board that the member may work on. @throws {AgentError} 404, 403, 409. */
function laneFor(call: Call, laneId: number, verb: string): RowOf<typeof lane.columns> {
  const row = call.world.get(lane, laneId);
  if (row === undefined) throw notFound("lane", "id", laneId);
  boardFor(call, row.board_id, "work", verb);
  return row;
}

function needFreeName(call: Call, boardId: number, name: string): void {
  if (lanesOf(call, boardId).some((row) => row.name === name)) throw conflict(`name the lane ${name}`, "name taken");
}

/** Positions 1, 2, … for lanes in this order. */
function renumber(call: Call, lanes: readonly RowOf<typeof lane.columns>[]): void {
  lanes.forEach((row, i) => {
    if (row.position !== i + 1) call.world.update(lane, row.id, { position: i + 1 });
  });
}

/** The lane group. */
export const laneApis: readonly Api[] = [
  list("list_lanes", {
    about: "Lanes of a board in order.",
    params: { board_id: rowId("id of the board") },
    returns: [{ lane_id: "integer", name: "text", position: "integer" }],
    rows(call, { board_id }) {
      boardFor(call, board_id, "read", "read");
      return lanesOf(call, board_id);
    },
    view: ({ id, name, position }) => ({ lane_id: id, name, position }),
    orders: { name: ({ name }) => name, position: ({ position }) => position },
  }),
  api("add_lane", {
    about: "Add a lane after the others.",
    params: { board_id: rowId("id of the board"), name: text("name") },
    returns: LANE_RETURNS,
    handler(call, { board_id, name }) {
      boardFor(call, board_id, "work", "change");
      needFreeName(call, board_id, name);
      const count = lanesOf(call, board_id).length;
      if (count >= MOST_LANES) throw conflict("add a lane", `a board has at most ${MOST_LANES}`);
      const { id } = call.world.insert(lane, { board_id, name, position: count + 1 });
      return { note: "Lane added.", lane_id: id };
    },
  }),
  api("edit_lane", {
    about: "Rename a lane.",
    params: { lane_id: rowId("id of the lane"), name: text("new name") },
    returns: LANE_RETURNS,
    handler(call, { lane_id, name }) {
      const { board_id } = laneFor(call, lane_id, "change");
      needFreeName(call, board_id, name);
      call.world.update(lane, lane_id, { name });
      return { note: "Lane renamed.", lane_id };
    },
  }),
  api("move_lane", {
    about: "Move a lane to another place on its board.",
    params: { lane_id: rowId("id of the lane"), position: integer("new place, from 1", 1, MOST_LANES) },
    returns: LANE_RETURNS,
    method: "PATCH",
    handler(call, { lane_id, position }) {
      const row = laneFor(call, lane_id, "change");
      const others = lanesOf(call, row.board_id).filter(({ id }) => id !== lane_id);
      if (position > others.length + 1) {
        throw badArgument("position", `got ${position}`, `integer from 1 to ${others.length + 1}`);
      }
      renumber(call, [...others.slice(0, position - 1), row, ...others.slice(position - 1)]);
      return { note: "Lane moved.", lane_id };
    },
  }),
  api("remove_lane", {
    about: "Remove a lane that has no cards.",
    params: { lane_id: rowId("id of the lane") },
    returns: { note: "text" },
    handler(call, { lane_id }) {
      const { board_id } = laneFor(call, lane_id, "change");
      if (call.world.rowsWhere(card, "lane_id", lane_id).length > 0) {
        throw conflict(`remove lane ${lane_id}`, "there are cards in it");
      }
      const others = lanesOf(call, board_id).filter(({ id }) => id !== lane_id);
      if (others.length === 0) throw conflict(`remove lane ${lane_id}`, "it is the only one");
      call.world.remove(lane, lane_id);
      renumber(call, others);
      return { note: "Lane removed." };
    },
  }),
];
