/**
 * What hangs on corkline's cards: steps, tags, remarks and pinned files; and the alerts.
 *
 * @module
 */
import { conflict, notFound, notYours } from "../../errors.ts";
import { choice, flag, optional, path, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { memberOf, needChange, newestFirst, ownRow } from "../_common.ts";
import { pathOf, readStored, saveStored } from "../effects/files.ts";
import { boardFor, cardFor, membership, tell } from "./_board.ts";
import { cardRemark, cardTag, corkAlert, corkMember, pinnedFile, step, tag } from "./tables.ts";

const CARD_ID = { card_id: rowId("id of the card") };
const STEP_RETURNS = { note: "text", step_id: "integer" } as const;

/** A step of a card that the member may work on. @throws {AgentError} 404, 403, 409. */
function stepFor(call: Call, id: number, verb: string): RowOf<typeof step.columns> {
  const row = call.world.get(step, id);
  if (row === undefined) throw notFound("step", "id", id);
  cardFor(call, row.card_id, "work", verb);
  return row;
}

function stepsOf({ world }: Call, cardId: number) {
  return [...world.rowsWhere(step, "card_id", cardId)].sort((a, b) => a.position - b.position || a.id - b.id);
}

/** The step group. */
export const stepApis: readonly Api[] = [
  list("list_steps", {
    about: "Steps of a card in order.",
    params: CARD_ID,
    returns: [{ step_id: "integer", text: "text", done: "flag", position: "integer" }],
    rows(call, { card_id }) {
      cardFor(call, card_id, "read", "read");
      return stepsOf(call, card_id);
    },
    view: ({ id, text, done, position }) => ({ step_id: id, text, done, position }),
  }),
  api("add_step", {
    about: "Add a step after the others.",
    params: { ...CARD_ID, text: text("what to do") },
    returns: STEP_RETURNS,
    handler(call, { card_id, text }) {
      cardFor(call, card_id, "work", "change");
      const position = (stepsOf(call, card_id).at(-1)?.position ?? 0) + 1;
      const { id } = call.world.insert(step, { card_id, text, done: false, position });
      return { note: "Step added.", step_id: id };
    },
  }),
  api("edit_step", {
    about: "Change the text of a step.",
    params: { step_id: rowId("id of the step"), text: text("what to do") },
    returns: STEP_RETURNS,
    handler(call, { step_id, text }) {
      stepFor(call, step_id, "change");
      call.world.update(step, step_id, { text });
      return { note: "Step changed.", step_id };
    },
  }),
  api("tick_step", {
    about: "Tick a step, or take the tick away.",
    params: { step_id: rowId("id of the step"), on: withDefault(flag("whether it is done"), true) },
    returns: STEP_RETURNS,
    handler(call, { step_id, on }) {
      const row = stepFor(call, step_id, "tick");
      if (row.done === on) throw conflict(`tick step ${step_id}`, on ? "it is ticked already" : "it is not ticked");
      call.world.update(step, step_id, { done: on });
      return { note: on ? "Step ticked." : "Tick taken away.", step_id };
    },
  }),
  api("remove_step", {
    about: "Remove a step.",
    params: { step_id: rowId("id of the step") },
    returns: { note: "text" },
    handler(call, { step_id }) {
      stepFor(call, step_id, "remove");
      call.world.remove(step, step_id);
      return { note: "Step removed." };
    },
  }),
];

/** Colours that tags have. */
export const COLOURS = ["red", "orange", "yellow", "green", "blue", "violet", "grey"] as const;
const TAG_RETURNS = { note: "text", tag_id: "integer" } as const;

/** A tag of a board that the member may work on. @throws {AgentError} 404, 403, 409. */
function tagFor(call: Call, id: number, verb: string): RowOf<typeof tag.columns> {
  const row = call.world.get(tag, id);
  if (row === undefined) throw notFound("tag", "id", id);
  boardFor(call, row.board_id, "work", verb);
  return row;
}

function needFreeTag(call: Call, boardId: number, name: string): void {
  if (call.world.rowsWhere(tag, "board_id", boardId).some((row) => row.name === name)) {
    throw conflict(`name the tag ${name}`, "name taken");
  }
}

function linkOf({ world }: Call, cardId: number, tagId: number) {
  return world.rowsWhere(cardTag, "card_id", cardId).find((row) => row.tag_id === tagId);
}

/** The tag group. */
export const tagApis: readonly Api[] = [
  list("list_tags", {
    about: "Tags of a board.",
    params: { board_id: rowId("id of the board") },
    returns: [{ tag_id: "integer", name: "text", colour: "text" }],
    rows(call, { board_id }) {
      boardFor(call, board_id, "read", "read");
      return call.world.rowsWhere(tag, "board_id", board_id);
    },
    view: ({ id, name, colour }) => ({ tag_id: id, name, colour }),
    orders: { name: ({ name }) => name },
  }),
  api("add_tag", {
    about: "Add a tag to a board.",
    params: {
      board_id: rowId("id of the board"),
      name: text("name"),
      colour: withDefault(choice("colour", COLOURS), "grey"),
    },
    returns: TAG_RETURNS,
    handler(call, { board_id, name, colour }) {
      boardFor(call, board_id, "work", "change");
      needFreeTag(call, board_id, name);
      return { note: "Tag added.", tag_id: call.world.insert(tag, { board_id, name, colour }).id };
    },
  }),
  api("edit_tag", {
    about: "Change name or colour of a tag.",
    params: {
      tag_id: rowId("id of the tag"),
      name: optional(text("new name")),
      colour: optional(choice("new colour", COLOURS)),
    },
    returns: TAG_RETURNS,
    handler(call, { tag_id, name, colour }) {
      const row = tagFor(call, tag_id, "change");
      needChange({ name, colour });
      if (name !== undefined && name !== row.name) needFreeTag(call, row.board_id, name);
      call.world.update(tag, tag_id, { name: name ?? row.name, colour: colour ?? row.colour });
      return { note: "Tag changed.", tag_id };
    },
  }),
  api("remove_tag", {
    about: "Remove a tag from its board and all cards.",
    params: { tag_id: rowId("id of the tag") },
    returns: { note: "text" },
    handler(call, { tag_id }) {
      tagFor(call, tag_id, "remove");
      for (const { id } of call.world.rowsWhere(cardTag, "tag_id", tag_id)) call.world.remove(cardTag, id);
      call.world.remove(tag, tag_id);
      return { note: "Tag removed." };
    },
  }),
  api("tag_card", {
    about: "Put a tag of the board on a card.",
    params: { ...CARD_ID, tag_id: rowId("id of the tag") },
    returns: { note: "text", card_id: "integer" },
    handler(call, { card_id, tag_id }) {
      const { board_id } = cardFor(call, card_id, "work", "tag");
      if (call.world.get(tag, tag_id)?.board_id !== board_id) throw notFound("tag of the board", "id", tag_id);
      if (linkOf(call, card_id, tag_id) !== undefined) throw conflict(`tag card ${card_id}`, "it has that tag already");
      call.world.insert(cardTag, { card_id, tag_id });
      return { note: "Card tagged.", card_id };
    },
  }),
  api("untag_card", {
    about: "Take a tag off a card.",
    params: { ...CARD_ID, tag_id: rowId("id of the tag") },
    returns: { note: "text", card_id: "integer" },
    handler(call, { card_id, tag_id }) {
      cardFor(call, card_id, "work", "untag");
      const link = linkOf(call, card_id, tag_id);
      if (link === undefined) throw conflict(`untag card ${card_id}`, "it does not have that tag");
      call.world.remove(cardTag, link.id);
      return { note: "Tag taken off.", card_id };
    },
  }),
];

const REMARK_RETURNS = { note: "text", remark_id: "integer" } as const;

/** A remark on a board that the member is on. @throws {AgentError} 404, 403. */
function remarkFor(call: Call, id: number, verb: string) {
  const row = call.world.get(cardRemark, id);
  if (row === undefined) throw notFound("remark", "id", id);
  const { board_id } = cardFor(call, row.card_id, "remark", verb);
  return { row, board_id };
}

/** The remark group. */
export const remarkApis: readonly Api[] = [
  list("list_remarks", {
    about: "Remarks on a card, oldest first.",
    params: CARD_ID,
    returns: [{ remark_id: "integer", by: "e-mail", text: "text", at: "datetime" }],
    rows(call, { card_id }) {
      cardFor(call, card_id, "read", "read");
      return call.world.rowsWhere(cardRemark, "card_id", card_id);
    },
    view: ({ id, by, text, at }) => ({ remark_id: id, by, text, at }),
    search: ({ text }) => text,
    orders: { at: ({ at }) => at },
  }),
  api("add_remark", {
    about: "Remark on a card; whoever has the card is told.",
    params: { ...CARD_ID, text: text("remark") },
    returns: REMARK_RETURNS,
    handler(call, { card_id, text }) {
      const { title, board_id, assignee } = cardFor(call, card_id, "remark", "remark on");
      const { id } = call.world.insert(cardRemark, { card_id, by: call.member, text, at: call.at });
      const { name } = memberOf(call, corkMember, call.member);
      tell(call, assignee, "remark", `${name} on "${title}": ${text}`, board_id, card_id);
      return { note: "Remark added.", remark_id: id };
    },
  }),
  api("edit_remark", {
    about: "Change a remark of yours.",
    params: { remark_id: rowId("id of the remark"), text: text("new remark") },
    returns: REMARK_RETURNS,
    handler(call, { remark_id, text }) {
      const { row } = remarkFor(call, remark_id, "change");
      if (row.by !== call.member) throw notYours("remark", "change");
      call.world.update(cardRemark, remark_id, { text });
      return { note: "Remark changed.", remark_id };
    },
  }),
  api("remove_remark", {
    about: "Remove a remark of yours, or any on a board that you lead.",
    params: { remark_id: rowId("id of the remark") },
    returns: { note: "text" },
    handler(call, { remark_id }) {
      const { row, board_id } = remarkFor(call, remark_id, "remove");
      if (row.by !== call.member && membership(call, board_id, call.member)?.role !== "lead") {
        throw notYours("remark", "remove");
      }
      call.world.remove(cardRemark, remark_id);
      return { note: "Remark removed." };
    },
  }),
];

/** A pinned file on a board that the member is on. @throws {AgentError} 404, 403. */
function pinFor(call: Call, id: number, need: "read" | "work", verb: string): RowOf<typeof pinnedFile.columns> {
  const row = call.world.get(pinnedFile, id);
  if (row === undefined) throw notFound("pinned file", "id", id);
  cardFor(call, row.card_id, need, verb);
  return row;
}

/** The file group. */
export const pinApis: readonly Api[] = [
  api("pin_file", {
    about: "Pin a copy of a file of stowbox to a card.",
    params: { ...CARD_ID, path: path("file in your stowbox") },
    returns: { note: "text", pin_id: "integer" },
    files: true,
    method: "POST",
    handler(call, { card_id, path }) {
      cardFor(call, card_id, "work", "pin to");
      const { name, kind, size, text, tree } = readStored(call, path);
      if (tree !== null) throw conflict(`pin ${path}`, "it is a bundle");
      if (call.world.rowsWhere(pinnedFile, "card_id", card_id).some((row) => row.name === name)) {
        throw conflict(`pin ${path}`, "a file of that name is pinned already");
      }
      const { id } = call.world.insert(pinnedFile, { card_id, by: call.member, name, kind, size, text });
      return { note: "File pinned.", pin_id: id };
    },
  }),
  api("unpin_file", {
    about: "Take a pinned file off its card.",
    params: { pin_id: rowId("id of the pinned file") },
    returns: { note: "text" },
    handler(call, { pin_id }) {
      pinFor(call, pin_id, "work", "take off");
      call.world.remove(pinnedFile, pin_id);
      return { note: "File taken off." };
    },
  }),
  api("save_pinned_file", {
    about: "Save a pinned file in stowbox under its name.",
    params: {
      pin_id: rowId("id of the pinned file"),
      folder: withDefault(path("folder to save into; it is made if it is missing"), "/inbox"),
      replace: withDefault(flag("replace a file that is there"), false),
    },
    returns: { note: "text", file_id: "integer" },
    files: true,
    effects: ["stowbox.file", "stowbox.folder", "stowbox.file_version"],
    handler(call, { pin_id, folder, replace }) {
      const { name, text } = pinFor(call, pin_id, "read", "save");
      return { note: "File saved.", file_id: saveStored(call, pathOf({ folder, name }), text, replace) };
    },
  }),
];

/** The alert group. */
export const alertApis: readonly Api[] = [
  list("list_alerts", {
    about: "Alerts of corkline, newest first, optionally only seen ones or only others.",
    params: { seen: optional(flag("whether seen")) },
    returns: [{
      alert_id: "integer",
      kind: "assigned|remark|invite|role",
      text: "text",
      board_id: "integer",
      card_id: "integer|null",
      at: "datetime",
      seen: "flag",
    }],
    rows: ({ world, member }, { seen }) =>
      newestFirst(world.rows(corkAlert, member).filter((row) => seen === undefined || row.seen === seen)),
    view: ({ id, kind, text, board_id, card_id, at, seen }) => ({
      alert_id: id,
      kind,
      text,
      board_id,
      card_id,
      at,
      seen,
    }),
    orders: { at: ({ at }) => at },
  }),
  api("mark_alert_seen", {
    about: "Mark an alert as seen.",
    params: { alert_id: rowId("id of the alert") },
    returns: { note: "text", alert_id: "integer" },
    handler(call, { alert_id }) {
      const row = ownRow(call, corkAlert, alert_id, "alert", "change");
      if (row.seen) throw conflict(`mark alert ${alert_id}`, "it is seen already");
      call.world.update(corkAlert, alert_id, { seen: true });
      return { note: "Alert seen.", alert_id };
    },
  }),
  api("clear_alerts", {
    about: "Remove all alerts of corkline.",
    params: {},
    returns: { note: "text" },
    handler({ world, member }) {
      for (const { id } of world.rows(corkAlert, member)) world.remove(corkAlert, id);
      return { note: "Alerts cleared." };
    },
  }),
];
