/**
 * Returns: lines of purchases that are sent back.
 *
 * Choices: a return has the id of its line; the refund is what the line came to after its part of a discount, and is paid once the
 * parcel is back, which never happens within a task.
 *
 * @module
 */
import { addDays } from "../../calendar.ts";
import { conflict, notFound } from "../../errors.ts";
import { choice, optional, rowId, text } from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import { amountOf, newestFirst, ownRow } from "../_common.ts";
import { LETTER_EFFECTS, sendAppLetter } from "../effects/letters.ts";
import { linesOf } from "./_shop.ts";
import { RETURN_DAYS } from "./prices.ts";
import { paidById } from "./purchases.ts";
import { returnLetter } from "./receipts.ts";
import { purchase, type PurchaseLine, purchaseLine } from "./tables.ts";

const NOTE = { note: "text", line_id: "integer" } as const;
const STATES = ["open", "refunded", "refused"] as const;
const RETURN_SHAPE = {
  line_id: "integer",
  product: "text",
  seller: "text",
  qty: "integer",
  refund: "money",
  state: STATES.join("|"),
  opened_on: "date",
} as const;

function returnView({ id, product, seller, qty, refund, return_state, return_on }: PurchaseLine) {
  const opened_on = return_on ?? "";
  return { line_id: id, product, seller, qty, refund: amountOf(refund), state: return_state, opened_on };
}

function returnOf(call: Call, id: number, verb: string): PurchaseLine {
  const row = ownRow(call, purchaseLine, id, "return", verb);
  if (row.return_state === "none") throw notFound("return", "line_id", id);
  return row;
}

/** Returns. */
export const returnApis: readonly Api[] = [
  api("open_return", {
    about: `Send a delivered line back, at most ${RETURN_DAYS} days after delivery; instructions come by letter.`,
    params: { line_id: rowId("id of the purchase line"), reason: text("why") },
    returns: NOTE,
    effects: LETTER_EFFECTS,
    handler(call, { line_id, reason }) {
      const { world, member, at } = call;
      const line = ownRow(call, purchaseLine, line_id, "purchase line", "return");
      const verb = `return line ${line_id}`;
      const today = at.slice(0, 10);
      if (line.return_state !== "none") throw conflict(verb, `its return is ${line.return_state}`);
      if (line.parcel_state !== "delivered" || line.delivered_on === null) {
        throw conflict(verb, `it is ${line.parcel_state}`);
      }
      if (addDays(line.delivered_on, RETURN_DAYS) < today) throw conflict(verb, `the ${RETURN_DAYS} days are over`);
      const bought = ownRow(call, purchase, line.purchase_id, "purchase", "return");
      const refund = paidById(bought, linesOf(call, bought.id)).get(line_id) ?? 0;
      world.update(purchaseLine, line_id, { return_state: "open", return_reason: reason, return_on: today, refund });
      const { subject, body } = returnLetter(line, reason, refund);
      sendAppLetter(world, "marlo", member, subject, body);
      return { note: "Return opened.", line_id };
    },
  }),
  list("list_returns", {
    about: "Returns, newest first, optionally in one state.",
    params: { state: optional(choice("only in this state", STATES)) },
    returns: [RETURN_SHAPE],
    rows: ({ world, member }, { state }) =>
      newestFirst(
        world.rows(purchaseLine, member)
          .filter((row) => row.return_state !== "none" && (state === undefined || row.return_state === state)),
        (row) => row.return_on ?? "",
      ),
    view: returnView,
    search: ({ product, seller, return_reason }) => `${product} ${seller} ${return_reason}`,
    orders: { opened_on: ({ return_on }) => return_on ?? "", refund: ({ refund }) => refund },
  }),
  api("get_return", {
    about: "One return with its reason and purchase.",
    params: { line_id: rowId("id of the purchase line") },
    returns: { ...RETURN_SHAPE, reason: "text", purchase_id: "integer", delivered_on: "date|null" },
    handler(call, { line_id }) {
      const row = returnOf(call, line_id, "read");
      const { return_reason, purchase_id, delivered_on } = row;
      return { ...returnView(row), reason: return_reason, purchase_id, delivered_on };
    },
  }),
  api("withdraw_return", {
    about: "Keep a line after all whose return is open.",
    params: { line_id: rowId("id of the purchase line") },
    returns: NOTE,
    handler(call, { line_id }) {
      const { return_state } = returnOf(call, line_id, "withdraw");
      if (return_state !== "open") throw conflict(`withdraw the return of line ${line_id}`, `it is ${return_state}`);
      const kept = { return_state: "none", return_reason: "", return_on: null, refund: 0 };
      call.world.update(purchaseLine, line_id, kept);
      return { note: "Return withdrawn.", line_id };
    },
  }),
];
