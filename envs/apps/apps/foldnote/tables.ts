/**
 * Tables of foldnote, the notes.
 *
 * Choices: everything about a note belongs to the note's owner, also where someone else with the right to edit wrote it.
 *
 * @module
 */
import { table } from "../../schema.ts";
import { MEMBER_COLUMNS } from "../_member.ts";

/** Accounts. */
export const foldnoteMember = table("foldnote.member", MEMBER_COLUMNS, { ownedBy: ["owner"] });

/** Notebooks; a note is in one or in none. */
export const notebook = table("foldnote.notebook", { owner: "text", name: "text", about: "text" }, {
  ownedBy: ["owner"],
});

/** Notes. */
export const note = table("foldnote.note", {
  owner: "text",
  notebook_id: "optional_integer",
  title: "text",
  body: "text",
  pinned: "flag",
  archived: "flag",
  edited_at: "text",
}, { ownedBy: ["owner"], references: { notebook_id: "foldnote.notebook" }, uncompared: ["edited_at"] });

/** Checklist items, in order of `position`. */
export const checkItem = table("foldnote.check_item", {
  owner: "text",
  note_id: "integer",
  text: "text",
  done: "flag",
  position: "integer",
}, {
  ownedBy: ["owner"],
  indexes: ["note_id"],
  references: { note_id: "foldnote.note" },
  uncompared: ["position"],
});

/** Keywords of a member. */
export const keyword = table("foldnote.keyword", { owner: "text", name: "text" }, { ownedBy: ["owner"] });

/** Which note carries which keyword. */
export const keywordLink = table("foldnote.keyword_link", {
  owner: "text",
  note_id: "integer",
  keyword_id: "integer",
}, {
  ownedBy: ["owner"],
  indexes: ["note_id"],
  references: { note_id: "foldnote.note", keyword_id: "foldnote.keyword" },
});

/** Earlier states of notes: how a note was until `saved_at`. Changes of one moment make one revision. */
export const revision = table("foldnote.revision", {
  owner: "text",
  note_id: "integer",
  title: "text",
  body: "text",
  saved_at: "text",
}, {
  ownedBy: ["owner"],
  indexes: ["note_id"],
  references: { note_id: "foldnote.note" },
  uncompared: ["saved_at"],
});

/** People with whom a note is shared. */
export const noteShare = table("foldnote.note_share", {
  owner: "text",
  note_id: "integer",
  email: "text",
  may_edit: "flag",
}, { ownedBy: ["owner", "email"], indexes: ["note_id"], references: { note_id: "foldnote.note" } });

/** All of them. */
export const FOLDNOTE_TABLES = [
  foldnoteMember,
  notebook,
  note,
  checkItem,
  keyword,
  keywordLink,
  revision,
  noteShare,
] as const;
