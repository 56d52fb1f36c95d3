/**
 * Refill plans: products that come again every so many days.
 *
 * Choices: one plan a product; what is due is bought by the shop, never within a task.
 *
 * @module
 */
import { addDays } from "../../calendar.ts";
import { badArgument, conflict } from "../../errors.ts";
import { date, flag, integer, optional, rowId, withDefault } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { needChange, ownMember, ownRow } from "../_common.ts";
import { MOST_QTY, productOf } from "./_shop.ts";
import { marloMember, payCard, product, refillPlan, shipAddress } from "./tables.ts";

const NOTE = { note: "text", refill_id: "integer" } as const;
const REFILL_SHAPE = {
  refill_id: "integer",
  product_id: "integer",
  product: "text",
  qty: "integer",
  every_days: "integer",
  next_on: "date",
  paused: "flag",
  card_id: "integer",
  address_id: "integer",
} as const;
const EVERY_DAYS = integer("days from one delivery to the next", 3, 365);

function checkDay(call: Call, argument: string, day: string): void {
  if (day < call.at.slice(0, 10)) throw badArgument(argument, `${day} is past`, "a day from today on");
}

/** Refill plans. */
export const refillApis: readonly Api[] = [
  list("list_refills", {
    about: "Refill plans, optionally only paused or only running ones.",
    params: { paused: optional(flag("whether paused")) },
    returns: [REFILL_SHAPE],
    rows: ({ world, member }, { paused }) =>
      world.rows(refillPlan, member).filter((row) => paused === undefined || row.paused === paused)
        .map((row) => ({ row, title: world.get(product, row.product_id)?.title ?? "" })),
    view: ({ row: { id, product_id, qty, every_days, next_on, paused, card_id, address_id }, title }) => ({
      refill_id: id,
      product_id,
      product: title,
      qty,
      every_days,
      next_on,
      paused,
      card_id,
      address_id,
    }),
    search: ({ title }) => title,
    orders: {
      next_on: ({ row }: { row: RowOf<typeof refillPlan.columns> }) => row.next_on,
      every_days: ({ row }: { row: RowOf<typeof refillPlan.columns> }) => row.every_days,
    },
  }),
  api("add_refill", {
    about: "Have a product that is used up come every so many days.",
    params: {
      product_id: rowId("id of the product"),
      qty: integer("how many", 1, MOST_QTY),
      every_days: EVERY_DAYS,
      first_on: optional(date("first delivery, after one interval if left out")),
      card_id: optional(rowId("id of the card, the default card if left out")),
      address_id: optional(rowId("id of the address, the default address if left out")),
    },
    returns: NOTE,
    handler(call, { product_id, qty, every_days, first_on, card_id, address_id }) {
      const { world, member } = call;
      const verb = `plan product ${product_id}`;
      if (!productOf(call, product_id).refillable) throw conflict(verb, "it is not used up");
      const same = world.rows(refillPlan, member).find((row) => row.product_id === product_id);
      if (same !== undefined) throw conflict(verb, `it has refill plan ${same.id}`);
      const account = ownMember(call, marloMember);
      const card = card_id ?? account.default_card;
      const address = address_id ?? account.default_address;
      if (card === null) throw conflict(verb, "no card is named and there is no default card");
      if (address === null) throw conflict(verb, "no address is named and there is no default address");
      ownRow(call, payCard, card, "card", "use");
      ownRow(call, shipAddress, address, "address", "use");
      const next_on = first_on ?? addDays(call.at, every_days);
      checkDay(call, "first_on", next_on);
      const { id } = world.insert(refillPlan, {
        owner: member,
        product_id,
        qty,
        every_days,
        next_on,
        paused: false,
        card_id: card,
        address_id: address,
      });
      return { note: "Refill planned.", refill_id: id };
    },
  }),
  api("edit_refill", {
    about: "Change quantity, interval, next day, card or address of a refill plan.",
    params: {
      refill_id: rowId("id of the refill plan"),
      qty: optional(integer("how many", 1, MOST_QTY)),
      every_days: optional(EVERY_DAYS),
      next_on: optional(date("next delivery")),
      card_id: optional(rowId("id of the card")),
      address_id: optional(rowId("id of the address")),
    },
    returns: NOTE,
    handler(call, { refill_id, qty, every_days, next_on, card_id, address_id }) {
      const row = ownRow(call, refillPlan, refill_id, "refill plan", "change");
      needChange({ qty, every_days, next_on, card_id, address_id });
      if (next_on !== undefined) checkDay(call, "next_on", next_on);
      if (card_id !== undefined) ownRow(call, payCard, card_id, "card", "use");
      if (address_id !== undefined) ownRow(call, shipAddress, address_id, "address", "use");
      call.world.update(refillPlan, refill_id, {
        qty: qty ?? row.qty,
        every_days: every_days ?? row.every_days,
        next_on: next_on ?? row.next_on,
        card_id: card_id ?? row.card_id,
        address_id: address_id ?? row.address_id,
      });
      return { note: "Refill changed.", refill_id };
    },
  }),
  api("pause_refill", {
    about: "Pause a refill plan, or let it run again.",
    params: {
      refill_id: rowId("id of the refill plan"),
      paused: withDefault(flag("false to let it run again"), true),
    },
    returns: NOTE,
    handler(call, { refill_id, paused }) {
      const row = ownRow(call, refillPlan, refill_id, "refill plan", "pause");
      if (row.paused === paused) {
        throw conflict(
          `${paused ? "pause" : "resume"} refill plan ${refill_id}`,
          `it is ${paused ? "paused" : "running"}`,
        );
      }
      call.world.update(refillPlan, refill_id, { paused });
      return { note: paused ? "Refill paused." : "Refill runs again.", refill_id };
    },
  }),
  api("remove_refill", {
    about: "End a refill plan.",
    params: { refill_id: rowId("id of the refill plan") },
    returns: { note: "text" },
    handler(call, { refill_id }) {
      ownRow(call, refillPlan, refill_id, "refill plan", "end");
      call.world.remove(refillPlan, refill_id);
      return { note: "Refill ended." };
    },
  }),
];
