/**
 * People of corkline's boards, and invites.
 *
 * Choices: the code of an invite is in the letter to the person alone; lists never show it. Who leaves a board loses its open cards.
 *
 * @module
 */
import { contentHash } from "../../../../data/canonical.ts";
import { badArgument, conflict, notFound, notYours } from "../../errors.ts";
import { choice, email, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { memberByEmail, memberOf } from "../_common.ts";
import { LETTER_EFFECTS, sendAppLetter } from "../effects/letters.ts";
import { boardFor, membership, ownBoards, ROLES, tell } from "./_board.ts";
import { board, boardMember, card, corkMember, invite } from "./tables.ts";

const STATES = ["all", "open", "accepted", "refused"] as const;

function nameOf(call: Call, owner: string): string {
  return call.world.rows(corkMember, owner)[0]?.name ?? owner;
}

/** Membership of somebody on a board. @throws {AgentError} 404. */
function needMembership(call: Call, boardId: number, email: string): RowOf<typeof boardMember.columns> {
  const row = membership(call, boardId, email);
  if (row === undefined) throw notFound("member of the board", "email", email);
  return row;
}

/** @throws {AgentError} 409 if a board would be left without a lead. */
function needOtherLead(call: Call, row: RowOf<typeof boardMember.columns>, verb: string): void {
  const others = call.world.rowsWhere(boardMember, "board_id", row.board_id).filter(({ id }) => id !== row.id);
  if (row.role === "lead" && !others.some(({ role }) => role === "lead")) {
    throw conflict(`${verb} ${row.email}`, "the board has no other lead");
  }
}

/** Code of a new invite; it does not depend on whom else is invited. */
function codeFor(call: Call, boardId: number, email: string): string {
  const count = call.world.rowsWhere(invite, "board_id", boardId).filter((row) => row.email === email).length;
  return contentHash(`corkline|${boardId}|${email}|${count}|${call.at}`, 8).toUpperCase();
}

function inviteView(row: RowOf<typeof invite.columns>, { world }: Call) {
  const { id, board_id, email, role, by, state, made_at } = row;
  const name = world.get(board, board_id)?.name ?? "";
  return { invite_id: id, board_id, board: name, email, role, by, state, sent_at: made_at };
}

/** An invite to the member that is open. @throws {AgentError} 404, 403, 409. */
function openInvite(call: Call, row: RowOf<typeof invite.columns> | undefined, field: string, value: string | number) {
  if (row === undefined) throw notFound("invite", field, value);
  if (row.email !== call.member) throw notYours("invite", "answer");
  if (row.state !== "open") throw conflict(`answer invite ${row.id}`, `it is ${row.state}`);
  return row;
}

/** The people group. */
export const peopleApis: readonly Api[] = [
  list("list_board_members", {
    about: "People of a board with their roles.",
    params: { board_id: rowId("id of the board") },
    returns: [{ name: "text", email: "e-mail", role: "lead|editor|viewer", since: "datetime" }],
    rows(call, { board_id }) {
      boardFor(call, board_id, "read", "read");
      return call.world.rowsWhere(boardMember, "board_id", board_id);
    },
    view: ({ email, role, made_at }, call) => ({ name: nameOf(call, email), email, role, since: made_at }),
    orders: { email: ({ email }) => email, role: ({ role }) => role, since: ({ made_at }) => made_at },
  }),
  api("set_role", {
    about: "Change somebody's role on a board that you lead.",
    params: {
      board_id: rowId("id of the board"),
      email: email("e-mail of the member"),
      role: choice("new role", ROLES),
    },
    returns: { note: "text" },
    handler(call, { board_id, email, role }) {
      const { name } = boardFor(call, board_id, "lead", "change");
      const row = needMembership(call, board_id, email);
      if (row.role === role) throw conflict(`set the role of ${email}`, `it is ${role} already`);
      if (role !== "lead") needOtherLead(call, row, "set the role of");
      call.world.update(boardMember, row.id, { role });
      tell(call, email, "role", `You are ${role} on ${name} now.`, board_id, null);
      return { note: "Role set." };
    },
  }),
  api("remove_board_member", {
    about: "Take somebody off a board that you lead, or leave a board yourself.",
    params: { board_id: rowId("id of the board"), email: email("e-mail of the member") },
    returns: { note: "text" },
    handler(call, { board_id, email }) {
      boardFor(call, board_id, email === call.member ? "remark" : "lead", "change");
      const row = needMembership(call, board_id, email);
      needOtherLead(call, row, "take off");
      call.world.remove(boardMember, row.id);
      for (const mine of call.world.rowsWhere(card, "assignee", email)) {
        if (mine.board_id === board_id && mine.done_at === null) {
          call.world.update(card, mine.id, { assignee: null });
        }
      }
      return { note: "Member taken off the board." };
    },
  }),
  api("invite_member", {
    about: "Invite a member to a board that you lead; a letter brings the code.",
    params: {
      board_id: rowId("id of the board"),
      email: email("e-mail of the member"),
      role: withDefault(choice("role on the board", ROLES), "editor"),
    },
    returns: { note: "text", invite_id: "integer" },
    effects: LETTER_EFFECTS,
    handler(call, { board_id, email, role }) {
      const { name } = boardFor(call, board_id, "lead", "invite to");
      if (email === call.member) throw badArgument("email", "that is you", "e-mail of another member");
      memberByEmail(call, corkMember, email);
      if (membership(call, board_id, email) !== undefined) throw conflict(`invite ${email}`, "already on the board");
      const open = call.world.rowsWhere(invite, "board_id", board_id)
        .some((row) => row.email === email && row.state === "open");
      if (open) throw conflict(`invite ${email}`, "an invite is open already");
      const code = codeFor(call, board_id, email);
      const { id } = call.world.insert(invite, { board_id, email, role, by: call.member, code, state: "open" });
      const by = memberOf(call, corkMember, call.member).name;
      tell(call, email, "invite", `${by} invites you to ${name}.`, board_id, null);
      const body = `${by} invites you to the board ${name} as ${role}. Your code: ${code}`;
      sendAppLetter(call.world, "corkline", email, `Invitation to ${name}`, body);
      return { note: "Invite sent.", invite_id: id };
    },
  }),
  list("list_invites", {
    about: "Invites to you, or those to boards that you lead.",
    params: {
      direction: withDefault(choice("to you (in) or to your boards (out)", ["in", "out"]), "in"),
      state: withDefault(choice("only in this state", STATES), "all"),
    },
    returns: [{
      invite_id: "integer",
      board_id: "integer",
      board: "text",
      email: "e-mail",
      role: "lead|editor|viewer",
      by: "e-mail",
      state: "open|accepted|refused",
      sent_at: "datetime",
    }],
    rows(call, { direction, state }) {
      const rows = direction === "in"
        ? call.world.rows(invite, call.member)
        : ownBoards(call).filter(({ id }) => membership(call, id, call.member)?.role === "lead")
          .flatMap(({ id }) => call.world.rowsWhere(invite, "board_id", id)).sort((a, b) => a.id - b.id);
      return rows.filter((row) => state === "all" || row.state === state);
    },
    view: inviteView,
    orders: { sent_at: ({ made_at }) => made_at, email: ({ email }) => email },
  }),
  api("accept_invite", {
    about: "Join a board with the code of an invite.",
    params: { code: text("code from the letter") },
    returns: { note: "text", board_id: "integer" },
    handler(call, { code }) {
      const mine = call.world.rowsWhere(invite, "code", code);
      const row = openInvite(call, mine.find(({ email }) => email === call.member) ?? mine[0], "code", code);
      if (membership(call, row.board_id, call.member) !== undefined) {
        throw conflict(`answer invite ${row.id}`, "you are on the board already");
      }
      call.world.update(invite, row.id, { state: "accepted" });
      call.world.insert(boardMember, { board_id: row.board_id, email: call.member, role: row.role });
      return { note: "Invite accepted.", board_id: row.board_id };
    },
  }),
  api("refuse_invite", {
    about: "Refuse an invite.",
    params: { invite_id: rowId("id of the invite") },
    returns: { note: "text", invite_id: "integer" },
    handler(call, { invite_id }) {
      const row = openInvite(call, call.world.get(invite, invite_id), "id", invite_id);
      call.world.update(invite, row.id, { state: "refused" });
      return { note: "Invite refused.", invite_id };
    },
  }),
];
