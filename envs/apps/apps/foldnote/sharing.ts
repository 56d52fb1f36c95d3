/**
 * Revisions, shares and export of foldnote.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { email, flag, optional, path, rowId, withDefault } from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import { memberByEmail, memberOf, newestFirst, ownRow } from "../_common.ts";
import { saveStored } from "../effects/files.ts";
import { LETTER_EFFECTS, sendAppLetter } from "../effects/letters.ts";
import { editableNote, itemsOf, type Note, readableNote, rewrite } from "./_access.ts";
import { foldnoteMember, note, noteShare, revision } from "./tables.ts";

const revisionApis: readonly Api[] = [
  list("list_revisions", {
    about: "Earlier states of a note, the latest first.",
    params: { note_id: rowId("id of the note") },
    returns: [{ revision_id: "integer", title: "text", body: "text", saved_at: "datetime" }],
    rows(call, { note_id }) {
      readableNote(call, note_id);
      return newestFirst(call.world.rowsWhere(revision, "note_id", note_id), ({ saved_at }) => saved_at);
    },
    view: ({ id, title, body, saved_at }) => ({ revision_id: id, title, body, saved_at }),
    orders: { saved_at: ({ saved_at }) => saved_at },
  }),
  api("restore_revision", {
    about: "Bring back an earlier state of a note; the state until now is kept as a revision.",
    params: { revision_id: rowId("id of the revision") },
    returns: { note: "text", note_id: "integer" },
    handler(call, { revision_id }) {
      const kept = call.world.get(revision, revision_id);
      if (kept === undefined) throw notFound("revision", "id", revision_id);
      const before = editableNote(call, kept.note_id);
      const { title, body } = kept;
      if (before.title === title && before.body === body) {
        throw conflict(`restore revision ${revision_id}`, "the note is like that already");
      }
      rewrite(call, before, { title, body });
      return { note: "Revision restored.", note_id: before.id };
    },
  }),
];

const shareApis: readonly Api[] = [
  list("list_shares", {
    about: "People with whom one's own notes are shared, optionally those of one note or one person.",
    params: {
      note_id: optional(rowId("only shares of this note")),
      email: optional(email("only shares with this person")),
    },
    returns: [{ note_id: "integer", title: "text", email: "e-mail", may_edit: "flag" }],
    rows(call, { note_id, email }) {
      if (note_id !== undefined) ownRow(call, note, note_id, "note", "look into");
      return call.world.rows(noteShare, call.member)
        .filter((row) => row.owner === call.member)
        .filter((row) => note_id === undefined || row.note_id === note_id)
        .filter((row) => email === undefined || row.email === email);
    },
    view: (row, { world }) => ({
      note_id: row.note_id,
      title: world.get(note, row.note_id)?.title ?? "",
      email: row.email,
      may_edit: row.may_edit,
    }),
    orders: { email: (row) => row.email },
  }),
  api("share_note", {
    about: "Share a note with a member, who gets a letter about it; sharing again changes what they may do.",
    params: {
      note_id: rowId("id of the note"),
      email: email("e-mail of the member"),
      may_edit: withDefault(flag("whether they may change it"), false),
    },
    returns: { note: "text", note_id: "integer" },
    effects: LETTER_EFFECTS,
    handler(call, { note_id, email, may_edit }) {
      const { world, member } = call;
      const { title } = ownRow(call, note, note_id, "note", "share");
      if (email === member) throw conflict(`share note ${note_id}`, "it is your own");
      memberByEmail(call, foldnoteMember, email);
      const existing = world.rowsWhere(noteShare, "note_id", note_id).find((row) => row.email === email);
      if (existing !== undefined && existing.may_edit === may_edit) {
        throw conflict(`share note ${note_id}`, `it is shared with ${email} already`);
      }
      if (existing !== undefined) {
        world.update(noteShare, existing.id, { may_edit });
        return { note: "Share changed.", note_id };
      }
      world.insert(noteShare, { owner: member, note_id, email, may_edit });
      const { name } = memberOf(call, foldnoteMember, member);
      const rights = may_edit ? "read and change" : "read";
      sendAppLetter(world, "foldnote", email, `${name} shares a note`, `You can now ${rights} the note "${title}".`);
      return { note: "Note shared.", note_id };
    },
  }),
  api("unshare_note", {
    about: "Stop sharing a note with somebody.",
    params: { note_id: rowId("id of the note"), email: email("e-mail of the member") },
    returns: { note: "text", note_id: "integer" },
    handler(call, { note_id, email }) {
      const { owner } = readableNote(call, note_id);
      // Who gets a note may leave it; everybody else is the owner's to take out.
      if (email !== call.member) ownRow(call, note, note_id, "note", "unshare");
      const share = call.world.rowsWhere(noteShare, "note_id", note_id).find((row) => row.email === email);
      if (share === undefined || owner === email) throw notFound("share", "email", email);
      call.world.remove(noteShare, share.id);
      return { note: "Note no longer shared.", note_id };
    },
  }),
];

/** A note as plain text. */
function plainText(call: Call, { id, title, body }: Note): string {
  const items = itemsOf(call, id).map(({ text, done }) => `[${done ? "x" : " "}] ${text}`);
  return [title, "", ...(body === "" ? [] : [body]), ...items].join("\n");
}

const exportApi = api("export_note", {
  about: "Save a note as a text file in the file store.",
  params: {
    note_id: rowId("id of the note"),
    path: optional(path("where to; /inbox and the title if left out")),
    replace: withDefault(flag("whether a file that is there is replaced"), false),
  },
  returns: { note: "text", file_id: "integer" },
  files: true,
  effects: ["stowbox.file", "stowbox.folder"],
  handler(call, { note_id, path, replace }) {
    const row = readableNote(call, note_id);
    const target = path ?? `/inbox/${row.title.replaceAll("/", "-").trim()}.txt`;
    return { note: `Saved as ${target}.`, file_id: saveStored(call, target, plainText(call, row), replace) };
  },
});

/** APIs of all three groups. */
export const sharingApis: readonly Api[] = [...revisionApis, ...shareApis, exportApi];
