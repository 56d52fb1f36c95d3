/**
 * Checklist items of foldnote; positions run from 1 without gaps.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { flag, integer, optional, rowId, text } from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import { editableItem, editableNote, type Item, itemsOf, readableNote } from "./_access.ts";
import { checkItem } from "./tables.ts";
import { needChange } from "../_common.ts";

const SHAPE = { item_id: "integer", text: "text", done: "flag", position: "integer" } as const;

function view({ id, text, done, position }: Item) {
  return { item_id: id, text, done, position };
}

/** Gives items the positions 1 to n in the order given. */
function renumber(call: Call, items: readonly Item[]): void {
  items.forEach((row, i) => {
    if (row.position !== i + 1) call.world.update(checkItem, row.id, { position: i + 1 });
  });
}

function tick(call: Call, id: number, done: boolean) {
  const verb = done ? "tick" : "untick";
  const row = editableItem(call, id, verb);
  if (row.done === done) throw conflict(`${verb} item ${id}`, done ? "it is already ticked" : "it is not ticked");
  call.world.update(checkItem, id, { done });
  return { note: done ? "Item ticked." : "Item unticked.", item_id: id };
}

/** Their APIs. */
export const itemApis: readonly Api[] = [
  list("list_items", {
    about: "Checklist items of a note.",
    params: {
      note_id: rowId("id of the note"),
      done: optional(flag("only ticked, or only open ones")),
    },
    returns: [SHAPE],
    rows(call, { note_id, done }) {
      readableNote(call, note_id);
      return itemsOf(call, note_id).filter((row) => done === undefined || row.done === done);
    },
    view,
    orders: { position: ({ position }) => position, text: ({ text }) => text },
  }),
  api("add_item", {
    about: "Add a checklist item at the end of a note.",
    params: { note_id: rowId("id of the note"), text: text("what to do") },
    returns: { note: "text", item_id: "integer" },
    handler(call, { note_id, text }) {
      const { owner } = editableNote(call, note_id);
      const position = (itemsOf(call, note_id).at(-1)?.position ?? 0) + 1;
      const { id } = call.world.insert(checkItem, { owner, note_id, text, done: false, position });
      return { note: "Item added.", item_id: id };
    },
  }),
  api("edit_item", {
    about: "Change the text of a checklist item, or move it to another position.",
    params: {
      item_id: rowId("id of the item"),
      text: optional(text("new text")),
      position: optional(integer("new position, from 1; past the end is last", 1, Number.MAX_SAFE_INTEGER)),
    },
    returns: { note: "text", item_id: "integer" },
    handler(call, { item_id, text, position }) {
      const row = editableItem(call, item_id, "change");
      needChange({ text, position });
      if (text !== undefined) call.world.update(checkItem, item_id, { text });
      if (position !== undefined) {
        const others = itemsOf(call, row.note_id).filter(({ id }) => id !== item_id);
        renumber(call, [...others.slice(0, position - 1), row, ...others.slice(position - 1)]);
      }
      return { note: "Item changed.", item_id };
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
      const { note_id } = editableItem(call, item_id, "remove");
      call.world.remove(checkItem, item_id);
      renumber(call, itemsOf(call, note_id));
      return { note: "Item removed." };
    },
  }),
];
