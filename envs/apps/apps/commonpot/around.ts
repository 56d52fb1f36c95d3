/**
 * commonpot: what lies around bills. Remarks, bills that repeat, receipts, alerts and the ledger as a file.
 *
 * @module
 */
import { conflict, notFound, notYours } from "../../errors.ts";
import { choice, date, email, emails, flag, money, optional, path, rowId, text, withDefault } from "../../params.ts";
import { api, type Call, list, type RowOf } from "../../schema.ts";
import { alertApis as alertGroup } from "../_alerts.ts";
import { amountOf, centsText, inPeriod, INTERVALS, needAhead, needChange, PERIOD } from "../_common.ts";
import { ownRemarkApis, REMARK_SHAPE, remarkView } from "../_remarks.ts";
import { readStored, saveStored } from "../effects/files.ts";
import {
  categoryName,
  categoryNamed,
  checkPeople,
  concerned,
  membersOf,
  nameOf,
  ownBill,
  ownCircle,
  ownCircles,
  tell,
} from "./_access.ts";
import { bill, billRemark, potAlert, receiptLink, repeatBill, share } from "./tables.ts";

/** The group of remarks. */
export const remarkApis = [
  list("list_remarks", {
    about: "Remarks under a bill.",
    params: { bill_id: rowId("id of the bill") },
    returns: [REMARK_SHAPE],
    rows: (call, { bill_id }) => call.world.rowsWhere(billRemark, "bill_id", ownBill(call, bill_id, "read").id),
    view: remarkView,
  }),
  api("add_remark", {
    about: "Write a remark under a bill.",
    params: { bill_id: rowId("id of the bill"), text: text("what to say") },
    returns: { note: "text", remark_id: "integer" },
    handler(call, { bill_id, text }) {
      const row = ownBill(call, bill_id, "remark on");
      const { id } = call.world.insert(billRemark, { bill_id, from: call.member, text, at: call.at });
      tell(call, concerned(call, row), "remark", `${nameOf(call, call.member)} wrote a remark under ${row.title}`);
      return { note: "Remark added.", remark_id: id };
    },
  }),
  ...ownRemarkApis(billRemark),
];

const REPEAT_SHAPE = {
  repeat_id: "integer",
  circle_id: "integer",
  title: "text",
  total: "money",
  paid_by: "e-mail",
  among: ["e-mail"],
  category: "text",
  every: "week|month|quarter|year",
  next_on: "date",
  paused: "flag",
} as const;
const REPEAT_NOTED = { note: "text", repeat_id: "integer" } as const;

type Repeat = RowOf<typeof repeatBill.columns>;

function repeatView(call: Call, row: Repeat) {
  const { id, circle_id, title, total, paid_by, among, category_id, every, next_on, paused } = row;
  return {
    repeat_id: id,
    circle_id,
    title,
    total: amountOf(total),
    paid_by,
    among: [...among],
    category: categoryName(call, category_id),
    every,
    next_on,
    paused,
  };
}

/** A repeat bill of a circle that the caller is in. */
function ownRepeat(call: Call, id: number, verb: string): Repeat {
  const row = call.world.get(repeatBill, id);
  if (row === undefined) throw notFound("repeat bill", "id", id);
  if (!ownCircles(call).some(({ circle_id }) => circle_id === row.circle_id)) throw notYours("repeat bill", verb);
  return row;
}

/** The group of bills that repeat. */
export const repeatApis = [
  list("list_repeat_bills", {
    about: "Bills that come again and again, in the circles that one is in or in one of them.",
    params: {
      circle_id: optional(rowId("only of this circle")),
      paused: optional(flag("only those that are paused, or not")),
    },
    returns: [REPEAT_SHAPE],
    rows(call, { circle_id, paused }) {
      const circles = circle_id === undefined
        ? ownCircles(call).map((row) => row.circle_id)
        : [ownCircle(call, circle_id, "read").id];
      return circles.flatMap((id) => call.world.rowsWhere(repeatBill, "circle_id", id))
        .filter((row) => paused === undefined || row.paused === paused).sort((a, b) => a.id - b.id);
    },
    view: (row, call) => repeatView(call, row),
    search: (row) => row.title,
    orders: { title: (row) => row.title, total: (row) => row.total, next_on: (row) => row.next_on },
  }),
  api("add_repeat_bill", {
    about: "Add a bill that comes again and again and is shared equally.",
    params: {
      circle_id: rowId("id of the circle"),
      title: text("what it is for"),
      total: money("what is paid each time"),
      every: choice("how often", INTERVALS),
      next_on: date("first day, not before today"),
      paid_by: optional(email("who pays; oneself if left out")),
      among: optional(emails("people who share it; the whole circle if left out")),
      category: withDefault(text("name of a category"), "other"),
    },
    returns: REPEAT_NOTED,
    handler(call, { circle_id, title, total, every, next_on, paid_by = call.member, among, category }) {
      ownCircle(call, circle_id, "add bills to");
      const people = among ?? membersOf(call, circle_id).map(({ member }) => member);
      checkPeople(call, circle_id, [paid_by], "paid_by");
      checkPeople(call, circle_id, people, "among");
      needAhead(call, "next_on", next_on);
      const { id } = call.world.insert(repeatBill, {
        circle_id,
        title,
        total,
        paid_by,
        among: [...people].sort(),
        category_id: categoryNamed(call, circle_id, category),
        every,
        next_on,
        paused: false,
      });
      return { note: "Repeat bill added.", repeat_id: id };
    },
  }),
  api("edit_repeat_bill", {
    about: "Change a bill that repeats, from the next time on.",
    params: {
      repeat_id: rowId("id of the repeat bill"),
      title: optional(text("new title")),
      total: optional(money("new total")),
      paid_by: optional(email("who pays")),
      among: optional(emails("people who share it")),
      every: optional(choice("how often", INTERVALS)),
      next_on: optional(date("next day, not before today")),
      category: optional(text("name of a category")),
    },
    returns: REPEAT_NOTED,
    handler(call, { repeat_id, title, total, paid_by, among, every, next_on, category }) {
      const row = ownRepeat(call, repeat_id, "change");
      needChange({ title, total, paid_by, among, every, next_on, category });
      if (paid_by !== undefined) checkPeople(call, row.circle_id, [paid_by], "paid_by");
      if (among !== undefined) checkPeople(call, row.circle_id, among, "among");
      if (next_on !== undefined) needAhead(call, "next_on", next_on);
      call.world.update(repeatBill, repeat_id, {
        title: title ?? row.title,
        total: total ?? row.total,
        paid_by: paid_by ?? row.paid_by,
        among: among === undefined ? row.among : [...among].sort(),
        every: every ?? row.every,
        next_on: next_on ?? row.next_on,
        category_id: category === undefined ? row.category_id : categoryNamed(call, row.circle_id, category),
      });
      return { note: "Repeat bill changed.", repeat_id };
    },
  }),
  api("pause_repeat_bill", {
    about: "Pause a bill that repeats, or let it go on.",
    params: {
      repeat_id: rowId("id of the repeat bill"),
      paused: withDefault(flag("whether it rests"), true),
    },
    returns: REPEAT_NOTED,
    handler(call, { repeat_id, paused }) {
      const row = ownRepeat(call, repeat_id, "change");
      if (row.paused === paused) {
        throw conflict(paused ? "pause it" : "let it go on", paused ? "it is paused" : "it is not paused");
      }
      call.world.update(repeatBill, repeat_id, { paused });
      return { note: paused ? "Repeat bill paused." : "Repeat bill goes on.", repeat_id };
    },
  }),
  api("remove_repeat_bill", {
    about: "Remove a bill that repeats; bills that it made stay.",
    params: { repeat_id: rowId("id of the repeat bill") },
    returns: { note: "text" },
    handler(call, { repeat_id }) {
      ownRepeat(call, repeat_id, "remove");
      call.world.remove(repeatBill, repeat_id);
      return { note: "Repeat bill removed." };
    },
  }),
];

function ownReceipt(call: Call, id: number, verb: string): RowOf<typeof receiptLink.columns> {
  const row = call.world.get(receiptLink, id);
  if (row === undefined) throw notFound("receipt", "id", id);
  ownBill(call, row.bill_id, verb);
  return row;
}

const FILE_EFFECTS = ["stowbox.file", "stowbox.folder"] as const;
const FILE_NOTED = { note: "text", path: "path" } as const;

/** The group of receipts. */
export const receiptApis = [
  list("list_receipts", {
    about: "Receipts kept with a bill, with their text.",
    params: { bill_id: rowId("id of the bill") },
    returns: [{ receipt_id: "integer", name: "text", text: "text", added_by: "e-mail" }],
    rows: (call, { bill_id }) => call.world.rowsWhere(receiptLink, "bill_id", ownBill(call, bill_id, "read").id),
    view: ({ id, name, text, added_by }) => ({ receipt_id: id, name, text, added_by }),
  }),
  api("attach_receipt", {
    about: "Keep a copy of an own file with a bill.",
    params: { bill_id: rowId("id of the bill"), path: path("path of the file") },
    returns: { note: "text", receipt_id: "integer" },
    files: true,
    handler(call, { bill_id, path }) {
      ownBill(call, bill_id, "attach receipts to");
      const { name, text } = readStored(call, path);
      if (call.world.rowsWhere(receiptLink, "bill_id", bill_id).some((row) => row.name === name)) {
        throw conflict(`attach ${name}`, "a receipt of that name is there");
      }
      const { id } = call.world.insert(receiptLink, { bill_id, name, text, added_by: call.member });
      return { note: "Receipt attached.", receipt_id: id };
    },
  }),
  api("remove_receipt", {
    about: "Take a receipt off a bill.",
    params: { receipt_id: rowId("id of the receipt") },
    returns: { note: "text" },
    handler(call, { receipt_id }) {
      ownReceipt(call, receipt_id, "remove receipts from");
      call.world.remove(receiptLink, receipt_id);
      return { note: "Receipt removed." };
    },
  }),
  api("save_receipt", {
    about: "Save a receipt as an own file.",
    params: {
      receipt_id: rowId("id of the receipt"),
      path: optional(path("where to save it; in /inbox under its name if left out")),
      replace: withDefault(flag("whether a file that is there is overwritten"), false),
    },
    returns: FILE_NOTED,
    files: true,
    effects: FILE_EFFECTS,
    method: "POST",
    handler(call, { receipt_id, path, replace }) {
      const { name, text } = ownReceipt(call, receipt_id, "read");
      const where = path ?? `/inbox/${name}`;
      saveStored(call, where, text, replace);
      return { note: "Receipt saved.", path: where };
    },
  }),
];

/** The group of alerts. */
export const alertApis = alertGroup(potAlert, "What one is told of about bills, settlements and circles");

/** The group of exports. */
export const exportApis = [
  api("export_ledger", {
    about: "Save the bills of a circle as a file with one line a bill.",
    params: {
      circle_id: rowId("id of the circle"),
      ...PERIOD,
      path: optional(path("where to save it; /inbox/ledger_<id>.csv if left out")),
      replace: withDefault(flag("whether a file that is there is overwritten"), false),
    },
    returns: FILE_NOTED,
    files: true,
    effects: FILE_EFFECTS,
    method: "POST",
    handler(call, { circle_id, since, until, path = `/inbox/ledger_${circle_id}.csv`, replace }) {
      ownCircle(call, circle_id, "export");
      const rows = call.world.rowsWhere(bill, "circle_id", circle_id)
        .filter((row) => !row.removed && inPeriod(row.on, since, until))
        .sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.id - b.id));
      const lines = rows.map((row) => {
        const parts = call.world.rowsWhere(share, "bill_id", row.id).map(({ member, owed }) =>
          `${member}=${centsText(owed)}`
        );
        const category = categoryName(call, row.category_id);
        return [row.on, row.title, centsText(row.total), row.paid_by, category, parts.join(" ")].join(";");
      });
      saveStored(call, path, ["on;title;total;paid_by;category;shares", ...lines].join("\n"), replace);
      return { note: "Ledger saved.", path };
    },
  }),
];
