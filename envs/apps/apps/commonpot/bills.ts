/**
 * commonpot: bills and their shares.
 *
 * @module
 */
import { badArgument, conflict } from "../../errors.ts";
import { date, email, emails, flag, money, moneyByEmail, optional, rowId, text, withDefault } from "../../params.ts";
import { api, type Call, list } from "../../schema.ts";
import { amountOf, centsText, inPeriod, needChange, newestFirst, PERIOD } from "../_common.ts";
import {
  categoryName,
  categoryNamed,
  checkPeople,
  concerned,
  membersOf,
  nameOf,
  ownBill,
  ownBills,
  ownCircle,
  tell,
} from "./_access.ts";
import { type Bill, equalParts } from "./_ledger.ts";
import { bill, share } from "./tables.ts";

const BILL_SHAPE = {
  bill_id: "integer",
  circle_id: "integer|null",
  title: "text",
  total: "money",
  paid_by: "e-mail",
  on: "date",
  category: "text",
} as const;
const NOTED = { note: "text", bill_id: "integer" } as const;

function billView(call: Call, { id, circle_id, title, total, paid_by, on, category_id }: Bill) {
  return {
    bill_id: id,
    circle_id,
    title,
    total: amountOf(total),
    paid_by,
    on,
    category: categoryName(call, category_id),
  };
}

/** Shares of a bill by e-mail. */
function partsOf(call: Call, billId: number): Map<string, number> {
  return new Map(call.world.rowsWhere(share, "bill_id", billId).map(({ member, owed }) => [member, owed]));
}

/** What a bill is split by, as a call says it. */
interface Split {
  readonly among?: readonly string[] | undefined;
  readonly shares?: Readonly<Record<string, number>> | undefined;
}

/** Parts of a bill in cents. @throws {AgentError} 422 if they cannot be. */
function splitOf(call: Call, circleId: number | null, total: number, payer: string, split: Split): Map<string, number> {
  const { among, shares } = split;
  if (among !== undefined && shares !== undefined) {
    throw badArgument("shares", "it was given together with among", "one of the two");
  }
  if (shares !== undefined) {
    const sum = Object.values(shares).reduce((cents, part) => cents + part, 0);
    if (sum !== total) {
      throw badArgument("shares", `they add up to ${centsText(sum)}`, `shares that add up to ${centsText(total)}`);
    }
    checkPeople(call, circleId, Object.keys(shares), "shares");
    return new Map(Object.entries(shares).filter(([, cents]) => cents > 0));
  }
  const people = among ?? (circleId === null ? undefined : membersOf(call, circleId).map(({ member }) => member));
  if (people === undefined) throw badArgument("among", "it is missing", "e-mails, for a bill without a circle");
  checkPeople(call, circleId, people, "among");
  return equalParts(total, people, payer);
}

function sameParts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([person, cents]) => b.get(person) === cents);
}

/** Replaces the shares of a bill; rows of people who stay are kept. */
function putShares(call: Call, billId: number, parts: ReadonlyMap<string, number>): void {
  const { world } = call;
  const old = new Map(world.rowsWhere(share, "bill_id", billId).map((row) => [row.member, row]));
  for (const [person, row] of old) if (!parts.has(person)) world.remove(share, row.id);
  for (const [person, owed] of parts) {
    const row = old.get(person);
    if (row === undefined) world.insert(share, { bill_id: billId, member: person, owed });
    else if (row.owed !== owed) world.update(share, row.id, { owed });
  }
}

/** A bill that was not removed. */
function liveBill(call: Call, billId: number, verb: string): Bill {
  const row = ownBill(call, billId, verb);
  if (row.removed) throw conflict(`${verb} bill ${billId}`, "it was removed");
  return row;
}

/** Filters that both lists of bills have. */
const FILTERS = {
  circle_id: optional(rowId("only bills of this circle")),
  ...PERIOD,
  removed: withDefault(flag("those that were removed, instead of those that count"), false),
};

interface Filters {
  readonly circle_id: number | undefined;
  readonly since: string;
  readonly until: string;
  readonly removed: boolean;
}

function billsBy(call: Call, { circle_id, since, until, removed }: Filters): Bill[] {
  const bills = circle_id === undefined
    ? ownBills(call)
    : call.world.rowsWhere(bill, "circle_id", ownCircle(call, circle_id, "read").id);
  const kept = bills.filter((row) => row.removed === removed && inPeriod(row.on, since, until));
  return newestFirst(kept, (row) => row.on);
}

const ORDERS = {
  on: (row: Bill) => row.on,
  total: (row: Bill) => row.total,
  title: (row: Bill) => row.title,
};

/** The group of bills. */
export const billApis = [
  list("list_bills", {
    about: "Bills that one may see, newest first, optionally of a circle, a period, a category or a payer.",
    params: {
      ...FILTERS,
      category: optional(text("only of this category")),
      paid_by: optional(email("only what this member paid")),
    },
    returns: [BILL_SHAPE],
    rows: (call, { category, paid_by, ...filters }) =>
      billsBy(call, filters).filter((row) =>
        (category === undefined || categoryName(call, row.category_id) === category) &&
        (paid_by === undefined || row.paid_by === paid_by)
      ),
    view: (row, call) => billView(call, row),
    orders: ORDERS,
  }),
  list("find_bills", {
    about: "Bills that one may see, those whose title fits the words best first.",
    params: FILTERS,
    returns: [BILL_SHAPE],
    rows: (call, filters) => billsBy(call, filters),
    view: (row, call) => billView(call, row),
    search: (row) => row.title,
    orders: ORDERS,
  }),
  api("get_bill", {
    about: "One bill, with who added it and whether it was removed.",
    params: { bill_id: rowId("id of the bill") },
    returns: { ...BILL_SHAPE, added_by: "e-mail", removed: "flag" },
    handler(call, { bill_id }) {
      const row = ownBill(call, bill_id, "read");
      return { ...billView(call, row), added_by: row.added_by, removed: row.removed };
    },
  }),
  api("add_bill", {
    about: "Add a bill, split equally among people or by given shares; without either among the whole circle.",
    params: {
      title: text("what it is for"),
      total: money("what was paid"),
      circle_id: optional(rowId("circle that it belongs to; without one it is among the people of the shares")),
      paid_by: optional(email("who paid; oneself if left out")),
      on: optional(date("day of the costs; today if left out")),
      category: withDefault(text("name of a category"), "other"),
      among: optional(emails("people who share it equally; the remainder goes to the payer")),
      shares: optional(moneyByEmail("each person's part instead; they add up to the total")),
    },
    returns: NOTED,
    handler(call, { title, total, circle_id, paid_by, on, category, among, shares }) {
      const circleId = circle_id === undefined ? null : ownCircle(call, circle_id, "add bills to").id;
      const payer = paid_by ?? call.member;
      checkPeople(call, circleId, [payer], "paid_by");
      const parts = splitOf(call, circleId, total, payer, { among, shares });
      if (circleId === null && payer !== call.member && !parts.has(call.member)) {
        throw badArgument("paid_by", "the bill does not concern you", "a bill that you paid or have a part in");
      }
      const row = call.world.insert(bill, {
        circle_id: circleId,
        title,
        total,
        paid_by: payer,
        on: on ?? call.at.slice(0, 10),
        category_id: categoryNamed(call, circleId, category),
        added_by: call.member,
        removed: false,
      });
      putShares(call, row.id, parts);
      tell(call, [payer, ...parts.keys()], "bill", `${nameOf(call, call.member)} added the bill ${title}`);
      return { note: "Bill added.", bill_id: row.id };
    },
  }),
  api("edit_bill", {
    about: "Change a bill; equal shares follow a new total, others must be set by set_shares.",
    params: {
      bill_id: rowId("id of the bill"),
      title: optional(text("new title")),
      total: optional(money("new total")),
      paid_by: optional(email("who paid")),
      on: optional(date("day of the costs")),
      category: optional(text("name of a category")),
    },
    returns: NOTED,
    handler(call, { bill_id, title, total, paid_by, on, category }) {
      const row = liveBill(call, bill_id, "change");
      needChange({ title, total, paid_by, on, category });
      const payer = paid_by ?? row.paid_by;
      if (paid_by !== undefined) checkPeople(call, row.circle_id, [paid_by], "paid_by");
      const parts = partsOf(call, bill_id);
      const people = [...parts.keys()];
      const equal = people.length > 0 && sameParts(parts, equalParts(row.total, people, row.paid_by));
      if (total !== undefined && total !== row.total && !equal) {
        throw conflict("change the total", "the shares are not equal; set the shares instead");
      }
      call.world.update(bill, bill_id, {
        title: title ?? row.title,
        total: total ?? row.total,
        paid_by: payer,
        on: on ?? row.on,
        category_id: category === undefined ? row.category_id : categoryNamed(call, row.circle_id, category),
      });
      if (equal) putShares(call, bill_id, equalParts(total ?? row.total, people, payer));
      return { note: "Bill changed.", bill_id };
    },
  }),
  api("remove_bill", {
    about: "Take a bill out of the accounts; it can be restored.",
    params: { bill_id: rowId("id of the bill") },
    returns: NOTED,
    handler(call, { bill_id }) {
      liveBill(call, bill_id, "remove");
      call.world.update(bill, bill_id, { removed: true });
      return { note: "Bill removed.", bill_id };
    },
  }),
  api("restore_bill", {
    about: "Bring back a bill that was removed.",
    params: { bill_id: rowId("id of the bill") },
    returns: NOTED,
    handler(call, { bill_id }) {
      const row = ownBill(call, bill_id, "restore");
      if (!row.removed) throw conflict(`restore bill ${bill_id}`, "it was not removed");
      call.world.update(bill, bill_id, { removed: false });
      return { note: "Bill restored.", bill_id };
    },
  }),
  list("list_shares", {
    about: "What each person's part of a bill is, the payer's own included.",
    params: { bill_id: rowId("id of the bill") },
    returns: [{ email: "e-mail", name: "text", owed: "money" }],
    rows: (call, { bill_id }) => call.world.rowsWhere(share, "bill_id", ownBill(call, bill_id, "read").id),
    view: ({ member, owed }, call) => ({ email: member, name: nameOf(call, member), owed: amountOf(owed) }),
    orders: { owed: (row) => row.owed },
  }),
  api("set_shares", {
    about: "Split a bill anew, equally among people or by given shares, if need be with another total.",
    params: {
      bill_id: rowId("id of the bill"),
      among: optional(emails("people who share it equally; the remainder goes to the payer")),
      shares: optional(moneyByEmail("each person's part instead; they add up to the total")),
      total: optional(money("new total; as before if left out")),
    },
    returns: NOTED,
    handler(call, { bill_id, among, shares, total }) {
      const row = liveBill(call, bill_id, "change");
      if (among === undefined && shares === undefined) {
        throw badArgument("among", "it is missing", "among or shares");
      }
      const before = concerned(call, row);
      const parts = splitOf(call, row.circle_id, total ?? row.total, row.paid_by, { among, shares });
      if (row.circle_id === null && !before.includes(call.member)) throw conflict("split the bill", "it is not yours");
      if (total !== undefined) call.world.update(bill, bill_id, { total });
      putShares(call, bill_id, parts);
      return { note: "Shares set.", bill_id };
    },
  }),
];
