/**
 * Notes of foldnote. Lists give titles only, so that bodies need the detail call.
 *
 * Choices: a change of title or body keeps the former state as a revision; flags, items and keywords do not.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { anyText, flag, optional, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, type Columns, list, type Table } from "../../schema.ts";
import { needChange, ownRow } from "../_common.ts";
import { editableNote, keywordsOf, type Note, notesSharedWith, readableNote, rewrite } from "./_access.ts";
import { checkItem, keywordLink, note, notebook, noteShare, revision } from "./tables.ts";

const SHAPE = { note_id: "integer", title: "text", pinned: "flag", archived: "flag", edited_at: "datetime" } as const;
const ORDERS = { title: ({ title }: Note) => title, edited_at: ({ edited_at }: Note) => edited_at };

function view({ id, title, pinned, archived, edited_at }: Note) {
  return { note_id: id, title, pinned, archived, edited_at };
}

interface NoteRef extends Columns {
  readonly note_id: "integer";
}

/** A table of rows that belong to a note, whatever else they hold. */
function plain(spec: Table): Table<NoteRef> {
  return spec as unknown as Table<NoteRef>;
}

/** Notebook of the member. @throws {AgentError} 404, 403. */
function ownNotebook(call: Call, id: number): number {
  return ownRow(call, notebook, id, "notebook", "fill").id;
}

/** Their APIs. */
export const noteApis: readonly Api[] = [
  list("list_notes", {
    about: "Notes by title, optionally only archived or pinned ones, or only others.",
    params: {
      archived: optional(flag("whether archived")),
      pinned: optional(flag("whether pinned")),
      notebook_id: optional(rowId("only notes of this notebook")),
      keyword: optional(text("only notes with this keyword")),
      shared: withDefault(flag("true: notes that others share with you, instead of your own"), false),
    },
    returns: [SHAPE],
    rows: (call, { archived, pinned, notebook_id, keyword, shared }) =>
      (shared ? notesSharedWith(call) : call.world.rows(note, call.member))
        .filter((row) => archived === undefined || row.archived === archived)
        .filter((row) => pinned === undefined || row.pinned === pinned)
        .filter((row) => notebook_id === undefined || row.notebook_id === notebook_id)
        .filter((row) => keyword === undefined || keywordsOf(call, row.id).includes(keyword)),
    view,
    orders: ORDERS,
  }),
  list("find_notes", {
    about: "All notes, best matches of a query first.",
    params: {},
    returns: [SHAPE],
    rows: ({ world, member }) => world.rows(note, member),
    view,
    search: ({ title, body }) => `${title} ${title} ${body}`,
    orders: ORDERS,
  }),
  api("get_note", {
    about: "One note with its body.",
    params: { note_id: rowId("id of the note") },
    returns: { ...SHAPE, body: "text", notebook_id: "integer|null", keywords: ["text"], owner: "e-mail" },
    handler(call, { note_id }) {
      const row = readableNote(call, note_id);
      const { body, notebook_id, owner } = row;
      return { ...view(row), body, notebook_id, keywords: keywordsOf(call, note_id), owner };
    },
  }),
  api("add_note", {
    about: "Add a note.",
    params: {
      title: text("title"),
      body: anyText("body"),
      notebook_id: optional(rowId("notebook that it goes to")),
    },
    returns: { note: "text", note_id: "integer" },
    handler(call, { title, body, notebook_id }) {
      const { id } = call.world.insert(note, {
        owner: call.member,
        notebook_id: notebook_id === undefined ? null : ownNotebook(call, notebook_id),
        title,
        body,
        pinned: false,
        archived: false,
        edited_at: call.at,
      });
      return { note: "Note added.", note_id: id };
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
      const before = editableNote(call, note_id);
      needChange({ title, body });
      rewrite(call, before, { ...(title === undefined ? {} : { title }), ...(body === undefined ? {} : { body }) });
      return { note: "Note changed.", note_id };
    },
  }),
  api("append_to_note", {
    about: "Add a line at the end of a note's body.",
    params: { note_id: rowId("id of the note"), text: text("line to add") },
    returns: { note: "text", note_id: "integer" },
    handler(call, { note_id, text }) {
      const before = editableNote(call, note_id);
      rewrite(call, before, { body: before.body === "" ? text : `${before.body}\n${text}` });
      return { note: "Line added.", note_id };
    },
  }),
  api("remove_note", {
    about: "Remove a note with its checklist, keywords, revisions and shares.",
    params: { note_id: rowId("id of the note") },
    returns: { note: "text" },
    handler(call, { note_id }) {
      ownRow(call, note, note_id, "note", "remove");
      const belongings: readonly Table<NoteRef>[] = [checkItem, keywordLink, revision, noteShare].map(plain);
      for (const spec of belongings) {
        for (const row of call.world.rowsWhere(spec, "note_id", note_id)) call.world.remove(spec, row.id);
      }
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
  api("move_note", {
    about: "Move a note to a notebook, or out of its notebook by naming none.",
    params: { note_id: rowId("id of the note"), notebook_id: optional(rowId("id of the notebook")) },
    returns: { note: "text", note_id: "integer" },
    handler(call, { note_id, notebook_id }) {
      const row = ownRow(call, note, note_id, "note", "move");
      const target = notebook_id === undefined ? null : ownNotebook(call, notebook_id);
      if (row.notebook_id === target) throw conflict(`move note ${note_id}`, "it is there already");
      call.world.update(note, note_id, { notebook_id: target });
      return { note: "Note moved.", note_id };
    },
  }),
];
