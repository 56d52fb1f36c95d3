/**
 * Who may read and change a note, what belongs to it, and how its earlier states are kept.
 *
 * Choices: the owner may do everything; others whom it is shared with read it, and change its text and items if they may edit.
 * Changes of one moment make one revision, and a note that was made at this moment none, so that it does not matter in how many
 * calls a change is made.
 *
 * @module
 */
import { notFound, notYours } from "../../errors.ts";
import type { Call, RowOf } from "../../schema.ts";
import { checkItem, keyword, keywordLink, note, noteShare, revision } from "./tables.ts";

/** A note as it is stored. */
export type Note = RowOf<typeof note.columns>;
/** A checklist item as it is stored. */
export type Item = RowOf<typeof checkItem.columns>;

/** Share of a note with the member, if there is one. */
function shareWith({ world, member }: Call, noteId: number) {
  return world.rowsWhere(noteShare, "note_id", noteId).find((row) => row.email === member);
}

/** Note that the member may read. @throws {AgentError} 404, 403. */
export function readableNote(call: Call, id: number): Note {
  const row = call.world.get(note, id);
  if (row === undefined) throw notFound("note", "id", id);
  if (row.owner !== call.member && shareWith(call, id) === undefined) throw notYours("note", "read");
  return row;
}

/** Note whose text and items the member may change. @throws {AgentError} 404, 403. */
export function editableNote(call: Call, id: number): Note {
  const row = readableNote(call, id);
  if (row.owner !== call.member && shareWith(call, id)?.may_edit !== true) throw notYours("note", "change");
  return row;
}

/** Item of a note that the member may change. @throws {AgentError} 404, 403. */
export function editableItem(call: Call, id: number, verb: string): Item {
  const row = call.world.get(checkItem, id);
  if (row === undefined) throw notFound("item", "id", id);
  if (row.owner !== call.member && shareWith(call, row.note_id)?.may_edit !== true) throw notYours("item", verb);
  return row;
}

/** Items of a note in order. */
export function itemsOf({ world }: Call, noteId: number): Item[] {
  return [...world.rowsWhere(checkItem, "note_id", noteId)].sort((a, b) => a.position - b.position || a.id - b.id);
}

/** Names of a note's keywords, sorted. */
export function keywordsOf({ world }: Call, noteId: number): string[] {
  return world.rowsWhere(keywordLink, "note_id", noteId)
    .flatMap((link) => world.get(keyword, link.keyword_id)?.name ?? []).sort();
}

/** Notes that others share with the member. */
export function notesSharedWith({ world, member }: Call): Note[] {
  return world.rows(noteShare, member).filter((row) => row.email === member)
    .flatMap((row) => world.get(note, row.note_id) ?? []);
}

/** Changes title or body of a note; its state until now becomes a revision. */
export function rewrite({ world, at }: Call, before: Note, patch: { readonly title?: string; readonly body?: string }) {
  const kept = before.made_at === at ||
    world.rowsWhere(revision, "note_id", before.id).some((row) => row.saved_at === at);
  if (!kept) {
    const { owner, id, title, body } = before;
    world.insert(revision, { owner, note_id: id, title, body, saved_at: at });
  }
  world.update(note, before.id, { ...patch, edited_at: at });
}
