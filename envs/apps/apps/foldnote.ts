/**
 * foldnote: notes with checklists.
 *
 * Choices: lists give titles only, so that bodies need the detail call; a change of title, body or flags sets `edited_at`, a change
 * of checklist items does not.
 * Omitted: notebooks, keywords, revisions, shares.
 *
 * @module
 */
import { conflict } from "../errors.ts";
import { anyText, flag, optional, rowId, text } from "../params.ts";
import { api, type App, type Call, type RowOf, table } from "../schema.ts";
import { rank } from "../search.ts";
import { accountApis, memberTable, ownRow } from "./_common.ts";

/** Accounts. */
export const foldnoteMember = memberTable("foldnote");

/** Notes. */
export const note = table("foldnote.note", {
  owner: "text",
  title: "text",
  body: "text",
  pinned: "flag",
  archived: "flag",
  edited_at: "text",
}, { ownedBy: ["owner"] });

/** Checklist items. */
export const checkItem = table("foldnote.check_item", {
  owner: "text",
  note_id: "integer",
  text: "text",
  done: "flag",
  position: "integer",
}, { ownedBy: ["owner"], references: { note_id: "foldnote.note" } });

const NOTE_SHAPE = {
  note_id: "integer",
  title: "text",
  pinned: "true|false",
  archived: "true|false",
  edited_at: "datetime",
} as const;
const ITEM_SHAPE = { item_id: "integer", text: "text", done: "true|false", position: "integer" } as const;

function noteView({ id, title, pinned, archived, edited_at }: RowOf<typeof note.columns>) {
  return { note_id: id, title, pinned, archived, edited_at };
}

function itemsOf(call: Call, noteId: number) {
  return call.world.rows(checkItem, call.member).filter((row) => row.note_id === noteId)
    .sort((a, b) => a.position - b.position || a.id - b.id);
}

function tick(call: Call, id: number, done: boolean) {
  const verb = done ? "tick" : "untick";
  const row = ownRow(call, checkItem, id, "item", verb);
  if (row.done === done) throw conflict(`${verb} item ${id}`, done ? "it is already ticked" : "it is not ticked");
  call.world.update(checkItem, id, { done });
  return { note: done ? "Item ticked." : "Item unticked.", item_id: id };
}

const noteApis = [
  api("list_notes", {
    about: "Notes by title, optionally only archived or pinned ones, or only others.",
    params: { archived: optional(flag("whether archived")), pinned: optional(flag("whether pinned")) },
    returns: [NOTE_SHAPE],
    paged: true,
    handler: ({ world, member }, { archived, pinned }) =>
      world.rows(note, member)
        .filter((row) => archived === undefined || row.archived === archived)
        .filter((row) => pinned === undefined || row.pinned === pinned)
        .map(noteView),
  }),
  api("find_notes", {
    about: "All notes, best matches of a query first.",
    params: { q: text("words of title or body") },
    returns: [NOTE_SHAPE],
    paged: true,
    handler: ({ world, member }, { q }) =>
      rank(world.rows(note, member), q, (row) => `${row.title} ${row.title} ${row.body}`).map(noteView),
  }),
  api("get_note", {
    about: "One note with its body.",
    params: { note_id: rowId("id of the note") },
    returns: { ...NOTE_SHAPE, body: "text" },
    handler(call, { note_id }) {
      const row = ownRow(call, note, note_id, "note", "read");
      return { ...noteView(row), body: row.body };
    },
  }),
  api("add_note", {
    about: "Add a note.",
    params: { title: text("title"), body: anyText("body") },
    returns: { note: "text", note_id: "integer" },
    handler({ world, member, at }, { title, body }) {
      const values = { owner: member, title, body, pinned: false, archived: false, edited_at: at };
      return { note: "Note added.", note_id: world.insert(note, values).id };
    },
  }),
  api("edit_note", {
    about: "Replace title or body of a note.",
    params: {
      note_id: rowId("id of the note"),
      title: optional(text("new title")),
      body: optional(anyText("new body")),
    },
    returns: { note: "text", note_id: "integer" },
    handler(call, { note_id, title, body }) {
      ownRow(call, note, note_id, "note", "change");
      call.world.update(note, note_id, {
        ...(title === undefined ? {} : { title }),
        ...(body === undefined ? {} : { body }),
        edited_at: call.at,
      });
      return { note: "Note changed.", note_id };
    },
  }),
  api("append_to_note", {
    about: "Add a line at the end of a note's body.",
    params: { note_id: rowId("id of the note"), text: text("line to add") },
    returns: { note: "text", note_id: "integer" },
    handler(call, { note_id, text }) {
      const { body } = ownRow(call, note, note_id, "note", "change");
      call.world.update(note, note_id, { body: body === "" ? text : `${body}\n${text}`, edited_at: call.at });
      return { note: "Line added.", note_id };
    },
  }),
  api("remove_note", {
    about: "Remove a note with its checklist.",
    params: { note_id: rowId("id of the note") },
    returns: { note: "text" },
    handler(call, { note_id }) {
      ownRow(call, note, note_id, "note", "remove");
      for (const item of itemsOf(call, note_id)) call.world.remove(checkItem, item.id);
      call.world.remove(note, note_id);
      return { note: "Note removed." };
    },
  }),
  api("pin_note", {
    about: "Pin a note, or no longer.",
    params: { note_id: rowId("id of the note"), on: flag("whether it is pinned") },
    returns: { note: "text", note_id: "integer" },
    handler(call, { note_id, on }) {
      const { pinned } = ownRow(call, note, note_id, "note", "pin");
      if (pinned !== on) call.world.update(note, note_id, { pinned: on, edited_at: call.at });
      return { note: on ? "Note pinned." : "Note unpinned.", note_id };
    },
  }),
  api("archive_note", {
    about: "Archive a note, or take it back out.",
    params: { note_id: rowId("id of the note"), on: flag("whether it is archived") },
    returns: { note: "text", note_id: "integer" },
    handler(call, { note_id, on }) {
      const { archived } = ownRow(call, note, note_id, "note", "archive");
      if (archived !== on) call.world.update(note, note_id, { archived: on, edited_at: call.at });
      return { note: on ? "Note archived." : "Note taken out of the archive.", note_id };
    },
  }),
];

const itemApis = [
  api("list_items", {
    about: "Checklist items of a note.",
    params: { note_id: rowId("id of the note") },
    returns: [ITEM_SHAPE],
    paged: true,
    handler(call, { note_id }) {
      ownRow(call, note, note_id, "note", "read");
      return itemsOf(call, note_id).map(({ id, text, done, position }) => ({ item_id: id, text, done, position }));
    },
  }),
  api("add_item", {
    about: "Add a checklist item at the end of a note.",
    params: { note_id: rowId("id of the note"), text: text("what to do") },
    returns: { note: "text", item_id: "integer" },
    handler(call, { note_id, text }) {
      ownRow(call, note, note_id, "note", "change");
      const position = (itemsOf(call, note_id).at(-1)?.position ?? 0) + 1;
      const { id } = call.world.insert(checkItem, { owner: call.member, note_id, text, done: false, position });
      return { note: "Item added.", item_id: id };
    },
  }),
  api("tick_item", {
    about: "Tick a checklist item.",
    params: { item_id: rowId("id of the item") },
    returns: { note: "text", item_id: "integer" },
    handler: (call, { item_id }) => tick(call, item_id, true),
  }),
  api("untick_item", {
    about: "Untick a checklist item.",
    params: { item_id: rowId("id of the item") },
    returns: { note: "text", item_id: "integer" },
    handler: (call, { item_id }) => tick(call, item_id, false),
  }),
  api("remove_item", {
    about: "Remove a checklist item.",
    params: { item_id: rowId("id of the item") },
    returns: { note: "text" },
    handler(call, { item_id }) {
      ownRow(call, checkItem, item_id, "item", "remove");
      call.world.remove(checkItem, item_id);
      return { note: "Item removed." };
    },
  }),
];

/** The notes. */
export const foldnote: App = {
  name: "foldnote",
  about: "Notes with checklists.",
  tables: [foldnoteMember, note, checkItem],
  apis: [...accountApis("foldnote", foldnoteMember, "owner"), ...noteApis, ...itemApis],
};
