/**
 * Who may do what on a board, and what several groups do with boards and cards.
 *
 * Contract: everybody on a board may read it and remark; editors and leads may work on cards, lanes, tags and steps; leads alone
 * may change the board and its people. Nothing changes on an archived board but that it is taken back out.
 *
 * @module
 */
import { conflict, notFound, notYours } from "../../errors.ts";
import type { Call, RowOf } from "../../schema.ts";
import { memberOf } from "../_common.ts";
import {
  board,
  boardMember,
  card,
  cardRemark,
  cardTag,
  corkAlert,
  corkMember,
  lane,
  pinnedFile,
  step,
} from "./tables.ts";

/** Roles, the weakest first. */
export const ROLES = ["viewer", "editor", "lead"] as const;

/** Rows of tables, by what they are. */
export type BoardRow = RowOf<typeof board.columns>;
/** See {@linkcode BoardRow}. */
export type CardRow = RowOf<typeof card.columns>;

/** What a role may do: any role reads and remarks, `work` needs an editor, `lead` a lead. */
export type Need = "read" | "remark" | "work" | "lead";

/** Membership of somebody on a board. */
export function membership(call: Call, boardId: number, email: string): RowOf<typeof boardMember.columns> | undefined {
  return call.world.rowsWhere(boardMember, "board_id", boardId).find((row) => row.email === email);
}

function allows(role: string, need: Need): boolean {
  return need === "lead" ? role === "lead" : need === "work" ? role !== "viewer" : true;
}

/**
 * A board that the member may use so.
 *
 * @throws {AgentError} 404 if there is none, 403 if the member is not on it or has too weak a role, 409 if it is archived and
 * should change.
 */
export function boardFor(call: Call, boardId: number, need: Need, verb: string): BoardRow {
  const row = call.world.get(board, boardId);
  if (row === undefined) throw notFound("board", "id", boardId);
  const mine = membership(call, boardId, call.member);
  if (mine === undefined || !allows(mine.role, need)) throw notYours("board", verb);
  if (row.archived && need !== "read") throw conflict(`${verb} board ${boardId}`, "it is archived");
  return row;
}

/** A card on a board that the member may use so. @throws {AgentError} as {@linkcode boardFor}. */
export function cardFor(call: Call, cardId: number, need: Need, verb: string): CardRow {
  const row = call.world.get(card, cardId);
  if (row === undefined) throw notFound("card", "id", cardId);
  const mine = membership(call, row.board_id, call.member);
  if (mine === undefined || !allows(mine.role, need)) throw notYours("card", verb);
  boardFor(call, row.board_id, need, verb);
  return row;
}

/** A lane of a board. @throws {AgentError} 404 if the board has none with that id. */
export function laneOn(call: Call, boardId: number, laneId: number): RowOf<typeof lane.columns> {
  const row = call.world.get(lane, laneId);
  if (row === undefined || row.board_id !== boardId) throw notFound("lane of the board", "id", laneId);
  return row;
}

/** Lanes of a board in order. */
export function lanesOf(call: Call, boardId: number): RowOf<typeof lane.columns>[] {
  return [...call.world.rowsWhere(lane, "board_id", boardId)].sort((a, b) => a.position - b.position || a.id - b.id);
}

/** Boards that the member is on, by id. */
export function ownBoards(call: Call): BoardRow[] {
  return call.world.rows(boardMember, call.member).map((row) => call.world.get(board, row.board_id))
    .filter((row): row is BoardRow => row !== undefined).sort((a, b) => a.id - b.id);
}

/** Position after the last card of a lane. */
export function nextPosition(call: Call, laneId: number): number {
  return call.world.rowsWhere(card, "lane_id", laneId).reduce((most, row) => Math.max(most, row.position), 0) + 1;
}

/** Somebody who can have cards of a board. @throws {AgentError} 409 if the person is not on it. */
export function needOnBoard(call: Call, boardId: number, email: string): void {
  if (membership(call, boardId, email) === undefined) {
    throw conflict(`assign ${email}`, "that person is not on the board");
  }
}

/** Tells somebody; nobody is told of what they did themselves. */
export function tell(
  call: Call,
  owner: string | null,
  kind: "assigned" | "remark" | "invite" | "role",
  text: string,
  boardId: number,
  cardId: number | null,
): void {
  if (owner === null || owner === call.member) return;
  call.world.insert(corkAlert, { owner, kind, text, board_id: boardId, card_id: cardId, at: call.at, seen: false });
}

/** Tells somebody that a card is theirs now. */
export function tellAssigned(call: Call, { id, title, board_id, assignee }: CardRow): void {
  const where = call.world.get(board, board_id)?.name ?? "";
  const { name } = memberOf(call, corkMember, call.member);
  tell(call, assignee, "assigned", `${name} gave you "${title}" on ${where}.`, board_id, id);
}

/** Removes a card with all that hangs on it. */
export function dropCard(call: Call, cardId: number): void {
  const { world } = call;
  for (const spec of [step, cardTag, cardRemark, pinnedFile] as const) {
    for (const { id } of world.rowsWhere(spec as typeof step, "card_id", cardId)) world.remove(spec, id);
  }
  world.remove(card, cardId);
}
