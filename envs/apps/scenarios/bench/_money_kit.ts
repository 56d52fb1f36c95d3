/**
 * What draws about money are written with: people with accounts, transfers at past days, circles and their bills.
 *
 * Contract: reads come from rows; writes go through APIs, as the person who would have made them, at a waking hour of the day meant.
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";
import { listOf, numberOf, textOf } from "../short/_setup.ts";
import { addDays, contactsOf, dayNumber, idIn, principalOf } from "./_kit.ts";
import type { Principal, Row, SetupContext } from "./_kit.ts";

/** Contacts with accounts, each with the contact's row; those who share their full name with another contact are left out. */
export function holders(ctx: SetupContext): { readonly person: Principal; readonly contact: Row }[] {
  const book = contactsOf(ctx);
  const names = book.map((row) => textOf(row, "name"));
  return book.flatMap((contact) => {
    const person = principalOf(ctx, textOf(contact, "email"));
    const name = textOf(contact, "name");
    const fair = person !== undefined && person.email !== ctx.user.email && person.name === name &&
      names.filter((other) => other === name).length === 1;
    return fair ? [{ person, contact }] : [];
  });
}

/** Contacts with accounts who do not have a tie, in random order. */
export function outside(ctx: SetupContext, tie: string): Principal[] {
  return ctx.random.shuffle(
    holders(ctx).filter(({ contact }) => !listOf(contact, "ties").includes(tie)).map(({ person }) => person),
  );
}

/** A moment of a day at a waking hour, full minutes. */
export function momentOn(ctx: SetupContext, day: string): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${day}T${two(ctx.random.int(8, 21))}:${two(ctx.random.int(0, 59))}:00`;
}

/** A day from one to another, both included. */
export function dayFrom(ctx: SetupContext, since: string, until: string): string {
  return addDays(since, ctx.random.int(0, Math.max(0, dayNumber(until) - dayNumber(since))));
}

/** Whether a row's day lies in a period, both ends included. */
export function inPeriod(row: Row, since: string, until: string, column = "at"): boolean {
  const day = textOf(row, column).slice(0, 10);
  return since <= day && day <= until;
}

/** Cents in whole or half units, small enough for everybody's balance. */
export function smallCents(ctx: SetupContext, low = 3, high = 24): number {
  return ctx.random.int(low, high) * 100 + ctx.random.pick([0, 0, 50, 20, 75]);
}

/** Sees to it that a wallet holds so much; history cannot fail for lack of money. */
function fund(ctx: SetupContext, { email }: Pick<Principal, "email">, cents: number): void {
  const [member] = ctx.rows("tuppence.member", email);
  if (member === undefined || numberOf(member, "balance") >= cents) return;
  ctx.patch("tuppence.member", member.id, { balance: numberOf(member, "balance") + cents + 25_000 });
}

/** Sends money on a day. @returns id of the transfer. */
export function sendOn(
  ctx: SetupContext,
  from: Pick<Principal, "email">,
  to: Pick<Principal, "email">,
  day: string,
  cents: number,
  memo: string,
  visibility = "private",
): number {
  const args = { to: to.email, amount: cents / 100, memo, visibility };
  fund(ctx, from, cents);
  return idIn(ctx.as(from, momentOn(ctx, day))("tuppence", "send_money", args), "transfer_id");
}

/** E-mails of those whom the user is linked with in the wallet. */
export function linked(ctx: SetupContext): Set<string> {
  const { email } = ctx.user;
  return new Set(
    ctx.rows("tuppence.bond", email).map((row) => textOf(row, textOf(row, "from") === email ? "to" : "from")),
  );
}

/** Links the user with somebody, or undoes it, where it is not so already. */
export function setLink(ctx: SetupContext, person: Pick<Principal, "email">, wanted: boolean): void {
  if (linked(ctx).has(person.email) === wanted) return;
  ctx.as()("tuppence", wanted ? "add_bond" : "remove_bond", { email: person.email });
}

/** Balance of the user's wallet in cents. */
export function walletCents(ctx: SetupContext): number {
  const [member] = ctx.rows("tuppence.member", ctx.user.email);
  return member === undefined ? 0 : numberOf(member, "balance");
}

/** A circle of the user. */
export interface CircleView {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  /** E-mails in order of joining. */
  readonly members: readonly string[];
}

/** Circles of the user with so many members at least, in random order; names that two circles share are left out. */
export function circlesOf(ctx: SetupContext, least = 3, most = 99): CircleView[] {
  const views = ctx.rows("commonpot.circle_member", ctx.user.email).map((row): CircleView => {
    const id = numberOf(row, "circle_id");
    const found = ctx.row("commonpot.circle", id);
    const members = ctx.rowsWhere("commonpot.circle_member", "circle_id", id).map((one) => textOf(one, "member"));
    return {
      id,
      name: found === undefined ? "" : textOf(found, "name"),
      kind: found === undefined ? "" : textOf(found, "kind"),
      members,
    };
  });
  const fair = (view: CircleView) => views.filter(({ name }) => name === view.name).length === 1;
  return ctx.random.shuffle(
    views.filter((view) => fair(view) && view.members.length >= least && view.members.length <= most),
  );
}

/** Bills of a circle that count. */
export function billsIn(ctx: SetupContext, circleId: number): Row[] {
  return ctx.rowsWhere("commonpot.bill", "circle_id", circleId).filter((row) => row["removed"] === false);
}

/** Shares of a bill in cents by e-mail. */
export function partsOf(ctx: SetupContext, billId: number): Map<string, number> {
  return new Map(
    ctx.rowsWhere("commonpot.share", "bill_id", billId).map((row) => [textOf(row, "member"), numberOf(row, "owed")]),
  );
}

/** Balance of each member of a circle in cents: positive for who gets money back. */
export function circleCents(ctx: SetupContext, circle: CircleView): Map<string, number> {
  const balances = new Map<string, number>(circle.members.map((member) => [member, 0]));
  const add = (person: string, cents: number) => balances.set(person, (balances.get(person) ?? 0) + cents);
  for (const row of billsIn(ctx, circle.id)) {
    add(textOf(row, "paid_by"), numberOf(row, "total"));
    for (const [member, owed] of partsOf(ctx, row.id)) add(member, -owed);
  }
  for (const row of ctx.rowsWhere("commonpot.settlement", "circle_id", circle.id)) {
    add(textOf(row, "from"), numberOf(row, "amount"));
    add(textOf(row, "to"), -numberOf(row, "amount"));
  }
  return balances;
}

/** A bill to plant. */
export interface NewBill {
  readonly circle: number;
  readonly by: string;
  readonly title: string;
  readonly cents: number;
  readonly day: string;
  readonly category?: string;
  /** Equal shares of these; the whole circle if left out. */
  readonly among?: readonly string[];
  /** Shares in cents instead. */
  readonly shares?: ReadonlyMap<string, number>;
}

/** Adds a bill on its day, paid by who adds it. @returns its id. */
export function addBillOn(ctx: SetupContext, bill: NewBill): number {
  const { circle, by, title, cents, day, category = "other", among, shares } = bill;
  const amounts = shares === undefined
    ? undefined
    : Object.fromEntries([...shares].map(([who, part]) => [who, part / 100]));
  const args: Record<string, Json> = { circle_id: circle, title, total: cents / 100, on: day, category };
  if (among !== undefined) args["among"] = among;
  if (amounts !== undefined) args["shares"] = amounts;
  return idIn(ctx.as({ email: by }, momentOn(ctx, day))("commonpot", "add_bill", args), "bill_id");
}

/** Records in commonpot that somebody paid somebody back, on a day. @returns id of the settlement. */
export function settleOn(
  ctx: SetupContext,
  settlement: {
    readonly by: string;
    readonly from: string;
    readonly to: string;
    readonly cents: number;
    readonly day: string;
    readonly memo: string;
    readonly circle?: number;
  },
): number {
  const { by, from, to, cents, day, memo, circle } = settlement;
  const args: Record<string, Json> = { from, to, amount: cents / 100, on: day, memo };
  if (circle !== undefined) args["circle_id"] = circle;
  return idIn(ctx.as({ email: by }, momentOn(ctx, day))("commonpot", "add_settlement", args), "settlement_id");
}

/** Principal by e-mail. */
export function holderOf(ctx: SetupContext, email: string): Principal {
  const found = principalOf(ctx, email);
  if (found === undefined) throw new RangeError(`Nobody with an account has the e-mail ${email}`);
  return found;
}

/** Whether all members of a circle but the user are unlike in their full names. */
export function namesDiffer(ctx: SetupContext, emails: readonly string[]): boolean {
  const names = emails.map((email) => holderOf(ctx, email).name);
  return new Set(names).size === names.length;
}

/** Sum of cents as an amount. */
export function amount(cents: number): number {
  return cents / 100;
}
