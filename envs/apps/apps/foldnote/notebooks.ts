/**
 * Notebooks and keywords of foldnote: two ways to sort notes.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { anyText, optional, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { needChange, ownRow } from "../_common.ts";
import { keyword, keywordLink, note, notebook } from "./tables.ts";

const SHAPE = { notebook_id: "integer", name: "text", about: "text" } as const;

function view({ id, name, about }: RowOf<typeof notebook.columns>) {
  return { notebook_id: id, name, about };
}

function checkName({ world, member }: Call, verb: string, name: string, except = 0): void {
  if (world.rows(notebook, member).some((row) => row.name === name && row.id !== except)) {
    throw conflict(verb, `the name ${name} is taken`);
  }
}

/** APIs of notebooks. */
export const notebookApis: readonly Api[] = [
  list("list_notebooks", {
    about: "Notebooks.",
    params: {},
    returns: [SHAPE],
    rows: ({ world, member }) => world.rows(notebook, member),
    view,
    search: ({ name, about }) => `${name} ${about}`,
    orders: { name: ({ name }) => name },
  }),
  api("get_notebook", {
    about: "One notebook.",
    params: { notebook_id: rowId("id of the notebook") },
    returns: SHAPE,
    handler: (call, { notebook_id }) => view(ownRow(call, notebook, notebook_id, "notebook", "read")),
  }),
  api("add_notebook", {
    about: "Add a notebook; its name must be new.",
    params: { name: text("name"), about: withDefault(anyText("what it is for"), "") },
    returns: { note: "text", notebook_id: "integer" },
    handler(call, { name, about }) {
      checkName(call, "add the notebook", name);
      const { id } = call.world.insert(notebook, { owner: call.member, name, about });
      return { note: "Notebook added.", notebook_id: id };
    },
  }),
  api("edit_notebook", {
    about: "Change name or description of a notebook.",
    params: {
      notebook_id: rowId("id of the notebook"),
      name: optional(text("new name")),
      about: optional(anyText("what it is for")),
    },
    returns: { note: "text", notebook_id: "integer" },
    handler(call, { notebook_id, name, about }) {
      const row = ownRow(call, notebook, notebook_id, "notebook", "change");
      needChange({ name, about });
      if (name !== undefined) checkName(call, "rename the notebook", name, notebook_id);
      call.world.update(notebook, notebook_id, { name: name ?? row.name, about: about ?? row.about });
      return { note: "Notebook changed.", notebook_id };
    },
  }),
  api("remove_notebook", {
    about: "Remove a notebook; its notes stay, in no notebook.",
    params: { notebook_id: rowId("id of the notebook") },
    returns: { note: "text" },
    handler(call, { notebook_id }) {
      ownRow(call, notebook, notebook_id, "notebook", "remove");
      for (const row of call.world.rows(note, call.member)) {
        if (row.notebook_id === notebook_id) call.world.update(note, row.id, { notebook_id: null });
      }
      call.world.remove(notebook, notebook_id);
      return { note: "Notebook removed." };
    },
  }),
];

function keywordNamed({ world, member }: Call, name: string) {
  const found = world.rows(keyword, member).find((row) => row.name === name);
  if (found === undefined) throw notFound("keyword", "name", name);
  return found;
}

function linkOf({ world }: Call, noteId: number, keywordId: number) {
  return world.rowsWhere(keywordLink, "note_id", noteId).find((row) => row.keyword_id === keywordId);
}

/** APIs of keywords. */
export const keywordApis: readonly Api[] = [
  list("list_keywords", {
    about: "Keywords that notes can carry.",
    params: {},
    returns: [{ keyword_id: "integer", name: "text" }],
    rows: ({ world, member }) => world.rows(keyword, member),
    view: ({ id, name }) => ({ keyword_id: id, name }),
    orders: { name: ({ name }) => name },
  }),
  api("add_keyword", {
    about: "Add a keyword; its name must be new.",
    params: { name: text("name") },
    returns: { note: "text", keyword_id: "integer" },
    handler({ world, member }, { name }) {
      if (world.rows(keyword, member).some((row) => row.name === name)) {
        throw conflict("add the keyword", `the name ${name} is taken`);
      }
      return { note: "Keyword added.", keyword_id: world.insert(keyword, { owner: member, name }).id };
    },
  }),
  api("tag_note", {
    about: "Give a note a keyword.",
    params: { note_id: rowId("id of the note"), keyword: text("name of the keyword") },
    returns: { note: "text", note_id: "integer" },
    handler(call, { note_id, keyword: name }) {
      ownRow(call, note, note_id, "note", "tag");
      const { id } = keywordNamed(call, name);
      if (linkOf(call, note_id, id) !== undefined) throw conflict(`tag note ${note_id}`, `it carries ${name} already`);
      call.world.insert(keywordLink, { owner: call.member, note_id, keyword_id: id });
      return { note: "Keyword given.", note_id };
    },
  }),
  api("untag_note", {
    about: "Take a keyword off a note.",
    params: { note_id: rowId("id of the note"), keyword: text("name of the keyword") },
    returns: { note: "text", note_id: "integer" },
    handler(call, { note_id, keyword: name }) {
      ownRow(call, note, note_id, "note", "untag");
      const link = linkOf(call, note_id, keywordNamed(call, name).id);
      if (link === undefined) throw conflict(`untag note ${note_id}`, `it does not carry ${name}`);
      call.world.remove(keywordLink, link.id);
      return { note: "Keyword taken off.", note_id };
    },
  }),
];
