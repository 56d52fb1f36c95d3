/**
 * Tables of commonpot, shared expenses. Amounts are integer cents.
 *
 * @module
 */
import { table } from "../../schema.ts";
import { alertTable } from "../_alerts.ts";
import { codeTable, memberTable } from "../_common.ts";

/** Accounts. */
export const potMember = memberTable("commonpot");
/** Codes sent by text. */
export const potCode = codeTable("commonpot");

/** Groups of people who share costs. */
export const circle = table("commonpot.circle", { name: "text", kind: "text" });

/** Who is in which circle; `role` is `owner` or `member`. */
export const circleMember = table("commonpot.circle_member", {
  circle_id: "integer",
  member: "text",
  role: "text",
  since: "text",
}, { ownedBy: ["member"], indexes: ["circle_id"], references: { circle_id: "commonpot.circle" } });

/** Kinds of costs; without a circle they are everybody's. */
export const category = table("commonpot.category", { circle_id: "optional_integer", name: "text" }, {
  indexes: ["circle_id"],
  references: { circle_id: "commonpot.circle" },
});

/** Costs that somebody paid for several; without a circle they are among the people of the shares alone. */
export const bill = table("commonpot.bill", {
  circle_id: "optional_integer",
  title: "text",
  total: "cents",
  paid_by: "text",
  on: "text",
  category_id: "integer",
  added_by: "text",
  removed: "flag",
}, {
  indexes: ["circle_id", "paid_by"],
  references: { circle_id: "commonpot.circle", category_id: "commonpot.category" },
});

/** What somebody's part of a bill is, the payer's own included; the parts add up to the total. */
export const share = table("commonpot.share", { bill_id: "integer", member: "text", owed: "cents" }, {
  ownedBy: ["member"],
  indexes: ["bill_id"],
  references: { bill_id: "commonpot.bill" },
});

/** Money paid back. */
export const settlement = table("commonpot.settlement", {
  circle_id: "optional_integer",
  from: "text",
  to: "text",
  amount: "cents",
  on: "text",
  memo: "text",
}, { ownedBy: ["from", "to"], indexes: ["circle_id"], references: { circle_id: "commonpot.circle" } });

/** Remarks under bills. */
export const billRemark = table("commonpot.bill_remark", {
  bill_id: "integer",
  from: "text",
  text: "text",
  at: "text",
}, { ownedBy: ["from"], indexes: ["bill_id"], references: { bill_id: "commonpot.bill" } });

/** Bills that come again and again, split equally; those that fall due are written outside of tasks. */
export const repeatBill = table("commonpot.repeat_bill", {
  circle_id: "integer",
  title: "text",
  total: "cents",
  paid_by: "text",
  among: "text_list",
  category_id: "integer",
  every: "text",
  next_on: "text",
  paused: "flag",
}, {
  indexes: ["circle_id"],
  references: { circle_id: "commonpot.circle", category_id: "commonpot.category" },
});

/** Receipts kept with bills: a copy of a file's text. */
export const receiptLink = table("commonpot.receipt_link", {
  bill_id: "integer",
  name: "text",
  text: "text",
  added_by: "text",
}, { indexes: ["bill_id"], references: { bill_id: "commonpot.bill" } });

/** What a member is told of. */
export const potAlert = alertTable("commonpot");

/** All of them. */
export const COMMONPOT_TABLES = [
  potMember,
  potCode,
  circle,
  circleMember,
  category,
  bill,
  share,
  settlement,
  billRemark,
  repeatBill,
  receiptLink,
  potAlert,
] as const;
