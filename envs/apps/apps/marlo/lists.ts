/**
 * Basket, things saved for later, and wish lists: all are lines of lists.
 *
 * Choices: a product is at most once in the basket, once among what is saved, and once on each wish list; a wish list is there as
 * long as something is on it.
 *
 * @module
 */
import { badArgument, conflict, notFound } from "../../errors.ts";
import { anyText, choice, integer, optional, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import { FIRST_WISH_LIST } from "../../pools/marlo.ts";
import { amountOf, needChange, ownRow } from "../_common.ts";
import { basketOf, MOST_QTY, productOf } from "./_shop.ts";
import { BASKET, LATER, type ListLine, listLine, type Product } from "./tables.ts";

const NOTE_LINE = { note: "text", line_id: "integer" } as const;
const NOTE_WISH = { note: "text", wish_id: "integer" } as const;
const RESERVED: readonly string[] = [BASKET, LATER];

/** A line with its product. */
interface Shown {
  readonly line: ListLine;
  readonly item: Product;
}

function shown(call: Call, lines: readonly ListLine[]): Shown[] {
  return lines.map((line) => ({ line, item: productOf(call, line.product_id) }));
}

const orders = {
  price: ({ item }: Shown) => item.price,
  product: ({ item }: Shown) => item.title,
  qty: ({ line }: Shown) => line.qty,
};

function onList(call: Call, name: string, productId: number): ListLine | undefined {
  return call.world.rows(listLine, call.member).find((row) => row.list === name && row.product_id === productId);
}

/** Own line of the basket or of what is saved. @throws {AgentError} 404, 403, or 409 if it lies elsewhere. */
function lineOn(call: Call, id: number, name: string, verb: string): ListLine {
  const row = ownRow(call, listLine, id, "basket line", verb);
  if (row.list !== name) {
    throw conflict(`${verb} line ${id}`, `it is not in the ${name === BASKET ? BASKET : "saved things"}`);
  }
  return row;
}

/** Own line of a wish list. @throws {AgentError} 404, 403. */
function wishOf(call: Call, id: number, verb: string): ListLine {
  const row = ownRow(call, listLine, id, "wish list item", verb);
  if (RESERVED.includes(row.list)) throw notFound("wish list item", "id", id);
  return row;
}

function checkName(argument: string, name: string): void {
  if (RESERVED.includes(name)) throw badArgument(argument, `${name} is no wish list`, "another name");
}

/** Names of the member's wish lists, in order of their first item. */
function wishLists(call: Call): string[] {
  const names = call.world.rows(listLine, call.member).map((row) => row.list).filter((name) =>
    !RESERVED.includes(name)
  );
  return [...new Set(names)];
}

/** Basket and saved things. */
export const basketApis: readonly Api[] = [
  list("list_basket", {
    about: "What is in the basket, or what is saved for later.",
    params: { part: withDefault(choice("which of the two", [BASKET, LATER]), BASKET) },
    returns: [{ line_id: "integer", product: "text", price: "money", qty: "integer", product_id: "integer" }],
    rows: (call, { part }) => shown(call, call.world.rows(listLine, call.member).filter((row) => row.list === part)),
    view: ({ line, item }) => ({
      line_id: line.id,
      product: item.title,
      price: amountOf(item.price),
      qty: line.qty,
      product_id: item.id,
    }),
    search: ({ item }) => item.title,
    orders,
  }),
  api("add_to_basket", {
    about: "Put a product into the basket.",
    params: { product_id: rowId("id of the product"), qty: integer("how many", 1, MOST_QTY) },
    returns: NOTE_LINE,
    handler(call, { product_id, qty }) {
      productOf(call, product_id);
      const same = onList(call, BASKET, product_id);
      if (same !== undefined) throw conflict(`add product ${product_id}`, `it is in the basket as line ${same.id}`);
      const { id } = call.world.insert(listLine, { owner: call.member, list: BASKET, product_id, qty, note: "" });
      return { note: "Put into the basket.", line_id: id };
    },
  }),
  api("set_basket_qty", {
    about: "Change how many of a product are in the basket.",
    params: { line_id: rowId("id of the basket line"), qty: integer("how many", 1, MOST_QTY) },
    returns: NOTE_LINE,
    handler(call, { line_id, qty }) {
      lineOn(call, line_id, BASKET, "change");
      call.world.update(listLine, line_id, { qty });
      return { note: "Quantity changed.", line_id };
    },
  }),
  api("remove_from_basket", {
    about: "Take a line out of the basket, or off what is saved for later.",
    params: { line_id: rowId("id of the basket line") },
    returns: { note: "text" },
    handler(call, { line_id }) {
      const row = ownRow(call, listLine, line_id, "basket line", "remove");
      if (!RESERVED.includes(row.list)) throw conflict(`remove line ${line_id}`, "it is on a wish list");
      call.world.remove(listLine, line_id);
      return { note: "Taken out of the basket." };
    },
  }),
  api("empty_basket", {
    about: "Take everything out of the basket.",
    params: {},
    returns: { note: "text" },
    handler(call) {
      for (const { id } of basketOf(call)) call.world.remove(listLine, id);
      return { note: "Basket emptied." };
    },
  }),
  api("save_for_later", {
    about: "Move a line from the basket to what is saved for later.",
    params: { line_id: rowId("id of the basket line") },
    returns: NOTE_LINE,
    handler(call, { line_id }) {
      const { product_id } = lineOn(call, line_id, BASKET, "save");
      const same = onList(call, LATER, product_id);
      if (same !== undefined) throw conflict(`save line ${line_id}`, `the product is saved as line ${same.id}`);
      call.world.update(listLine, line_id, { list: LATER });
      return { note: "Saved for later.", line_id };
    },
  }),
  api("move_to_basket", {
    about: "Move a line that is saved for later or on a wish list into the basket.",
    params: { line_id: rowId("id of the line or of the wish list item") },
    returns: NOTE_LINE,
    handler(call, { line_id }) {
      const { product_id, list: from } = ownRow(call, listLine, line_id, "line", "move");
      const verb = `move line ${line_id}`;
      if (from === BASKET) throw conflict(verb, "it is in the basket");
      const same = onList(call, BASKET, product_id);
      if (same !== undefined) throw conflict(verb, `the product is in the basket as line ${same.id}`);
      call.world.update(listLine, line_id, { list: BASKET, note: "" });
      return { note: "Moved into the basket.", line_id };
    },
  }),
];

/** Wish lists. */
export const wishApis: readonly Api[] = [
  list("list_wish_lists", {
    about: "Names of the wish lists.",
    params: {},
    returns: [{ list: "text" }],
    rows: (call) => wishLists(call).map((name) => ({ name })),
    view: ({ name }) => ({ list: name }),
    orders: { list: ({ name }) => name },
  }),
  list("list_wish_items", {
    about: "Products on the wish lists, optionally of one list.",
    params: { list: optional(text("only of this wish list")) },
    returns: [{
      wish_id: "integer",
      product: "text",
      price: "money",
      note: "text",
      list: "text",
      product_id: "integer",
      qty: "integer",
    }],
    rows(call, { list: name }) {
      if (name !== undefined && !wishLists(call).includes(name)) throw notFound("wish list", "name", name);
      const rows = call.world.rows(listLine, call.member).filter((row) => !RESERVED.includes(row.list));
      return shown(call, rows.filter((row) => name === undefined || row.list === name));
    },
    view: ({ line, item }) => ({
      wish_id: line.id,
      product: item.title,
      price: amountOf(item.price),
      note: line.note,
      list: line.list,
      product_id: item.id,
      qty: line.qty,
    }),
    search: ({ line, item }) => `${item.title} ${line.note}`,
    orders,
  }),
  api("add_wish_item", {
    about: "Put a product on a wish list; a list that is not there yet is made.",
    params: {
      product_id: rowId("id of the product"),
      note: withDefault(anyText("a note"), ""),
      list: withDefault(text("name of the wish list"), FIRST_WISH_LIST),
      qty: withDefault(integer("how many", 1, MOST_QTY), 1),
    },
    returns: NOTE_WISH,
    handler(call, { product_id, note, list: name, qty }) {
      checkName("list", name);
      productOf(call, product_id);
      const same = onList(call, name, product_id);
      if (same !== undefined) throw conflict(`add product ${product_id}`, `it is on the list as item ${same.id}`);
      const { id } = call.world.insert(listLine, { owner: call.member, list: name, product_id, qty, note });
      return { note: "Put on the wish list.", wish_id: id };
    },
  }),
  api("edit_wish_item", {
    about: "Change the note or quantity of a wish list item, or move it to another wish list.",
    params: {
      wish_id: rowId("id of the wish list item"),
      note: optional(anyText("a note")),
      qty: optional(integer("how many", 1, MOST_QTY)),
      list: optional(text("name of the wish list that it moves to")),
    },
    returns: NOTE_WISH,
    handler(call, { wish_id, note, qty, list: name }) {
      const row = wishOf(call, wish_id, "change");
      needChange({ note, qty, list: name });
      if (name !== undefined) {
        checkName("list", name);
        const same = onList(call, name, row.product_id);
        if (same !== undefined && same.id !== wish_id) {
          throw conflict(`move item ${wish_id}`, `the product is on that list as item ${same.id}`);
        }
      }
      call.world.update(listLine, wish_id, {
        note: note ?? row.note,
        qty: qty ?? row.qty,
        list: name ?? row.list,
      });
      return { note: "Wish list item changed.", wish_id };
    },
  }),
  api("remove_wish_item", {
    about: "Take a product off its wish list.",
    params: { wish_id: rowId("id of the wish list item") },
    returns: { note: "text" },
    handler(call, { wish_id }) {
      wishOf(call, wish_id, "remove");
      call.world.remove(listLine, wish_id);
      return { note: "Taken off the wish list." };
    },
  }),
  api("rename_wish_list", {
    about: "Give a wish list another name.",
    params: { list: text("name of the wish list"), new_name: text("new name") },
    returns: { note: "text" },
    handler(call, { list: name, new_name }) {
      checkName("new_name", new_name);
      const names = wishLists(call);
      if (!names.includes(name)) throw notFound("wish list", "name", name);
      if (names.includes(new_name)) throw conflict(`rename ${name}`, `there is a list ${new_name}`);
      for (const { id, list: on } of call.world.rows(listLine, call.member)) {
        if (on === name) call.world.update(listLine, id, { list: new_name });
      }
      return { note: "Wish list renamed." };
    },
  }),
];
