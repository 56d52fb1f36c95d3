/**
 * Enclosures of quillpost: files in letters and drafts, copied from and to the file store.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { flag, optional, path, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import { pathOf, readStored, saveStored } from "../effects/files.ts";
import { enclosedIn, enclosedInDraft, lettersIn, ownDraft, ownLetter } from "./_mail.ts";
import { draft, type Enclosure, enclosure } from "./tables.ts";

const ENCLOSURE_ID = { enclosure_id: rowId("id of the enclosure") };

/** An enclosure of an own letter or draft. @throws {AgentError} 404, 403. */
function ownEnclosure(call: Call, id: number, verb: string): Enclosure {
  const row = call.world.get(enclosure, id);
  if (row === undefined) throw notFound("enclosure", "id", id);
  if (row.letter_id !== null) ownLetter(call, row.letter_id, verb);
  else if (row.draft_id !== null) ownDraft(call, row.draft_id, verb);
  return row;
}

/** The enclosure group. */
export const enclosureApis: readonly Api[] = [
  list("list_enclosures", {
    about:
      "Files in letters outside the bin, newest letter first, and in drafts; optionally of one letter, draft or kind.",
    params: {
      letter_id: optional(rowId("only of this letter")),
      draft_id: optional(rowId("only of this draft")),
      kind: optional(text("only of this kind, such as pdf")),
    },
    returns: [{
      enclosure_id: "integer",
      letter_id: "integer|null",
      draft_id: "integer|null",
      name: "text",
      kind: "text",
      size: "integer",
    }],
    rows(call, { letter_id, draft_id, kind }) {
      if (letter_id !== undefined) ownLetter(call, letter_id, "read");
      if (draft_id !== undefined) ownDraft(call, draft_id, "read");
      const letters = letter_id !== undefined
        ? [letter_id]
        : draft_id !== undefined
        ? []
        : lettersIn(call, undefined).map(({ row }) => row.id);
      const drafts = draft_id !== undefined
        ? [draft_id]
        : letter_id !== undefined
        ? []
        : call.world.rows(draft, call.member).map(({ id }) => id);
      return [...letters.flatMap((id) => enclosedIn(call, id)), ...drafts.flatMap((id) => enclosedInDraft(call, id))]
        .filter((row) => kind === undefined || row.kind === kind);
    },
    view: ({ id, letter_id, draft_id, name, kind, size }) => ({
      enclosure_id: id,
      letter_id,
      draft_id,
      name,
      kind,
      size,
    }),
    search: ({ name, text }) => `${name} ${text}`,
    orders: { name: ({ name }) => name, size: ({ size }) => size },
  }),
  api("enclose_file", {
    about: "Put a copy of a file of stowbox into a draft.",
    params: { draft_id: rowId("id of the draft"), path: path("file in your stowbox") },
    returns: { note: "text", enclosure_id: "integer" },
    files: true,
    handler(call, { draft_id, path }) {
      ownDraft(call, draft_id, "change");
      const { name, kind, size, text, tree } = readStored(call, path);
      if (tree !== null) throw conflict(`enclose ${path}`, "it is a bundle");
      if (enclosedInDraft(call, draft_id).some((row) => row.name === name)) {
        throw conflict(`enclose ${path}`, "a file of that name is in the draft already");
      }
      const { id } = call.world.insert(enclosure, { letter_id: null, draft_id, name, kind, size, text });
      return { note: "File enclosed.", enclosure_id: id };
    },
  }),
  api("remove_enclosure", {
    about: "Take a file out of a draft.",
    params: ENCLOSURE_ID,
    returns: { note: "text" },
    handler(call, { enclosure_id }) {
      const { draft_id } = ownEnclosure(call, enclosure_id, "change");
      if (draft_id === null) throw conflict(`remove enclosure ${enclosure_id}`, "its letter has been sent");
      call.world.remove(enclosure, enclosure_id);
      return { note: "File taken out." };
    },
  }),
  api("save_enclosure", {
    about: "Save a file of a letter or draft in stowbox.",
    params: {
      ...ENCLOSURE_ID,
      folder: withDefault(path("folder to save into; it is made if it is missing"), "/inbox"),
      name: optional(text("name to save it under, its own if left out")),
      replace: withDefault(flag("replace a file that is there"), false),
    },
    returns: { note: "text", file_id: "integer" },
    files: true,
    effects: ["stowbox.file", "stowbox.folder", "stowbox.file_version"],
    handler(call, { enclosure_id, folder, name, replace }) {
      const row = ownEnclosure(call, enclosure_id, "save");
      const target = pathOf({ folder, name: name ?? row.name });
      return { note: "File saved.", file_id: saveStored(call, target, row.text, replace) };
    },
  }),
];
